//! The post phase: put back what was there before the step, where it still holds what the step wrote.

use crate::error::Error;
use crate::sink::github::RunnerFiles;
use crate::sink::journal::{Journal, KEYS, STATE};
use crate::sink::{self, profile};
use crate::system::System;

/// Does nothing when main never got as far as to write.
pub(crate) fn run(system: &System) -> Result<(), Error> {
    if system.env.is("AWS_SKIP_CLEANUP_STEP", "true") {
        system
            .console
            .info("clean-up skipped: AWS_SKIP_CLEANUP_STEP is true");
        return Ok(());
    }
    let Some(state) = system.env.get(&format!("STATE_{STATE}")) else {
        system.console.info("nothing to clean up");
        return Ok(());
    };
    let journal: Journal = serde_json::from_str(state)
        .map_err(|_| Error::Internal("the state that main saved cannot be read".to_owned()))?;
    let variables = restore_variables(system, &journal);
    let files = journal
        .files
        .as_ref()
        .filter(|_| journal.cleanup != "none")
        .map_or(Ok(()), |files| restore_profile(system, files));
    variables.and(files)
}

fn restore_variables(system: &System, journal: &Journal) -> Result<(), Error> {
    let restored = journal.restored(&system.env);
    let kept =
        journal.access_key_id.is_some() && !restored.iter().any(|(name, _)| *name == KEYS[0]);
    if kept && journal.cleanup != "none" {
        system.console.info("the AWS credentials in the environment are not the ones of this step any more; left as they are");
    }
    if restored.is_empty() {
        return Ok(());
    }
    let (back, emptied): (Vec<_>, Vec<_>) =
        restored.iter().partition(|(_, value)| !value.is_empty());
    for (verb, pairs) in [("restored", back), ("emptied", emptied)] {
        if !pairs.is_empty() {
            let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
            system.console.info(&format!("{verb} {}", names.join(", ")));
        }
    }
    sink::restore(
        &RunnerFiles::prepare(&system.env)?,
        system,
        &journal.secrets(),
        restored,
    )
}

fn restore_profile(system: &System, files: &profile::Journal) -> Result<(), Error> {
    let report = profile::undo(files).map_err(Error::from)?;
    for line in report.lines() {
        system.console.info(&line);
    }
    Ok(())
}
