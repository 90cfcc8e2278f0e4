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
//! A step that is killed leaves its record. It is not swept up: it may be the only copy of the user's own keys.

use super::edit::Trace;
use crate::system::files::{self, FileError};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const SUFFIX: &str = "undo-";
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// What a write has to say to the undo. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    pub(crate) profile: String,
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
    pub(super) trace: Trace,
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
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|entry| entry.path.as_path())
    }
}

impl Entry {
    /// Puts a record beside the file; to be called before the file is edited, with its lock held.
    pub(super) fn record(path: &Path, trace: Trace, origin: Origin) -> Result<Self, FileError> {
        let order = others(path, "")?
            .iter()
            .map(|(_, record)| record.order)
            .max()
            .unwrap_or(0)
            + 1;
        let record = Record {
            order,
            trace,
            origin,
        };
        let name = files::random_suffix().map_err(|reason| unwritten(path, reason))?;
        let entry = Self {
            path: path.to_owned(),
            record: name,
        };
        let record_path = entry.record_path();
        files::create_private(&record_path, &bytes(&record_path, &record)?)?;
        Ok(entry)
    }

    /// The record; `None` if it is gone, or no longer one.
    pub(super) fn read(&self) -> Result<Option<Record>, FileError> {
        read(&self.record_path())
    }

    /// The earliest edit of the same profile on top of this one.
    pub(super) fn later(&self, record: &Record) -> Result<Option<(PathBuf, Record)>, FileError> {
        let others = others(&self.path, &self.record)?;
        let is_on_top = |other: &Record| {
            other.order > record.order && other.trace.heading == record.trace.heading
        };
        Ok(others
            .into_iter()
            .filter(|(_, other)| is_on_top(other))
            .min_by_key(|(_, other)| other.order))
    }

    /// Leaves what was there before to another edit of the file, if there is one: whoever undoes the last, clears up.
    pub(super) fn bequeath(&self, origin: &Origin) -> Result<(), FileError> {
        if let Some((path, mut heir)) = others(&self.path, &self.record)?.into_iter().next() {
            heir.origin.file_is_ours |= origin.file_is_ours;
            for directory in &origin.directories {
                if !heir.origin.directories.contains(directory) {
                    heir.origin.directories.push(directory.clone());
                }
            }
            rewrite(&path, &heir)?;
        }
        Ok(())
    }

    pub(super) fn forget(&self) -> Result<(), FileError> {
        files::remove(&self.record_path())
    }

    fn record_path(&self) -> PathBuf {
        files::sibling(&self.path, &format!("{SUFFIX}{}", self.record))
    }
}

pub(super) fn rewrite(path: &Path, record: &Record) -> Result<(), FileError> {
    files::replace(path, &bytes(path, record)?)
}

/// The readable records beside the file, but for the one of that name.
fn others(path: &Path, except: &str) -> Result<Vec<(PathBuf, Record)>, FileError> {
    let mut found = Vec::new();
    for name in files::sibling_suffixes(path, SUFFIX)? {
        let record_path = files::sibling(path, &format!("{SUFFIX}{name}"));
        if name == except {
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
        // Cut short when its writer was killed: then the file was not edited either.
        Ok(text) => Ok(serde_json::from_str(&text).ok()),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

fn bytes(path: &Path, record: &Record) -> Result<Vec<u8>, FileError> {
    serde_json::to_vec(record).map_err(|error| unwritten(path, error.into()))
}

fn unwritten(path: &Path, reason: std::io::Error) -> FileError {
    FileError {
        path: path.to_owned(),
        action: "write",
        reason,
    }
}
