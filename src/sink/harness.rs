//! Outputs of a Harness step: lines in two files, one of which Harness masks. Later steps refer to each by name.

use std::path::{Path, PathBuf};

use super::journal::is_secret;
use super::mask::Masked;
use super::pairs::Pairs;
use super::undo::Undo;
use crate::error::Error;
use crate::system::env::Env;
use crate::system::files::{self, Appended, FileError};

/// The files of this step, proved to be writable.
#[derive(Debug)]
pub(crate) struct HarnessFiles {
    secret: PathBuf,
    open: Option<PathBuf>,
}

impl HarnessFiles {
    /// `None` where Harness has no file for secrets: it stands behind a feature flag.
    pub(crate) fn prepare(env: &Env) -> Result<Option<Self>, Error> {
        let Some(secret) = env.get("HARNESS_OUTPUT_SECRET_FILE") else {
            return Ok(None);
        };
        let this = Self {
            secret: secret.into(),
            open: env.get("DRONE_OUTPUT").map(PathBuf::from),
        };
        for path in [&this.secret].into_iter().chain(&this.open) {
            let check = if path.exists() {
                files::check_appendable(path)
            } else {
                files::check_replaceable(path)
            };
            check.map_err(Error::HandOver)?;
        }
        Ok(Some(this))
    }

    pub(crate) fn write(&self, pairs: &Masked<Pairs>, undo: &mut Undo) -> Result<(), Error> {
        let lines = |secret: bool| {
            let chosen = pairs.get().iter();
            let lines: Vec<String> = chosen
                .filter(|(name, value)| is_secret(name) == secret && !value.is_empty())
                .map(|(name, value)| format!("{name}={value}\n"))
                .collect();
            lines.concat()
        };
        if let Some(open) = &self.open {
            add(open, &lines(false), undo).map_err(Error::HandOver)?;
        }
        add(&self.secret, &lines(true), undo).map_err(Error::HandOver)
    }
}

/// Harness names the files and leaves it to the step to make them.
fn add(path: &Path, lines: &str, undo: &mut Undo) -> Result<(), FileError> {
    if lines.is_empty() {
        return Ok(());
    }
    if !path.exists() {
        files::create_private(path, b"")?;
        undo.made(path.to_owned());
    }
    let appended: Appended = files::append(path, lines.as_bytes())?;
    undo.appended(appended);
    Ok(())
}
