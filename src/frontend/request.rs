//! From text to a request. Cross-checks between settings are here; each value's own rule is in its type.

use std::time::Duration;

use super::raw::{RawInputs, Reader};
use super::{event, logout, mfa, refresh, source, targets};
use crate::error::Error;
use crate::host::{Host, Job};
use crate::model::arn::{AccountId, RoleRef};
use crate::model::duration::{self, whole_number};
use crate::model::invalid::shown;
use crate::model::request::{
    Cleanup, Endpoint, Existing, HandOver, Patience, Request, SecretKeyForm, Source, Target,
};
use crate::model::{Invalid, Region};
use crate::system::env::Env;
use crate::system::http::{HttpSettings, ProxySettings};

/// How long a run may take when the user does not say.
const DEFAULT_TOTAL: Duration = Duration::from_mins(1);
const DEFAULT_ATTEMPTS: u64 = 12;

/// Told by all but the guard, which asks about nothing else.
pub(crate) const IDLE_MINIMUM: &str = "min-remaining not used: use-existing-credentials is not true, so new credentials are fetched in any case; `rolehop guard` only looks at those that are there";

/// Everything that was asked, or every mistake in it.
pub(crate) fn parse(raw: &RawInputs, job: &Job, env: &Env) -> Result<Request, Error> {
    let chosen = event::choose(raw, job, env);
    let raw = &chosen.raw;
    let mut reader = Reader::new(raw);
    // Both were heeded before anything was said; here their mistakes are told.
    reader.parse::<Host>("ci");
    reader.flag("gitlab-proxy-exec", false);
    logout::refuse(&mut reader);
    let mut warnings: Vec<String> = chosen.warning.iter().cloned().collect();
    let mut notes: Vec<String> = chosen.note.iter().cloned().collect();
    chosen.check_idle(&mut reader, job);
    let source = source::choose(&mut reader, job, env, &mut warnings);
    let (region, region_from) = region(&mut reader, &source).unzip();
    let targets = targets::parse(&mut reader, job, &source, &mut warnings);
    let mfa = mfa::parse(&mut reader, job, env, &source);
    let longest = targets.iter().map(|target| target.hops.len()).max();
    if let Some(hops @ 2..) = longest {
        notes.push(format!(
            "a chain of {hops} roles: AWS ends its last session after an hour at most"
        ));
    }
    let sts = endpoint(&mut reader, env);
    // Whoever names an endpoint may have another STS than AWS'.
    if let (Some(region), None) = (&region, &sts.url) {
        warn_of_partition(region, &targets, &mut warnings);
    }
    check_proxies(&mut reader, env);
    let patience = patience(&mut reader);
    let allowed_accounts = reader.list("allowed-account-ids", true, str::parse::<AccountId>);
    let existing = if reader.flag("use-existing-credentials", false) {
        Existing::Prefer
    } else {
        Existing::Ignore
    };
    let secret_key = if reader.flag("special-characters-workaround", false) {
        SecretKeyForm::Alphanumeric
    } else {
        SecretKeyForm::Any
    };
    let min_remaining = reader.with("min-remaining", duration::remaining);
    if min_remaining.is_some() && existing == Existing::Ignore {
        warnings.push(IDLE_MINIMUM.to_owned());
    }
    let hand_over = hand_over(&mut reader);
    let refresh = refresh::check(&mut reader, &source, &targets, existing, env);
    let request = region.map(|region| Request {
        region,
        region_from: region_from.unwrap_or_default(),
        source,
        targets,
        sts,
        patience,
        allowed_accounts,
        existing,
        min_remaining,
        mfa,
        secret_key,
        hand_over,
        refresh,
        warnings,
        notes,
    });
    reader.finish(request)
}

/// The region and what has given it. Where nothing has, AWS tools take that of the profile whose credentials they use.
fn region(reader: &mut Reader<'_>, source: &Source) -> Option<(Region, String)> {
    let raw = reader.raw;
    if raw.has("aws-region") {
        return Some((reader.parse("aws-region")?, raw.label("aws-region")));
    }
    let uses_profile = matches!(source, Source::Profile(_) | Source::Ambient(_));
    let Some(found) = raw.region_of_profile().filter(|_| uses_profile) else {
        reader.wrong(
            "aws-region",
            "is missing; give the region, as in eu-west-1 (the variable AWS_REGION serves too)",
        );
        return None;
    };
    let from = format!("the profile {}", shown(&found.profile));
    match found.region.parse() {
        Ok(region) => Some((region, from)),
        Err(fault) => {
            reader.wrong("aws-region", format!("comes from {from} and {fault}"));
            None
        }
    }
}

