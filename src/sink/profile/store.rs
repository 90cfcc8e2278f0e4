//! Writing profiles to the two files and undoing that: under locks, both files or neither.

use super::edit::{Edit, Extent, edit, reverse};
use super::heading::{Heading, Kind};
use super::ini::Document;
use super::journal::{Entry, Journal, Origin, Record, rewrite};
use super::paths::ProfilePaths;
use crate::model::profile::ProfileName;
use crate::system::files::{self, FileError, Lock};
use std::path::{Path, PathBuf};

/// More than anybody has; a limit so that a wrong path cannot fill the memory.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Why a profile was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProfileError {
    #[error("the profile `{name}` exists already in {}", .path.display())]
    Exists { name: String, path: PathBuf },
    /// A line break would let a value write other keys, and a comment sign would cut it short.
    #[error("the value of `{key}` has {fault}, which a profile cannot hold")]
    Value { key: String, fault: &'static str },
    #[error(transparent)]
    File(#[from] FileError),
}

/// A profile that can be written.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    paths: ProfilePaths,
    name: ProfileName,
    overwrite: bool,
}

/// The keys that a profile gets in each file. Keys are in lower case.
///
/// An empty list takes the keys that decide who the profile is out of that file, and adds nothing.
#[derive(Clone, Default)]
pub(crate) struct Values<'a> {
    pub(crate) credentials: Vec<(&'a str, &'a str)>,
    pub(crate) config: Vec<(&'a str, &'a str)>,
}

/// Whether a write is to be undone later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remember {
    ForUndo,
    Nothing,
}

/// What became of each file in an undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undone {
    pub(crate) path: PathBuf,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The profile is as it was before the write.
    Restored,
    /// It was edited since. Our values are out; the keys in `left` held others, and were left alone.
    Partial { left: Vec<String> },
    /// A later step wrote the same profile, and will restore it.
    Superseded,
    /// Somebody removed the profile before.
    Gone,
    /// The record of what was there before has gone, so nothing was touched.
    Forgotten,
}

/// Proves that the profile could be written, and writes nothing.
pub(crate) fn prepare(
    paths: &ProfilePaths,
    name: &ProfileName,
    overwrite: bool,
) -> Result<Prepared, ProfileError> {
    let prepared = Prepared {
        paths: absolute(paths),
        name: name.clone(),
        overwrite,
    };
    for (kind, path) in prepared.paths.each() {
        files::check_replaceable(path)?;
        prepared.refuse_existing(kind, path, read(path)?.as_deref())?;
    }
    Ok(prepared)
}

/// Writes the profile to both files, or to neither.
///
/// What it replaces is kept for [`undo`] if that is wanted. A process that is killed in between leaves each file
/// either as it was or as it should be.
pub(crate) fn write(
    prepared: &Prepared,
    values: &Values<'_>,
    remember: Remember,
) -> Result<Journal, ProfileError> {
    check(&values.credentials)?;
    check(&values.config)?;
    let locks = lock_all(prepared.paths.each().map(|(_, path)| path))?;
    let directories = created(&locks);
    let mut done = Transaction::default();
    let result = prepared.each_file(values).try_for_each(|(kind, path, set, elsewhere)| {
        files::sweep_temporary(path)?;
        let before = read(path)?;
        prepared.refuse_existing(kind, path, done.original(path, before.as_deref()))?;
        let heading = Heading::new(kind, &prepared.name);
        match edit(before.as_deref().unwrap_or_default(), &heading, set, &elsewhere) {
            Some(edit) => done.apply(path, before, edit, remember, &directories),
            None => Ok(()),
        }
    });
    if let Err(error) = result {
        done.roll_back();
        drop(locks);
        files::remove_empty_directories(&directories);
        return Err(error);
    }
    drop(locks);
    // Only those of a file that needed no edit are empty.
    files::remove_empty_directories(&directories);
    Ok(Journal {
        profile: prepared.name.to_string(),
        files: done.entries,
    })
}

/// Takes out what a write put in, and puts back what it replaced.
///
/// Where the profile was edited since, only what still holds our values is touched. Edits of other steps are never
/// lost, in whatever order they are undone. Goes on to the other file when one fails, and then reports the failure.
pub(crate) fn undo(journal: &Journal) -> Result<Vec<Undone>, ProfileError> {
    let locks = lock_all(journal.files.iter().map(|entry| entry.path.as_path()))?;
    let mut directories = created(&locks);
    let mut results = Vec::new();
    for entry in journal.files.iter().rev() {
        results.push(undo_file(entry, &mut directories).map(|outcome| Undone {
            path: entry.path.clone(),
            outcome,
        }));
    }
    drop(locks);
    files::remove_empty_directories(&directories);
    results.into_iter().rev().collect()
}

