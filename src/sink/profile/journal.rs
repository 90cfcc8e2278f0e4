//! What `post` needs to undo an edit: a journal for the runner's state file, and a record for each edited file.
//!
//! What an edit replaced may be somebody's secret keys, so it cannot go through the state file, which is text that
//! other programs read and log. It stays in a record, a hidden file beside the edited one (mode 0600, in the same
//! directory, so it is as safe as the keys were before), and the journal has only the record's name. The record also
//! has what was written, so that nothing about our own values has to be in the journal either.
//!
//! Beside the file and not in the runner's temporary directory, because that one is mounted into job containers: a
//! step in one could read the old keys there, or plant text that `post` would write to the host's files.
//!
//! The journal is made, and saved, before anything is edited: `post` then undoes what a killed step did, too. A record
//! stays when the machine dies before `post`. It may be the only copy of the user's own keys, so it is swept up only
//! when it has nothing to undo.

use super::edit::{Extent, Trace, reverse};
use super::heading::Heading;
use super::paths::ProfilePaths;
use crate::system::files::{self, FileError};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const SUFFIX: &str = "undo-";
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// What a write has to say to the undo. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    pub(crate) profiles: Vec<String>,
    pub(super) files: Vec<Entry>,
}

/// An edited file, and the name of its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    record: String,
}

/// How to undo the edit of one file. Never printed.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    /// Greater than that of every record that was beside the file when this one was made.
    order: u64,
    /// One for each profile that was edited, in the order of the edits.
    pub(super) traces: Vec<Trace>,
    pub(super) origin: Origin,
}

/// What was there before the first of our edits.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Origin {
    /// The file was made by the edit, and goes again when it is empty.
    pub(super) file_is_ours: bool,
    /// Directories that were made for it, outermost first.
    pub(super) directories: Vec<PathBuf>,
}

impl Journal {
    /// A journal of edits to come, one for each path.
    pub(super) fn begin(profiles: Vec<String>, paths: &ProfilePaths) -> Result<Self, FileError> {
        let entry = |(_, path): (_, &Path)| {
            let record = files::random_suffix().map_err(|reason| unwritten(path, reason))?;
            Ok(Entry {
                path: path.to_owned(),
                record,
            })
        };
        Ok(Self {
            profiles,
            files: paths.each().map(entry).collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|entry| entry.path.as_path())
    }
}

impl Record {
    fn edits(&self, heading: &Heading) -> bool {
        self.traces.iter().any(|trace| trace.heading == *heading)
    }

    pub(super) fn trace_of(&mut self, heading: &Heading) -> Option<&mut Trace> {
        let mut traces = self.traces.iter_mut();
        traces.find(|trace| trace.heading == *heading)
    }
}

impl Origin {
    fn add(&mut self, other: &Self) {
        self.file_is_ours |= other.file_is_ours;
        for directory in &other.directories {
            if !self.directories.contains(directory) {
                self.directories.push(directory.clone());
            }
        }
    }
}

impl Entry {
    /// Puts the record beside the file; to be called before the file is edited, with its lock held.
    pub(super) fn record(&self, traces: Vec<Trace>, origin: Origin) -> Result<(), FileError> {
        let others = others(&self.path, &self.record)?;
        let last = others.iter().map(|(_, record)| record.order).max();
        let record = Record {
            order: last.unwrap_or(0).saturating_add(1),
            traces,
            origin,
        };
        self.rewrite(&self.record_path(), &record)
    }

    /// Removes the records beside the file that have nothing to undo in `now`, its text, and gives what they knew.
    ///
    /// They are of processes that were killed just before an edit, or just after its undo.
    pub(super) fn sweep(&self, now: &str) -> Result<Origin, FileError> {
        let mut records = others(&self.path, &self.record)?;
        records.sort_by_key(|(_, record)| std::cmp::Reverse(record.order));
        let mut origin = Origin::default();
        let mut live: Vec<Record> = Vec::new();
        for (path, record) in records {
            // One below another waits for that to be undone.
            let is_below = |trace: &Trace| live.iter().any(|other| other.edits(&trace.heading));
            let has_work = |trace: &Trace| {
                let reversal = reverse(now, trace);
                reversal.extent == Extent::Whole || reversal.text != now
            };
            let mut traces = record.traces.iter();
            if traces.any(|trace| is_below(trace) || has_work(trace)) {
                live.push(record);
            } else {
                files::remove(&path)?;
                origin.add(&record.origin);
            }
        }
        Ok(origin)
    }

    /// The record; `None` if it is gone, or no longer one.
    pub(super) fn read(&self) -> Result<Option<Record>, FileError> {
        read(&self.record_path())
    }

    /// The records on top of this one, the earliest first.
    pub(super) fn later(&self, record: &Record) -> Result<Vec<(PathBuf, Record)>, FileError> {
        let mut later = others(&self.path, &self.record)?;
        later.retain(|(_, other)| other.order > record.order);
        later.sort_by_key(|(_, other)| other.order);
        Ok(later)
    }

    /// Leaves what was there before to another edit of the file, if there is one: whoever undoes the last, clears up.
    pub(super) fn bequeath(&self, origin: &Origin) -> Result<(), FileError> {
        if let Some((path, mut heir)) = others(&self.path, &self.record)?.into_iter().next() {
            heir.origin.add(origin);
            self.rewrite(&path, &heir)?;
        }
        Ok(())
    }

    /// Writes a record beside the file, this one's or another's, at once: a killed process leaves no half of one.
    pub(super) fn rewrite(&self, path: &Path, record: &Record) -> Result<(), FileError> {
        let bytes = serde_json::to_vec(record).map_err(|error| unwritten(path, error.into()))?;
        files::replace_beside(&self.path, path, &bytes)
    }

    pub(super) fn forget(&self) -> Result<(), FileError> {
        files::remove(&self.record_path())
    }

    fn record_path(&self) -> PathBuf {
        files::sibling(&self.path, &format!("{SUFFIX}{}", self.record))
    }
}

/// The readable records of this user beside the file, but for the one of that name.
fn others(path: &Path, except: &str) -> Result<Vec<(PathBuf, Record)>, FileError> {
    let mut found = Vec::new();
    for name in files::sibling_suffixes(path, SUFFIX)? {
        let record_path = files::sibling(path, &format!("{SUFFIX}{name}"));
        if name == except || !files::is_own(&record_path) {
            continue;
        }
        // One that cannot be read is not ours to judge, and no reason to fail.
        if let Ok(Some(record)) = read(&record_path) {
            found.push((record_path, record));
        }
    }
    Ok(found)
}

fn read(path: &Path) -> Result<Option<Record>, FileError> {
    match files::read_limited(path, MOST_BYTES) {
        Ok(text) => Ok(serde_json::from_str(&text).ok()),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

fn unwritten(path: &Path, reason: std::io::Error) -> FileError {
    FileError {
        path: path.to_owned(),
        action: "write",
        reason,
    }
}
