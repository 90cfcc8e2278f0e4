//! The runner's files: environment, outputs, state and summary, as its parser reads them.

use std::path::{Path, PathBuf};

use super::mask::Masked;
use super::pairs::Pairs;
use super::undo::Undo;
use crate::error::Error;
use crate::system::env::Env;
use crate::system::files::{self, FileError};

/// The files of this step, each proved to be writable.
#[derive(Debug)]
pub(crate) struct RunnerFiles {
    env: PathBuf,
    output: PathBuf,
    state: Option<PathBuf>,
}

impl RunnerFiles {
    /// Opens each file and writes nothing.
    pub(crate) fn prepare(env: &Env) -> Result<Self, Error> {
        let path = |name: &'static str| {
            env.get(name)
                .map(PathBuf::from)
                .ok_or(Error::HostIncomplete(name))
        };
        let this = Self {
            env: path("GITHUB_ENV")?,
            output: path("GITHUB_OUTPUT")?,
            state: env.get("GITHUB_STATE").map(PathBuf::from),
        };
        for path in [&this.env, &this.output]
            .into_iter()
            .chain(this.state.as_ref())
        {
            files::check_appendable(path).map_err(Error::HandOver)?;
        }
        Ok(this)
    }

    pub(crate) fn write_env(&self, pairs: &Masked<Pairs>, undo: &mut Undo) -> Result<(), Error> {
        write(&self.env, pairs.get(), undo)
    }

    pub(crate) fn write_output(&self, pairs: &Masked<Pairs>, undo: &mut Undo) -> Result<(), Error> {
        write(&self.output, pairs.get(), undo)
    }

    /// For `post`. A runner without the file has no post step either.
    pub(crate) fn write_state(&self, pairs: &Masked<Pairs>, undo: &mut Undo) -> Result<(), Error> {
        self.state
            .as_ref()
            .map_or(Ok(()), |state| write(state, pairs.get(), undo))
    }

    /// The card on the run's page. Without it the step is as good: a failure is told, not raised.
    pub(crate) fn summary(env: &Env, markdown: &str) -> Result<(), FileError> {
        env.get("GITHUB_STEP_SUMMARY").map_or(Ok(()), |summary| {
            files::append(Path::new(summary), markdown.as_bytes()).map(drop)
        })
    }
}

fn write(path: &Path, pairs: &Pairs, undo: &mut Undo) -> Result<(), Error> {
    if pairs.is_empty() {
        return Ok(());
    }
    let delimiter = delimiter()?;
    let text = render(pairs, &delimiter)?;
    undo.appended(files::append(path, text.as_bytes()).map_err(Error::HandOver)?);
    Ok(())
}

/// `NAME<<DELIMITER`, the value, `DELIMITER`: the one form that takes every value.
/// <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings>
pub(super) fn render(pairs: &Pairs, delimiter: &str) -> Result<String, Error> {
    let mut text = String::new();
    for (name, value) in pairs {
        if value.contains(delimiter) || name.contains(delimiter) {
            return Err(Error::Internal(format!(
                "the value of {name} contains the delimiter"
            )));
        }
        for part in [name, "<<", delimiter, "\n", value, "\n", delimiter, "\n"] {
            text.push_str(part);
        }
    }
    Ok(text)
}

/// Nobody who makes a value can know it.
pub(super) fn delimiter() -> Result<String, Error> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random)
        .map_err(|fault| Error::Internal(format!("no random numbers: {fault}")))?;
    Ok(format!("rolehop_{:032x}", u128::from_ne_bytes(random)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_heredocs_without_blank_lines() {
        let pairs = vec![
            ("A", "1".to_owned()),
            ("B", "x=y<<z\n\nw".to_owned()),
            ("C", String::new()),
        ];
        let text = render(&pairs, "EOF").expect("rendered");
        assert_eq!(
            text,
            "A<<EOF\n1\nEOF\nB<<EOF\nx=y<<z\n\nw\nEOF\nC<<EOF\n\nEOF\n"
        );
    }

    #[test]
    fn refuses_a_value_that_could_end_itself() {
        assert!(render(&vec![("A", "x\nEOF\nB=1".to_owned())], "EOF").is_err());
    }

    #[test]
    fn every_delimiter_is_another() {
        assert_ne!(delimiter().expect("random"), delimiter().expect("random"));
    }
}
