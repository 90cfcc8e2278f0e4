//! Who signed a request: the identity behind its keys, once its signature has been checked.

use crate::arn;
use crate::clock;
use crate::credentials::unique_id;
use crate::route::Arrived;
use crate::session::Session;
use crate::sigv4::{self, Authorization};
use crate::state::State;
use crate::sts::StsError;
use crate::totp;
use crate::trust::{self, Context, Principal};
use crate::world::{User, World};

/// How far a signature's time may be off, in seconds.
const WINDOW: i64 = 15 * 60;

/// The identity of a signed request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) arn: String,
    pub(crate) account: String,
    pub(crate) user_id: String,
    /// The user behind static keys or `GetSessionToken`.
    pub(crate) user: Option<User>,
    /// The session, for temporary credentials.
    pub(crate) session: Option<Session>,
}

pub(crate) fn authenticate(state: &State, arrived: &Arrived) -> Result<Caller, StsError> {
    let header = arrived.header("authorization").ok_or_else(|| {
        StsError::new(
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        )
    })?;
    let incomplete = |message: &str| StsError::new(400, "IncompleteSignature", message);
    let mismatch = |message: &str| StsError::new(403, "SignatureDoesNotMatch", message);
    let invalid = || {
        StsError::new(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    };
    let auth = Authorization::parse(header).map_err(|m| incomplete(&m))?;
    let date = arrived.header("x-amz-date").ok_or_else(|| {
        incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        )
    })?;
    let time =
        clock::parse(date).ok_or_else(|| incomplete("Date must be in ISO-8601 'basic format'."))?;
    if !auth.signed_headers.iter().any(|h| h == "host") {
        return Err(mismatch(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ));
    }
    if let Some(unsigned) = arrived
        .headers
        .keys()
        .find(|h| h.starts_with("x-amz-") && !auth.signed_headers.contains(h))
    {
        return Err(mismatch(&format!(
            "'{unsigned}' must be a 'SignedHeader' in the AWS Authorization."
        )));
    }

    let (caller, secret) = resolve(state, &auth.access_key_id, arrived).ok_or_else(invalid)?;

    check_scope(&auth, date)?;
    check_window(time, state.clock.signing_now())?;
    let request = sigv4::Request {
        method: &arrived.method,
        path: &arrived.path,
        query: &arrived.query,
        headers: &arrived.headers,
        body: &arrived.body,
    };
    if sigv4::signature(request, &auth, date, &secret) != auth.signature {
        return Err(mismatch(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ));
    }
    if caller
        .session
        .as_ref()
        .is_some_and(|s| s.expires <= state.now())
    {
        return Err(StsError::new(
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        ));
    }
    if state.world.disabled_regions.contains(&auth.region) {
        let message = format!(
            "STS is not activated in this region for account:{}. Your account administrator can activate STS in this \
             region using the IAM Console.",
            caller.account
        );
        return Err(StsError::new(403, "RegionDisabledException", &message));
    }
    Ok(caller)
}

/// The identity of an access key id, with its secret; `None` also when the session token is not the key's.
fn resolve(state: &State, access_key_id: &str, arrived: &Arrived) -> Option<(Caller, String)> {
    let token = arrived.header("x-amz-security-token");
    let users = &state.world.users;
    if let Some(user) = users.iter().find(|u| u.access_key_id == access_key_id) {
        if token.is_some() {
            return None;
        }
        let caller = Caller {
            arn: user.arn.clone(),
            account: arn::account(&user.arn),
            user_id: unique_id("AIDA", &user.arn),
            user: Some(user.clone()),
            session: None,
        };
        return Some((caller, user.secret_access_key.clone()));
    }
    let session = state
        .sessions
        .iter()
        .find(|s| s.access_key_id == access_key_id)?;
    if token != Some(session.session_token.as_str()) {
        return None;
    }
    let caller = Caller {
        arn: session.arn.clone(),
        account: session.account.clone(),
        user_id: session.user_id.clone(),
        user: users.iter().find(|u| u.arn == session.arn).cloned(),
        session: Some(session.clone()),
    };
    Some((caller, session.secret_access_key.clone()))
}

fn check_scope(auth: &Authorization, date: &str) -> Result<(), StsError> {
    let mismatch = |message: &str| Err(StsError::new(403, "SignatureDoesNotMatch", message));
    if auth.service != "sts" {
        return mismatch("Credential should be scoped to correct service: 'sts'. ");
    }
    if auth
        .region
        .rsplit('-')
        .next()
        .is_none_or(|n| n.parse::<u8>().is_err())
    {
        return mismatch("Credential should be scoped to a valid region. ");
    }
    if !date.starts_with(&auth.date) || auth.date.len() != 8 {
        return mismatch(&format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{}', \
             from '{date}'.",
            auth.date,
            date.get(..8).unwrap_or(date)
        ));
    }
    Ok(())
}

