//! The format of the AWS shared files, kept line by line: what is not edited is printed as it was read.
//!
//! Read as the SDKs and the CLI (Python's configparser) read it; where they differ, so that an edit is right for both.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use super::heading::{Heading, Kind, Spelling};
use super::section::{BLANK, Line, LineKind, Section};
use std::fmt;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A whole file. The first section is what comes before any heading, and has no name.
pub(super) struct Document {
    has_byte_order_mark: bool,
    sections: Vec<Section>,
}

/// A section that was added at the end, and what set it apart from the text before.
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
        self.sections
            .iter()
            .filter(|section| section.spelling(heading).is_some())
    }

    /// The names of all profiles, as a file of that kind writes them.
    pub(super) fn profiles(&self, kind: Kind) -> Vec<String> {
        let names = self
            .sections
            .iter()
            .filter_map(|section| section.name.as_deref());
        let names = names.filter_map(|inside| Heading::profile_in(kind, inside));
        names.map(str::to_owned).collect()
    }

    /// The whole text of each of them.
    pub(super) fn texts(&self, heading: &Heading) -> Vec<String> {
        self.sections_of(heading).map(Section::text).collect()
    }

    /// The value that readers find under `key` (in lower case): where there are several, the last.
    pub(super) fn value(&self, heading: &Heading, key: &str) -> Option<String> {
        self.sections_of(heading)
            .filter_map(|section| section.value(key))
            .last()
    }

    /// The properties of all sections, in the file's order.
    pub(super) fn properties(&self) -> Vec<(String, String)> {
        self.sections.iter().flat_map(Section::properties).collect()
    }

    /// Sets the keys in the profile, in place where it has them; at the end of the file if there is no such profile.
    pub(super) fn set(&mut self, heading: &Heading, values: &[(&str, String)]) -> Option<Added> {
        if self.sections_of(heading).next().is_none() {
            return Some(self.add(heading, values));
        }
        for spelling in [Spelling::Plain, Spelling::Prefixed] {
            self.make_readable(heading, spelling);
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
            self.put(heading, spelling, key, &|_, newline| {
                let ending = if lines.ends_with('\n') { "" } else { newline };
                format!("{lines}{ending}")
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
            *section = Section::verbatim(text);
        }
    }

    /// Takes out the profile's only section, which was added behind `separator`, and leaves `rest` in its place.
    pub(super) fn take_out(&mut self, heading: &Heading, separator: &str, rest: &str) {
        let Some(at) = self
            .sections
            .iter()
            .position(|s| s.spelling(heading).is_some())
        else {
            return;
        };
        let before: String = self.sections.iter().take(at).map(Section::text).collect();
        let kept = before.strip_suffix(separator).unwrap_or(&before).to_owned();
        let after = self.sections.split_off(at).into_iter().skip(1);
        self.sections = vec![Section::verbatim(kept), Section::verbatim(rest.to_owned())];
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

    fn add(&mut self, heading: &Heading, values: &[(&str, String)]) -> Added {
        let newline = self.newline();
        let last = self
            .sections
            .iter()
            .flat_map(|section| &section.lines)
            .next_back();
        let separator = match last {
            None => String::new(),
            Some(line) if line.body().trim_matches(BLANK).is_empty() && line.is_ended() => {
                String::new()
            }
            Some(line) if line.is_ended() => newline.to_owned(),
            Some(_) => newline.repeat(2),
        };
        let mut text = format!("{}{newline}", heading.line());
        for (key, value) in values {
            text.extend([key, " = ", value.as_str(), newline]);
        }
        // As it would be read: the end of an unended line belongs to that line.
        let mut lines = separator.as_str();
        if let (Some(line), Some(rest)) = (self.unended_line(), lines.strip_prefix(newline)) {
            line.text.push_str(newline);
            lines = rest;
        }
        let mut open_indentation = None;
        for line in lines
            .split_inclusive('\n')
            .chain(text.split_inclusive('\n'))
        {
            self.take(line, &mut open_indentation);
        }
        Added { separator, text }
    }

    /// The last line, if it lacks its end.
    fn unended_line(&mut self) -> Option<&mut Line> {
        let lines = self
            .sections
            .iter_mut()
            .flat_map(|section| &mut section.lines);
        lines.last().filter(|line| !line.is_ended())
    }

    /// Leaves one section at least of the spelling, if there is any, under a heading that every reader understands.
    fn make_readable(&mut self, heading: &Heading, spelling: Spelling) {
        let is_spelled = |section: &&mut Section| section.spelling(heading) == Some(spelling);
        let newline = self.newline();
        let is_readable = |section: &mut Section| section.readable(heading, newline).is_none();
        if self.sections.iter_mut().filter(is_spelled).any(is_readable) {
            return;
        }
        if let Some(section) = self.sections.iter_mut().rfind(is_spelled)
            && let Some(text) = section.readable(heading, newline)
            && let Some(line) = section.lines.first_mut()
        {
            line.text = text;
        }
    }

    /// Leaves one property `key` in the sections of one spelling: where the last one was, or at the end of the last.
    ///
    /// Where not every reader understands all of their headings, only in one that they do.
    fn put(
        &mut self,
        heading: &Heading,
        spelling: Spelling,
        key: &str,
        text: &dyn Fn(&str, &str) -> String,
    ) {
        let newline = self.newline();
        let mut is_put = false;
        let mut below: Option<String> = None;
        let mut last_one = None;
        let is_readable = |section: &Section| section.readable(heading, newline).is_none();
        let has_readable = self
            .sections
            .iter()
            .any(|section| section.spelling(heading) == Some(spelling) && is_readable(section));
        for section in self.sections.iter_mut().rev() {
            if section.spelling(heading) == Some(spelling) {
                if has_readable && !is_readable(section) {
                    section.remove(&|found| found == key);
                } else if !is_put && section.replace_last(key, text) {
                    is_put = true;
                } else {
                    section.remove(&|found| found == key);
                    last_one.get_or_insert_with(|| (section, below.clone()));
                    continue;
                }
            }
            below = section
                .lines
                .first()
                .map(|line| line.indentation().to_owned());
        }
        if let (false, Some((section, below))) = (is_put, last_one) {
            section.append(key, text, &below.unwrap_or_default(), newline);
        }
    }

    fn sections_mut(&mut self, heading: &Heading) -> impl Iterator<Item = &mut Section> {
        self.sections
            .iter_mut()
            .filter(|section| section.spelling(heading).is_some())
    }

    /// How the file ends its lines: as it ends the first.
    fn newline(&self) -> &'static str {
        let first = self
            .sections
            .iter()
            .flat_map(|section| &section.lines)
            .next();
        first.map_or("\n", Line::newline)
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.has_byte_order_mark {
            write!(f, "{BYTE_ORDER_MARK}")?;
        }
        let texts = self
            .sections
            .iter()
            .map(Section::text)
            .filter(|text| !text.is_empty());
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
