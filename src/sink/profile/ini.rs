//! The format of the AWS shared files, kept line by line: what is not edited is printed as it was read.
//!
//! Read as the SDKs and the CLI (Python's configparser) read it; where they differ, so that an edit is right for both.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use super::heading::{Heading, Spelling};
use std::fmt;

pub(super) const BLANK: [char; 2] = [' ', '\t'];
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A whole file. The first section is what comes before any heading, and has no name.
#[derive(Debug)]
pub(super) struct Document {
    has_byte_order_mark: bool,
    sections: Vec<Section>,
}

#[derive(Debug, Default)]
pub(super) struct Section {
    /// The text between the brackets.
    name: Option<String>,
    lines: Vec<Line>,
}

/// One line with its ending. Only a raw insertion may be several.
#[derive(Debug)]
struct Line {
    text: String,
    kind: LineKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum LineKind {
    Heading,
    /// A key in lower case; keys are compared so.
    Property(String),
    /// Belongs to the property above: a nested key, or the rest of a value.
    Continuation,
    /// A comment, an empty line, or something before the first heading.
    Other,
}

/// A section that was added at the end, and what set it apart from the text before.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) separator: String,
    pub(super) text: String,
}

impl Document {
    pub(super) fn parse(text: &str) -> Self {
        let rest = text.strip_prefix(BYTE_ORDER_MARK);
        let mut document = Self {
            has_byte_order_mark: rest.is_some(),
            sections: vec![Section::default()],
        };
        let mut open_indentation = None;
        for line in rest.unwrap_or(text).split_inclusive('\n') {
            document.take(line, &mut open_indentation);
        }
        document
    }

