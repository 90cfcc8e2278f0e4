//! Who keeps the journal until `post`: the runner, we, or nobody.

use super::github::RunnerFiles;
use super::journal::{Journal, STATE};
use super::mask::{self, Masked};
use super::memory::{Memory, Record};
use super::pairs::Pairs;
use super::undo::Undo;
use crate::error::Error;
use crate::host::Host;
use crate::system::System;

/// Settled before anything is asked of AWS.
#[derive(Debug)]
pub(super) enum Remember {
    /// The runner, in its state file.
    Runner,
    /// We, in a folder of our own.
    Folder(Memory),
    /// Nobody: nothing is to be put back.
    Nobody,
}

impl Remember {
    pub(super) fn keep(
        &self,
        system: &System,
        host: Host,
        runner: Option<&RunnerFiles>,
        record: Record,
        undo: &mut Undo,
    ) -> Result<(), Error> {
        match (self, runner) {
            (Self::Runner, Some(runner)) => {
                runner.write_state(&state(system, host, &record.journal)?, undo)?;
                // `rolehop post` as a step has no part in the state, and what renews is to end there too.
                match record.journal.refresh.clone() {
                    Some(path) => file(&Memory::around(&path), system, host, record, undo),
                    None => Ok(()),
                }
            }
            (Self::Folder(memory), _) => file(memory, system, host, record, undo),
            _ => Ok(()),
        }
    }
}

fn file(
    memory: &Memory,
    system: &System,
    host: Host,
    record: Record,
    undo: &mut Undo,
) -> Result<(), Error> {
    let secrets = record.journal.secrets().into_iter().map(str::to_owned);
    let secrets: Vec<String> = secrets.collect();
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    memory.keep(&mask::texts(system, host, &secrets, record), undo)
}

/// The journal holds the variables as they were, which may be other credentials: masked like ours.
fn state(system: &System, host: Host, journal: &Journal) -> Result<Masked<Pairs>, Error> {
    let json =
        serde_json::to_string(journal).map_err(|fault| Error::Internal(fault.to_string()))?;
    Ok(mask::texts(
        system,
        host,
        &journal.secrets(),
        vec![(STATE, json)],
    ))
}
