//! Writing profiles to the two files: prepared first, under locks then, both files or neither.

use super::edit::Plan;
use super::guard::{Guard, read, real_place};
use super::heading::{Heading, Kind};
use super::ini::Document;
use super::journal::Journal;
use super::paths::ProfilePaths;
use crate::model::request::ProfilePlace;
use crate::sink::mask::Masked;
use crate::system::files::{self, FileError};
use std::path::{Path, PathBuf};

/// Why a profile was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProfileError {
    #[error("the profile `{name}` exists already in {}", .path.display())]
    Exists { name: String, path: PathBuf },
    /// A line break would let a value write other keys, and a comment sign would cut it short.
    #[error("the value of `{key}` has {fault}, which a profile cannot hold")]
    Value { key: String, fault: &'static str },
    #[error("there is no home directory to keep profiles in, and {variable} is not set")]
    NoHome { variable: &'static str },
    #[error(transparent)]
    File(#[from] FileError),
}

/// Profiles that can be written, all at once.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    paths: ProfilePaths,
    profiles: Vec<ProfilePlace>,
    journal: Journal,
}

/// The keys that a profile gets in each file. Keys are in lower case.
///
/// An empty list takes the keys that decide who the profile is out of that file, and adds nothing.
#[derive(Clone, Default)]
pub(crate) struct Values {
    pub(crate) credentials: Vec<(&'static str, String)>,
    pub(crate) config: Vec<(&'static str, String)>,
}

/// Proves that the profiles, each of another name, could be written, and writes nothing.
pub(crate) fn prepare(
    paths: &ProfilePaths,
    profiles: Vec<ProfilePlace>,
) -> Result<Prepared, ProfileError> {
    let paths = absolute(paths);
    let names = profiles.iter().map(|place| place.name.to_string());
    let prepared = Prepared {
        journal: Journal::begin(names.collect(), &paths)?,
        paths,
        profiles,
    };
    for (kind, path) in prepared.paths.each() {
        files::check_replaceable(path)?;
        prepared.refuse_existing(kind, path)?;
    }
    Ok(prepared)
}

/// Writes the profiles, in their order, to both files, or to neither: each file is locked and replaced once.
///
/// What it replaces is kept until [`undo`](super::undo()) or [`forget`](super::forget()), which want the journal. A
/// process that is killed in between leaves each file either as it was or as it should be.
pub(crate) fn write(prepared: &Prepared, values: &[Masked<Values>]) -> Result<(), ProfileError> {
    let values: Vec<&Values> = values.iter().map(Masked::get).collect();
    write_values(prepared, &values)
}

pub(super) fn write_values(prepared: &Prepared, values: &[&Values]) -> Result<(), ProfileError> {
    for values in values {
        check(&values.credentials)?;
        check(&values.config)?;
    }
    let guard = Guard::over(prepared.paths.each().map(|(_, path)| path))?;
    let mut done = Transaction::default();
    write_files(prepared, values, &guard.directories, &mut done)
        .inspect_err(|_| done.roll_back(&prepared.journal))
}

fn write_files(
    prepared: &Prepared,
    values: &[&Values],
    directories: &[PathBuf],
    done: &mut Transaction,
) -> Result<(), ProfileError> {
    // Again, since another process may have written a profile meanwhile; and before the first edit, which another
    // look would take for that where both files are one.
    for (kind, path) in prepared.paths.each() {
        prepared.refuse_existing(kind, path)?;
    }
    let is_one_file = prepared.paths.credentials.as_ref() == Some(&prepared.paths.config);
    for ((kind, path), entry) in prepared.paths.each().zip(&prepared.journal.files) {
        let before = read(path)?;
        let text = before.as_deref().unwrap_or_default();
        // Read once for all of them: with a hundred profiles most of the time would go into reading it again.
        let mut document = Document::parse(text);
        let mut traces = Vec::new();
        for (place, values) in prepared.profiles.iter().zip(values) {
            let (set, elsewhere) = match kind {
                Kind::Credentials => (&values.credentials, &values.config),
                Kind::Config => (&values.config, &values.credentials),
            };
            let plan = Plan {
                heading: Heading::new(kind, &place.name),
                set,
                elsewhere,
                is_one_file,
            };
            traces.extend(plan.edit(&mut document));
        }
        if !traces.is_empty() {
            let mut origin = entry.sweep(text)?;
            origin.file_is_ours |= before.is_none();
            origin.directories.extend(directories.iter().cloned());
            entry.record(traces, origin)?;
            done.apply(path, before, &document.to_string())?;
        }
    }
    Ok(())
}

impl Prepared {
    /// What [`write()`] is going to do, to be saved before it does: then a killed process can be undone as well.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    fn refuse_existing(&self, kind: Kind, path: &Path) -> Result<(), ProfileError> {
        let document = Document::parse(&read(path)?.unwrap_or_default());
        let exists = |place: &&ProfilePlace| {
            let heading = Heading::new(kind, &place.name);
            !place.overwrite && document.sections_of(&heading).next().is_some()
        };
        match self.profiles.iter().find(exists) {
            None => Ok(()),
            Some(place) => Err(ProfileError::Exists {
                name: place.name.to_string(),
                path: path.to_owned(),
            }),
        }
    }
}

/// The files that were edited so far, and their text before.
#[derive(Default)]
struct Transaction(Vec<(PathBuf, Option<String>)>);

impl Transaction {
    fn apply(&mut self, path: &Path, before: Option<String>, text: &str) -> Result<(), FileError> {
        if before.as_deref() != Some(text) {
            files::replace(path, text.as_bytes())?;
            self.0.push((path.to_owned(), before));
        }
        Ok(())
    }

    /// As far as it goes: the error that led here says more than a second one would.
    fn roll_back(&mut self, journal: &Journal) {
        for (path, before) in self.0.drain(..).rev() {
            let _ = match before {
                Some(text) => files::replace(&path, text.as_bytes()),
                None => files::remove(&path),
            };
        }
        for entry in &journal.files {
            let _ = entry.forget();
        }
    }
}

/// Paths that mean the same in `post`, which may start elsewhere; and the same one if both files are one.
fn absolute(paths: &ProfilePaths) -> ProfilePaths {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let credentials = paths.credentials.as_deref().map(absolute);
    let config = absolute(&paths.config);
    let one = credentials
        .clone()
        .filter(|credentials| real_place(&config) == real_place(credentials));
    ProfilePaths {
        config: one.unwrap_or(config),
        credentials,
    }
}

/// Leaves out a credentials file that has none of the profiles, for those who get no keys: it may be where nobody can write.
pub(crate) fn without_idle_credentials(
    paths: &ProfilePaths,
    profiles: &[ProfilePlace],
) -> Result<ProfilePaths, ProfileError> {
    let mut paths = absolute(paths);
    let apart = paths.credentials.take_if(|path| *path != paths.config);
    if let Some(path) = apart {
        let document = Document::parse(&read(&path)?.unwrap_or_default());
        let has = |place: &ProfilePlace| {
            let heading = Heading::new(Kind::Credentials, &place.name);
            document.sections_of(&heading).next().is_some()
        };
        if profiles.iter().any(has) {
            paths.credentials = Some(path);
        }
    }
    Ok(paths)
}

fn check(set: &[(&str, String)]) -> Result<(), ProfileError> {
    for (key, value) in set {
        let fault = if value.contains(char::is_control) {
            "a line break or another control character"
        } else if value.trim().is_empty() {
            "nothing in it"
        } else if value.trim() != value {
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
