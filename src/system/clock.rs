//! The clock: wall time for expiry, a monotonic one for deadlines and waiting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Started with the process.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    started_at: SystemTime,
    /// Milliseconds in which a person was waited for.
    aside: AtomicU64,
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
            aside: AtomicU64::new(0),
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

    /// What is left of `total`, counted from the start of the process, without the time that a person took.
    pub(crate) fn left(&self, total: Duration) -> Duration {
        let aside = Duration::from_millis(self.aside.load(Ordering::Relaxed));
        total.saturating_sub(self.elapsed().saturating_sub(aside))
    }

    /// Does what waits for a person, whose time is on no deadline.
    pub(crate) fn aside<T>(&self, wait: impl FnOnce() -> T) -> T {
        let began = self.elapsed();
        let done = wait();
        let took = self.elapsed().saturating_sub(began).as_millis();
        let took = u64::try_from(took).unwrap_or(u64::MAX);
        self.aside.fetch_add(took, Ordering::Relaxed);
        done
    }

    /// That long after the process started.
    pub(crate) fn at(&self, elapsed: Duration) -> Instant {
        self.started + elapsed
    }

    pub(crate) async fn sleep(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }
}
