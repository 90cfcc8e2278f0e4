//! A token from the command of a CI's agent. It is started without a shell; what it is told is no secret, and what it prints
//! is the token alone.

use crate::error::Error;
use crate::host::Host;
use crate::model::request::{Ask, Patience};
use crate::model::{Claims, Secret};
use crate::system::System;
use crate::system::backoff::Backoff;
use crate::system::process::{self, Ended};

/// It asks once, and does not tell a network's failure from a refusal. Buildkite's agent repeats by itself.
const MOST_TRIES: u32 = 3;

/// `circleci run oidc get`. <https://circleci.com/docs/guides/permissions-authentication/oidc-tokens-with-custom-claims/>
pub(super) async fn circleci(
    system: &System,
    ask: &Ask,
    patience: Patience,
) -> Result<(Secret, Claims), Error> {
    let claims = serde_json::json!({"aud": ask.audience()}).to_string();
    let words = ["run", "oidc", "get", "--claims", &claims];
    let attempts = patience.attempts.min(MOST_TRIES);
    let mut backoff = Backoff::new(Patience {
        attempts,
        ..patience
    });
    loop {
        backoff.attempt();
        let ended = run(system, Host::Circleci, "circleci", &words).await?;
        let cause = format!("`circleci` {}", ended.status);
        if ended.succeeded || !backoff.wait(system, "OIDC token", &cause, None).await {
            return token(Host::Circleci, "circleci", &ended);
        }
    }
}

/// `buildkite-agent oidc request-token`. <https://buildkite.com/docs/agent/cli/reference/oidc>
pub(super) async fn buildkite(system: &System, ask: &Ask) -> Result<(Secret, Claims), Error> {
    let (host, program) = (Host::Buildkite, "buildkite-agent");
    let tags = ask.session_tags.join(",");
    let mut words = vec!["oidc", "request-token", "--audience", ask.audience()];
    if !tags.is_empty() {
        words.extend(["--aws-session-tag", &tags]);
    }
    let ended = run(system, host, program, &words).await?;
    if ended.succeeded || system.env.has("BUILDKITE_AGENT_JOB_API_SOCKET") {
        return token(host, program, &ended);
    }
    // A new agent insists on hiding the token, which it cannot do without the Job API; an old one does not know the word.
    words.push("--skip-redaction");
    let second = run(system, host, program, &words).await?;
    let told = if second.succeeded { &second } else { &ended };
    token(host, program, told)
}

async fn run(
    system: &System,
    host: Host,
    program: &'static str,
    words: &[&str],
) -> Result<Ended, Error> {
    system
        .progress
        .waits_for(format!("the OIDC token from `{program}`"));
    let started = system.clock.elapsed();
    let ended = process::run(program, words).await;
    let took = system.clock.elapsed().saturating_sub(started).as_millis();
    let outcome = match &ended {
        Ok(ended) => ended.status.clone(),
        Err(fault) => fault.to_string(),
    };
    system
        .console
        .debug(&format!("`{program}` {outcome} after {took} ms"));
    ended.map_err(|fault| Error::OidcPermissionMissing {
        fault: format!("`{program}` {fault}"),
        grant: host.facts().grant,
    })
}

fn token(host: Host, program: &str, ended: &Ended) -> Result<(Secret, Claims), Error> {
    if !ended.succeeded {
        let text: Vec<char> = ended.errors.trim().chars().collect();
        // The end of it says why.
        let from = text.len().saturating_sub(300);
        return Err(Error::OidcRefused {
            how: format!("`{program}` {}", ended.status),
            text: text.get(from..).unwrap_or_default().iter().collect(),
            grant: host.facts().grant,
        });
    }
    let token = Secret::new(ended.output.reveal().trim());
    match Claims::read(&token) {
        Ok(claims) => Ok((token, claims)),
        Err(fault) => Err(Error::OidcAnswerInvalid {
            fault: format!("`{program}` printed something else: {fault}"),
        }),
    }
}
