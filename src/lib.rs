//! rolehop: short-lived AWS credentials for CI jobs.
//!
//! The library is the program; `main.rs` is its doorway. This file knows the commands, and nothing of what they do.

mod check;
mod cleanup;
mod cli;
mod credential_process;
pub mod docs;
mod error;
mod exec;
mod explain;
mod export;
mod frontend;
mod host;
mod identity;
mod login;
mod model;
mod report;
mod sink;
mod sts;
mod system;
mod trust;
mod whoami;

pub use system::System;

use cli::{Command, Invocation};
use error::Error;
use frontend::{RawInputs, Way};
use host::Host;
use system::console::{Stream, data};

/// Runs what the arguments ask for. The status is one of the classes in `docs/errors.md`.
#[must_use]
pub fn run(system: &System) -> u8 {
    std::panic::set_hook(Box::new(report_panic));
    let invocation = match Invocation::parse(&system.args) {
        Ok(invocation) => invocation,
        Err(error) => {
            export::tell_the_shell(&system.args);
            return fail(system, &error, false);
        }
    };
    let way = if invocation.command.is_action() {
        Way::Action
    } else {
        Way::Command
    };
    let raw = RawInputs::collect(way, &system.env, &invocation.flags);
    let host = Host::detect(&system.env, raw.text("ci"));
    system.console.configure(stream(system, host, &invocation));
    if !matches!(invocation.command, Command::Help | Command::Version) {
        warn_of_misspelled(system, way);
    }
    match dispatch(system, host, &raw, &invocation) {
        Ok(status) => status,
        Err(error) => {
            if invocation.command == Command::Export {
                export::tell_the_shell(&system.args);
            }
            fail(system, &error, invocation.command.is_action())
        }
    }
}

/// The status of a command that ran; what it could not do is an error.
fn dispatch(
    system: &System,
    host: Host,
    raw: &RawInputs,
    invocation: &Invocation,
) -> Result<u8, Error> {
    let options = &invocation.options;
    match invocation.command {
        Command::ActionMain => login::run(system, host, raw)?,
        Command::ActionPost => cleanup::run(system)?,
        Command::Check => return check::run(system, host, raw, options),
        Command::Explain => explain::run(system, host, raw, options)?,
        Command::Whoami => whoami::run(system, host, raw, options)?,
        Command::Exec => return Err(exec::run(system, host, raw, &invocation.rest)),
        Command::Export => export::run(system, host, raw, options)?,
        Command::CredentialProcess => credential_process::run(system, host, raw, options)?,
        Command::Version => data(&format!("rolehop {}", env!("CARGO_PKG_VERSION"))),
        Command::Help => data(&docs::help()),
    }
    Ok(0)
}

/// On a runner every line goes to its log, in order; for a command standard output is for its result.
fn stream(system: &System, host: Host, invocation: &Invocation) -> Stream {
    let env = &system.env;
    let debug = env.is("RUNNER_DEBUG", "1") || env.is("ACTIONS_STEP_DEBUG", "true");
    let action = invocation.command.is_action();
    // An SDK keeps what this says for its own messages: a mask there would show what it is to hide.
    let for_sdk = invocation.command == Command::CredentialProcess;
    Stream {
        to_stderr: !action,
        debug: debug || invocation.verbose,
        // The runner reads commands from both streams.
        commands: action || (host.speaks_github() && !for_sdk),
        greedy: host == Host::Act,
        quiet: for_sdk,
    }
}

fn warn_of_misspelled(system: &System, way: Way) {
    for (name, meant) in way.misspelled(&system.env) {
        let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
        system.console.warning(&format!(
            "the variable {name} is no setting of rolehop{meant}"
        ));
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
        let stream = system.console.stream();
        system.console.configure(Stream {
            to_stderr: true,
            ..stream
        });
    }
    system.console.raw(&report::block(error));
    if system.console.stream().commands {
        let (title, text) = report::annotation(error);
        system.console.command("error", &[("title", &title)], &text);
    }
    error.advice().exit
}
