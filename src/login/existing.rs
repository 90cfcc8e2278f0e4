//! Credentials that the environment has already: whose they are, how long they live, and whether they will do.

use std::time::{Duration, SystemTime};

use super::{Means, machine};
use crate::error::{Error, Unfit};
use crate::identity::Identity;
use crate::identity::ambient::Reach;
use crate::model::request::Request;
use crate::model::time::{instant, rfc3339, span};
use crate::model::{Credentials, Session};
use crate::sink::expiry;
use crate::sts;
use crate::system::System;

/// Until when credentials live, as far as this machine knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// A user's own keys.
    Endless,
    Until(SystemTime),
    Unknown,
}

/// The environment's own, with their session, if they are valid and what the settings ask for; else why not.
pub(crate) async fn check(means: &Means<'_>, request: &Request) -> Result<(Session, Life), Error> {
    let system = means.system;
    let reach = if request.hand_over.unset_first {
        Reach::WithoutEnvironment
    } else {
        Reach::Whole
    };
    let found = machine::find(means, request, reach).await?;
    let life = life(system, &found.credentials);
    if let Some(asked) = request.min_remaining {
        life.lasts(asked, system.clock.now())?;
    }
    let identity = Identity::Credentials(found.credentials);
    let session = sts::assume(system, &means.sts, &identity, &[], request.patience).await?;
    let who = &session.identified.who;
    super::guard(request, who.account())?;
    // A profile's role is not what the environment's credentials are for.
    let wanted = request
        .main()
        .and_then(|target| target.hops.last())
        .map(|hop| &hop.role);
    if let Some(role) = wanted.filter(|role| !who.is_session_of(role)) {
        let other = Unfit::OtherRole {
            found: who.as_str().to_owned(),
            wanted: role.as_str().to_owned(),
        };
        if request.min_remaining.is_some() {
            return Err(other.into());
        }
        // The incumbent keeps any, and workflows that were written for it may rely on that.
        system.console.info(&format!(
            "{other}; min-remaining keeps only those of the role"
        ));
    }
    Ok((session, life))
}

/// Those to be kept instead of new ones; the log says which it is.
pub(super) async fn existing(means: &Means<'_>, request: &Request) -> Option<Session> {
    let console = &means.system.console;
    match check(means, request).await {
        Ok((session, life)) => {
            let whose = if request.hand_over.unset_first {
                "machine itself"
            } else {
                "environment"
            };
            console.info(&format!(
                "the credentials of the {whose} are valid and kept (use-existing-credentials is true){}",
                life.words(means.system.clock.now())
            ));
            Some(session)
        }
        Err(fault @ (Error::AccountNotAllowed { .. } | Error::Unfit(_))) => {
            console.info(&format!(
                "the credentials of the environment are not kept: {fault}; getting new ones"
            ));
            None
        }
        Err(fault) => {
            console.info(&format!(
                "no valid credentials in the environment ({fault}); getting new ones"
            ));
            None
        }
    }
}

/// From the source itself, from what an earlier step recorded of these keys, or from the variable that the AWS tools know, which
/// may be of other keys.
fn life(system: &System, keys: &Credentials) -> Life {
    if keys.session_token.is_none() {
        return Life::Endless;
    }
    let env = &system.env;
    let from_variable = || {
        env.get("AWS_CREDENTIAL_EXPIRATION")
            .filter(|_| env.is("AWS_ACCESS_KEY_ID", &keys.access_key_id))
            .and_then(instant)
    };
    keys.expires
        .or_else(|| expiry::recorded(env, &keys.access_key_id))
        .or_else(from_variable)
        .map_or(Life::Unknown, Life::Until)
}

impl Life {
    fn lasts(self, asked: Duration, now: SystemTime) -> Result<(), Error> {
        let until = match self {
            Self::Endless => return Ok(()),
            Self::Until(at) if at >= now + asked => return Ok(()),
            Self::Until(at) => Some(at),
            Self::Unknown => None,
        };
        Err(Unfit::TooSoon {
            left: match until.map(|at| (rfc3339(at), at.duration_since(now))) {
                Some((at, Ok(left))) => format!("they expire in {}, at {at}", span(left)),
                Some((at, Err(_))) => format!("they expired at {at}"),
                None => "it is not known when they expire".to_owned(),
            },
            asked: span(asked),
            known: until.is_some(),
        }
        .into())
    }

    /// For the end of a sentence.
    pub(crate) fn words(self, now: SystemTime) -> String {
        match self {
            Self::Endless => ", and do not expire".to_owned(),
            Self::Until(at) => format!(
                ", valid until {} ({})",
                rfc3339(at),
                span(at.duration_since(now).unwrap_or_default())
            ),
            Self::Unknown => String::new(),
        }
    }
}
