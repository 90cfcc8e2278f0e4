//! The one deadline of everything that waits for somebody else.

use std::time::Duration;

use crate::error::Error;
use crate::model::request::Request;
use crate::system::System;

/// What a request waits for, inside its deadline.
pub(crate) fn converse<T>(
    system: &System,
    request: &Request,
    work: impl AsyncFnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    within(system, request.patience.total, work)
}

/// Everything that waits for somebody else, inside the one deadline.
pub(crate) fn within<T>(
    system: &System,
    total: Duration,
    work: impl AsyncFnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| Error::Internal(format!("no runtime: {fault}")))?;
    let outcome = runtime.block_on(async {
        let mut work = std::pin::pin!(work());
        loop {
            let left = system.clock.left(total);
            match tokio::time::timeout(left, &mut work).await {
                // Set before a person was asked, whose time does not count.
                Err(_) if !left.is_zero() && !system.clock.left(total).is_zero() => {}
                done => return done,
            }
        }
    });
    // A look-up of a host's name may still be under way; nobody waits for it.
    runtime.shutdown_background();
    outcome.unwrap_or_else(|_| {
        Err(Error::TimedOut {
            seconds: total.as_secs(),
            causes: system.progress.causes(),
        })
    })
}
