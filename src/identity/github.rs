//! The runner's OIDC token endpoint. Owns the two request variables and the audience; knows nothing of AWS.

use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;

use crate::error::{Error, FarSide, Unanswered};
use crate::host::Host;
use crate::model::request::Patience;
use crate::model::{Claims, Invalid, Secret};
use crate::system::System;
use crate::system::backoff::{Backoff, Tries};
use crate::system::http::{Answer, Client, Fault, retry_after};

/// What is asked for, in messages.
const WHAT: &str = "the OIDC token";

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
    /// The endpoint has no time.
    Busy {
        cause: String,
        after: Option<Duration>,
    },
    /// It did not answer.
    Broken(Fault),
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
        let no_url = || invalid(&format!("{url_name} is not an http or https URL"));
        let mut url = Url::parse(url).map_err(|_| no_url())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(no_url());
        }
        // The URL already carries a query, so the audience is appended, not set.
        url.query_pairs_mut().append_pair("audience", audience);
        Ok(Self {
            url,
            bearer: Secret::new(bearer),
            five_hundred_is_final: host == Host::Forgejo,
        })
    }

    /// The host, for messages; the rest of the URL may be a secret.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub(crate) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Asks until there is a token, a final refusal, or no time left.
    pub(crate) async fn fetch(
        &self,
        system: &System,
        client: &Client,
        patience: Patience,
    ) -> Result<(Secret, Claims), Error> {
        system
            .progress
            .waits_for(format!("{WHAT} from the token endpoint {}", self.host()));
        let mut backoff = Backoff::new(patience);
        loop {
            backoff.attempt();
            let outcome = self.ask(system, client).await?;
            let (cause, after, lasting) = match &outcome {
                Outcome::Token(token) => {
                    let claims = Claims::read(token).map_err(|fault| invalid(&fault))?;
                    return Ok((token.clone(), claims));
                }
                Outcome::Busy { cause, after } => (cause, *after, false),
                Outcome::Broken(fault) => (&fault.text, None, fault.is_lasting()),
            };
            if lasting || !backoff.wait(system, "OIDC token", cause, after).await {
                let tries = backoff.tries(cause);
                return Err(outcome.into_error(tries));
            }
        }
    }

    async fn ask(&self, system: &System, client: &Client) -> Result<Outcome, Error> {
        let request = client
            .get(self.url.clone())
            .bearer_auth(self.bearer.reveal())
            .header("accept", "application/json")
            .build()
            .map_err(|fault| {
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
            200..=299 => {
                let wire: Wire =
                    serde_json::from_slice(&answer.body).map_err(|_| invalid(&not_json(answer)))?;
                Ok(Outcome::Token(Secret::new(wire.value)))
            }
            // A redirect would carry the bearer to a host that GitHub did not name.
            300..=399 => Err(invalid(&format!(
                "HTTP {status}: a redirect, which is not followed"
            ))),
            500 if self.five_hundred_is_final => Err(refused(answer)),
            408 | 429 | 500..=599 => Ok(Outcome::Busy {
                cause: format!("HTTP {status}"),
                after: retry_after(
                    answer.header("retry-after"),
                    answer.header("date"),
                    system.clock.now(),
                ),
            }),
            _ => Err(refused(answer)),
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
