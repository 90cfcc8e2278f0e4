//! The words of `cargo xtask bench`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Outcome, at};

/// What to measure, and with which programs.
pub(crate) struct Options {
    /// The binary; without it, a release build of this checkout.
    pub(crate) binary: Option<PathBuf>,
    /// An unpacked JavaScript action of the same inputs.
    pub(crate) peer: Option<PathBuf>,
    pub(crate) node: Option<PathBuf>,
    /// How often each case is run; the first round before them only warms up.
    pub(crate) runs: usize,
    /// What a slow far side adds to each connection, and again to each request.
    pub(crate) latency_ms: u64,
    /// Only the cases whose group or name has this in it.
    pub(crate) only: Option<String>,
    /// Run the peer's denied step too, once: it takes minutes.
    pub(crate) peer_denied: bool,
    /// Write docs/performance.md and its picture.
    pub(crate) write: bool,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Outcome<Self> {
        let mut options = Self {
            binary: None,
            peer: None,
            node: None,
            runs: 21,
            latency_ms: 50,
            only: None,
            peer_denied: false,
            write: false,
        };
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            match *word {
                "--write" => options.write = true,
                "--peer-denied" => options.peer_denied = true,
                _ => {
                    let value = rest.next().ok_or_else(|| format!("{word} needs a value"))?;
                    options.take(word, value)?;
                }
            }
        }
        Ok(options)
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
            "--runs" => self.runs = usize::try_from(number(1)?).unwrap_or(usize::MAX),
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
