//! The format of the AWS shared files, kept line by line: what is not edited is printed as it was read.
//!
//! Read as the SDKs and the CLI (Python's configparser) read it; where they differ, so that an edit is right for both.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use super::heading::{Heading, Spelling};
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
        self.sections
            .extend([separator.clone(), text.clone()].map(Section::verbatim));
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
        let mut below: Option<String> = None;
        let mut last_one = None;
        for section in self.sections.iter_mut().rev() {
            if section.spelling(heading) == Some(spelling) {
                if !is_put && section.replace_last(key, text) {
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

#[cfg(test)]
mod tests {
    use super::super::heading::Kind;
    use super::*;

    #[test]
    fn sets_keys_where_people_would() {
        for (case, before, after) in [
            ("nothing", "", "[dev]\nk = v\nl = w\n"),
            ("a mark only", "\u{feff}", "\u{feff}[dev]\nk = v\nl = w\n"),
            (
                "no such profile",
                "[a]\nk=1\n",
                "[a]\nk=1\n\n[dev]\nk = v\nl = w\n",
            ),
            (
                "no final newline",
                "[a]\nk=1",
                "[a]\nk=1\n\n[dev]\nk = v\nl = w\n",
            ),
            (
                "a blank line at the end",
                "[a]\n\n",
                "[a]\n\n[dev]\nk = v\nl = w\n",
            ),
            (
                "Windows",
                "[a]\r\nk=1\r\n",
                "[a]\r\nk=1\r\n\r\n[dev]\r\nk = v\r\nl = w\r\n",
            ),
            (
                "in place",
                "[dev]\nK=1\n# c\nm=2\n\n[a]\n",
                "[dev]\nk = v\n# c\nm=2\nl = w\n\n[a]\n",
            ),
            (
                "after a mark",
                "\u{feff}[dev]\nk=1",
                "\u{feff}[dev]\nk = v\nl = w\n",
            ),
            (
                "the next one's comment",
                "[dev]\nm=1\n# of a\n[a]\n",
                "[dev]\nm=1\nk = v\nl = w\n# of a\n[a]\n",
            ),
            (
                "the rest of a value",
                "[dev]\nk=1\n  2\n\n  # 3\nm=1\n",
                "[dev]\nk = v\n\nm=1\nl = w\n",
            ),
            (
                "nested keys",
                "[dev]\ns3 =\n  k = 1\n",
                "[dev]\ns3 =\n  k = 1\nk = v\nl = w\n",
            ),
            (
                "twice in one",
                "[dev]\nk=1\nm=1\nk=2\n",
                "[dev]\nm=1\nk = v\nl = w\n",
            ),
            (
                "two sections",
                "[dev]\nk=1\n[a]\n[dev]\nl=1\n",
                "[dev]\nk = v\n[a]\n[dev]\nl = w\n",
            ),
            ("a colon", "[dev]\nk: 1\nl :2\n", "[dev]\nk = v\nl = w\n"),
            (
                "indented",
                "[dev]\n  k = 1\n  m = 2\n",
                "[dev]\n  k = v\n  m = 2\n  l = w\n",
            ),
            (
                "indented heading",
                "[dev]\n  [a]\n  k = 1\n",
                "[dev]\n  k = v\n  l = w\n  [a]\n  k = 1\n",
            ),
            (
                "odd headings",
                "[ dev ] ; c\n[dev\nk=1\n",
                "[ dev ] ; c\nk = v\nl = w\n[dev\nk=1\n",
            ),
        ] {
            let mut document = Document::parse(before);
            let values = [("k", "v".to_owned()), ("l", "w".to_owned())];
            let heading = Heading::new(Kind::Credentials, &"dev".parse().unwrap());
            document.set(&heading, &values);
            assert_eq!(document.to_string(), after, "{case}");
            let again = Document::parse(after);
            assert_eq!(again.value(&heading, "k").as_deref(), Some("v"), "{case}");
            assert_eq!(again.value(&heading, "l").as_deref(), Some("w"), "{case}");
        }
    }

    #[test]
    fn removes_a_key_with_all_its_lines() {
        let mut document =
            Document::parse("[dev]\na = 1\nk = 1\n  2\n# c\n  3\nb = 1\n[x]\nk = 1\n");
        let heading = Heading::new(Kind::Credentials, &"dev".parse().unwrap());
        document.remove(&heading, |key| key == "k");
        assert_eq!(
            document.to_string(),
            "[dev]\na = 1\n# c\nb = 1\n[x]\nk = 1\n"
        );
    }

    #[test]
    fn reads_values_as_the_sdks_do() {
        let document = Document::parse("[dev]\nA = x#y ; note\n[dev]\nb=\n  c=1\nA =  z\t# note\n");
        let heading = Heading::new(Kind::Credentials, &"dev".parse().unwrap());
        assert_eq!(document.value(&heading, "a").as_deref(), Some("z"));
        assert_eq!(document.value(&heading, "b").as_deref(), Some("c=1"));
        assert_eq!(document.value(&heading, "c"), None);
    }
}
