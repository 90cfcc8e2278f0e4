//! A token from an HTTP endpoint that the CI system runs for its jobs: one request, its answer judged, sent again where
//! that can help. What the request looks like is in a file for each system.

use std::time::Duration;

use reqwest::{Method, Url};

use crate::error::{Error, FarSide, Unanswered};
use crate::host::Host;
use crate::model::request::Patience;
use crate::model::{Claims, Invalid, Secret};
use crate::system::System;
use crate::system::backoff::{Backoff, Tries};
use crate::system::env::Env;
use crate::system::http::{Answer, Client, Fault, Http, retry_after};

/// What is asked for, in messages.
const WHAT: &str = "the OIDC token";

/// One place to ask, with the right to do so.
#[derive(Debug)]
pub(super) struct TokenEndpoint {
    pub(super) host: Host,
    pub(super) method: Method,
    pub(super) url: Url,
    /// Some of them are the right to ask.
    pub(super) headers: Vec<(&'static str, Secret)>,
    /// Where the answer has the token; none, if it is the whole answer.
    pub(super) member: Option<&'static str>,
    /// An answer of 500 says that the job has not the right; a repeat is useless.
    pub(super) five_hundred_is_final: bool,
}

/// What one request came to.
enum Outcome {
    Token(Secret),
    /// The endpoint has no time.
    Busy {
        cause: String,
        after: Option<Duration>,
    },
    /// It did not answer.
    Broken(Fault),
}

/// The URL that a variable names.
pub(super) fn url(variable: &str, text: &str) -> Result<Url, Error> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err(invalid(&format!("{variable} is not an http or https URL"))),
    }
}

/// The right to ask, which a variable holds. A line break at its end is the doing of whoever filled it.
pub(super) fn bearer(env: &Env, host: Host, variable: &str) -> Result<String, Error> {
    let text = env.get(variable).unwrap_or_default().trim();
    if text.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        return Ok(text.to_owned());
    }
    Err(Error::OidcPermissionMissing {
        fault: format!("{variable} has a line break or a letter that no token has"),
        grant: host.facts().grant,
    })
}

impl TokenEndpoint {
    /// Asks until there is a token, a final refusal, or no time left.
    pub(super) async fn fetch(
        &self,
        system: &System,
        http: &Http,
        patience: Patience,
    ) -> Result<(Secret, Claims), Error> {
        let client = http
            .client()
            .map_err(|fault| Error::Internal(format!("no HTTP client: {fault}")))?;
        // The rest of the URL may be a secret.
        let host = self.url.host_str().unwrap_or_default();
        let way = http.way_to(self.url.as_str());
        system
            .console
            .debug(&format!("the token endpoint is {host}, {way}"));
        system
            .progress
            .waits_for(format!("{WHAT} from the token endpoint {host}"));
        let mut backoff = Backoff::new(patience);
        loop {
            backoff.attempt();
            let outcome = self.ask(system, &client).await?;
            let (cause, after, most) = match &outcome {
                Outcome::Token(token) => {
                    let claims = Claims::read(token).map_err(|fault| invalid(&fault))?;
                    return Ok((token.clone(), claims));
                }
                Outcome::Busy { cause, after } => (cause, *after, u32::MAX),
                Outcome::Broken(fault) => (&fault.text, None, fault.most_attempts()),
            };
            let repeats =
                backoff.attempts() < most && backoff.wait(system, "OIDC token", cause, after).await;
            if !repeats {
                let tries = backoff.tries(cause);
                return Err(outcome.into_error(tries));
            }
        }
    }

    async fn ask(&self, system: &System, client: &Client) -> Result<Outcome, Error> {
        let mut request = client
            .request(self.method.clone(), self.url.clone())
            .header("accept", "application/json");
        for (name, value) in &self.headers {
            request = request.header(*name, value.reveal());
        }
        if self.method == Method::POST {
            // Nothing is sent, and some servers insist on being told so.
            request = request.header("content-length", "0");
        }
        let request = request.build().map_err(|fault| {
            Error::Internal(format!("no token request: {}", fault.without_url()))
        })?;
        match client.send(request, WHAT, None).await {
            Ok(answer) => self.judge(system, &answer),
            Err(fault) => Ok(Outcome::Broken(fault)),
        }
    }

    fn judge(&self, system: &System, answer: &Answer) -> Result<Outcome, Error> {
        let status = answer.status;
        match status {
            200..=299 => Ok(Outcome::Token(self.token(answer)?)),
            // A redirect would carry the bearer to a host that nobody named.
            300..=399 => Err(invalid(&format!(
                "HTTP {status}: a redirect, which is not followed"
            ))),
            500 if self.five_hundred_is_final => Err(self.refused(answer)),
            408 | 429 | 500..=599 => Ok(Outcome::Busy {
                cause: format!("HTTP {status}"),
                after: retry_after(
                    answer.header("retry-after"),
                    answer.header("date"),
                    system.clock.now(),
                ),
            }),
            _ => Err(self.refused(answer)),
        }
    }

    fn token(&self, answer: &Answer) -> Result<Secret, Error> {
        let Some(member) = self.member else {
            let text = String::from_utf8_lossy(&answer.body);
            return Ok(Secret::new(text.trim()));
        };
        let wire: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = wire.get(member).and_then(serde_json::Value::as_str);
        let token = token.ok_or_else(|| invalid(&not_json(answer, member)))?;
        Ok(Secret::new(token))
    }

    /// The endpoint's own words, cut: they go to the log, and the bearer is never in them.
    fn refused(&self, answer: &Answer) -> Error {
        let text = String::from_utf8_lossy(&answer.body);
        Error::OidcRefused {
            how: format!("HTTP {}", answer.status),
            text: text.trim().chars().take(300).collect(),
            grant: self.host.facts().grant,
        }
    }
}

impl Outcome {
    /// The failure that is left when there is no other attempt.
    fn into_error(self, tries: Tries) -> Error {
        match self {
            Self::Token(_) => Error::Internal("a token came as a failure".to_owned()),
            Self::Busy { cause, .. } => Error::OidcThrottled {
                fault: cause,
                tries,
            },
            Self::Broken(fault) => Error::Unanswered(Box::new(Unanswered {
                side: FarSide::TokenEndpoint,
                operation: WHAT,
                fault,
                tries,
            })),
        }
    }
}

fn invalid(fault: &dyn std::fmt::Display) -> Error {
    Error::OidcAnswerInvalid {
        fault: fault.to_string(),
    }
}

fn not_json(answer: &Answer, member: &str) -> Invalid {
    let kind = answer.header("content-type").unwrap_or("no content type");
    Invalid::new(format!(
        "HTTP {} with {} bytes of {kind}, not a JSON object with a `{member}`",
        answer.status,
        answer.body.len()
    ))
}
