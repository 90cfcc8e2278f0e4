//! What the demo prints: headings, text, columns and logs, at most a hundred columns wide.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};

const WIDTH: usize = 100;
const INDENT: usize = 2;

/// How a piece of text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Faint,
    Good,
    Bad,
    Heading,
}

/// Standard output, and all that went there.
#[derive(Debug)]
pub(crate) struct Page {
    colour: bool,
    printed: String,
    sections: usize,
}

impl Page {
    /// Colours are for terminals whose owner did not say no.
    #[expect(
        clippy::disallowed_methods,
        reason = "the program's snapshot of the environment is its own"
    )]
    pub(crate) fn new() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            colour: io::stdout().is_terminal() && !refused,
            printed: String::new(),
            sections: 0,
        }
    }

    pub(crate) fn title(&mut self, text: &str) -> Result<(), String> {
        self.line(0, &[(Tone::Heading, text)])
    }

    pub(crate) fn section(&mut self, text: &str) -> Result<(), String> {
        self.sections += 1;
        let name = format!("{}  {text} ", self.sections);
        let rule = "─".repeat(WIDTH.saturating_sub(name.chars().count()));
        self.blank()?;
        self.line(0, &[(Tone::Heading, &name), (Tone::Faint, &rule)])
    }

    pub(crate) fn blank(&mut self) -> Result<(), String> {
        self.line(0, &[])
    }

    /// What the demo itself says.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), String> {
        for line in wrap(text, WIDTH - INDENT, 0) {
            self.line(INDENT, &[(Tone::Faint, &line)])?;
        }
        Ok(())
    }

    /// A file's lines, as they are; what follows a `#` is a remark.
    pub(crate) fn code(&mut self, text: &str) -> Result<(), String> {
        for line in text.lines() {
            let (code, remark) = line.split_at(line.find(" # ").unwrap_or(line.len()));
            self.line(INDENT + 2, &[(Tone::Plain, code), (Tone::Faint, remark)])?;
        }
        Ok(())
    }

    /// A line of a log, folded where it is too long.
    pub(crate) fn log(&mut self, text: &str, tone: Tone) -> Result<(), String> {
        for line in wrap(text, WIDTH - INDENT - 4, hanging(text)) {
            self.line(INDENT, &[(Tone::Faint, "│ "), (tone, &line)])?;
        }
        Ok(())
    }

    /// Names and values in two columns.
    pub(crate) fn pairs<N: AsRef<str>, V: AsRef<str>>(
        &mut self,
        rows: &[(N, V)],
    ) -> Result<(), String> {
        let widest = rows
            .iter()
            .map(|(name, _)| name.as_ref().chars().count())
            .max();
        let widest = widest.unwrap_or_default();
        for (name, value) in rows {
            let mut name = format!("{:widest$}  ", name.as_ref());
            for part in wrap(value.as_ref(), WIDTH - INDENT - 2 - widest - 2, 0) {
                self.line(INDENT + 2, &[(Tone::Faint, &name), (Tone::Plain, &part)])?;
                name = " ".repeat(widest + 2);
            }
        }
        Ok(())
    }

    /// A table whose first row is its head.
    pub(crate) fn table<const N: usize>(&mut self, rows: &[[String; N]]) -> Result<(), String> {
        let widths: Vec<usize> = (0..N)
            .map(|at| {
                rows.iter()
                    .map(|row| row[at].chars().count())
                    .max()
                    .unwrap_or_default()
            })
            .collect();
        for (at, row) in rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                // Writing to a string cannot fail.
                let _ = write!(line, "{cell:width$}  ");
            }
            let tone = if at == 0 { Tone::Faint } else { Tone::Plain };
            self.line(INDENT + 2, &[(tone, line.trim_end())])?;
        }
        Ok(())
    }

    /// A claim that was checked.
    pub(crate) fn proved(&mut self, text: &str) -> Result<(), String> {
        for (at, line) in wrap(text, WIDTH - INDENT - 2, 0).iter().enumerate() {
            let mark = if at == 0 { "✓ " } else { "  " };
            self.line(INDENT, &[(Tone::Good, mark), (Tone::Plain, line)])?;
        }
        Ok(())
    }

    pub(crate) fn end(&mut self, done: &str, next: &str) -> Result<(), String> {
        self.blank()?;
        self.line(0, &[(Tone::Good, done)])?;
        self.line(0, &[(Tone::Plain, next)])
    }

    /// That none of these values was printed.
    pub(crate) fn holds_none_of(&self, secrets: &[&str]) -> Result<(), String> {
        match secrets
            .iter()
            .find(|secret| self.printed.contains(**secret))
        {
            None => Ok(()),
            Some(secret) => Err(format!(
                "a secret of {} characters was printed above",
                secret.len()
            )),
        }
    }

    fn line(&mut self, indent: usize, parts: &[(Tone, &str)]) -> Result<(), String> {
        let mut line = " ".repeat(indent);
        for (tone, text) in parts {
            self.printed.push_str(text);
            match colour(*tone).filter(|_| self.colour) {
                Some(colour) => line.extend(["\u{1b}[", colour, "m", text, "\u{1b}[0m"]),
                None => line.push_str(text),
            }
        }
        self.printed.push('\n');
        writeln!(io::stdout(), "{}", line.trim_end())
            .map_err(|fault| format!("nobody reads on: {fault}"))
    }
}

fn colour(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Plain => None,
        Tone::Faint => Some("2"),
        Tone::Good => Some("32"),
        Tone::Bad => Some("31"),
        Tone::Heading => Some("1;36"),
    }
}

/// Lines of at most that many characters, broken at blanks; all but the first begin with so many.
fn wrap(text: &str, width: usize, hanging: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line: Option<String> = None;
    for word in text.split(' ') {
        line = Some(match line {
            None => word.to_owned(),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line + " " + word
            }
            Some(full) => {
                lines.push(full);
                " ".repeat(hanging) + word
            }
        });
    }
    lines.extend(line);
    lines
}

/// Where the continuation of a log's line begins: under what follows its label.
fn hanging(text: &str) -> usize {
    let label = text.find(": ").map_or(0, |at| at + 1);
    let rest = text.get(label..).unwrap_or_default();
    let blanks = rest.chars().take_while(|c| *c == ' ').count();
    if (1..12).contains(&label) {
        label + blanks
    } else {
        2
    }
}
