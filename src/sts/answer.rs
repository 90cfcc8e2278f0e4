//! What STS issued, checked before anyone sees it.

use std::time::{Duration, SystemTime};

use aws_sdk_sts::types::{AssumedRoleUser, Credentials as Wire};

use crate::model::{AssumedRole, Credentials, Invalid, Secret};

/// Credentials with nothing missing and an expiry that is still to come.
pub(super) fn credentials(wire: Option<&Wire>, now: SystemTime) -> Result<Credentials, Invalid> {
    let lacks = |name: &str| Invalid::new(format!("the answer lacks {name}"));
    let wire = wire.ok_or_else(|| lacks("Credentials"))?;
    let (id, secret, token) = (
        wire.access_key_id(),
        wire.secret_access_key(),
        wire.session_token(),
    );
    for (name, value) in [
        ("AccessKeyId", id),
        ("SecretAccessKey", secret),
        ("SessionToken", token),
    ] {
        if value.is_empty() {
            return Err(lacks(name));
        }
        if value.chars().any(char::is_control) {
            return Err(Invalid::new(format!("{name} has a control character")));
        }
    }
    // The SDK fills a missing one with the beginning of time.
    if wire.expiration().secs() <= 0 {
        return Err(lacks("a usable Expiration"));
    }
    let expires =
        SystemTime::try_from(*wire.expiration()).map_err(|_| lacks("a usable Expiration"))?;
    // Half a minute: a clock that is a little fast must not fail the job.
    if expires + Duration::from_secs(30) <= now {
        return Err(Invalid::new(
            "the credentials have expired already; check the clock of this machine",
        ));
    }
    Ok(Credentials {
        access_key_id: id.to_owned(),
        secret_access_key: Secret::new(secret),
        session_token: Some(Secret::new(token)),
        expires: Some(expires),
    })
}

/// Whom they stand for. Some compatible servers leave it out; then GetCallerIdentity is asked.
pub(super) fn assumed_role(user: Option<&AssumedRoleUser>) -> Option<AssumedRole> {
    user?.arn().parse().ok()
}
