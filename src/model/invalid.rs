//! Why a value was refused: the fault and the limit, in one sentence. The input's name is added by whoever asked.

use std::fmt;

/// The reason why a value cannot be used, without the name of the input that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invalid(String);

impl Invalid {
    pub(crate) fn new(fault: impl Into<String>) -> Self {
        Self(fault.into())
    }

    /// A length outside `least..=most`, counted in characters as AWS counts.
    pub(crate) fn length(text: &str, least: usize, most: usize) -> Option<Self> {
        let length = text.chars().count();
        if (least..=most).contains(&length) {
            return None;
        }
        let characters = if length == 1 {
            "character"
        } else {
            "characters"
        };
        Some(Self(format!(
            "has {length} {characters}; AWS STS accepts {least} to {most}"
        )))
    }

    /// The first character that `allowed` refuses, with its position.
    pub(crate) fn character(text: &str, set: &str, allowed: impl Fn(char) -> bool) -> Option<Self> {
        let (at, found) = text.chars().enumerate().find(|(_, c)| !allowed(*c))?;
        Some(Self(format!(
            "has {} at position {}; allowed are {set}",
            describe(found),
            at + 1
        )))
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A character as a reader can find it: blanks and invisible ones by name or code point.
fn describe(c: char) -> String {
    match c {
        ' ' => "a space".to_owned(),
        '\n' => "a line break".to_owned(),
        '\r' => "a carriage return".to_owned(),
        '\t' => "a tab".to_owned(),
        c if c.is_control() || c.is_whitespace() => format!("the character U+{:04X}", c as u32),
        c if c.is_ascii() => format!("`{c}`"),
        c => format!("`{c}` (U+{:04X})", c as u32),
    }
}

/// A value for a message: on one line, and not longer than a log line can bear.
pub(crate) fn shown(value: &str) -> String {
    const MOST: usize = 80;
    let clean: String = value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MOST + 1)
        .collect();
    if clean.chars().count() > MOST {
        let cut: String = clean.chars().take(MOST).collect();
        format!("`{cut}…`")
    } else {
        format!("`{clean}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_offending_character_and_its_place() {
        let allowed = |c: char| c.is_ascii_alphanumeric();
        for (text, expected) in [
            ("a b", "has a space at position 2; allowed are letters"),
            ("ab/", "has `/` at position 3; allowed are letters"),
            ("é", "has `é` (U+00E9) at position 1; allowed are letters"),
            (
                "\u{0}",
                "has the character U+0000 at position 1; allowed are letters",
            ),
        ] {
            let fault = Invalid::character(text, "letters", allowed).map(|i| i.to_string());
            assert_eq!(fault.as_deref(), Some(expected));
        }
        assert_eq!(Invalid::character("ab", "letters", allowed), None);
    }

    #[test]
    fn states_the_length_and_the_limit() {
        let fault = Invalid::length("x", 2, 64).map(|i| i.to_string());
        assert_eq!(
            fault.as_deref(),
            Some("has 1 character; AWS STS accepts 2 to 64")
        );
        assert_eq!(Invalid::length("xy", 2, 64), None);
    }

    #[test]
    fn a_shown_value_stays_on_one_line_and_is_cut() {
        assert_eq!(shown("a\nb"), "`a b`");
        assert!(shown(&"x".repeat(200)).chars().count() < 90);
    }
}
