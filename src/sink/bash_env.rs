//! The file that `BASH_ENV` names: bash runs it at the start of every later step of the job, as CircleCI sets it up.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::mask::Masked;
use super::pairs::Pairs;
use super::undo::Undo;
use crate::error::Error;
use crate::system::env::Env;
use crate::system::files::{self, FileError};

/// The file, proved to be ours and to be one that we can append to.
#[derive(Debug)]
pub(crate) struct BashEnv {
    trace: Trace,
}

/// What `post` needs to take our lines out of the file again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trace {
    path: PathBuf,
    /// Stands in the first and the last of our lines.
    mark: String,
}

impl BashEnv {
    /// Opens the file and writes nothing; `None` if there is no such file for this job.
    pub(crate) fn prepare(env: &Env) -> Result<Option<Self>, Error> {
        let Some(path) = env.get("BASH_ENV") else {
            return Ok(None);
        };
        let path = PathBuf::from(path);
        // Lines are appended, and the whole is replaced to take them out: what does not allow both gets none.
        files::check_script(&path)
            .and_then(|()| files::check_replaceable(&path))
            .map_err(Error::HandOver)?;
        let mark = files::random_suffix()
            .map_err(|fault| Error::Internal(format!("no random numbers: {fault}")))?;
        Ok(Some(Self {
            trace: Trace { path, mark },
        }))
    }

    pub(crate) fn trace(&self) -> Trace {
        self.trace.clone()
    }

    pub(crate) fn write(&self, pairs: &Masked<Pairs>, undo: &mut Undo) -> Result<(), Error> {
        let path = &self.trace.path;
        if files::make_script_private(path).map_err(Error::HandOver)? {
            undo.made(path.clone());
        }
        let text = self.trace.render(pairs.get());
        undo.appended(files::append(path, text.as_bytes()).map_err(Error::HandOver)?);
        Ok(())
    }
}

impl Trace {
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }

    fn first_line(&self) -> String {
        format!("# rolehop {}: these lines set AWS credentials\n", self.mark)
    }

    fn last_line(&self) -> String {
        format!("# rolehop {}: until here\n", self.mark)
    }

    /// On lines of its own, whatever the file ends with. An empty value takes the variable away.
    fn render(&self, pairs: &Pairs) -> String {
        let mut text = format!("\n{}", self.first_line());
        for (name, value) in pairs {
            let _ = if value.is_empty() {
                writeln!(text, "unset {name}")
            } else {
                writeln!(text, "export {name}={}", quoted(value))
            };
        }
        text.push_str(&self.last_line());
        text
    }

    /// The file's text without our lines; `None` if they are not all there.
    fn cut(&self, text: &str) -> Option<String> {
        let first = format!("\n{}", self.first_line());
        let start = text.find(&first)?;
        let last = self.last_line();
        let end = start + text[start..].find(&last)? + last.len();
        Some(format!("{}{}", &text[..start], &text[end..]))
    }

    /// Takes our lines out, so that no later step runs them and the secrets are off the disk. Tells whether it did.
    pub(crate) fn take_out(&self) -> Result<bool, FileError> {
        const MOST: u64 = 4 << 20;
        let text = match files::read_limited(&self.path, MOST) {
            Ok(text) => text,
            Err(fault) if fault.is_missing() => return Ok(false),
            Err(fault) => return Err(fault),
        };
        match self.cut(&text) {
            Some(rest) => files::replace(&self.path, rest.as_bytes()).map(|()| true),
            None => Ok(false),
        }
    }
}

/// Between single quotes nothing means anything to a POSIX shell but the quote itself.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace() -> Trace {
        Trace {
            path: PathBuf::from("/nowhere"),
            mark: "0123".to_owned(),
        }
    }

    #[test]
    fn values_are_quoted_and_empty_ones_unset() {
        let pairs = vec![("A", "x'y$z".to_owned()), ("B", String::new())];
        assert_eq!(
            trace().render(&pairs),
            "\n# rolehop 0123: these lines set AWS credentials\n\
             export A='x'\\''y$z'\nunset B\n\
             # rolehop 0123: until here\n"
        );
    }

    #[test]
    fn what_was_appended_is_taken_out_and_nothing_else() {
        let ours = trace().render(&vec![("A", "1".to_owned())]);
        for (before, after) in [("", ""), ("export X=1", ""), ("x=1\n", "export Y=2\n")] {
            let text = format!("{before}{ours}{after}");
            assert_eq!(trace().cut(&text), Some(format!("{before}{after}")));
        }
        assert_eq!(trace().cut("export A=1\n"), None);
        assert_eq!(trace().cut(&ours[..ours.len() - 4]), None);
    }
}
