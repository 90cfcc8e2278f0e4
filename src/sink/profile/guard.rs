//! The right to edit the profile files: their locks, and the directories that were made on the way.

use crate::system::files::{self, FileError, Lock};
use std::path::{Path, PathBuf};

/// More than anybody has; a limit so that a wrong path cannot fill the memory.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Keeps other processes from the files while it lives; when it goes, so do directories of ours that are empty.
#[derive(Debug)]
pub(super) struct Guard {
    locks: Vec<Lock>,
    /// Made by us, outermost first.
    pub(super) directories: Vec<PathBuf>,
}

impl Guard {
    /// Locks every file once, and everybody in the same order, so that no two wait for each other.
    pub(super) fn over<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<Self, FileError> {
        let mut places: Vec<(PathBuf, &Path)> = paths
            .into_iter()
            .map(|path| (real_place(path), path))
            .collect();
        places.sort();
        places.dedup_by(|a, b| a.0 == b.0);
        let mut guard = Self {
            locks: Vec::new(),
            directories: Vec::new(),
        };
        for (_, path) in places {
            let lock = files::lock(path)?;
            guard.directories.extend(lock.created.iter().cloned());
            guard.locks.push(lock);
            // Nobody else can be at work on one of those now.
            files::sweep_temporary(path);
        }
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A lock is a file in its directory.
        self.locks.clear();
        files::remove_empty_directories(&self.directories);
    }
}

/// The text of a profile file, if there is one.
pub(super) fn read(path: &Path) -> Result<Option<String>, FileError> {
    match files::read_limited(path, MOST_BYTES) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// One path for all spellings of it, as far as the directory exists.
pub(super) fn real_place(path: &Path) -> PathBuf {
    let directory = path
        .parent()
        .and_then(|directory| directory.canonicalize().ok());
    match (directory, path.file_name()) {
        (Some(directory), Some(name)) => directory.join(name),
        _ => path.to_owned(),
    }
}
