//! `rolehop credential-process --from FILE`: what AWS tools start for a profile that a step wrote. From the session that
//! is kept as long as it is good, which takes no network and no runtime.

use std::ffi::OsString;
use std::path::Path;

use super::ask;
use super::renewal::Renewal;
use crate::cli::Options;
use crate::error::{Error, RefreshFailure};
use crate::export;
use crate::sink::dialect::Dialect;
use crate::sink::refresh::{Held, Plan, Share};
use crate::system::System;
use crate::system::child::Child;
use crate::system::console::data_whole;
use crate::system::files;

/// What is there already, or what the endpoint has, for the shortest way: before settings are read and systems recognised.
///
/// None, if more is to be done here; a folder that others can write to is not believed.
pub(crate) fn from_what_is_held(
    system: &System,
    plan: &Path,
    options: &Options,
) -> Option<Result<(), Error>> {
    export::refuse_terminal(options, Dialect::CredentialProcess).ok()?;
    let share = Share::of(plan);
    share.folder().check().ok()?;
    if Share::is_door(plan) {
        // Neither settings nor a runtime are needed for it.
        return Some(ask::run(system, &share));
    }
    let held = share.read_session()?;
    (!held.is_due(system.clock.now())).then(|| print(&held))
}

/// Asks again, one process for all.
pub(crate) fn run(system: &System, plan_file: &Path) -> Result<(), Error> {
    let share = Share::of(plan_file);
    share.folder().check().map_err(Error::HandOver)?;
    let plan = read_plan(&share)?;
    if let Some(never) = in_the_environment_of_the_step(system, &plan)? {
        return Err(never);
    }
    let now = system.clock.now();
    let valid = |held: &Held| held.is_valid(now);
    let patience = match share.read_session().filter(valid) {
        Some(_) => std::time::Duration::ZERO,
        None => system.clock.left(MOST_WAITING),
    };
    let _lock = match files::lock_within(&share.session(), patience) {
        Ok(lock) => Some(lock),
        Err(fault) if fault.is_lock_timeout() => {
            // Somebody else renews at this moment. What is there is good for a while.
            return match share.read_session().filter(valid) {
                Some(held) => print(&held),
                None => Err(Error::HandOver(fault)),
            };
        }
        // On a full disk there may be no room for a lock. Each process asks for itself then.
        Err(fault) => {
            system.console.debug(&format!("no lock: {fault}"));
            None
        }
    };
    let held = share.read_session();
    if let Some(held) = held
        .as_ref()
        .filter(|held| !held.is_due(system.clock.now()))
    {
        return print(held);
    }
    let renewal = Renewal::of_plan(system, plan);
    let renewed = renewal.ask(system, held.as_ref());
    // `post` may have taken everything away meanwhile; nothing is to come back then.
    if !share.plan().exists() {
        let _ = share.remove();
        return Err(gone(&share));
    }
    match (renewed, held) {
        (Ok(renewed), _) => {
            keep(system, &share, &renewed);
            print(&renewed)
        }
        (Err(error), Some(mut held)) if held.is_valid(system.clock.now()) => {
            system.console.warning(&format!(
                "{} could not be renewed ({error}); the one before is valid for {} more seconds",
                renewal.words(),
                held.left(system.clock.now()).as_secs()
            ));
            held.pause(system.clock.now());
            keep(system, &share, &held);
            print(&held)
        }
        (Err(error), _) => Err(error),
    }
}

/// Longer than a step takes that is not told otherwise: whoever holds the lock has an end by then.
pub(super) const MOST_WAITING: std::time::Duration = std::time::Duration::from_secs(90);

/// For the next process. Where that cannot be, as on a full disk, the session is as good for this one.
fn keep(system: &System, share: &Share, held: &Held) {
    if let Err(error) = share.write_session(held) {
        let fault = error.causes().pop().unwrap_or_default();
        system.console.warning(&format!(
            "the session could not be kept for the next process: {fault}"
        ));
    }
}

fn print(held: &Held) -> Result<(), Error> {
    data_whole(&held.process_document()?).map_err(Error::HandOver)
}

fn read_plan(share: &Share) -> Result<Plan, Error> {
    let text = match share.read_plan() {
        Err(fault) if fault.is_missing() => return Err(gone(share)),
        other => other.map_err(Error::HandOver)?,
    };
    Plan::read(&text).ok_or_else(|| {
        Error::Internal(format!(
            "{} cannot be read as what it is",
            share.plan().display()
        ))
    })
}

fn gone(share: &Share) -> Error {
    RefreshFailure::Ended {
        path: share.plan().display().to_string(),
    }
    .into()
}

/// The SDK's providers read the process' environment by themselves, and this one has our profile in it. So this process
/// starts itself anew with the variables as they were for the step. Comes back only if that fails.
fn in_the_environment_of_the_step(system: &System, plan: &Plan) -> Result<Option<Error>, Error> {
    let differs =
        |(name, value): &(&String, &Option<String>)| system.env.get(name) != value.as_deref();
    let other: Vec<(&String, &Option<String>)> = plan.variables.iter().filter(differs).collect();
    if other.is_empty() {
        return Ok(None);
    }
    let words: Vec<OsString> = std::iter::once(super::own_program()?.into_os_string())
        .chain(system.args.iter().cloned())
        .collect();
    let unset: Vec<&str> = other.iter().map(|(name, _)| name.as_str()).collect();
    let set: Vec<(&str, String)> = other
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_ref()?.clone())))
        .collect();
    Ok(Some(Child::find(&words, &system.env)?.start(&unset, &set)))
}
