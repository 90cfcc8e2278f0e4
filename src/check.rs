//! `rolehop check`: every mistake in the settings, the permissions and the files at once, without a request.

use std::path::Path;

use serde::Serialize;

use crate::cli::Options;
use crate::error::Error;
use crate::frontend::{self, RawInputs};
use crate::host::{Host, Job};
use crate::identity::token_file;
use crate::login::{self, source};
use crate::model::Tree;
use crate::model::request::{EnvironmentPlace, Request, Source, Target};
use crate::report;
use crate::sink::{self, Caller};
use crate::system::System;
use crate::system::console::{data, harmless, harmless_json};
use crate::system::env::Env;
use crate::system::http::check_ca_file;

/// What was found.
#[derive(Default)]
struct Found {
    errors: Vec<Error>,
    warnings: Vec<String>,
    plan: Vec<(&'static str, String)>,
}

/// The same for an editor.
#[derive(Serialize)]
struct Document {
    ok: bool,
    errors: Vec<Finding>,
    warnings: Vec<String>,
    /// What a run would do; only when the settings make a whole.
    plan: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Finding {
    code: &'static str,
    message: String,
    causes: Vec<Cause>,
    hint: String,
}

#[derive(Serialize)]
struct Cause {
    /// The setting that it concerns, where it is one.
    setting: Option<String>,
    text: String,
}

/// Fails with the first finding's class when there is one; standard output has the report in either case.
pub(crate) fn run(
    system: &System,
    host: Host,
    raw: &RawInputs,
    options: &Options,
) -> Result<u8, Error> {
    let Found {
        errors,
        warnings,
        plan,
    } = match frontend::wants_logout(raw) {
        Ok(false) => judge(system, host, raw),
        Ok(true) => Found {
            plan: vec![
                ("ci", host.facts().title.to_owned()),
                ("logout", "undo what earlier steps handed over".to_owned()),
            ],
            ..Found::default()
        },
        Err(error) => Found {
            errors: vec![error],
            ..Found::default()
        },
    };
    if options.has("json") {
        let document = Document {
            ok: errors.is_empty(),
            errors: errors.iter().map(finding).collect(),
            warnings,
            plan,
        };
        let text = serde_json::to_string_pretty(&document)
            .map_err(|fault| Error::Internal(fault.to_string()))?;
        data(&harmless_json(&text));
        return Ok(errors.first().map_or(0, |first| first.advice().exit));
    }
    for warning in &warnings {
        system.console.warning(warning);
    }
    if errors.is_empty() {
        for (name, value) in plan {
            data(&harmless(&format!("{name:<10} {value}")));
        }
        data("ok: no mistake was found; no request was sent");
        return Ok(0);
    }
    let mut errors = errors.into_iter();
    let first = errors.next();
    for error in errors {
        system.console.raw(&report::block(&error, None));
    }
    first.map_or(Ok(0), Err)
}

/// All that a run would stumble over, as far as it can be told without a request.
fn judge(system: &System, host: Host, raw: &RawInputs) -> Found {
    let job = host.job(&system.env);
    let (request, mut errors) = match frontend::parse(raw, &job, &system.env) {
        Ok(mut request) => {
            sink::fit(&system.env, host, &mut request);
            (Some(request), Vec::new())
        }
        Err(error) => (None, vec![error]),
    };
    errors.extend(files(raw, &job));
    let mut warnings = Vec::new();
    if let Some(request) = &request {
        login::mask_accounts(system, host, request);
        if let Source::TokenText { token, variable } = &request.source {
            errors.extend(token_file::claims(variable, token).err());
        }
        errors.extend(source::check_before_any_request(system, host, &job, request).err());
        warnings.clone_from(&request.warnings);
        errors.extend(places(system, &job, request, &mut warnings).err());
    }
    let plan = request.map(|request| plan(host, &system.env, &request));
    Found {
        errors,
        warnings,
        plan: plan.unwrap_or_default(),
    }
}

/// The files that the settings name, readable and of their kind.
fn files(raw: &RawInputs, job: &Job) -> Vec<Error> {
    let path = |name| raw.text(name).map(|text| job.resolve(text));
    let token = path("web-identity-token-file")
        .filter(|_| raw.text("web-identity-token-file") != Some("-"))
        .and_then(|path| token_file::read(&path).err());
    let bundle = |path: &Path| {
        check_ca_file(path)
            .err()
            .map(|fault| Error::CaBundle(fault.to_string()))
    };
    let bundle = path("ca-bundle").and_then(|path| bundle(&path));
    token.into_iter().chain(bundle).collect()
}

/// The places that the credentials would go to, writable. Where there is none, `exec` and `export` need none.
fn places(
    system: &System,
    job: &Job,
    request: &Request,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    match sink::prepare(&system.env, job, Caller::Command, request) {
        Err(refused @ Error::NoPrivateHandOver { .. }) => {
            warnings.push(format!(
                "{refused}, so `rolehop` without a command would be refused; exec, export and credential-process work"
            ));
            sink::check_profiles(&system.env, request)
        }
        prepared => prepared.map(drop),
    }
}

fn finding(error: &Error) -> Finding {
    let advice = error.advice();
    let causes = match error {
        Error::InvalidInputs(mistakes) => mistakes
            .iter()
            .map(|mistake| Cause {
                setting: Some(mistake.input.clone()),
                text: mistake.fault.to_string(),
            })
            .collect(),
        other => other
            .causes()
            .into_iter()
            .map(|text| Cause {
                setting: None,
                text,
            })
            .collect(),
    };
    Finding {
        code: advice.code,
        message: error.to_string(),
        causes,
        hint: advice.hint,
    }
}

/// What a run with these settings would do.
fn plan(host: Host, env: &Env, request: &Request) -> Vec<(&'static str, String)> {
    let mut plan = vec![
        ("ci", host.facts().title.to_owned()),
        ("region", region_words(request)),
        ("source", source_words(host, env, request)),
    ];
    plan.extend(request.notes.iter().map(|note| ("note", note.clone())));
    plan.extend(request.mfa.as_ref().map(|mfa| ("mfa", mfa.words())));
    if request.has_many() {
        plan.extend(many(request));
        return plan;
    }
    for target in &request.targets {
        for hop in &target.hops {
            plan.push((
                "role",
                format!(
                    "{} as session {} for {} s",
                    hop.role.as_str(),
                    hop.session.as_str(),
                    hop.duration.seconds()
                ),
            ));
        }
        plan.push(("hand-over", place_words(target)));
    }
    plan
}

/// Several targets: a line each, and what they share.
fn many(request: &Request) -> Vec<(&'static str, String)> {
    let line = |target: &Target| {
        let roles: Vec<&str> = target.hops.iter().map(|hop| hop.role.as_str()).collect();
        let session = target.hops.last().map_or_else(String::new, |hop| {
            format!(
                " as session {} for {} s",
                hop.session.as_str(),
                hop.duration.seconds()
            )
        });
        let (roles, place) = (roles.join(" > "), place_words(target));
        (
            "target",
            format!("{}: {roles}{session}, to {place}", target.name()),
        )
    };
    let mut plan: Vec<_> = request.targets.iter().map(line).collect();
    let (targets, hops) = (request.targets.len(), Tree::of(&request.targets).hops());
    plan.push((
        "roles",
        format!(
            "{hops} to assume for {targets} targets; what chains begin with alike is assumed once"
        ),
    ));
    plan
}

/// With where it comes from, where that is no setting.
fn region_words(request: &Request) -> String {
    let (region, from) = (&request.region, &request.region_from);
    if from.starts_with("the profile ") {
        format!("{region} (of {from})")
    } else {
        region.to_string()
    }
}

fn source_words(host: Host, env: &Env, request: &Request) -> String {
    match &request.source {
        Source::JobToken(ask) if host.facts().token.takes_audience() => {
            format!("OIDC token of this job, audience {}", ask.audience())
        }
        Source::JobToken(_) => "OIDC token of this job".to_owned(),
        Source::TokenFile(path) => format!("web identity token in {}", path.display()),
        Source::TokenInput => "web identity token on standard input".to_owned(),
        Source::TokenText { variable, .. } => format!("web identity token in {variable}"),
        Source::Keys(keys) => format!("keys given as settings, {}", keys.access_key_id),
        Source::Profile(name) => format!("profile `{name}` of the AWS config files"),
        Source::Ambient(why) => {
            let because = source::because(host, env, request, *why);
            format!("credentials of the environment ({because})")
        }
    }
}

fn place_words(target: &Target) -> String {
    let place = &target.place;
    let environment = match place.environment {
        EnvironmentPlace::Nothing => None,
        EnvironmentPlace::Region => Some("the region as variables".to_owned()),
        EnvironmentPlace::Keys => Some("variables".to_owned()),
    };
    let outputs = place.outputs.then(|| "step outputs".to_owned());
    let profile = place
        .profile
        .as_ref()
        .map(|profile| format!("profile `{}`", profile.name));
    let words: Vec<String> = environment
        .into_iter()
        .chain(outputs)
        .chain(profile)
        .collect();
    if words.is_empty() {
        "nothing but the account and the ARN as outputs".to_owned()
    } else {
        words.join(", ")
    }
}
