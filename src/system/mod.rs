//! The machine: environment, clock, console, files, network and helper programs. The only folder that touches them.

#[cfg(unix)]
mod again;
pub(crate) mod backoff;
pub(crate) mod cache;
pub(crate) mod child;
pub(crate) mod clock;
pub(crate) mod console;
pub(crate) mod detached;
pub(crate) mod env;
pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod process;
pub(crate) mod progress;
pub(crate) mod signals;
pub(crate) mod terminal;
pub(crate) mod tool;

use clock::Clock;
use console::Console;
use env::Env;
use progress::Progress;

/// What the process was given, captured once by `main`.
#[derive(Debug)]
pub struct System {
    pub(crate) args: Vec<std::ffi::OsString>,
    pub(crate) env: Env,
    pub(crate) clock: Clock,
    pub(crate) console: Console,
    pub(crate) progress: Progress,
}

impl System {
    /// The same machine, at the start of another piece of work: deadlines count from here.
    pub(crate) fn again(&self) -> Self {
        Self {
            args: self.args.clone(),
            env: self.env.clone(),
            clock: Clock::start(),
            console: self.console.clone(),
            progress: Progress::default(),
        }
    }

    /// Takes the snapshot that everything else works on.
    #[must_use]
    pub fn capture() -> Self {
        #[cfg_attr(windows, expect(unused_mut, reason = "there is nothing to recall"))]
        let mut env = Env::capture();
        #[cfg(unix)]
        {
            again::without_empty(&env);
            again::recall(&mut env);
        }
        Self {
            args: std::env::args_os().skip(1).collect(),
            env,
            clock: Clock::start(),
            console: Console::default(),
            progress: Progress::default(),
        }
    }
}
