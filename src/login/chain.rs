//! The way along one target's roles, by AWS' rules for sessions that come from sessions.

use super::{Means, mfa, source::Origin};
use crate::error::Error;
use crate::identity::Identity;
use crate::model::request::{Hop, Patience, Request, Target};
use crate::model::{Claims, Session, SessionDuration};

/// Walks the hops; does once more what AWS refuses for a reason that only its answer tells.
pub(super) async fn walk(
    means: &Means<'_>,
    origin: &Origin,
    target: &Target,
    request: &Request,
    patience: Patience,
) -> Result<Session, Error> {
    let mut target = target.clone();
    if let Some(claims) = &origin.claims {
        leave_out_inherited(means, claims, std::slice::from_mut(&mut target));
    }
    match enter(means, &origin.identity, &target, request, patience).await {
        // Whether temporary keys are those of a role, nothing in them tells; a user's may have twelve hours.
        Err(Error::Sts(failure))
            if failure.is_above_the_hour_of_a_chain() && target.hops.len() == 1 =>
        {
            let Some(hop) = target.hops.first_mut() else {
                return Err(Error::Sts(failure));
            };
            shorten(means, hop);
            enter(means, &origin.identity, &target, request, patience).await
        }
        result => result,
    }
}

/// An hour for a session that comes from a session.
pub(super) fn shorten(means: &Means<'_>, hop: &mut Hop) {
    means.system.console.warning(&format!(
        "the session gets 3600 instead of {} seconds: the credentials that assume {} are those of a role, and AWS \
         allows an hour then",
        hop.duration.seconds(),
        hop.role.as_str()
    ));
    hop.duration = SessionDuration::MOST_CHAINED;
}

async fn enter(
    means: &Means<'_>,
    identity: &Identity,
    target: &Target,
    request: &Request,
    patience: Patience,
) -> Result<Session, Error> {
    match (&request.mfa, identity) {
        (Some(mfa), Identity::Credentials(keys)) => {
            Box::pin(mfa::enter(means, mfa, keys, target, request, patience)).await
        }
        _ => super::assume(means, identity, target, request, patience).await,
    }
}

/// Tags that the token itself makes transitive go along by themselves, and AWS refuses a repeat.
pub(super) fn leave_out_inherited(means: &Means<'_>, claims: &Claims, targets: &mut [Target]) {
    let inherited = claims.transitive_tag_keys();
    let repeats = |key: &str| inherited.iter().any(|own| own.eq_ignore_ascii_case(key));
    let mut left_out: Vec<String> = Vec::new();
    for hop in targets
        .iter_mut()
        .flat_map(|target| target.hops.iter_mut().skip(1))
    {
        hop.tags.retain(|tag| {
            let repeat = repeats(&tag.key);
            if repeat && !left_out.contains(&tag.key) {
                left_out.push(tag.key.clone());
            }
            !repeat
        });
        hop.transitive_tag_keys.retain(|key| !repeats(key));
    }
    if !left_out.is_empty() {
        means.system.console.info(&format!(
            "tags {} are the token's own and go along the chain; not sent again",
            left_out.join(", ")
        ));
    }
}
