//! Which identity the run begins with: what is missing is told before any request, then the one source is asked.

use super::{Means, machine};
use crate::error::Error;
use crate::host::{Host, Job, TokenWay, github};
use crate::identity::ambient::{self, Reach};
use crate::identity::{Identity, job_token, token_file};
use crate::model::request::{AmbientWhy, Ask, Patience, Request, Source};
use crate::model::{Claims, Secret, Token};
use crate::sink::mask;
use crate::system::env::Env;
use crate::system::http::Http;
use crate::system::{System, files};

/// What the source yielded, and how to tell it.
pub(super) struct Origin {
    pub(super) identity: Identity,
    pub(super) claims: Option<Claims>,
    pub(super) words: String,
    /// Whether it is an MFA session of an earlier code.
    pub(super) kept: bool,
}

/// What can be known to fail is told before any request.
pub(crate) fn check_before_any_request(
    system: &System,
    host: Host,
    job: &Job,
    request: &Request,
) -> Result<(), Error> {
    let hosted = system.env.is("RUNNER_ENVIRONMENT", "github-hosted");
    let wants_role = request.targets.iter().any(|target| !target.hops.is_empty());
    let nothing_given = matches!(request.source, Source::Ambient(AmbientWhy::NothingElse));
    if !nothing_given
        || !wants_role
        || !hosted
        || ambient::sign_of_credentials(&system.env).is_some()
    {
        return Ok(());
    }
    Err(no_permission(system, host, job))
}

pub(crate) fn no_permission(system: &System, host: Host, job: &Job) -> Error {
    let facts = host.facts();
    let Some(lacks) = facts.token.lacks(&system.env, None) else {
        return Error::NoCredentials {
            fault: "force-skip-oidc is true, and there are no keys, no token file and no credentials of the machine"
                .to_owned(),
            advice: "leave force-skip-oidc out, since this job can request an OIDC token; or give keys or web-identity-token-file"
                .to_owned(),
        };
    };
    let event = job
        .runner
        .event_path
        .as_deref()
        .filter(|_| job.event.as_deref() == Some("pull_request"))
        .and_then(|path| files::read_limited(path, 8 << 20).ok());
    if let Some(head) = event.and_then(|event| github::fork(&event)) {
        return Error::OidcForkPullRequest { head };
    }
    Error::OidcPermissionMissing {
        fault: lacks,
        grant: facts.grant,
    }
}

pub(super) async fn identify(means: &Means<'_>, request: &Request) -> Result<Origin, Error> {
    let system = means.system;
    match &request.source {
        Source::JobToken(ask) => {
            // The connection to STS is opened beside it.
            let sts = means.sts.clone();
            tokio::spawn(async move { sts.warm_up().await });
            let (secret, claims) =
                fetch(system, means.host, &means.http, ask, request.patience).await?;
            let whose = if means.host.speaks_github() {
                String::new()
            } else {
                format!("{} ", means.host.facts().title)
            };
            let audience = claims
                .get("aud")
                .unwrap_or_else(|| ask.audience().to_owned());
            let setting = match request.main() {
                Some(main) if !main.hops.is_empty() => "role-to-assume",
                _ => "roles",
            };
            let words = format!(
                "OIDC token of this {whose}job, audience {audience} ({setting} is set and the job may request a token)"
            );
            let token = if means.host.facts().token.renews() {
                Token::issued_now(secret, &claims, system.clock.elapsed())
            } else {
                Token::found(secret)
            };
            Ok(of_token(token, claims, words))
        }
        Source::TokenFile(path) => {
            let (token, claims) = token_file::read(path)?;
            mask::mask(system, means.host, token.reveal());
            let why = if system
                .env
                .is("AWS_WEB_IDENTITY_TOKEN_FILE", &path.to_string_lossy())
            {
                "AWS_WEB_IDENTITY_TOKEN_FILE"
            } else {
                "web-identity-token-file"
            };
            let words = format!("web identity token in {} ({why} is set)", path.display());
            Ok(of_token(Token::found(token), claims, words))
        }
        Source::TokenInput => {
            let (token, claims) = token_file::read_input()?;
            mask::mask(system, means.host, token.reveal());
            let words = "web identity token on standard input (web-identity-token-file is `-`)";
            Ok(of_token(Token::found(token), claims, words.to_owned()))
        }
        Source::TokenText { token, variable } => {
            let claims = token_file::claims(variable, token)?;
            let words = format!("web identity token in {variable} (it was given)");
            Ok(of_token(Token::found(token.clone()), claims, words))
        }
        Source::Keys(keys) => {
            let kind = if keys.session_token.is_some() {
                "temporary keys"
            } else {
                "static keys"
            };
            let words = format!("{kind} given as inputs (aws-access-key-id is set)");
            Ok(Origin {
                identity: Identity::Credentials(keys.clone()),
                claims: None,
                words,
                kept: false,
            })
        }
        Source::Profile(name) => {
            from_machine(
                means,
                request,
                Reach::Profile(name),
                "source-profile is set",
            )
            .await
        }
        Source::Ambient(why) => {
            let reach = if request.hand_over.unset_first {
                Reach::WithoutEnvironment
            } else {
                Reach::Whole
            };
            let because = because(means.host, &system.env, request, *why);
            let found = from_machine(means, request, reach, &because).await;
            let wants_role = request.targets.iter().any(|target| !target.hops.is_empty());
            match found {
                Err(Error::NoCredentials { fault, advice })
                    if *why == AmbientWhy::NothingElse && no_sign(means) =>
                {
                    Err(nothing_there(means, wants_role, fault, advice))
                }
                found => found,
            }
        }
    }
}

