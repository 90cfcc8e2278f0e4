//! The clock: wall time for expiry, a monotonic one for deadlines and waiting.

use std::time::{Duration, Instant, SystemTime};

/// Started with the process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    started_at: SystemTime,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the wall clock"
    )]
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
            started_at: SystemTime::now(),
        }
    }

    /// Wall time. A correction of the machine's clock during the run does not move it.
    pub(crate) fn now(&self) -> SystemTime {
        self.started_at + self.elapsed()
    }

    /// Since the process started.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// What is left of `total`, counted from the start of the process.
    pub(crate) fn left(&self, total: Duration) -> Duration {
        total.saturating_sub(self.elapsed())
    }

    /// That long after the process started.
    pub(crate) fn at(&self, elapsed: Duration) -> Instant {
        self.started + elapsed
    }

    pub(crate) async fn sleep(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }
}
