//! Undoing a write: what it put in comes out, what it replaced comes back, what others did stays.

use super::edit::{Extent, reverse};
use super::guard::{Guard, read};
use super::journal::{Entry, Journal, Record};
use super::store::ProfileError;
use crate::system::files;
use std::path::{Path, PathBuf};

/// What became of each file in an undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    profile: String,
    pub(super) outcomes: Vec<(PathBuf, Outcome)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The profile is as it was before the write.
    Restored,
    /// It was edited since. Our values are out; the keys in `left` held others, and were left alone.
    Partial { left: Vec<String> },
    /// A later step wrote the same profile, and will restore what was there before both.
    Superseded,
    /// Somebody removed the profile before.
    Gone,
    /// There is no record of what was there before, so nothing was touched: it was undone already, or never written.
    Forgotten,
}

impl Report {
    /// What to tell the user, a line for each file.
    pub(crate) fn lines(&self) -> Vec<String> {
        let profile = &self.profile;
        let line = |(path, outcome): &(PathBuf, Outcome)| {
            let file = path.display();
            match outcome {
                Outcome::Restored => format!("restored the profile `{profile}` in {file}"),
                Outcome::Partial { left } if left.is_empty() => {
                    format!(
                        "took our values out of the profile `{profile}` in {file}, which was edited since"
                    )
                }
                Outcome::Partial { left } => format!(
                    "left {} of the profile `{profile}` in {file} alone: edited since",
                    left.join(", ")
                ),
                Outcome::Superseded => {
                    format!(
                        "left the profile `{profile}` in {file} to a later step that wrote it too"
                    )
                }
                Outcome::Gone => format!("the profile `{profile}` was already gone from {file}"),
                Outcome::Forgotten => format!(
                    "left the profile `{profile}` in {file} alone: there is no record that this step wrote it"
                ),
            }
        };
        self.outcomes.iter().map(line).collect()
    }
}

/// Takes out what a write put in, and puts back what it replaced.
///
/// Where the profile was edited since, only what still holds our values is touched. Edits of other steps are never
/// lost, in whatever order they are undone. Goes on to the other file when one fails, and then reports the failure.
pub(crate) fn undo(journal: &Journal) -> Result<Report, ProfileError> {
    let mut guard = Guard::over(journal.paths())?;
    let mut results = Vec::new();
    for entry in journal.files.iter().rev() {
        let result = undo_file(entry, &mut guard.directories);
        results.push(result.map(|outcome| (entry.path.clone(), outcome)));
    }
    Ok(Report {
        profile: journal.profile.clone(),
        outcomes: results.into_iter().rev().collect::<Result<_, _>>()?,
    })
}

/// Lets a write stay: removes the records of what it replaced.
pub(crate) fn forget(journal: &Journal) -> Result<(), ProfileError> {
    let _guard = Guard::over(journal.paths())?;
    for entry in &journal.files {
        entry.forget()?;
    }
    Ok(())
}

fn undo_file(entry: &Entry, directories: &mut Vec<PathBuf>) -> Result<Outcome, ProfileError> {
    let Some(record) = entry.read()? else {
        return Ok(Outcome::Forgotten);
    };
    let outcome = if let Some((later_path, mut later)) = entry.later(&record)? {
        if record.trace.hand_over_to(&mut later.trace) {
            entry.rewrite(&later_path, &later)?;
        }
        Outcome::Superseded
    } else {
        restore(&entry.path, &record)?
    };
    entry.bequeath(&record.origin)?;
    entry.forget()?;
    directories.extend(record.origin.directories);
    Ok(outcome)
}

fn restore(path: &Path, record: &Record) -> Result<Outcome, ProfileError> {
    let Some(now) = read(path)? else {
        return Ok(Outcome::Gone);
    };
    let reversal = reverse(&now, &record.trace);
    if reversal.text.trim().is_empty() && record.origin.file_is_ours {
        files::remove(path)?;
    } else if reversal.text != now {
        files::replace(path, reversal.text.as_bytes())?;
    }
    Ok(match reversal.extent {
        Extent::Whole => Outcome::Restored,
        Extent::Partial { left } => Outcome::Partial { left },
        Extent::Nothing => Outcome::Gone,
    })
}