fn undo_file(entry: &Entry, directories: &mut Vec<PathBuf>) -> Result<Outcome, ProfileError> {
    let path = entry.path.as_path();
    files::sweep_temporary(path)?;
    let Some(record) = entry.read()? else {
        return Ok(Outcome::Forgotten);
    };
    let outcome = if let Some((later_path, mut later)) = entry.later(&record)? {
        if record.trace.hand_over_to(&mut later.trace) {
            rewrite(&later_path, &later)?;
        }
        Outcome::Superseded
    } else {
        restore(path, &record)?
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

impl Prepared {
    fn refuse_existing(&self, kind: Kind, path: &Path, text: Option<&str>) -> Result<(), ProfileError> {
        let heading = Heading::new(kind, &self.name);
        let document = Document::parse(text.unwrap_or_default());
        if self.overwrite || document.sections_of(&heading).next().is_none() {
            return Ok(());
        }
        Err(ProfileError::Exists {
            name: self.name.to_string(),
            path: path.to_owned(),
        })
    }

    /// Each file with what it gets, and the keys that must not stay in it because the other file gets them.
    fn each_file<'v>(
        &'v self,
        values: &'v Values<'v>,
    ) -> impl Iterator<Item = (Kind, &'v Path, &'v [(&'v str, &'v str)], Vec<&'v str>)> {
        let keys = |set: &[(&'v str, &'v str)]| set.iter().map(|(key, _)| *key).collect();
        let [(_, credentials), (_, config)] = self.paths.each();
        [
            (Kind::Credentials, credentials, values.credentials.as_slice(), keys(&values.config)),
            (Kind::Config, config, values.config.as_slice(), keys(&values.credentials)),
        ]
        .into_iter()
    }
}

/// The files that were edited, so far.
#[derive(Default)]
struct Transaction {
    replaced: Vec<(PathBuf, Option<String>)>,
    entries: Vec<Entry>,
}

impl Transaction {
    fn apply(
        &mut self,
        path: &Path,
        before: Option<String>,
        edit: Edit,
        remember: Remember,
        directories: &[PathBuf],
    ) -> Result<(), ProfileError> {
        if remember == Remember::ForUndo {
            let origin = Origin {
                file_is_ours: before.is_none(),
                directories: directories.to_vec(),
            };
            self.entries.push(Entry::record(path, edit.trace, origin)?);
        }
        if before.as_ref() != Some(&edit.text) {
            files::replace(path, edit.text.as_bytes())?;
            self.replaced.push((path.to_owned(), before));
        }
        Ok(())
    }

    /// The text from before this transaction, of a file that now has `now`.
    fn original<'t>(&'t self, path: &Path, now: Option<&'t str>) -> Option<&'t str> {
        let edited = self.replaced.iter().find(|(replaced, _)| replaced == path);
        edited.map_or(now, |(_, before)| before.as_deref())
    }

    /// As far as it goes: the error that led here says more than a second one would.
    fn roll_back(self) {
        for (path, before) in self.replaced.into_iter().rev() {
            let _ = match before {
                Some(text) => files::replace(&path, text.as_bytes()),
                None => files::remove(&path),
            };
        }
        for entry in self.entries {
            let _ = entry.forget();
        }
    }
}

/// Locks every file once, and everybody in the same order, so that no two wait for each other.
fn lock_all<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<Vec<Lock>, FileError> {
    let mut places: Vec<(PathBuf, &Path)> =
        paths.into_iter().map(|path| (real_place(path), path)).collect();
    places.sort();
    places.dedup_by(|a, b| a.0 == b.0);
    places.into_iter().map(|(_, path)| files::lock(path)).collect()
}

fn created(locks: &[Lock]) -> Vec<PathBuf> {
    locks.iter().flat_map(|lock| lock.created.iter().cloned()).collect()
}

/// One path for all spellings of it, as far as the directory exists.
fn real_place(path: &Path) -> PathBuf {
    let directory = path.parent().and_then(|directory| directory.canonicalize().ok());
    match (directory, path.file_name()) {
        (Some(directory), Some(name)) => directory.join(name),
        _ => path.to_owned(),
    }
}

/// Paths that mean the same in `post`, which may start elsewhere; and the same one if both files are one.
fn absolute(paths: &ProfilePaths) -> ProfilePaths {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let credentials = absolute(&paths.credentials);
    let config = absolute(&paths.config);
    ProfilePaths {
        config: match real_place(&config) == real_place(&credentials) {
            true => credentials.clone(),
            false => config,
        },
        credentials,
    }
}

fn read(path: &Path) -> Result<Option<String>, FileError> {
    match files::read_limited(path, MOST_BYTES) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

fn check(set: &[(&str, &str)]) -> Result<(), ProfileError> {
    for (key, value) in set {
        let fault = if value.contains(char::is_control) {
            "a line break or another control character"
        } else if value.trim().is_empty() {
            "nothing in it"
        } else if value.trim() != *value {
            "a blank at its start or end"
        } else if value.starts_with(['#', ';']) || value.contains(" #") || value.contains(" ;") {
            "a `#` or `;` that starts a comment"
        } else {
            continue;
        };
        return Err(ProfileError::Value {
            key: (*key).to_owned(),
            fault,
        });
    }
    Ok(())
}
