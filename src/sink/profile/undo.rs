//! Undoing a write: what it put in comes out, what it replaced comes back, what others did stays.

use super::edit::{Extent, Trace, reverse};
use super::guard::{Guard, read};
use super::heading::{Heading, Kind};
use super::ini::Document;
use super::journal::{Entry, Journal, Origin};
use super::store::ProfileError;
use crate::system::files;
use std::path::{Path, PathBuf};

/// What became of each file in an undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// The file, the profile, and what became of it there.
    pub(super) outcomes: Vec<(PathBuf, String, Outcome)>,
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
    /// There is no record of what was there before, so the profile was not touched: it is another's, or never written.
    Forgotten,
    /// No record, and no such profile: its lines are in the other file only, or it was undone already.
    Absent,
}

impl Report {
    /// What to tell the user: a line for each file, and one for each profile that is not simply as it was.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for (path, group) in self.by_file() {
            let (restored, others): (Vec<_>, Vec<_>) = group
                .into_iter()
                .filter(|(_, outcome)| **outcome != Outcome::Absent)
                .partition(|(_, outcome)| **outcome == Outcome::Restored);
            match restored.as_slice() {
                [] => {}
                [(profile, _)] => lines.push(line(path, profile, &Outcome::Restored)),
                many => lines.push(format!(
                    "restored {} profiles in {}",
                    many.len(),
                    path.display()
                )),
            }
            lines.extend(
                others
                    .into_iter()
                    .map(|(profile, outcome)| line(path, profile, outcome)),
            );
        }
        lines
    }

    fn by_file(&self) -> Vec<(&Path, Vec<(&str, &Outcome)>)> {
        let mut files: Vec<(&Path, Vec<(&str, &Outcome)>)> = Vec::new();
        for (path, profile, outcome) in &self.outcomes {
            match files.last_mut() {
                Some((last, group)) if *last == path => group.push((profile, outcome)),
                _ => files.push((path, vec![(profile, outcome)])),
            }
        }
        files
    }
}

fn line(path: &Path, profile: &str, outcome: &Outcome) -> String {
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
            format!("left the profile `{profile}` in {file} to a later step that wrote it too")
        }
        Outcome::Gone => format!("the profile `{profile}` was already gone from {file}"),
        Outcome::Forgotten | Outcome::Absent => format!(
            "left the profile `{profile}` in {file} alone: there is no record that this step wrote it"
        ),
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
        let result = undo_file(entry, &journal.profiles, &mut guard.directories);
        results.push(result.map(|outcomes| (entry.path.clone(), outcomes)));
    }
    let mut outcomes = Vec::new();
    for result in results.into_iter().rev() {
        let (path, of_file) = result?;
        let of_file = of_file.into_iter();
        outcomes.extend(of_file.map(|(profile, outcome)| (path.clone(), profile, outcome)));
    }
    Ok(Report { outcomes })
}

/// Lets a write stay: removes the records of what it replaced.
pub(crate) fn forget(journal: &Journal) -> Result<(), ProfileError> {
    let _guard = Guard::over(journal.paths())?;
    for entry in &journal.files {
        entry.forget()?;
    }
    Ok(())
}

/// The profiles of one file, the last edit first.
fn undo_file(
    entry: &Entry,
    profiles: &[String],
    directories: &mut Vec<PathBuf>,
) -> Result<Vec<(String, Outcome)>, ProfileError> {
    let Some(record) = entry.read()? else {
        let document = Document::parse(&read(&entry.path)?.unwrap_or_default());
        let outcome = |profile: &String| {
            if is_in(&document, profile) {
                Outcome::Forgotten
            } else {
                Outcome::Absent
            }
        };
        let each = profiles.iter();
        return Ok(each.map(|name| (name.clone(), outcome(name))).collect());
    };
    let mut later = entry.later(&record)?;
    let mut changed: Vec<usize> = Vec::new();
    let mut mine: Vec<&Trace> = Vec::new();
    let mut outcomes = Vec::new();
    for trace in &record.traces {
        let on_top = later
            .iter_mut()
            .enumerate()
            .find_map(|(at, (_, other))| Some((at, other.trace_of(&trace.heading)?)));
        match on_top {
            Some((at, other)) => {
                if trace.hand_over_to(other) && !changed.contains(&at) {
                    changed.push(at);
                }
                outcomes.push((trace.heading.profile().to_owned(), Outcome::Superseded));
            }
            None => mine.push(trace),
        }
    }
    for (at, (path, other)) in later.iter().enumerate() {
        if changed.contains(&at) {
            entry.rewrite(path, other)?;
        }
    }
    outcomes.extend(restore(&entry.path, &mine, &record.origin)?);
    entry.bequeath(&record.origin)?;
    entry.forget()?;
    directories.extend(record.origin.directories);
    Ok(outcomes)
}

fn is_in(document: &Document, profile: &str) -> bool {
    let Ok(name) = profile.parse() else {
        return false;
    };
    [Kind::Credentials, Kind::Config].into_iter().any(|kind| {
        document
            .sections_of(&Heading::new(kind, &name))
            .next()
            .is_some()
    })
}

fn restore(
    path: &Path,
    traces: &[&Trace],
    origin: &Origin,
) -> Result<Vec<(String, Outcome)>, ProfileError> {
    if traces.is_empty() {
        return Ok(Vec::new());
    }
    let named = |trace: &&Trace, outcome| (trace.heading.profile().to_owned(), outcome);
    let Some(before) = read(path)? else {
        let gone = traces.iter().map(|trace| named(trace, Outcome::Gone));
        return Ok(gone.collect());
    };
    let mut now = before.clone();
    let mut outcomes = Vec::new();
    for trace in traces.iter().rev() {
        let reversal = reverse(&now, trace);
        now = reversal.text;
        outcomes.push(named(
            trace,
            match reversal.extent {
                Extent::Whole => Outcome::Restored,
                Extent::Partial { left } => Outcome::Partial { left },
                Extent::Nothing => Outcome::Gone,
            },
        ));
    }
    if now.trim().is_empty() && origin.file_is_ours {
        files::remove(path)?;
    } else if now != before {
        files::replace(path, now.as_bytes())?;
    }
    outcomes.reverse();
    Ok(outcomes)
}
