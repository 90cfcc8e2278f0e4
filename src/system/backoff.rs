//! How long to wait before a request is sent again: full jitter, inside one deadline for everything.

use std::time::Duration;

use super::System;
use crate::model::request::Patience;
use crate::model::time::short;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Counts the attempts of one request.
#[derive(Debug)]
pub(crate) struct Backoff {
    patience: Patience,
    attempts: u32,
}

impl Backoff {
    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            attempts: 0,
        }
    }

    /// How many attempts have been made.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) fn attempt(&mut self) {
        self.attempts += 1;
    }

    /// Waits, and says so; or answers that there is no attempt or no time left.
    pub(crate) async fn wait(
        &self,
        system: &System,
        what: &str,
        cause: &str,
        asked: Option<Duration>,
    ) -> bool {
        if self.attempts >= self.patience.attempts {
            return false;
        }
        let pause = asked.unwrap_or_else(|| jitter(self.attempts));
        if pause >= system.clock.left(self.patience.total) {
            return false;
        }
        system.console.info(&format!(
            "{what}: {cause}; trying again in {}",
            short(pause)
        ));
        system.clock.sleep(pause).await;
        true
    }
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
}