    /// Every section that belongs to the profile, in the file's order.
    pub(super) fn sections_of(&self, heading: &Heading) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|section| section.spelling(heading).is_some())
    }

    /// The value that readers find under `key` (in lower case): where there are several, the last.
    pub(super) fn value(&self, heading: &Heading, key: &str) -> Option<String> {
        self.sections_of(heading).filter_map(|section| section.value(key)).last()
    }

    /// The properties of all sections, in the file's order.
    pub(super) fn properties(&self) -> Vec<(String, String)> {
        self.sections.iter().flat_map(Section::properties).collect()
    }

    /// Sets the keys in the profile, in place where it has them; at the end of the file if there is no such profile.
    pub(super) fn set(&mut self, heading: &Heading, values: &[(&str, &str)]) -> Option<Added> {
        if self.sections_of(heading).next().is_none() {
            return Some(self.add(heading, values));
        }
        for spelling in [Spelling::Plain, Spelling::Prefixed] {
            for (key, value) in values {
                self.put(heading, spelling, key, &|indentation, newline| {
                    format!("{indentation}{key} = {value}{newline}")
                });
            }
        }
        None
    }

    /// Takes the lines of the keys that `unwanted` names out of the profile.
    pub(super) fn remove(&mut self, heading: &Heading, unwanted: impl Fn(&str) -> bool) {
        for section in self.sections_mut(heading) {
            section.remove(&unwanted);
        }
    }

    /// Puts lines that once were a property back, in place of the key if it is there, else at the end of the profile.
    pub(super) fn put_back(&mut self, heading: &Heading, key: &str, lines: &str) {
        for spelling in [Spelling::Plain, Spelling::Prefixed] {
            self.put(heading, spelling, key, &|_, newline| match lines.ends_with('\n') {
                true => lines.to_owned(),
                false => format!("{lines}{newline}"),
            });
        }
    }

    /// Takes out the profile's sections that hold nothing any more but blank lines.
    pub(super) fn remove_bare(&mut self, heading: &Heading) {
        self.sections
            .retain(|section| section.spelling(heading).is_none() || !section.is_bare());
    }

    /// Replaces the whole text of the profile's sections, one by one.
    pub(super) fn replace_texts(&mut self, heading: &Heading, texts: impl Iterator<Item = String>) {
        for (section, text) in self.sections_mut(heading).zip(texts) {
            section.lines = vec![Line {
                text,
                kind: LineKind::Other,
            }];
        }
    }

    /// Takes out the profile's only section, which was added behind `separator`, and leaves `rest` in its place.
    pub(super) fn take_out(&mut self, heading: &Heading, separator: &str, rest: &str) {
        let Some(at) = self.sections.iter().position(|s| s.spelling(heading).is_some()) else {
            return;
        };
        let before: String = self.sections.iter().take(at).map(Section::text).collect();
        let kept = before.strip_suffix(separator).unwrap_or(&before).to_owned();
        let as_it_was = |text: String| Section {
            name: None,
            lines: vec![Line {
                text,
                kind: LineKind::Other,
            }],
        };
        let after = self.sections.split_off(at).into_iter().skip(1);
        self.sections = vec![as_it_was(kept), as_it_was(rest.to_owned())];
        self.sections.extend(after);
    }

    fn take(&mut self, line: &str, open_indentation: &mut Option<usize>) {
        let body = line.trim_end_matches(['\r', '\n']);
        let trimmed = body.trim_matches(BLANK);
        let indentation = body.len() - body.trim_start_matches(BLANK).len();
        let kind = if trimmed.is_empty() {
            LineKind::Other
        } else if open_indentation.is_some_and(|open| indentation > open) {
            // An indented comment too: for the SDKs it is a part of the value.
            LineKind::Continuation
        } else if trimmed.starts_with(['#', ';']) {
            LineKind::Other
        } else if let Some(inside) = trimmed.strip_prefix('[') {
            *open_indentation = None;
            // Without its bracket it is no profile that anybody could name, but it does end the one before.
            let name = inside.split_once(']').map_or("", |(name, _)| name);
            self.sections.push(Section {
                name: Some(name.to_owned()),
                lines: Vec::new(),
            });
            LineKind::Heading
        } else if self.sections.len() > 1 {
            *open_indentation = Some(indentation);
            // The CLI takes a colon as well.
            let key = trimmed.split(['=', ':']).next().unwrap_or_default();
            LineKind::Property(key.trim_matches(BLANK).to_ascii_lowercase())
        } else {
            LineKind::Other
        };
        if let Some(section) = self.sections.last_mut() {
            section.lines.push(Line {
                text: line.to_owned(),
                kind,
            });
        }
    }

    fn add(&mut self, heading: &Heading, values: &[(&str, &str)]) -> Added {
        let newline = self.newline();
        let last = self.sections.iter().flat_map(|section| &section.lines).next_back();
        let separator = match last {
            None => String::new(),
            Some(line) if line.body().trim_matches(BLANK).is_empty() && line.is_ended() => String::new(),
            Some(line) if line.is_ended() => newline.to_owned(),
            Some(_) => newline.repeat(2),
        };
        let mut text = format!("{}{newline}", heading.line());
        for (key, value) in values {
            text.extend([key, " = ", value, newline]);
        }
        let texts = [separator.clone(), text.clone()];
        self.sections.extend(texts.into_iter().map(|text| Section {
            name: None,
            lines: vec![Line {
                text,
                kind: LineKind::Other,
            }],
        }));
        Added { separator, text }
    }

    /// Leaves one property `key` in the sections of one spelling: where the last one was, or at the end of the last.
    fn put(
        &mut self,
        heading: &Heading,
        spelling: Spelling,
        key: &str,
        text: &dyn Fn(&str, &str) -> String,
    ) {
        let newline = self.newline();
        let mut is_put = false;
        let mut sections: Vec<&mut Section> = self
            .sections
            .iter_mut()
            .filter(|section| section.spelling(heading) == Some(spelling))
            .collect();
        for section in sections.iter_mut().rev() {
            if !is_put && section.replace_last(key, text) {
                is_put = true;
            } else {
                section.remove(&|found| found == key);
            }
        }
        if let (false, Some(section)) = (is_put, sections.pop()) {
            section.append(key, text, newline);
        }
    }

    fn sections_mut(&mut self, heading: &Heading) -> impl Iterator<Item = &mut Section> {
        self.sections.iter_mut().filter(|section| section.spelling(heading).is_some())
    }

    /// How the file ends its lines: as it ends the first.
    fn newline(&self) -> &'static str {
        let first = self.sections.iter().flat_map(|section| &section.lines).next();
        first.map_or("\n", Line::newline)
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.has_byte_order_mark {
            write!(f, "{BYTE_ORDER_MARK}")?;
        }
        let texts = self.sections.iter().map(Section::text).filter(|text| !text.is_empty());
        let mut is_ended = true;
        for text in texts {
            // Undoing an edit can bring back a text without a final newline where others have since added more.
            if !is_ended && !text.starts_with(['\n', '\r']) {
                f.write_str(self.newline())?;
            }
            f.write_str(&text)?;
            is_ended = text.ends_with('\n');
        }
        Ok(())
    }
}

