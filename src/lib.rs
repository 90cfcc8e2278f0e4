//! rolehop: short-lived AWS credentials for CI jobs.
//!
//! The library is the program; `main.rs` is its doorway. This file knows the commands, and nothing of what they do.

mod cleanup;
pub mod docs;
mod error;
mod frontend;
mod host;
mod identity;
mod login;
mod model;
mod report;
mod sink;
mod sts;
mod system;

pub use system::System;

use error::Error;
use host::Host;
use system::console::Stream;

/// Runs what the arguments ask for. The status is one of the classes in `docs/errors.md`.
#[must_use]
pub fn run(system: &System) -> u8 {
    std::panic::set_hook(Box::new(report_panic));
    let host = Host::detect(&system.env);
    let words: Vec<&str> = system.args.iter().map(String::as_str).collect();
    let debug = system.env.is("RUNNER_DEBUG", "1") || system.env.is("ACTIONS_STEP_DEBUG", "true");
    let in_action = matches!(words.as_slice(), ["action", ..]);
    system.console.configure(Stream {
        to_stderr: false,
        debug,
        commands: in_action,
        greedy: host == Host::Act,
    });
    let result = match words.as_slice() {
        ["action", "main"] => login::run(system, host),
        ["action", "post"] => cleanup::run(system),
        ["--version" | "-V"] => {
            system
                .console
                .raw(&format!("rolehop {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
        ["--help" | "-h" | "help"] | [] => {
            system.console.raw(&docs::help());
            Ok(())
        }
        other => Err(Error::Usage(format!(
            "`{}` is not a command of rolehop",
            other.join(" ")
        ))),
    };
    match result {
        Ok(()) => 0,
        Err(error) => fail(system, &error, in_action),
    }
}

/// A panic is a defect of ours. The message tells where; it is built from no value that was given.
fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(String::new, |place| format!(" at {place}"));
    let error = Error::Internal(format!("rolehop panicked{place}"));
    system::console::Console::default().raw(&report::block(&error));
}

fn fail(system: &System, error: &Error, in_action: bool) -> u8 {
    if !in_action {
        system.console.configure(Stream {
            to_stderr: true,
            ..Stream::default()
        });
    }
    system.console.raw(&report::block(error));
    if in_action {
        let (title, text) = report::annotation(error);
        system.console.command("error", &[("title", &title)], &text);
    }
    error.advice().exit
}
