//! One call to STS: sent until it succeeds, is refused for good, or there is no attempt or time left.

use super::Sts;
use super::failure::Failure;
use crate::error::Error;
use crate::model::Token;
use crate::model::request::Patience;
use crate::system::System;
use crate::system::backoff::Backoff;

/// What is called, and what a repeat of it may be good for.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) operation: &'static str,
    /// The role or the host that it concerns.
    pub(super) subject: &'a str,
    pub(super) patience: Patience,
    /// How often it is sent while AWS does not know the keys.
    pub(super) tries_if_keys_are_unknown: u32,
    /// Others of its kind are under way beside it, so its lines in the log name the subject.
    pub(super) is_one_of_many: bool,
    /// What it presents: too old a token is not sent again.
    pub(super) token: Option<&'a Token>,
}

impl Call<'_> {
    pub(super) async fn repeat<T, F>(
        self,
        system: &System,
        sts: &Sts,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let operation = self.operation;
        system
            .progress
            .waits_for(format!("{operation} at {}", sts.host()));
        let what = if self.is_one_of_many {
            format!("{operation} of {}", self.subject)
        } else {
            operation.to_owned()
        };
        let mut backoff = Backoff::new(self.patience);
        loop {
            backoff.attempt();
            let failure = match attempt().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let most = failure.most_attempts(self.tries_if_keys_are_unknown);
            let worth = backoff.attempts() < most;
            let again = if !worth {
                "would come again, so it is not repeated"
            } else if failure.is_of_new_keys() {
                "the keys are new and may not be known everywhere yet"
            } else {
                "may pass"
            };
            system
                .console
                .debug(&format!("{what}: {}: this {again}", failure.detail()));
            let repeats = worth
                && backoff
                    .wait(system, &what, failure.detail(), failure.after())
                    .await;
            let old = repeats
                && self
                    .token
                    .is_some_and(|token| token.is_old(system.clock.elapsed()));
            if old {
                backoff.gives_up_token();
            }
            if !repeats || old {
                let tries = backoff.tries(failure.detail());
                return Err(failure.into_error(operation, self.subject, tries));
            }
        }
    }
}