/// Nothing was given and nothing found: what the system has, or can be asked for, is the better advice.
fn nothing_there(means: &Means<'_>, wants_role: bool, fault: String, advice: String) -> Error {
    let facts = means.host.facts();
    if facts.token == TokenWay::None {
        let advice = facts.grant.to_owned();
        return Error::NoCredentials { fault, advice };
    }
    if wants_role {
        return no_permission(means.system, means.host, means.job);
    }
    Error::NoCredentials { fault, advice }
}

/// Why the machine is asked: where the job could have had a token, what it lacks for one.
pub(crate) fn because(host: Host, env: &Env, request: &Request, why: AmbientWhy) -> String {
    let way = host.facts().token;
    let wants_role = request.targets.iter().any(|target| !target.hops.is_empty());
    let lacks = way
        .lacks(env, None)
        .filter(|_| wants_role && way != TokenWay::None && !host.speaks_github());
    match (why, lacks) {
        (AmbientWhy::RoleChaining, _) => "role-chaining is true".to_owned(),
        (AmbientWhy::NothingElse, None) => "no other source is given".to_owned(),
        (AmbientWhy::NothingElse, Some(lacks)) => format!("no other source is given: {lacks}"),
    }
}

fn of_token(token: Token, claims: Claims, words: String) -> Origin {
    Origin {
        identity: Identity::Token(token),
        claims: Some(claims),
        words,
        kept: false,
    }
}

/// Neither the machine nor the CI system has said that there is anything to be had.
fn no_sign(means: &Means<'_>) -> bool {
    let env = &means.system.env;
    ambient::sign_of_credentials(env).is_none()
        && means.host.facts().token.lacks(env, None).is_some()
}

async fn from_machine(
    means: &Means<'_>,
    request: &Request,
    reach: Reach<'_>,
    why: &str,
) -> Result<Origin, Error> {
    let found = machine::find(means, request, reach).await?;
    let words = format!("{} ({why})", found.place);
    Ok(Origin {
        identity: Identity::Credentials(found.credentials),
        claims: None,
        words,
        kept: false,
    })
}

/// The job's own token, hidden, and what it claims.
pub(crate) async fn fetch(
    system: &System,
    host: Host,
    http: &Http,
    ask: &Ask,
    patience: Patience,
) -> Result<(Secret, Claims), Error> {
    let (token, claims) = job_token::fetch(system, http, host, ask, patience).await?;
    mask::mask(system, host, token.reveal());
    if let Some(audience) = ask
        .audience
        .as_deref()
        .filter(|wanted| !claims.is_for(wanted))
    {
        system.console.warning(&format!(
            "the token's audience is {}, not {audience}: {} fixes it when it makes the token",
            claims.get("aud").unwrap_or_default(),
            host.facts().title
        ));
    }
    Ok((token, claims))
}
