//! The post phase: put back what was there before a step, where it still holds what the step wrote.

use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::host::{Host, Job};
use crate::model::request::HandOverMode;
use crate::model::time::{rfc3339, span};
use crate::sink::journal::{Journal, KEYS, OLD_PROFILE, PROFILE, STATE};
use crate::sink::memory::Memory;
use crate::sink::refresh::Folder;
use crate::sink::{self, Caller, expiry, profile};
use crate::system::System;
use crate::system::env::Env;

/// The action's post step. Does nothing when main never got as far as to write.
pub(crate) fn action(system: &System, host: Host) -> Result<(), Error> {
    if is_skipped(system) {
        return Ok(());
    }
    let Some(state) = system.env.get(&format!("STATE_{STATE}")) else {
        system.console.info("nothing to clean up");
        return Ok(());
    };
    let journal: Journal = serde_json::from_str(state)
        .map_err(|_| Error::Internal("the state that main saved cannot be read".to_owned()))?;
    let undone = Undoing {
        system,
        host,
        caller: Caller::Action,
        mode: HandOverMode::Auto,
        goes_on: false,
    };
    undone.undo(&journal, &system.env).map_err(not_undone)?;
    // A `logout` would have found it too.
    journal.record.as_deref().map_or(Ok(()), Memory::forget)
}

/// `rolehop post`: every call of this job, the last one first, as each found the variables.
pub(crate) fn command(system: &System, job: &Job) -> Result<(), Error> {
    if is_skipped(system) {
        return Ok(());
    }
    let (env, undone) = undo_all(system, Caller::Command, job)?;
    // Keys that a job has of its own are there again at its end, which is no news.
    if undone == 0 {
        warn_of_what_stays(system, &env);
    }
    Ok(())
}

/// The same where the user asks for it in the middle of a job, which is no clean-up that could be skipped.
pub(crate) fn logout(system: &System, caller: Caller, job: &Job) -> Result<(), Error> {
    let (env, _) = undo_all(system, caller, job)?;
    warn_of_what_stays(system, &env);
    Ok(())
}

/// Each by itself leads later steps to credentials.
const IDENTITIES: [&str; 6] = [
    KEYS[0],
    PROFILE,
    OLD_PROFILE,
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];

/// Whoever logs out ahead of a step that must not have credentials relies on it.
fn warn_of_what_stays(system: &System, env: &Env) {
    for name in IDENTITIES.iter().filter(|name| env.has(name)) {
        system.console.warning(&format!(
            "{name} stays in the environment, so later steps still have credentials: it was there before rolehop, or `cleanup: none` leaves it to the job"
        ));
    }
}

/// The environment as it is afterwards, and how many calls were undone.
fn undo_all(system: &System, caller: Caller, job: &Job) -> Result<(Env, usize), Error> {
    let memory = Memory::of(&system.env, job);
    let records = memory.recall()?;
    if records.is_empty() {
        system.console.info("nothing to clean up");
    }
    let count = records.len();
    let mut env = system.env.clone();
    let mut failed = None;
    for (path, record) in records {
        let record = match record {
            Ok(record) => record,
            Err(fault) => {
                failed.get_or_insert(fault);
                continue;
            }
        };
        let undone = Undoing {
            system,
            host: record.host.parse().unwrap_or(job.host),
            caller,
            mode: record.mode(),
            goes_on: true,
        };
        // What cannot be undone keeps its record, and nothing else from being undone.
        let done = undone
            .undo(&record.journal, &env)
            .and_then(|after| Memory::forget(&path).map(|()| after));
        match done {
            Ok(after) => env = after,
            Err(fault) => {
                failed.get_or_insert(fault);
            }
        }
    }
    memory.sweep();
    failed.map_or(Ok((env, count)), |fault| Err(not_undone(fault)))
}

/// A file that is in the way of a clean-up is none of a hand-over.
fn not_undone(fault: Error) -> Error {
    match fault {
        Error::HandOver(fault) => Error::NotUndone(fault),
        other => other,
    }
}

/// Other variables count as absent when they are empty.
const EMPTY_PROFILE: &str = "AWS_PROFILE is empty now and cannot be removed; the AWS CLI and boto3 take that for a profile without a name, so a later \
     step that uses them begins with `unset AWS_PROFILE`";

