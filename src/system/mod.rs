//! The machine: environment, clock, console, files, network and helper programs. The only folder that touches them.

pub(crate) mod backoff;
pub(crate) mod cache;
pub(crate) mod child;
pub(crate) mod clock;
pub(crate) mod console;
pub(crate) mod env;
pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod process;
pub(crate) mod progress;
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
    /// Takes the snapshot that everything else works on.
    #[must_use]
    pub fn capture() -> Self {
        Self {
            args: std::env::args_os().skip(1).collect(),
            env: Env::capture(),
            clock: Clock::start(),
            console: Console::default(),
            progress: Progress::default(),
        }
    }
}
