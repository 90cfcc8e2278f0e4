//! The demo's output: headings, code, rows; colours only on a terminal.

use std::io::IsTerminal;

/// Where it is printed, and whether in colour.
pub(crate) struct Page {
    colour: bool,
}

impl Page {
    pub(crate) fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none();
        Self {
            colour: wanted && std::io::stdout().is_terminal(),
        }
    }

    pub(crate) fn title(&self, text: &str) {
        println!("\n{}", self.paint("1", text));
    }

    pub(crate) fn section(&self, text: &str) {
        println!(
            "\n{}",
            self.paint(
                "1;36",
                &format!(
                    "── {text} {}",
                    "─".repeat(80_usize.saturating_sub(text.chars().count()))
                )
            )
        );
    }

    pub(crate) fn text(&self, text: &str) {
        println!("{}", self.paint("2", text));
    }

    pub(crate) fn code(&self, text: &str) {
        for line in text.trim_end().lines() {
            let colour = if line.starts_with("error[") {
                "31"
            } else {
                "0"
            };
            println!("  {}", self.paint(colour, line));
        }
    }

    pub(crate) fn row(&self, name: &str, value: &str) {
        let width = if name.chars().count() > 26 { 68 } else { 26 };
        println!("  {name:<width$} {}", self.paint("32", value));
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A variable's value as one may show it.
pub(crate) fn shortened(name: &str, value: &str) -> String {
    let secret = name.contains("SECRET") || name.contains("TOKEN");
    match value.chars().count() {
        _ if !secret => value.to_owned(),
        length => format!("*** ({length} characters)"),
    }
}

/// The card's markdown table as plain columns.
pub(crate) fn table(markdown: &str) -> String {
    let rows = markdown.lines().filter_map(|line| {
        let (name, value) = line
            .strip_prefix("| ")?
            .strip_suffix(" |")?
            .split_once(" | ")?;
        let plain = ["<code>", "</code>"]
            .iter()
            .fold(value.to_owned(), |text, tag| text.replace(tag, ""));
        (!name.starts_with('-') && !name.is_empty())
            .then(|| format!("{name:<14} {}", plain.replace("&#64;", "@")))
    });
    rows.collect::<Vec<_>>().join("\n")
}
