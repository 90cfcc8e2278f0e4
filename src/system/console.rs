//! What the process says. On a CI whose log reads commands, everything goes to standard output, in order.

pub(crate) mod azure;
pub(crate) mod github;
mod harmless;
mod reader;
pub(crate) mod teamcity;

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex};

pub(crate) use harmless::harmless;
pub(crate) use reader::Reader;

use super::files::FileError;

/// One stream, written a whole line at a time, so that a mask always precedes what it hides.
///
/// Clones write to the same stream, with the same settings.
#[derive(Clone, Default)]
pub(crate) struct Console {
    stream: Arc<Mutex<Stream>>,
}

/// Where lines go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    /// Lines are for people; standard output may be a data channel.
    pub(crate) to_stderr: bool,
    /// Show what was decided and why.
    pub(crate) debug: bool,
    /// What reads the lines.
    pub(crate) reader: Reader,
    /// Only failures and warnings are of interest: another program started this one, many times perhaps.
    pub(crate) quiet: bool,
}

impl Console {
    /// The same place with other settings: its lines are between another program's, where no mask would be read as one.
    pub(crate) fn between_others(&self) -> Self {
        Self::of(Stream {
            reader: Reader::People,
            ..self.stream()
        })
    }

    /// The same place for work whose steps are of no interest, only its failures and warnings.
    pub(crate) fn quiet(&self) -> Self {
        Self::of(Stream {
            quiet: true,
            ..self.stream()
        })
    }

    fn of(stream: Stream) -> Self {
        Self {
            stream: Arc::new(Mutex::new(stream)),
        }
    }

    pub(crate) fn configure(&self, stream: Stream) {
        if let Ok(mut current) = self.stream.lock() {
            *current = stream;
        }
    }

    pub(crate) fn stream(&self) -> Stream {
        self.stream
            .lock()
            .map_or_else(|_| Stream::default(), |stream| *stream)
    }

    /// What reads the lines of the stream that is in use: some systems read standard output only.
    pub(crate) fn reader(&self) -> Reader {
        let stream = self.stream();
        if stream.to_stderr && !stream.reader.reads_standard_error() {
            return Reader::People;
        }
        stream.reader
    }

    /// A line for people. Line breaks inside it cannot start a command.
    pub(crate) fn info(&self, text: &str) {
        let stream = self.stream();
        if !stream.quiet || stream.debug {
            self.raw(&harmless(text));
        }
    }

    /// What was decided and why, when the user asked for it.
    pub(crate) fn debug(&self, text: &str) {
        if self.stream().debug {
            self.raw(&self.reader().debug(text));
        }
    }

    /// Something that the user can act on, though the run goes on.
    pub(crate) fn warning(&self, text: &str) {
        self.raw(&self.reader().warning(text));
    }

    /// The failure as the system lists it beside the log; the block for people is printed apart.
    pub(crate) fn failure(&self, code: &str, text: &str) {
        if let Some(line) = self.reader().failure(code, text) {
            self.raw(&line);
        }
    }

    /// What follows belongs together, and may be folded away.
    pub(crate) fn open(&self, title: &str, at: std::time::SystemTime) {
        if let Some(line) = self.reader().open(title, at) {
            self.raw(&line);
        }
    }

    /// What was opened ends here.
    pub(crate) fn close(&self, title: &str, at: std::time::SystemTime) {
        if let Some(line) = self.reader().close(title, at) {
            self.raw(&line);
        }
    }

    /// A line as it is: for commands and for text that is already harmless.
    pub(crate) fn raw(&self, line: &str) {
        // A closed log must not fail the job: the credentials matter more than the line.
        let _ = self.command(line);
    }

    /// A line that the system has to get: what it is to hide, or to set.
    pub(crate) fn command(&self, line: &str) -> io::Result<()> {
        let whole = format!("{line}\n");
        if self.stream().to_stderr {
            io::stderr().lock().write_all(whole.as_bytes())
        } else {
            let mut out = io::stdout().lock();
            out.write_all(whole.as_bytes()).and_then(|()| out.flush())
        }
    }
}

/// JSON in whose strings no runner finds a command: `##` stands nowhere else.
pub(crate) fn harmless_json(text: &str) -> String {
    text.replace("##", "\\u0023#")
}

/// The result of a command, for the program that asked for it: always on standard output.
pub(crate) fn data(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out
        .write_all(format!("{text}\n").as_bytes())
        .and_then(|()| out.flush());
}

/// Text that is of no use if a part of it is lost.
pub(crate) fn data_whole(text: &str) -> Result<(), FileError> {
    let mut out = io::stdout().lock();
    let written = out
        .write_all(format!("{text}\n").as_bytes())
        .and_then(|()| out.flush());
    written.map_err(|reason| FileError {
        path: "standard output".into(),
        action: "write to",
        reason,
    })
}

/// Whether a person would see what [`data`] writes.
pub(crate) fn data_is_seen() -> bool {
    io::stdout().is_terminal()
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.stream(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_reads_standard_output_only_gets_no_commands_elsewhere() {
        for (reader, on_stderr) in [
            (Reader::Github, Reader::Github),
            (Reader::Azure, Reader::Azure),
            (Reader::Teamcity, Reader::People),
            (Reader::Spacelift, Reader::People),
            (Reader::Gitlab { masks: true }, Reader::People),
        ] {
            let console = Console::default();
            let stream = Stream {
                reader,
                ..Stream::default()
            };
            console.configure(stream);
            assert_eq!(console.reader(), reader);
            console.configure(Stream {
                to_stderr: true,
                ..stream
            });
            assert_eq!(console.reader(), on_stderr);
        }
    }
}
