//! What the run is waiting for, and what went wrong last: when the time limit ends it, that is what the error tells.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Kept beside the work, because whoever is waiting is not asked when the time is over.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    waiting_for: Option<String>,
    failed: Option<String>,
}

impl Progress {
    pub(crate) fn waits_for(&self, what: impl Into<String>) {
        self.known().waiting_for = Some(what.into());
    }

    pub(crate) fn failed(&self, why: impl Into<String>) {
        self.known().failed = Some(why.into());
    }

    /// What is being waited for, then the last failure.
    pub(crate) fn causes(&self) -> Vec<String> {
        let known = self.known();
        let waiting = known
            .waiting_for
            .as_ref()
            .map(|what| format!("it was waiting for {what}"));
        let failed = known
            .failed
            .as_ref()
            .map(|why| format!("the last failure before: {why}"));
        waiting.into_iter().chain(failed).collect()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
