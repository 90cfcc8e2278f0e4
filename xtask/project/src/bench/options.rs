//! The words of `cargo xtask bench`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Outcome, at};

/// What is made of instruction counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    /// A table beside the times, where somebody can count.
    Beside,
    /// That table, and no times.
    Alone,
    /// And a failure where one has grown.
    Checked,
}

/// What to measure, and with which programs.
pub(crate) struct Options {
    /// The binary; without it, a release build of this checkout.
    pub(crate) binary: Option<PathBuf>,
    /// An unpacked JavaScript action of the same inputs.
    pub(crate) peer: Option<PathBuf>,
    pub(crate) node: Option<PathBuf>,
    /// What `binary` was built with, as the note beside a released one says.
    pub(crate) built_with: Option<String>,
    /// How often each case is run; the first round before them only warms up.
    runs: Option<usize>,
    /// What a slow far side adds to each connection, and again to each request.
    pub(crate) latency_ms: u64,
    /// Only the cases whose group or name has this in it.
    pub(crate) only: Option<String>,
    /// Run the peer's denied step too, once: it takes minutes.
    pub(crate) peer_denied: bool,
    pub(crate) counting: Counting,
    /// Write docs/performance.md and its picture; or the baseline, where instructions alone are counted.
    pub(crate) write: bool,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Outcome<Self> {
        let mut options = Self {
            binary: None,
            peer: None,
            node: None,
            built_with: None,
            runs: None,
            latency_ms: 50,
            only: None,
            peer_denied: false,
            write: false,
            counting: Counting::Beside,
        };
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            match *word {
                "--write" => options.write = true,
                "--peer-denied" => options.peer_denied = true,
                "--instructions" if options.counting == Counting::Checked => {}
                "--instructions" => options.counting = Counting::Alone,
                "--check" if words.contains(&"--instructions") => {
                    options.counting = Counting::Checked;
                }
                "--check" => return Err("--check goes with --instructions".to_owned()),
                _ => {
                    let value = rest.next().ok_or_else(|| format!("{word} needs a value"))?;
                    options.take(word, value)?;
                }
            }
        }
        Ok(options)
    }

    /// How often a time is measured.
    pub(crate) fn runs(&self) -> usize {
        self.runs.unwrap_or(21)
    }

    /// How often instructions are counted: they are nearly the same each time.
    pub(crate) fn counts(&self) -> usize {
        self.runs
            .filter(|_| self.counting != Counting::Beside)
            .unwrap_or(3)
    }

    fn take(&mut self, word: &str, value: &str) -> Outcome {
        let path = || fs::canonicalize(value).map_err(at(Path::new(value)));
        let number = |least: u64| {
            let number = value.parse::<u64>().ok().filter(|number| *number >= least);
            number.ok_or_else(|| format!("{word} needs a number, {least} or more"))
        };
        match word {
            "--bin" => self.binary = Some(path()?),
            "--peer" => self.peer = Some(path()?),
            "--node" => self.node = Some(path()?),
            "--built-with" => self.built_with = Some(value.to_owned()),
            "--runs" => self.runs = usize::try_from(number(1)?).ok(),
            "--latency-ms" => self.latency_ms = number(1)?,
            "--only" => self.only = Some(value.to_owned()),
            other => return Err(format!("bench does not know {other}")),
        }
        Ok(())
    }

    pub(crate) fn wants(&self, group: &str, name: &str) -> bool {
        self.only
            .as_deref()
            .is_none_or(|part| group.contains(part) || name.contains(part))
    }
}
