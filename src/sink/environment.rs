//! The environment of a program that gets the credentials: what it finds there, and what must not be there any more.

use crate::model::time::rfc3339;
use crate::model::{Region, Session};

/// Variables through which an AWS tool would find other credentials than these, or read these wrongly.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>
pub(crate) const RIVALS: [&str; 12] = [
    // Some SDKs ask the profile first, and the region is the profile's in all of them.
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    // Old names. Python's tools read this one ahead of AWS_SESSION_TOKEN.
    "AWS_SECURITY_TOKEN",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
];

/// What is set and what is taken out, in this order: out, then in.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) set: Vec<(&'static str, String)>,
    pub(crate) unset: Vec<&'static str>,
}

impl Environment {
    /// Callers make this from a masked session only, with `Masked::map`.
    pub(crate) fn of(session: &Session, region: &Region) -> Self {
        let keys = &session.identified.credentials;
        let mut this = Self {
            set: vec![
                ("AWS_ACCESS_KEY_ID", keys.access_key_id.clone()),
                (
                    "AWS_SECRET_ACCESS_KEY",
                    keys.secret_access_key.reveal().to_owned(),
                ),
            ],
            unset: RIVALS.to_vec(),
        };
        let token = keys.session_token.as_ref();
        // One that is left over from other keys would make every call fail.
        this.either(
            "AWS_SESSION_TOKEN",
            token.map(|token| token.reveal().to_owned()),
        );
        for name in super::journal::REGION {
            this.set.push((name, region.as_str().to_owned()));
        }
        // The AWS CLI and boto3 say by it that the session is over, in the place of a refusal by the service.
        this.either("AWS_CREDENTIAL_EXPIRATION", keys.expires.map(rfc3339));
        this
    }

    fn either(&mut self, name: &'static str, value: Option<String>) {
        match value {
            Some(value) => self.set.push((name, value)),
            None => self.unset.push(name),
        }
    }
}
