//! The windows of a computed code: each is used once on this machine, by whichever process takes it first.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::model::mfa::Step;
use crate::model::session::MfaSerial;
use crate::system::files::{self, FileError};
use crate::system::{System, cache};

/// Processes that each reserve a window to come. A mark further ahead is of a clock that was wrong.
const MOST_AHEAD: u64 = 10;
/// A smaller difference is the request's own time, and a code of the window before is taken as well.
const LEAST_SKEW: Duration = Duration::from_secs(15);
const MOST_BYTES: u64 = 1024;

/// What is remembered of one device. It is no secret.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
struct Mark {
    /// The last window that was taken.
    step: u64,
    /// Seconds by which the clock of STS is ahead of this machine's.
    skew: i64,
}

/// The windows of one device.
pub(super) struct Windows<'a> {
    system: &'a System,
    path: Option<PathBuf>,
    mark: Option<Mark>,
}

impl<'a> Windows<'a> {
    pub(super) fn of(system: &'a System, serial: &MfaSerial) -> Self {
        let name = cache::name("mfa-step", &[serial.as_str()]);
        let path = cache::folder(&system.env).map(|folder| folder.join(name));
        Self {
            system,
            path,
            mark: None,
        }
    }

    /// The current window, or the first after it that nobody has taken; it is marked as taken.
    pub(super) fn take(&mut self) -> Step {
        match self.take_on_disk() {
            Ok(step) => step,
            Err(fault) => {
                self.system.console.warning(&format!(
                    "which MFA code was used last is not remembered: {fault}"
                ));
                self.path = None;
                self.choose()
            }
        }
    }

    fn take_on_disk(&mut self) -> Result<Step, FileError> {
        let Some(path) = self.path.clone() else {
            return Ok(self.choose());
        };
        let _held = files::lock(&path)?;
        if self.mark.is_none() {
            // Damaged is as good as not there: STS itself takes no code twice.
            let text = files::read_limited(&path, MOST_BYTES).unwrap_or_default();
            self.mark = serde_json::from_str(&text).ok();
        }
        let step = self.choose();
        let mark = serde_json::to_string(&self.mark).unwrap_or_default();
        files::replace(&path, mark.as_bytes())?;
        Ok(step)
    }

    fn choose(&mut self) -> Step {
        let mark = self.mark.unwrap_or_default();
        let current = Step::at(shifted(self.system.clock.now(), mark.skew));
        let last = Step(mark.step);
        let ahead = last.0.saturating_sub(current.0);
        let step = if last >= current && ahead <= MOST_AHEAD {
            last.next()
        } else {
            current
        };
        self.mark = Some(Mark {
            step: step.0,
            ..mark
        });
        step
    }

    /// Until the window begins, and the reason.
    pub(super) async fn wait_for(&self, step: Step) {
        let skew = self.mark.unwrap_or_default().skew;
        let pause = step.after(shifted(self.system.clock.now(), skew));
        if pause.is_zero() {
            return;
        }
        self.system.console.info(&format!(
            "the MFA code of this half minute has been used; waiting {} s for the next one",
            pause.as_secs() + 1
        ));
        self.system.progress.waits_for("the next MFA code");
        self.system.clock.sleep(pause).await;
    }

    /// Takes over the server's clock if it is another one; says by how much.
    pub(super) fn learn(&mut self, server: Option<SystemTime>) -> Option<String> {
        let (server, own) = (server?, self.system.clock.now());
        let (skew, apart, word) = match server.duration_since(own) {
            Ok(ahead) => (seconds(ahead), ahead, "ahead of"),
            Err(behind) => (-seconds(behind.duration()), behind.duration(), "behind"),
        };
        let known = self.mark.unwrap_or_default().skew;
        if skew.abs_diff(known) < LEAST_SKEW.as_secs() {
            return None;
        }
        // The mark was made by the wrong clock: the window before the server's is the last that may be used up.
        let current = Step::at(server);
        self.mark = Some(Mark {
            step: current.0.saturating_sub(1),
            skew,
        });
        Some(format!("{} s {word} this machine's", apart.as_secs()))
    }
}

fn seconds(length: Duration) -> i64 {
    i64::try_from(length.as_secs()).unwrap_or(i64::MAX)
}

fn shifted(time: SystemTime, skew: i64) -> SystemTime {
    let by = Duration::from_secs(skew.unsigned_abs());
    let shifted = if skew < 0 {
        time.checked_sub(by)
    } else {
        time.checked_add(by)
    };
    shifted.unwrap_or(time)
}
