//! What the process says. On a CI whose log reads commands, everything goes to standard output, in order.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex};

use super::files::FileError;

/// One stream, written a whole line at a time, so that a mask always precedes what it hides.
///
/// Clones write to the same stream, with the same settings.
#[derive(Clone, Default)]
pub(crate) struct Console {
    stream: Arc<Mutex<Stream>>,
}

/// Where lines go.
#[expect(
    clippy::struct_excessive_bools,
    reason = "five independent facts of one reader"
)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    /// Lines are for people; standard output may be a data channel.
    pub(crate) to_stderr: bool,
    /// Show what was decided and why.
    pub(crate) debug: bool,
    /// The reader understands GitHub's workflow commands.
    pub(crate) commands: bool,
    /// It takes the last `::` of a line for the command's end, as act does.
    pub(crate) greedy: bool,
    /// Only failures and warnings are of interest: another program started this one, many times perhaps.
    pub(crate) quiet: bool,
}

impl Console {
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

    /// A line for people. Line breaks inside it cannot start a workflow command.
    pub(crate) fn info(&self, text: &str) {
        let stream = self.stream();
        if !stream.quiet || stream.debug {
            self.raw(&harmless(text));
        }
    }

    /// What was decided and why, when the user asked for it.
    pub(crate) fn debug(&self, text: &str) {
        let stream = self.stream();
        match (stream.debug, stream.commands) {
            (true, true) => self.command("debug", &[], text),
            (true, false) => self.raw(&harmless(&format!("debug: {text}"))),
            (false, _) => {}
        }
    }

    /// Something that the user can act on, though the run goes on.
    pub(crate) fn warning(&self, text: &str) {
        if self.stream().commands {
            self.command("warning", &[("title", "rolehop")], text);
        } else {
            self.raw(&harmless(&format!("warning: {text}")));
        }
    }

    /// A workflow command with text in it, as this reader takes it.
    pub(crate) fn command(&self, name: &str, properties: &[(&str, &str)], text: &str) {
        let text = if self.stream().greedy {
            text.replace("::", ": :")
        } else {
            text.to_owned()
        };
        self.raw(&command(name, properties, &text));
    }

    /// A line as it is: for workflow commands and for text that is already harmless.
    pub(crate) fn raw(&self, line: &str) {
        let whole = format!("{line}\n");
        // A closed log must not fail the job: the credentials matter more than the line.
        let _ = if self.stream().to_stderr {
            io::stderr().lock().write_all(whole.as_bytes())
        } else {
            let mut out = io::stdout().lock();
            out.write_all(whole.as_bytes()).and_then(|()| out.flush())
        };
    }
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

/// A workflow command: `::name key=value::message`.
/// <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>
pub(crate) fn command(name: &str, properties: &[(&str, &str)], message: &str) -> String {
    let mut line = format!("::{name}");
    for (at, (key, value)) in properties.iter().enumerate() {
        line.push(if at == 0 { ' ' } else { ',' });
        line.push_str(key);
        line.push('=');
        line.push_str(&escape_property(value));
    }
    line.push_str("::");
    line.push_str(&escape_data(message));
    line
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text that no line of which a runner reads as a command: from AWS, from a token endpoint, from a file.
pub(crate) fn harmless(text: &str) -> String {
    let clean = |c: char| {
        if c.is_control() && c != '\n' && c != '\t' {
            ' '
        } else {
            c
        }
    };
    let lines: Vec<String> = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .split('\n')
        .map(|line| {
            let line: String = line.chars().map(clean).collect();
            // `##[name]` is read anywhere in a line, `::name` at its start.
            let line = line.replace("##[", "## [").replace("##vso[", "## vso[");
            let starts_command = line.trim_start().starts_with("::");
            if starts_command {
                format!("| {line}")
            } else {
                line
            }
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_escaped_as_the_toolkit_escapes() {
        assert_eq!(
            command("error", &[("title", "a:b,c%")], "x%\r\ny::z"),
            "::error title=a%3Ab%2Cc%25::x%25%0D%0Ay::z"
        );
        assert_eq!(command("add-mask", &[], "s"), "::add-mask::s");
    }

    #[test]
    fn foreign_text_cannot_issue_commands() {
        for (text, clean) in [
            ("fine :: text", "fine :: text"),
            ("x\n::set-env name=A::b", "x\n| ::set-env name=A::b"),
            ("x\r  ::stop-commands::t", "x\n|   ::stop-commands::t"),
            ("##[set-env]x ##vso[task]", "## [set-env]x ## vso[task]"),
            ("\u{1b}[31mred", " [31mred"),
        ] {
            assert_eq!(harmless(text), clean);
        }
    }
}
