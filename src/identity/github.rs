//! The runner's OIDC token endpoint. Owns the two request variables and the audience; knows nothing of AWS.

use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;

use crate::error::Error;
use crate::host::Host;
use crate::model::request::Patience;
use crate::model::{Claims, Invalid, Secret};
use crate::system::System;
use crate::system::backoff::Backoff;
use crate::system::http::{Answer, AnswerError};

/// One place to ask, with the right to do so.
#[derive(Debug)]
pub(crate) struct TokenEndpoint {
    url: Url,
    bearer: Secret,
    /// Forgejo answers 500 to a task without the right; a repeat is useless there.
    five_hundred_is_final: bool,
}

#[derive(Deserialize)]
struct Wire {
    value: String,
}

/// What one request came to.
enum Outcome {
    Token(Secret),
    Again {
        cause: String,
        after: Option<Duration>,
    },
}

impl TokenEndpoint {
    pub(crate) fn new(system: &System, host: Host, audience: &str) -> Result<Self, Error> {
        let missing = |missing| Error::OidcPermissionMissing {
            missing,
            forgejo: host == Host::Forgejo,
        };
        let (url_name, token_name) = (
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        );
        let bearer = system
            .env
            .get(token_name)
            .ok_or_else(|| missing(token_name))?;
        let url = system.env.get(url_name).ok_or_else(|| missing(url_name))?;
        let invalid = || Error::OidcUnreachable {
            fault: format!("{url_name} is not an http or https URL"),
            attempts: 1,
        };
        let mut url = Url::parse(url).map_err(|_| invalid())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid());
        }
        // The URL already carries a query, so the audience is appended, not set.
        url.query_pairs_mut().append_pair("audience", audience);
        Ok(Self {
            url,
            bearer: Secret::new(bearer),
            five_hundred_is_final: host == Host::Forgejo,
        })
    }

    /// Asks until there is a token, a final refusal, or no time left.
    pub(crate) async fn fetch(
        &self,
        system: &System,
        client: &reqwest::Client,
        patience: Patience,
    ) -> Result<(Secret, Claims), Error> {
        let mut backoff = Backoff::new(patience);
        loop {
            backoff.attempt();
            let (cause, after) = match self.ask(system, client).await? {
                Outcome::Token(token) => {
                    let claims = Claims::read(&token).map_err(|fault| invalid(&fault))?;
                    return Ok((token, claims));
                }
                Outcome::Again { cause, after } => (cause, after),
            };
            if !backoff.wait(system, "OIDC token", &cause, after).await {
                return Err(Error::OidcUnreachable {
                    fault: cause,
                    attempts: backoff.attempts(),
                });
            }
        }
    }

    async fn ask(&self, system: &System, client: &reqwest::Client) -> Result<Outcome, Error> {
        let started = system.clock.elapsed();
        let request = client
            .get(self.url.clone())
            .bearer_auth(self.bearer.reveal())
            .header("accept", "application/json");
        let answer = match Answer::to(request).await {
            Ok(answer) => answer,
            Err(AnswerError::Transport {
                reason,
                lasting: true,
            }) => {
                return Err(Error::OidcUnreachable {
                    fault: reason,
                    attempts: 1,
                });
            }
            Err(AnswerError::Transport { reason, .. }) => {
                return Ok(Outcome::Again {
                    cause: reason,
                    after: None,
                });
            }
            Err(fault @ AnswerError::TooLarge) => return Err(invalid(&fault)),
        };
        let took = system.clock.elapsed().saturating_sub(started).as_millis();
        let host = self.url.host_str().unwrap_or_default();
        system.console.debug(&format!(
            "token endpoint {host} answered HTTP {} in {took} ms",
            answer.status
        ));
        self.judge(&answer)
    }

    fn judge(&self, answer: &Answer) -> Result<Outcome, Error> {
        let status = answer.status;
        match status {
            200..=299 => {
                let wire: Wire =
                    serde_json::from_slice(&answer.body).map_err(|_| invalid(&not_json(answer)))?;
                Ok(Outcome::Token(Secret::new(wire.value)))
            }
            // A redirect would carry the bearer to a host that GitHub did not name.
            300..=399 => Err(invalid(&format!(
                "HTTP {status}: a redirect, which is not followed"
            ))),
            407 => Err(Error::OidcUnreachable {
                fault: "HTTP 407: the proxy asks for a user name and a password".to_owned(),
                attempts: 1,
            }),
            500 if self.five_hundred_is_final => Err(refused(answer)),
            429 | 500..=599 => Ok(Outcome::Again {
                cause: format!("HTTP {status}"),
                after: retry_after(answer),
            }),
            _ => Err(refused(answer)),
        }
    }
}

fn invalid(fault: &dyn std::fmt::Display) -> Error {
    Error::OidcAnswerInvalid {
        fault: fault.to_string(),
    }
}

fn not_json(answer: &Answer) -> Invalid {
    let kind = answer.header("content-type").unwrap_or("no content type");
    Invalid::new(format!(
        "HTTP {} with {} bytes of {kind}, not a JSON object with a `value`",
        answer.status,
        answer.body.len()
    ))
}

/// The endpoint's own words, cut: they go to the log, and the bearer is never in them.
fn refused(answer: &Answer) -> Error {
    let text = String::from_utf8_lossy(&answer.body);
    Error::OidcRefused {
        status: answer.status,
        text: text.trim().chars().take(300).collect(),
    }
}

fn retry_after(answer: &Answer) -> Option<Duration> {
    answer
        .header("retry-after")?
        .trim()
        .parse()
        .ok()
        .map(Duration::from_secs)
}
