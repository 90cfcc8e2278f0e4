//! Where the first identity comes from: the first of the ways that the settings and the job allow.

use std::path::PathBuf;

use super::raw::Reader;
use crate::host::{Host, Job};
use crate::model::invalid::shown;
use crate::model::request::{AmbientWhy, Ask, Source};
use crate::model::{Credentials, Invalid, Secret};
use crate::system::env::Env;

/// In the incumbent's order: what was written down, then what the job may ask for, then what the machine has.
pub(super) fn choose(
    reader: &mut Reader<'_>,
    job: &Job,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Source {
    let chaining = reader.flag("role-chaining", false);
    let skip_oidc = reader.flag("force-skip-oidc", false);
    let profile = reader.raw.text("source-profile").map(str::to_owned);
    let role = reader.raw.wants_role();
    let ask = ask(reader, job.host, warnings);
    let in_hand = in_hand(reader);
    let may_ask = role && !skip_oidc;
    let lacks = job.host.facts().token.lacks(env, ask.audience.as_deref());
    let oidc = may_ask && lacks.is_none();
    let other = chaining || profile.is_some() || (role && in_hand.is_some()) || oidc;
    let keys = keys(reader, other, warnings);
    if let (Some(_), true) = (&profile, keys.is_some() || chaining || in_hand.is_some()) {
        reader.wrong(
            "source-profile",
            "cannot be combined with keys, role-chaining or a web identity token",
        );
    }
    match (in_hand, role, keys.is_some() || chaining) {
        (Some(name), false, false) => {
            reader.wrong(
                name,
                "needs role-to-assume or roles: a token is exchanged for a role",
            );
        }
        (Some(name), false, true) => warnings.push(format!(
            "{name} not used: there is no role-to-assume to exchange the token for"
        )),
        (Some(name), true, true) => warnings.push(format!(
            "{} not used: the token of {name} assumes the role",
            if keys.is_some() {
                "aws-access-key-id"
            } else {
                "role-chaining"
            }
        )),
        _ => {}
    }
    let token = in_hand
        .filter(|_| role)
        .and_then(|name| token(reader, job, env, name));
    match (token, keys, profile) {
        (Some(token), _, None) => token,
        (_, Some(keys), _) => Source::Keys(keys),
        (_, _, Some(profile)) => Source::Profile(profile),
        _ if chaining => Source::Ambient(AmbientWhy::RoleChaining),
        _ if oidc => Source::JobToken(ask),
        _ => match bare_token_file(reader, env).filter(|_| may_ask) {
            Some(file) => Source::TokenFile(file),
            None => Source::Ambient(AmbientWhy::NothingElse),
        },
    }
}

/// The setting by which the user gives a token.
fn in_hand(reader: &mut Reader<'_>) -> Option<&'static str> {
    const NAMES: [&str; 3] = [
        "web-identity-token-file",
        "web-identity-token",
        "web-identity-token-variable",
    ];
    let given: Vec<&'static str> = NAMES
        .into_iter()
        .filter(|name| reader.raw.has(name))
        .collect();
    if let [first, second, ..] = given.as_slice() {
        reader.wrong(second, format!("cannot be combined with {first}"));
    }
    given.first().copied()
}

/// The token that this setting gives.
fn token(reader: &mut Reader<'_>, job: &Job, env: &Env, name: &'static str) -> Option<Source> {
    let text = reader.raw.text(name)?.to_owned();
    match name {
        "web-identity-token-file" if text == "-" => Some(Source::TokenInput),
        "web-identity-token-file" => Some(Source::TokenFile(job.resolve(&text))),
        "web-identity-token" => Some(Source::TokenText {
            token: Secret::new(text.trim()),
            variable: name.to_owned(),
        }),
        _ => {
            let Some(token) = env.get(&text) else {
                reader.wrong(
                    name,
                    format!("names {}, a variable that is not set", shown(&text)),
                );
                return None;
            };
            Some(Source::TokenText {
                token: Secret::new(token.trim()),
                variable: text,
            })
        }
    }
}

/// `AWS_WEB_IDENTITY_TOKEN_FILE` without a role of its own: somebody put a token there for whoever wants one. With
/// `AWS_ROLE_ARN` it is a pod's, whose role is the machine's identity; unless that very role is asked for.
fn bare_token_file(reader: &Reader<'_>, env: &Env) -> Option<PathBuf> {
    let file = env.get("AWS_WEB_IDENTITY_TOKEN_FILE")?;
    let first = |text: &'_ str| {
        let first = text.split(['>', '\n']).next().unwrap_or_default();
        first.trim().to_owned()
    };
    let role = reader.raw.text("role-to-assume").map(first);
    let lines = reader.raw.text("roles").unwrap_or_default().lines();
    let on_lines = lines.filter_map(|line| Some(first(line.split_once('=')?.1)));
    let mut wanted = role.into_iter().chain(on_lines);
    match env.get("AWS_ROLE_ARN") {
        Some(role) if !wanted.any(|wanted| wanted == role) => None,
        _ => Some(PathBuf::from(file)),
    }
}

/// What is asked of the CI system, where it can be asked.
fn ask(reader: &mut Reader<'_>, host: Host, warnings: &mut Vec<String>) -> Ask {
    let word = |text: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let set = "letters, digits and _ - .";
        Invalid::character(text, set, allowed).map_or_else(|| Ok(text.to_owned()), Err)
    };
    let ask = Ask {
        audience: reader.raw.text("audience").map(str::to_owned),
        connection: reader.with("azure-service-connection", word),
        session_tags: reader.list("token-session-tags", true, word),
    };
    let mut left_out = |name: &str, given: bool, only: Host| {
        if given && host != only {
            let title = only.facts().title;
            warnings.push(format!("{name} not sent: it is for {title}"));
        }
    };
    left_out(
        "azure-service-connection",
        ask.connection.is_some(),
        Host::Azure,
    );
    left_out(
        "token-session-tags",
        !ask.session_tags.is_empty(),
        Host::Buildkite,
    );
    ask
}

