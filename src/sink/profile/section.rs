//! A section of a file in the AWS shared format: its lines, and how they are edited one by one.

use super::heading::{Heading, Spelling};

/// What separates words; other blanks are text.
pub(super) const BLANK: [char; 2] = [' ', '\t'];

/// A heading and what follows it, up to the next.
#[derive(Default)]
pub(super) struct Section {
    /// The text between the brackets.
    pub(super) name: Option<String>,
    pub(super) lines: Vec<Line>,
}

/// One line with its ending; text that is only to be printed may be several.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) kind: LineKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LineKind {
    Heading,
    /// A key in lower case; keys are compared so.
    Property(String),
    /// Belongs to the property above: a nested key, or the rest of a value.
    Continuation,
    /// A comment, an empty line, or something before the first heading.
    Other,
}

impl Section {
    /// Text that is only to be printed any more.
    pub(super) fn verbatim(text: String) -> Self {
        let kind = LineKind::Other;
        Self {
            name: None,
            lines: vec![Line { text, kind }],
        }
    }

    pub(super) fn text(&self) -> String {
        self.lines.iter().map(|line| line.text.as_str()).collect()
    }

    /// The keys in lower case, each with the lines that make it up.
    pub(super) fn properties(&self) -> Vec<(String, String)> {
        let mut properties: Vec<(String, String)> = Vec::new();
        for line in &self.lines {
            match (&line.kind, properties.last_mut()) {
                (LineKind::Property(key), _) => properties.push((key.clone(), line.text.clone())),
                (LineKind::Continuation, Some((_, lines))) => lines.push_str(&line.text),
                _ => {}
            }
        }
        properties
    }

    pub(super) fn spelling(&self, heading: &Heading) -> Option<Spelling> {
        heading.spelling(self.name.as_ref()?)
    }

    /// What its heading's line has to be for every reader to understand it; `None` if it is so.
    pub(super) fn readable(&self, heading: &Heading, newline: &str) -> Option<String> {
        heading.readable(&self.lines.first()?.text, newline)
    }

    pub(super) fn value(&self, key: &str) -> Option<String> {
        let properties = self.properties();
        let (_, lines) = properties.iter().rfind(|(found, _)| found == key)?;
        let (_, value) = lines.split_once(['=', ':'])?;
        Some(without_comment(value).trim().to_owned())
    }

    pub(super) fn is_bare(&self) -> bool {
        self.lines.iter().all(|line| {
            line.kind == LineKind::Heading
                || line.kind == LineKind::Other && line.text.trim().is_empty()
        })
    }

    pub(super) fn remove(&mut self, unwanted: &dyn Fn(&str) -> bool) {
        let mut is_going = false;
        self.lines.retain(|line| {
            match &line.kind {
                LineKind::Property(key) => is_going = unwanted(key),
                // Comments and blank lines between the lines of a value stay.
                LineKind::Other | LineKind::Heading => return true,
                LineKind::Continuation => {}
            }
            !is_going
        });
    }

    /// Puts the text in the place of the last property `key`, and takes the others of that name out.
    pub(super) fn replace_last(&mut self, key: &str, text: &dyn Fn(&str, &str) -> String) -> bool {
        let is_it = |line: &Line| matches!(&line.kind, LineKind::Property(found) if found == key);
        let Some(at) = self.lines.iter().rposition(is_it) else {
            return false;
        };
        let mut tail = self.lines.split_off(at).into_iter();
        self.remove(&|found| found == key);
        if let Some(line) = tail.next() {
            let ending = if line.is_ended() { line.newline() } else { "" };
            self.lines.push(Line {
                text: text(line.indentation(), ending),
                kind: line.kind,
            });
        }
        let mut is_its_own = true;
        for line in tail {
            is_its_own &= !matches!(line.kind, LineKind::Property(_));
            if !is_its_own || line.kind != LineKind::Continuation {
                self.lines.push(line);
            }
        }
        true
    }

    /// Adds a property behind the last one. Comments further down are more likely about the next section.
    ///
    /// `indentation_below` is that of the next heading, which would be taken for the rest of a value if it were
    /// indented deeper than the property; the CLI reads indented headings and properties.
    pub(super) fn append(
        &mut self,
        key: &str,
        text: &dyn Fn(&str, &str) -> String,
        indentation_below: &str,
        newline: &str,
    ) {
        let is_content = |line: &Line| {
            let is_indented_comment =
                !line.indentation().is_empty() && !line.text.trim().is_empty();
            line.kind != LineKind::Other || is_indented_comment
        };
        let at = self
            .lines
            .iter()
            .rposition(is_content)
            .map_or(0, |last| last + 1);
        if let Some(line) = self.lines.get_mut(at.saturating_sub(1))
            && !line.is_ended()
        {
            line.text.push_str(newline);
        }
        let is_property = |line: &&Line| matches!(line.kind, LineKind::Property(_));
        let last = self.lines.iter().rfind(is_property);
        let line = Line {
            text: text(last.map_or(indentation_below, Line::indentation), newline),
            kind: LineKind::Property(key.to_owned()),
        };
        self.lines.insert(at, line);
    }
}

impl Line {
    pub(super) fn body(&self) -> &str {
        self.text.trim_end_matches(['\r', '\n'])
    }

    pub(super) fn is_ended(&self) -> bool {
        self.text.ends_with('\n')
    }

    pub(super) fn indentation(&self) -> &str {
        let end = self.text.len() - self.text.trim_start_matches(BLANK).len();
        self.text.get(..end).unwrap_or_default()
    }

    pub(super) fn newline(&self) -> &'static str {
        if self.text.ends_with("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }
}

/// The SDKs end a value at a `#` or `;` that follows a blank.
fn without_comment(value: &str) -> &str {
    let starts = |(at, c): &(usize, char)| {
        matches!(c, '#' | ';')
            && value
                .get(..*at)
                .is_some_and(|before| before.ends_with(BLANK))
    };
    match value.char_indices().find(starts) {
        Some((at, _)) => value.get(..at).unwrap_or(value),
        None => value,
    }
}
