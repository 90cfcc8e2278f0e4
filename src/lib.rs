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
mod guard;
mod host;
mod identity;
mod login;
mod model;
mod refresh;
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
use host::{Export, Host, Masking, Reporting};
use sink::Caller;
use system::console::{Reader, Stream, data};
use system::env::Env;
use system::terminal;

/// Runs what the arguments ask for. The status is one of the classes in `docs/errors.md`.
#[must_use]
pub fn run(system: &System) -> u8 {
    std::panic::set_hook(Box::new(report_panic));
    let invocation = match Invocation::parse(&system.args) {
        Ok(invocation) => invocation,
        Err(error) => {
            export::tell_the_shell(&system.args);
            return fail(system, &error, None, None, &[]);
        }
    };
    let plan = invocation.options.value("from").map(std::path::Path::new);
    let plan = plan.filter(|_| invocation.command == Command::CredentialProcess);
    if let Some(plan) = plan
        && let Some(done) = refresh::process::from_what_is_held(system, plan, &invocation.options)
    {
        return done.map_or_else(|error| fail(system, &error, None, None, &[]), |()| 0);
    }
    let way = if invocation.command.is_action() {
        Way::Action
    } else {
        Way::Command
    };
    let raw = with_region_of_profile(
        &system.env,
        RawInputs::collect(way, &system.env, &invocation.flags),
    );
    let host = Host::detect(&system.env, raw.text("ci"));
    system
        .console
        .configure(stream(system, host, &raw, &invocation));
    let command = invocation.command;
    if !matches!(command, Command::Help | Command::Version) {
        if !matches!(command, Command::Post | Command::ActionPost) {
            login::mask_what_was_given(system, host, &raw);
        }
        warn_of_misspelled(system, way);
    }
    match dispatch(system, host, &raw, &invocation) {
        Ok(status) => status,
        Err(error) => {
            let error = error.about(invocation.command);
            if invocation.command == Command::Export {
                export::tell_the_shell(&system.args);
            }
            let hidden = if raw.is_true("mask-aws-account-id") {
                report::accounts(&error)
            } else {
                Vec::new()
            };
            for account in &hidden {
                sink::mask::mask(system, host, account);
            }
            let command = invocation.command;
            fail(system, &error, Some(host), Some(command), &hidden)
        }
    }
}