/// Static keys: both halves or none. What is left of them beside an `other` source is not worth a failure.
fn keys(reader: &mut Reader<'_>, other: bool, warnings: &mut Vec<String>) -> Option<Credentials> {
    // Shorter ones than AWS' own are left to STS: LocalStack and MinIO have them.
    let read = |text: &str| {
        let fault = Invalid::length(text, 1, 128);
        let fault =
            fault.or_else(|| Invalid::character(text, "visible ASCII", |c| c.is_ascii_graphic()));
        fault.map_or_else(|| Ok(text.to_owned()), Err)
    };
    let hidden = |text: &str| {
        // The value is a secret: only its length and the kind of the fault are told.
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Invalid::new(format!(
                "has blanks or line breaks among its {} characters",
                text.chars().count()
            )));
        }
        Ok(Secret::new(text))
    };
    let (id, secret, token) = (
        "aws-access-key-id",
        "aws-secret-access-key",
        "aws-session-token",
    );
    let half = |has: &str, lacks: &str| {
        format!("is missing; {has} is given, and both halves of a key pair are needed ({lacks})")
    };
    match (reader.raw.has(id), reader.raw.has(secret)) {
        (true, false) => reader.wrong(
            secret,
            half(id, "an unset secret of the repository is empty"),
        ),
        (false, true) if other => warnings.push(format!("{secret} not used: there is no {id}")),
        (false, true) => reader.wrong(
            id,
            half(secret, "an unset secret of the repository is empty"),
        ),
        _ => {}
    }
    let access_key_id = reader.with(id, read);
    let secret_access_key = reader.with(secret, hidden);
    let session_token = reader.with(token, hidden);
    if reader.raw.has(token) && !reader.raw.has(id) && !reader.raw.has(secret) {
        if other {
            warnings.push(format!("{token} not used: there is no {id}"));
        } else {
            reader.wrong(
                token,
                "is given without aws-access-key-id and aws-secret-access-key",
            );
        }
    }
    Some(Credentials {
        access_key_id: access_key_id?,
        secret_access_key: secret_access_key?,
        session_token,
        expires: None,
    })
}
