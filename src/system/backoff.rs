//! How long to wait before a request is sent again: full jitter, inside one deadline for everything.

use std::time::Duration;

use super::System;
use crate::model::request::Patience;
use crate::model::time::{short, span};

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);
/// With less time than this, an attempt would only hide the failure before it behind its own end.
const LEAST_TIME: Duration = Duration::from_millis(250);

/// Counts the attempts of one request.
#[derive(Debug)]
pub(crate) struct Backoff {
    patience: Patience,
    attempts: u32,
    stop: Option<String>,
    waited_for: Option<String>,
    token_is_old: bool,
}

/// How often a request was sent, and why not once more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) count: u32,
    /// Why there was no other attempt, where it is not that the attempts were used up.
    stop: Option<String>,
    /// What an earlier attempt came to, where it is not what the last one came to.
    earlier: Option<String>,
    /// Another attempt needs another token first.
    pub(crate) token_is_old: bool,
}

impl Tries {
    /// The fault of the last attempt, and what there is to say of the others.
    pub(crate) fn causes(&self, fault: &str) -> Vec<String> {
        let mut causes = vec![match self.count {
            0 | 1 => fault.to_owned(),
            count => format!("{fault} (tried {count} times)"),
        }];
        causes.extend(self.stop.clone());
        causes.extend(
            self.earlier
                .as_ref()
                .map(|earlier| format!("the attempt before: {earlier}")),
        );
        causes
    }
}

impl Backoff {
    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            attempts: 0,
            stop: None,
            waited_for: None,
            token_is_old: false,
        }
    }

    /// How many attempts have been made.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) fn attempt(&mut self) {
        self.attempts += 1;
    }

    /// Waits, and says so in one line; or answers that there is no attempt or no time left.
    pub(crate) async fn wait(
        &mut self,
        system: &System,
        what: &str,
        cause: &str,
        asked: Option<Duration>,
    ) -> bool {
        let cause = line(cause);
        system.progress.failed(format!("{what}: {cause}"));
        if self.attempts >= self.patience.attempts {
            return false;
        }
        // A server that asks for no pause gets the usual one: it would be asked again at once, and so would others.
        let usual = jitter(self.attempts);
        let pause = asked.map_or(usual, |asked| asked.max(usual));
        let left = system.clock.left(self.patience.for_requests());
        if pause + LEAST_TIME >= left {
            let total = self.patience.total.as_secs();
            self.stop = Some(match asked.filter(|asked| *asked >= usual) {
                Some(asked) => format!(
                    "the server asks to wait {}, and of the {total} s for the step {} are left",
                    span(asked),
                    short(left)
                ),
                None => format!("no time for another attempt: the step has {total} s in all"),
            });
            return false;
        }
        system.console.info(&format!(
            "{what}: {cause}; trying again in {}",
            short(pause)
        ));
        self.waited_for = Some(cause);
        system.clock.sleep(pause).await;
        true
    }

    /// The next attempt is somebody else's, who has another token.
    pub(crate) fn gives_up_token(&mut self) {
        self.token_is_old = true;
        self.stop = Some("the token has less than a minute left".to_owned());
    }

    /// To be told with the failure that the last attempt came to.
    pub(crate) fn tries(&self, failure: &str) -> Tries {
        let failure = line(failure);
        Tries {
            count: self.attempts,
            stop: self.stop.clone(),
            earlier: self.waited_for.clone().filter(|why| *why != failure),
            token_is_old: self.token_is_old,
        }
    }
}

/// A retry is one line of the log, whatever the server wrote.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Evenly anywhere between nothing and the doubled limit, so that parallel jobs do not meet again.
fn jitter(attempts: u32) -> Duration {
    let limit = FIRST
        .saturating_mul(1 << attempts.saturating_sub(1).min(16))
        .min(LONGEST);
    let mut random = [0_u8; 4];
    let share = match getrandom::fill(&mut random) {
        Ok(()) => f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    };
    limit.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_to_its_limit_and_never_past_it() {
        for attempts in 1..40 {
            assert!(jitter(attempts) <= LONGEST);
        }
        assert!(jitter(1) <= FIRST);
    }

    #[test]
    fn ten_failures_fit_into_the_default_time_even_with_the_longest_pauses() {
        let longest: Duration = (1..=10)
            .map(|attempts| FIRST.saturating_mul(1 << (attempts - 1)).min(LONGEST))
            .sum();
        assert!(longest < Duration::from_secs(30), "{longest:?}");
    }

    #[test]
    fn the_causes_tell_what_the_last_attempt_hides() {
        let tries = Tries {
            count: 3,
            stop: Some("no time".into()),
            earlier: Some("reset".into()),
            token_is_old: false,
        };
        assert_eq!(
            tries.causes("silence"),
            [
                "silence (tried 3 times)",
                "no time",
                "the attempt before: reset"
            ]
        );
        let once = Tries {
            count: 1,
            ..Tries::default()
        };
        assert_eq!(once.causes("silence"), ["silence"]);
    }
}