fn check_window(time: i64, now: i64) -> Result<(), StsError> {
    let (signed, at) = (clock::amz(time), clock::amz(now));
    let message = if time < now - WINDOW {
        format!(
            "Signature expired: {signed} is now earlier than {} ({at} - 15 min.)",
            clock::amz(now - WINDOW)
        )
    } else if time > now + WINDOW {
        format!(
            "Signature not yet current: {signed} is still later than {} ({at} + 15 min.)",
            clock::amz(now + WINDOW)
        )
    } else {
        return Ok(());
    };
    Err(StsError::new(403, "SignatureDoesNotMatch", &message))
}

impl Caller {
    /// The session of a role, which is what chaining starts from.
    pub(crate) fn role_session(&self) -> Option<&Session> {
        self.session.as_ref().filter(|s| s.role_arn.is_some())
    }

    pub(crate) fn is_root(&self) -> bool {
        self.arn.ends_with(":root")
    }

    pub(crate) fn principal(&self) -> Principal {
        Principal::Aws {
            arn: self.arn.clone(),
            role: self.role_session().and_then(|s| s.role_arn.clone()),
            account: self.account.clone(),
        }
    }

    /// The condition keys that come from the caller.
    pub(crate) fn describe(
        &self,
        world: &World,
        mfa: Option<i64>,
        now: i64,
        context: &mut Context,
    ) {
        let role = self.role_session().and_then(|s| s.role_arn.as_deref());
        let mut set = |key: &str, value: &str| context.set(key, [value.to_owned()]);
        set("aws:PrincipalArn", role.unwrap_or(&self.arn));
        set("aws:PrincipalAccount", &self.account);
        set("aws:userid", &self.user_id);
        set("aws:CurrentTime", &clock::rfc3339(now));
        let of_role = role.and_then(|arn| world.find_role(arn)).map(|r| &r.tags);
        let of_session = self.session.as_ref().map(|s| &s.tags);
        for (key, value) in [self.user.as_ref().map(|u| &u.tags), of_role, of_session]
            .into_iter()
            .flatten()
            .flatten()
        {
            set(&format!("aws:PrincipalTag/{key}"), value);
        }
        if let Some(identity) = self
            .session
            .as_ref()
            .and_then(|s| s.source_identity.as_deref())
        {
            set("aws:SourceIdentity", identity);
        }
        // The credentials of AssumeRole carry no MFA information on; those of GetSessionToken do.
        let earlier = self
            .session
            .as_ref()
            .filter(|s| s.role_arn.is_none())
            .and_then(|s| s.mfa);
        match mfa.or(earlier) {
            Some(at) => {
                set("aws:MultiFactorAuthPresent", "true");
                set("aws:MultiFactorAuthAge", &(now - at).to_string());
            }
            None if self.session.is_some() => set("aws:MultiFactorAuthPresent", "false"),
            None => {}
        }
    }

    /// Whether the caller's own policies, and its session's, allow the context's action on a role.
    pub(crate) fn may(&self, world: &World, role: &str, context: &Context) -> bool {
        let own = match self.role_session().and_then(|s| s.role_arn.as_deref()) {
            Some(arn) => world.find_role(arn).map(|r| r.may_assume.as_slice()),
            None => self.user.as_ref().map(|u| u.may_assume.as_slice()),
        };
        own.unwrap_or_default()
            .iter()
            .any(|p| crate::pattern::matches(p, role))
            && self.session_allows(role, context)
    }

    /// What a managed policy says is not known here; only the administrator's allows a further hop.
    pub(crate) fn session_allows(&self, role: &str, context: &Context) -> bool {
        let Some(session) = &self.session else {
            return true;
        };
        let inline = session.policy.as_deref();
        (inline.is_none() && session.policy_arns.is_empty())
            || inline.is_some_and(|p| trust::permits(p, role, context))
            || session
                .policy_arns
                .iter()
                .any(|a| a.ends_with(":aws:policy/AdministratorAccess"))
    }
}

/// Checks the MFA code that came with a request, and uses it up.
pub(crate) fn verify_mfa(
    state: &mut State,
    caller: &Caller,
    arrived: &Arrived,
) -> Result<Option<i64>, StsError> {
    let denied = |message: &str| StsError::new(403, "AccessDenied", message);
    let (serial, code) = match (arrived.param("SerialNumber"), arrived.param("TokenCode")) {
        (None, None) => return Ok(None),
        (Some(serial), Some(code)) => (serial, code),
        _ => {
            return Err(denied(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
            ));
        }
    };
    let device = caller
        .user
        .as_ref()
        .and_then(|u| u.mfa.as_ref())
        .filter(|(s, _)| s == serial);
    let (_, secret) = device.ok_or_else(|| {
        denied(
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is \
             valid and associated with this user.",
        )
    })?;
    let wrong = || denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
    let step = totp::verify(secret, code, state.now()).ok_or_else(wrong)?;
    if !state.used_codes.insert((serial.to_owned(), step)) {
        return Err(wrong());
    }
    Ok(Some(state.now()))
}
