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
use crate::sink::refresh::{self, Promise, Renewed};
use crate::sts;

/// Until when credentials live, as far as this machine knows.
#[derive(Debug)]
pub(crate) enum Life {
    /// A user's own keys.
    Endless,
    /// An earlier step's, which go on after the end of this session.
    Renewed(Promise),
    /// An earlier step's, whose last renewal failed.
    Failed {
        until: SystemTime,
        why: Option<String>,
    },
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
    let life = life(means, &found.credentials);
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

/// From whoever renews them, from the source itself, from what an earlier step recorded of these keys, or from the variable that
/// the AWS tools know, which may be of other keys.
fn life(means: &Means<'_>, keys: &Credentials) -> Life {
    if keys.session_token.is_none() {
        return Life::Endless;
    }
    let env = &means.system.env;
    match (refresh::renewed(env, means.job, keys), keys.expires) {
        // The last session outlives the token that it is got with.
        (Some(Renewed::Lasting(promise)), ends)
            if promise.until().is_none_or(|at| Some(at) > ends) =>
        {
            return Life::Renewed(promise);
        }
        (Some(Renewed::Failed(why)), Some(until)) => return Life::Failed { until, why },
        _ => {}
    }
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
    fn lasts(&self, asked: Duration, now: SystemTime) -> Result<(), Error> {
        let until = match self {
            Self::Endless => return Ok(()),
            Self::Renewed(promise) => match promise.until() {
                None => return Ok(()),
                until => until,
            },
            Self::Until(at) | Self::Failed { until: at, .. } => Some(*at),
            Self::Unknown => None,
        };
        if until.is_some_and(|at| at >= now + asked) {
            return Ok(());
        }
        let left = match until.map(|at| (rfc3339(at), at.duration_since(now))) {
            Some((at, Ok(left))) => format!("they expire in {}, at {at}", span(left)),
            Some((at, Err(_))) => format!("they expired at {at}"),
            None => "it is not known when they expire".to_owned(),
        };
        Err(Unfit::TooSoon {
            left: format!("{left}{}", self.limit()),
            asked: span(asked),
            known: until.is_some(),
        }
        .into())
    }

    /// What keeps credentials that are renewed from going on, for the end of a sentence.
    fn limit(&self) -> String {
        match self {
            Self::Renewed(promise) if promise.until().is_some() => {
                " with the token that renews them, and there is no other".to_owned()
            }
            Self::Failed { why, .. } => {
                let why = why.as_ref();
                let why = why.map_or_else(String::new, |why| format!(": {why}"));
                format!(", and the last attempt to renew them failed{why}")
            }
            _ => String::new(),
        }
    }

    /// For the end of a sentence.
    pub(crate) fn words(&self, now: SystemTime) -> String {
        let (verb, at) = match self {
            Self::Endless => return ", and do not expire".to_owned(),
            Self::Unknown => return String::new(),
            Self::Renewed(promise) => match promise.until() {
                None => return promise.words().to_owned(),
                Some(at) => ("renewed by rolehop", at),
            },
            Self::Until(at) | Self::Failed { until: at, .. } => ("valid", *at),
        };
        let left = span(at.duration_since(now).unwrap_or_default());
        format!(", {verb} until {} ({left}){}", rfc3339(at), self.limit())
    }
}