impl Section {
    pub(super) fn text(&self) -> String {
        self.lines.iter().map(|line| line.text.as_str()).collect()
    }

    /// The keys in lower case, each with the lines that make it up.
    fn properties(&self) -> Vec<(String, String)> {
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

    fn spelling(&self, heading: &Heading) -> Option<Spelling> {
        heading.spelling(self.name.as_ref()?)
    }

    fn value(&self, key: &str) -> Option<String> {
        let properties = self.properties();
        let (_, lines) = properties.iter().rfind(|(found, _)| found == key)?;
        let (_, value) = lines.split_once(['=', ':'])?;
        Some(without_comment(value).trim().to_owned())
    }

    fn is_bare(&self) -> bool {
        self.lines.iter().all(|line| {
            line.kind == LineKind::Heading
                || line.kind == LineKind::Other && line.text.trim().is_empty()
        })
    }

    fn remove(&mut self, unwanted: &dyn Fn(&str) -> bool) {
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
    fn replace_last(&mut self, key: &str, text: &dyn Fn(&str, &str) -> String) -> bool {
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
    fn append(&mut self, key: &str, text: &dyn Fn(&str, &str) -> String, newline: &str) {
        let is_content = |line: &Line| line.kind != LineKind::Other;
        let at = self.lines.iter().rposition(is_content).map_or(0, |last| last + 1);
        if let Some(line) = self.lines.get_mut(at.saturating_sub(1))
            && !line.is_ended()
        {
            line.text.push_str(newline);
        }
        let is_property = |line: &&Line| matches!(line.kind, LineKind::Property(_));
        let indentation = self.lines.iter().rfind(is_property).map_or("", Line::indentation);
        let line = Line {
            text: text(indentation, newline),
            kind: LineKind::Property(key.to_owned()),
        };
        self.lines.insert(at, line);
    }
}

impl Line {
    fn body(&self) -> &str {
        self.text.trim_end_matches(['\r', '\n'])
    }

    fn is_ended(&self) -> bool {
        self.text.ends_with('\n')
    }

    fn indentation(&self) -> &str {
        let end = self.text.len() - self.text.trim_start_matches(BLANK).len();
        self.text.get(..end).unwrap_or_default()
    }

    fn newline(&self) -> &'static str {
        if self.text.ends_with("
") { "
" } else { "
" }
    }
}

/// The SDKs end a value at a `#` or `;` that follows a blank.
fn without_comment(value: &str) -> &str {
    let starts = |(at, c): &(usize, char)| {
        matches!(c, '#' | ';') && value.get(..*at).is_some_and(|before| before.ends_with(BLANK))
    };
    match value.char_indices().find(starts) {
        Some((at, _)) => value.get(..at).unwrap_or(value),
        None => value,
    }
}
