//! `refresh`: which settings can be asked again hours later, by another process and without a secret on disk.

use std::collections::BTreeMap;
use std::path::Path;

use super::raw::{RawInputs, Reader};
use super::setting::Kind;
use super::table::SETTINGS;
use crate::host::Job;
use crate::model::profile::ProfileName;
use crate::model::request::{Existing, Refresh, Request, Source, Target};
use crate::system::env::Env;
use crate::system::files;

/// The profile that is written where the user names none. No other step has it: jobs side by side on one machine may
/// share the AWS files, and none is to get another's role.
pub(super) fn profile(reader: &mut Reader<'_>) -> Option<ProfileName> {
    let suffix = files::random_suffix();
    let name = suffix.as_deref().ok().and_then(|suffix| suffix.get(..8));
    let name = name.and_then(|suffix| format!("rolehop-{suffix}").parse().ok());
    if name.is_none() {
        reader.wrong(
            "refresh",
            "has no random numbers for a profile's name; name one in aws-profile",
        );
    }
    name
}

/// Settings that name files. A later process may start elsewhere.
const FILES: [&str; 2] = ["web-identity-token-file", "ca-bundle"];
/// Settings that the request says better.
const SETTLED: [&str; 7] = [
    "ci",
    "role-to-assume",
    "roles",
    "aws-profile",
    "role-for-pull-requests",
    "inline-session-policy",
    "policy-for-pull-requests",
];

pub(super) fn check(
    reader: &mut Reader<'_>,
    source: &Source,
    targets: &[Target],
    existing: Existing,
    env: &Env,
) -> Option<Refresh> {
    let refresh: Refresh = reader.parse("refresh")?;
    if targets.iter().all(|target| target.hops.is_empty()) {
        reader.wrong(
            "refresh",
            "needs role-to-assume: only a role's session can be had again",
        );
    }
    match source {
        Source::Keys(_) => reader.wrong(
            "refresh",
            "cannot renew from static keys in settings: they would have to lie on disk for as long as the job runs; put them into a profile and name it in source-profile, or use OIDC",
        ),
        Source::TokenText { variable, .. } if variable == "web-identity-token" => reader.wrong(
            "refresh",
            "cannot renew from a token that is given as text: it expires, and a new one has to come from somewhere; name its variable in web-identity-token-variable, or its file in web-identity-token-file",
        ),
        Source::TokenInput => reader.wrong(
            "refresh",
            "cannot renew from standard input, which is read once; name a file in web-identity-token-file",
        ),
        Source::Ambient(_) if env.has("AWS_ACCESS_KEY_ID") && !reader.raw.is_true("unset-current-credentials") => reader.wrong(
            "refresh",
            "cannot renew from the environment's AWS_ACCESS_KEY_ID, which has to go from later steps so that they find the renewed credentials; put the keys into a profile and name it in source-profile, or use OIDC",
        ),
        Source::Ambient(_) | Source::Profile(_) => asks_itself(reader, source, targets, env),
        _ => {}
    }
    if reader.raw.has("mfa-serial") && !source.is_token() {
        reader.wrong(
            "mfa-serial",
            "cannot be combined with refresh: a code is good for one session, and its secret would have to lie on disk",
        );
    }
    if reader.raw.is_true("output-credentials") {
        reader.wrong(
            "output-credentials",
            "cannot be combined with refresh: outputs of a step stay what they are",
        );
    }
    if existing == Existing::Prefer {
        reader.wrong(
            "use-existing-credentials",
            "cannot be combined with refresh: nobody renews the credentials that are there",
        );
    }
    if refresh == Refresh::Server && reader.raw.has("aws-profile") {
        reader.wrong(
            "aws-profile",
            "cannot be combined with `refresh: server`, which variables select; use `refresh: process`, or a line of roles, whose profile asks the endpoint",
        );
    }
    let has_password =
        |proxy: &str| reqwest::Url::parse(proxy).is_ok_and(|url| url.password().is_some());
    if refresh == Refresh::Process && reader.raw.text("http-proxy").is_some_and(has_password) {
        reader.wrong(
            "http-proxy",
            "has a password, which would have to lie on disk for refresh; set HTTPS_PROXY for the job instead",
        );
    }
    Some(refresh)
}

/// A profile that is written must not be the one that it is made from.
fn asks_itself(reader: &mut Reader<'_>, source: &Source, targets: &[Target], env: &Env) {
    let from = match source {
        Source::Profile(name) => name.as_str(),
        _ => env.get("AWS_PROFILE").unwrap_or("default"),
    };
    for target in targets {
        let written = target.place.profile.as_ref();
        if written.is_some_and(|written| written.name.as_str() == from) {
            let setting = if target.main { "aws-profile" } else { "roles" };
            reader.wrong(
                setting,
                format!("`{from}` is where the first credentials come from, so it cannot be written over with those that are made of them"),
            );
        }
    }
}

/// What another process needs to know to renew the target: everything that was given and is no secret, with paths that mean the same there.
/// What this event decides, and what a file says, is settled: neither changes under a job that goes on.
pub(crate) fn settings(
    raw: &RawInputs,
    job: &Job,
    request: &Request,
    target: &Target,
) -> BTreeMap<String, String> {
    let kept = SETTINGS
        .iter()
        .filter(|setting| setting.kind != Kind::Secret && setting.name != "aws-access-key-id")
        .filter(|setting| !SETTLED.contains(&setting.name));
    let mut settings: BTreeMap<String, String> = kept
        .filter_map(|setting| {
            let text = raw.text(setting.name)?;
            let text = if FILES.contains(&setting.name) {
                absolute(&job.resolve(text))
            } else {
                text.to_owned()
            };
            Some((setting.name.to_owned(), text))
        })
        .collect();
    let mut settle = |name: &str, text: String| settings.insert(name.to_owned(), text);
    settle("ci", job.host.facts().name.to_owned());
    // It may be a profile's, which another process would not look up.
    settle("aws-region", request.region.to_string());
    let roles = target.hops.iter().map(|hop| hop.role.as_str());
    settle("role-to-assume", roles.collect::<Vec<_>>().join(" > "));
    if let (Some(profile), Some(Refresh::Process)) = (&target.place.profile, request.refresh) {
        settle("aws-profile", profile.name.to_string());
    }
    if let Some(policy) = target.hops.last().and_then(|hop| hop.policy.as_ref()) {
        settle("inline-session-policy", policy.as_str().to_owned());
    }
    if let Source::TokenFile(path) = &request.source {
        // A variable may have named it, which is not in later steps.
        settle("web-identity-token-file", absolute(path));
    }
    settings
}

fn absolute(path: &Path) -> String {
    let absolute = std::path::absolute(path);
    absolute.as_deref().unwrap_or(path).display().to_string()
}