/// The AWS files are read only where a profile is named and no region is given.
fn with_region_of_profile(env: &Env, raw: RawInputs) -> RawInputs {
    let Some(profile) = raw.profile_to_ask(env).map(str::to_owned) else {
        return raw;
    };
    match sink::profile::region(env, &profile) {
        Some(region) => raw.with_region_of(profile, region),
        None => raw,
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
    if let Some(deaf) = nobody_would_be_told(system, host, raw, invocation.command)? {
        return Err(deaf);
    }
    match invocation.command {
        Command::ActionMain if frontend::wants_logout(raw)? => {
            cleanup::logout(system, Caller::Action, &host.job(&system.env))?;
        }
        Command::ActionMain => login::run(system, host, Caller::Action, raw)?,
        Command::ActionPost => cleanup::action(system, host)?,
        Command::Login if is_a_question(system, host, invocation) => data(&docs::short_help()),
        Command::Post => cleanup::command(system, &host.job(&system.env))?,
        Command::Login if frontend::wants_logout(raw)? => {
            cleanup::logout(system, Caller::Command, &host.job(&system.env))?;
        }
        Command::Login => login::run(system, host, Caller::Command, raw)?,
        Command::Check => return check::run(system, host, raw, options),
        Command::Explain => explain::run(system, host, raw, options)?,
        Command::Guard => guard::run(system, host, raw)?,
        Command::Whoami => whoami::run(system, host, raw, options)?,
        Command::Exec => return exec::run(system, host, raw, &invocation.rest),
        Command::Serve if options.has("from") => refresh::serve::detached(system)?,
        Command::Serve => refresh::serve::run(system, host, raw.clone())?,
        Command::Export => export::run(system, host, raw, options)?,
        Command::CredentialProcess => credential_process::run(system, host, raw, options)?,
        Command::Version => data(&format!("rolehop {}", env!("CARGO_PKG_VERSION"))),
        Command::Help => data(&docs::help(invocation.about)),
    }
    Ok(0)
}

/// A person in a shell who says no more than the program's name wants to know what it is.
fn is_a_question(system: &System, host: Host, invocation: &Invocation) -> bool {
    matches!(host, Host::Shell | Host::Kubernetes)
        && invocation.flags.is_empty()
        && !Way::has_settings(&system.env)
}

/// A step's lines go to the job's log, in order, where commands among them are read; for the other commands standard
/// output is for their result.
fn stream(system: &System, host: Host, raw: &RawInputs, invocation: &Invocation) -> Stream {
    let env = &system.env;
    let debug = ["RUNNER_DEBUG", "ACTIONS_STEP_DEBUG", "SYSTEM_DEBUG"]
        .iter()
        .filter_map(|name| env.get(name))
        .any(|value| value == "1" || value.eq_ignore_ascii_case("true"));
    // An SDK keeps what this says for its own messages, an endpoint in its log: a mask there would show what it is to hide.
    let for_sdk = invocation.command == Command::CredentialProcess;
    let reader = if for_sdk || invocation.options.has("from") {
        Reader::People
    } else if invocation.command.is_action() && !host.speaks_github() {
        Reader::Github
    } else {
        reader(host, raw)
    };
    let is_step = invocation.command.is_step();
    let masks = reader.mask("a value").is_some();
    // In a file a command does nothing, and shows what it is to hide. The other stream may be read.
    let moved = is_script(invocation.command)
        && (masks || reader == Reader::Teamcity)
        && terminal::stdout_is_redirected();
    let to_stderr = !is_step || moved;
    let lost = if moved {
        terminal::stderr_is_redirected()
    } else {
        to_stderr && masks && terminal::stderr_is_a_file()
    };
    let reader = if lost { Reader::People } else { reader };
    Stream {
        to_stderr,
        debug: debug || invocation.verbose,
        reader,
        quiet: for_sdk,
    }
}

/// A step that a script starts, which can redirect its streams. What a runner does with those of an action is its own affair.
fn is_script(command: Command) -> bool {
    command.is_step() && !command.is_action()
}

/// The refusal of a step whose commands would be read by nobody: they lie in a file, or nowhere.
///
/// Where the runner's files take the credentials away again, that needs no command.
fn nobody_would_be_told(
    system: &System,
    host: Host,
    raw: &RawInputs,
    command: Command,
) -> Result<Option<Error>, Error> {
    let moved = is_script(command) && system.console.stream().to_stderr;
    if !moved || system.console.reader() != Reader::People {
        return Ok(None);
    }
    let takes_away = command == Command::Post || frontend::wants_logout(raw)?;
    let needed = match host.facts().export {
        Export::RunnerFiles => !takes_away,
        Export::TeamcityParameters => takes_away || raw.text("hand-over") == Some("unmasked"),
        export => export == Export::AzureVariables,
    };
    let title = host.facts().title;
    Ok(needed.then(|| Error::Refused {
        what: format!("{title} cannot be told what to hide and what to set"),
        fault: "standard output goes to a file or to nowhere, and it is there that commands are read; take the redirection away".to_owned(),
    }))
}

/// What reads the log of this system.
fn reader(host: Host, raw: &RawInputs) -> Reader {
    match host.facts().reporting {
        _ if host == Host::Act => Reader::Act,
        Reporting::GithubCommands => Reader::Github,
        Reporting::AzureCommands => Reader::Azure,
        Reporting::TeamcityMessages => Reader::Teamcity,
        Reporting::BuildkiteAnnotation => Reader::Buildkite,
        // A job cannot tell whether its runner hides what the command names; where it does not, the command shows it.
        Reporting::GitlabSections => Reader::Gitlab {
            masks: raw.is_true("gitlab-proxy-exec"),
        },
        Reporting::TravisFolds => Reader::Travis,
        Reporting::AppveyorMessages | Reporting::Plain
            if host.facts().masking == Masking::SpaceliftCommand =>
        {
            Reader::Spacelift
        }
        Reporting::AppveyorMessages | Reporting::Plain => Reader::People,
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
    system::console::Console::default().raw(&report::block(&error, None));
}

/// `hidden`: what no page of the system is to show, which hides in the log only.
fn fail(
    system: &System,
    error: &Error,
    host: Option<Host>,
    command: Option<Command>,
    hidden: &[String],
) -> u8 {
    let in_step = command.is_some_and(Command::is_step);
    // Elsewhere the variables are another action's, which calls this program, or another server's.
    let in_action = host == Some(Host::Github) && command.is_some_and(Command::is_action);
    let files = in_action.then(|| host::github::files_of_the_action(&system.env));
    if !in_step {
        let stream = system.console.stream();
        system.console.configure(Stream {
            to_stderr: true,
            ..stream
        });
    }
    let (title, text) = report::annotation(error);
    system
        .console
        .raw(&report::block(error, files.flatten().as_deref()));
    system.console.failure(error.advice().code, &text);
    let hide = |text: String, value: &String| text.replace(value, "***");
    let text = hidden.iter().fold(text, hide);
    if let (Some(host), true) = (host, in_step)
        && let Err(fault) = sink::page::failure(system, host, &title, &text)
    {
        system.console.debug(&format!(
            "the run's page does not show the failure: {fault}"
        ));
    }
    error.advice().exit
}
