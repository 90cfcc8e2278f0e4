//! Who keeps the journal until `post`: the runner, we, or nobody.

use super::github::RunnerFiles;
use super::journal::{Journal, STATE};
use super::mask;
use super::memory::{Memory, Record};
use super::undo::Undo;
use crate::error::Error;
use crate::host::Host;
use crate::system::System;

/// Settled before anything is asked of AWS.
#[derive(Debug)]
pub(super) enum Remember {
    /// The runner, in its state file, for its own `post`; and we, for a `logout` before that, which has no part in the state.
    Runner(Memory),
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
        let (memory, runner) = match (self, runner) {
            (Self::Runner(memory), Some(runner)) => (memory, Some(runner)),
            (Self::Folder(memory), _) => (memory, None),
            _ => return Ok(()),
        };
        // The journal holds the variables as they were, which may be other credentials: masked like ours.
        let secrets = record.journal.secrets().into_iter().map(str::to_owned);
        let secrets: Vec<String> = secrets.collect();
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let record = mask::texts(system, host, &secrets, record);
        let asked_to_leave_it = runner.is_some() && record.get().journal.cleanup == "none";
        let kept = if asked_to_leave_it {
            Ok(None)
        } else {
            memory.keep(&record, undo).map(Some)
        };
        let Some(runner) = runner else {
            return kept.map(drop);
        };
        let kept = kept.unwrap_or_else(|fault| {
            system.console.warning(&format!(
                "a later step with `logout: true` will not find this one, the end of the job will: {}",
                fault.causes().join("; ")
            ));
            None
        });
        let journal = Journal {
            record: kept,
            ..record.get().journal.clone()
        };
        let json =
            serde_json::to_string(&journal).map_err(|fault| Error::Internal(fault.to_string()))?;
        runner.write_state(&record.map(|_| vec![(STATE, json)]), undo)
    }
}
