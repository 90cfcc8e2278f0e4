//! After a refusal: what is known of request, token and job goes to `trust`, and what it finds into the error.

use std::time::SystemTime;

use super::Means;
use crate::error::{Error, StsFailure};
use crate::host::{Event, Job, github};
use crate::model::mfa::CodeFrom;
use crate::model::request::{Hop, Request, Target};
use crate::model::{Claims, RoleArn};
use crate::system::files;
use crate::trust::diagnose::{Facts, Refusal, diagnose};
use crate::trust::propose::Sends;

/// The same error, with a diagnosis where one can be made.
pub(super) fn examine(
    error: Error,
    means: &Means<'_>,
    request: &Request,
    target: &Target,
    claims: Option<&Claims>,
) -> Error {
    let Error::Sts(mut failure) = error else {
        return error;
    };
    failure.diagnosis = {
        let Some((code, message)) = failure.wire() else {
            return Error::Sts(failure);
        };
        let role: Option<RoleArn> = failure.subject.parse().ok();
        let hop = hop_of(target, &failure);
        let accounts: Vec<String> = request
            .allowed_accounts
            .iter()
            .map(ToString::to_string)
            .collect();
        let partition = request.region.partition().to_string();
        let now = means
            .system
            .clock
            .now()
            .duration_since(SystemTime::UNIX_EPOCH);
        diagnose(&Refusal {
            code,
            message,
            role: role.as_ref(),
            region: request.region.as_str(),
            partition: &partition,
            seconds: hop.map_or(0, |(_, hop)| hop.duration.seconds()),
            chained: hop.is_some_and(|(at, _)| at > 0),
            computed_code: request
                .mfa
                .as_ref()
                .is_some_and(|mfa| matches!(mfa.code, CodeFrom::Secret(_))),
            sends: hop.map(|(_, hop)| sends(hop)).unwrap_or_default(),
            // Only the first exchange is with the token.
            claims: claims.filter(|_| failure.operation.ends_with("WebIdentity")),
            accounts: &accounts,
            job: facts(means.job),
            now: now.ok().and_then(|now| i64::try_from(now.as_secs()).ok()),
        })
    };
    Error::Sts(failure)
}

/// The hop that failed, and its place. Its role may have been given by name.
fn hop_of<'a>(target: &'a Target, failure: &StsFailure) -> Option<(usize, &'a Hop)> {
    let mut hops = target.hops.iter().enumerate();
    hops.find(|(_, hop)| {
        let role = hop.role.as_str();
        failure.subject == role || failure.subject.ends_with(&format!(":role/{role}"))
    })
}

/// What this AssumeRole sends that needs a permission or meets a condition.
pub(crate) fn sends(hop: &Hop) -> Sends {
    Sends {
        tags: !hop.tags.is_empty(),
        source_identity: hop.source_identity.is_some(),
        external_id: hop.external_id.as_ref().map(|id| id.as_str().to_owned()),
        mfa: hop.mfa.is_some(),
    }
}

/// What the event's file tells. It is read only now, when something has gone wrong.
fn facts(job: &Job) -> Facts {
    const LARGEST: u64 = 8 << 20;
    let path = job.runner.event_path.as_deref();
    let Some(text) = path.and_then(|path| files::read_limited(path, LARGEST).ok()) else {
        return Facts::default();
    };
    let of_pull_request = job
        .event
        .as_deref()
        .is_some_and(|name| name.starts_with("pull_request"));
    let event = Event::read(&text);
    Facts {
        fork: github::fork(&text).filter(|_| of_pull_request),
        default_branch: event.as_ref().and_then(Event::default_branch),
        created: event.as_ref().and_then(Event::repository_made),
    }
}