/// No caller of one partition can assume a role of another.
fn warn_of_partition(region: &Region, targets: &[Target], warnings: &mut Vec<String>) {
    let own = region.partition().to_string();
    for hop in targets.iter().flat_map(|target| &target.hops) {
        if let RoleRef::Arn(arn) = &hop.role
            && arn.partition() != own
        {
            let warning =
                format!("aws-region {region} is in the partition {own}, but the role is {arn}");
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
}

fn endpoint(reader: &mut Reader<'_>, env: &Env) -> Endpoint {
    let given = reader.with("sts-endpoint", endpoint_url);
    let fips = reader.flag("use-fips-endpoint", false);
    let dual_stack = reader.flag("use-dualstack-endpoint", false);
    let ignored = env
        .get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let variable = ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"]
        .into_iter()
        .find_map(|name| Some((name, env.get(name)?)))
        .filter(|_| !ignored && !reader.raw.has("sts-endpoint"));
    let from_variable = variable.and_then(|(name, text)| match endpoint_url(text) {
        Ok(url) => Some(url),
        Err(fault) => {
            reader.wrong("sts-endpoint", format!("comes from {name} and {fault}"));
            None
        }
    });
    let url = given.or(from_variable);
    if (fips || dual_stack) && url.is_some() {
        let from = variable.map_or_else(String::new, |(name, _)| format!(" comes from {name} and"));
        reader.wrong(
            "sts-endpoint",
            format!("{from} cannot be combined with use-fips-endpoint or use-dualstack-endpoint")
                .trim_start(),
        );
    }
    Endpoint {
        url,
        fips,
        dual_stack,
    }
}

/// An STS of the user's choice. A password in it would end up in messages.
fn endpoint_url(text: &str) -> Result<String, Invalid> {
    let Ok(url) = reqwest::Url::parse(text) else {
        return Err(Invalid::new(format!(
            "{} is not a URL, as in https://sts.example.com",
            shown(text)
        )));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid::new(
            "has a user name or a password, which STS does not take",
        ));
    }
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(Invalid::new(format!(
            "{} is not a URL, as in https://sts.example.com",
            shown(text)
        )));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A proxy that cannot be used must not be passed by.
pub(super) fn check_proxies(reader: &mut Reader<'_>, env: &Env) {
    reader.with("http-proxy", crate::system::http::check_proxy);
    if reader.raw.has("http-proxy") {
        return;
    }
    for name in ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"] {
        if let Some(Err(fault)) = env.get(name).map(crate::system::http::check_proxy) {
            reader.wrong("http-proxy", format!("comes from {name} and {fault}"));
        }
    }
}

pub(super) fn patience(reader: &mut Reader<'_>) -> Patience {
    let attempts = |text: &str| match whole_number(text)? {
        attempts @ 1..=100 => Ok(attempts),
        _ => Err(Invalid::new(format!("{} is outside 1 to 100", shown(text)))),
    };
    let attempts = reader
        .with("retry-max-attempts", attempts)
        .unwrap_or(DEFAULT_ATTEMPTS);
    let once = reader.flag("disable-retry", false);
    // A loop that asks again and again needs them all; the incumbent has it so, too.
    let workaround = reader.flag("special-characters-workaround", false);
    let total = reader
        .with("action-timeout-s", duration::timeout)
        .flatten()
        .unwrap_or(DEFAULT_TOTAL);
    Patience {
        attempts: match (workaround, once) {
            (true, _) => u32::try_from(DEFAULT_ATTEMPTS).unwrap_or(u32::MAX),
            (false, true) => 1,
            (false, false) => u32::try_from(attempts).unwrap_or(u32::MAX),
        },
        total,
    }
}

fn hand_over(reader: &mut Reader<'_>) -> HandOver {
    let cleanup = |text: &str| match text {
        "restore" => Ok(Cleanup::Restore),
        "clear" => Ok(Cleanup::Clear),
        "none" => Ok(Cleanup::None),
        other => Err(Invalid::new(format!(
            "{} is not one of restore, clear, none",
            shown(other)
        ))),
    };
    HandOver {
        mask_account: reader.flag("mask-aws-account-id", false),
        mask_access_key: reader.flag("mask-access-key-id", true),
        unset_first: reader.flag("unset-current-credentials", false),
        summary: reader.flag("summary", true),
        cleanup: reader.with("cleanup", cleanup).unwrap_or(Cleanup::Restore),
        mode: reader.parse("hand-over").unwrap_or_default(),
    }
}

/// How requests travel. Apart from the request, since nothing of it depends on what is asked.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) http: HttpSettings,
    /// Files that a variable names for every program: a bad one is worth a warning only.
    pub(crate) shared_ca_files: Vec<std::path::PathBuf>,
}

pub(crate) fn network(raw: &RawInputs, job: &Job, env: &Env) -> Network {
    let proxy = ProxySettings::new(raw.text("http-proxy"), raw.text("no-proxy"), env);
    let ca_files = raw
        .text("ca-bundle")
        .map(|path| job.resolve(path))
        .into_iter()
        .collect();
    let shared = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]
        .iter()
        .filter_map(|name| env.get(name))
        .map(Into::into)
        .collect();
    let http = HttpSettings {
        proxy,
        ca_files,
        user_agent: job.user_agent(env),
        ..HttpSettings::default()
    };
    Network {
        http,
        shared_ca_files: shared,
    }
}