/// A late step that failed with an expired token has its reason here.
fn tell_of_expired(system: &System, journal: &Journal, goes_on: bool) {
    let Some((access_key_id, at)) = &journal.expires else {
        return;
    };
    expiry::forget(&system.env, access_key_id);
    let now = system.clock.now();
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(*at));
    if let Some((at, over)) = at.and_then(|at| Some((at, now.duration_since(at).ok()?))) {
        let (whose, what) = if goes_on {
            ("an earlier", "the logout")
        } else {
            ("this", "the job ended")
        };
        system.console.warning(&format!(
            "the credentials of {whose} step expired at {}, {} before {what} at {}: raise role-duration-seconds (43200 at most, \
             3600 in a chain), or use the action again before the late steps",
            rfc3339(at),
            span(over),
            rfc3339(now)
        ));
    }
}

fn is_skipped(system: &System) -> bool {
    let skipped = system.env.is("AWS_SKIP_CLEANUP_STEP", "true");
    if skipped {
        system
            .console
            .info("clean-up skipped: AWS_SKIP_CLEANUP_STEP is true");
    }
    skipped
}

/// How one call is undone.
struct Undoing<'a> {
    system: &'a System,
    host: Host,
    caller: Caller,
    mode: HandOverMode,
    /// Whether other steps come after it.
    goes_on: bool,
}

impl Undoing<'_> {
    /// The environment as it is afterwards.
    fn undo(&self, journal: &Journal, env: &Env) -> Result<Env, Error> {
        tell_of_expired(self.system, journal, self.goes_on);
        let variables = self.variables(journal, env);
        let files = journal
            .files
            .as_ref()
            .filter(|_| journal.cleanup != "none")
            .map_or(Ok(()), |files| self.profile(files));
        let renewed = self.renewal(journal);
        variables.and_then(|env| files.and(renewed).map(|()| env))
    }

    /// Whoever renews ends, and what it needed goes.
    fn renewal(&self, journal: &Journal) -> Result<(), Error> {
        let Some(path) = journal
            .refresh
            .as_ref()
            .filter(|_| journal.cleanup != "none")
        else {
            return Ok(());
        };
        let ended = Folder::at(path).end()?;
        let console = &self.system.console;
        if let Some(words) = ended {
            console.info(&words);
        }
        console.info("the credentials are not renewed any more");
        Ok(())
    }

    fn variables(&self, journal: &Journal, env: &Env) -> Result<Env, Error> {
        let console = &self.system.console;
        if journal.cleanup == "none" {
            return Ok(env.clone());
        }
        if let Some(lines) = &journal.lines {
            let path = lines.path().display();
            if lines.take_out().map_err(Error::HandOver)? {
                console.info(&format!("took the credentials out of {path}"));
            } else {
                console.info(&format!(
                    "the credentials are not in {path} any more; left as it is"
                ));
            }
            return Ok(env.clone());
        }
        if self.host.facts().export == crate::host::Export::HarnessSecretFile {
            if journal.access_key_id.is_some() {
                console.info("outputs of a step cannot be taken back; they end with the session");
            }
            return Ok(env.clone());
        }
        let restored = journal.restored(env, self.goes_on);
        if restored.is_empty() && journal.record.as_deref().is_some_and(Memory::has_forgotten) {
            console.info("an earlier step has undone what this one handed over (logout)");
            return Ok(env.clone());
        }
        let kept =
            journal.access_key_id.is_some() && !restored.iter().any(|(name, _)| *name == KEYS[0]);
        if kept {
            console.info("the AWS credentials in the environment are not the ones of this step any more; left as they are");
        }
        if restored.is_empty() {
            return Ok(env.clone());
        }
        let (back, emptied): (Vec<_>, Vec<_>) =
            restored.iter().partition(|(_, value)| !value.is_empty());
        for (verb, pairs) in [("restored", back), ("emptied", emptied)] {
            if !pairs.is_empty() {
                let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
                console.info(&format!("{verb} {}", names.join(", ")));
                if self.goes_on && verb == "emptied" && names.contains(&PROFILE) {
                    console.info(EMPTY_PROFILE);
                }
            }
        }
        let after = env.with(&restored);
        let secrets = journal.secrets();
        sink::restore(
            self.system,
            self.host,
            self.caller,
            self.mode,
            &secrets,
            restored,
        )?;
        Ok(after)
    }

    fn profile(&self, files: &profile::Journal) -> Result<(), Error> {
        let report = profile::undo(files).map_err(Error::from)?;
        for line in report.lines() {
            self.system.console.info(&line);
        }
        Ok(())
    }
}
