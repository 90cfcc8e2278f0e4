//! What a run with these settings would begin with and ask, for whoever only explains it: that takes no region, and a role
//! goes without saying.

use super::hops::{self, Chain};
use super::raw::{RawInputs, Reader};
use super::{event, request, source};
use crate::error::Error;
use crate::host::Job;
use crate::model::RoleArn;
use crate::model::arn::RoleRef;
use crate::model::request::{Hop, Patience, Source};
use crate::system::env::Env;

/// Stands where no role is given.
const ANY_ROLE: &str = "ROLE_NAME";

/// The beginning of a run.
pub(crate) struct Outline {
    pub(crate) source: Source,
    /// The role that is assumed first, if one is given by its ARN: a name has no account, so nothing can be judged by it.
    pub(crate) role: Option<RoleArn>,
    /// What is sent for it.
    pub(crate) hop: Option<Hop>,
    pub(crate) mfa: bool,
    /// The keys that are given are a session's.
    pub(crate) temporary: bool,
    pub(crate) patience: Patience,
    pub(crate) warnings: Vec<String>,
}

/// What a run with these settings begins with, whatever may be wrong with them.
pub(crate) fn first_source(raw: &RawInputs, job: &Job, env: &Env) -> Source {
    source::choose(&mut Reader::new(raw), job, env, &mut Vec::new())
}

/// `role` goes before the one of the settings, `given` before the source that they lead to.
pub(crate) fn outline(
    raw: &RawInputs,
    job: &Job,
    env: &Env,
    role: Option<&str>,
    given: Option<Source>,
) -> Result<Outline, Error> {
    let chosen = event::choose(raw, job, env);
    // A pod's token is for a role of its own, where no other is asked for.
    let pods = env
        .get("AWS_ROLE_ARN")
        .filter(|_| env.has("AWS_WEB_IDENTITY_TOKEN_FILE") && !chosen.raw.wants_role());
    let role = role.or_else(|| chosen.raw.text("role-to-assume")).or(pods);
    let text = role.unwrap_or(ANY_ROLE).to_owned();
    let raw = chosen.raw.clone().with("role-to-assume", &text);
    let mut reader = Reader::new(&raw);
    let mut warnings: Vec<String> = chosen.warning.into_iter().collect();
    let source = match given {
        Some(source) => source,
        None => source::choose(&mut reader, job, env, &mut warnings),
    };
    let chain = Chain::of_setting(hops::roles(&mut reader, "role-to-assume"));
    let hops = hops::parse(&mut reader, job, &source, &[chain], &mut warnings);
    let hop = hops.into_iter().flatten().next();
    request::check_proxies(&mut reader, env);
    let patience = request::patience(&mut reader);
    reader.finish(Some(Outline {
        source,
        role: hop.as_ref().and_then(|hop| match &hop.role {
            RoleRef::Arn(arn) => Some(arn.clone()),
            RoleRef::Name(_) => None,
        }),
        hop,
        mfa: raw.has("mfa-serial"),
        temporary: raw.has("aws-session-token"),
        patience,
        warnings,
    }))
}
