//! Session tags: the job's own, the user's, and which of them travel along a chain.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use super::invalid::{Invalid, shown};

/// The most tags that STS takes in one call.
pub(crate) const MOST_TAGS: usize = 50;
const SET: &str = "letters, digits, blanks of any language and _ . : / = + - @";

/// One tag, in a form that STS accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) priority: Priority,
}

/// What happens to a tag when the packed size of a session passes AWS' limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// Stays: the user asked for it, or policies are written against it.
    Keep,
    /// Goes first: nice to read in CloudTrail.
    Drop,
}

impl Tag {
    /// A tag that the user asked for. It is refused, never altered.
    pub(crate) fn given(key: &str, value: &str) -> Result<Self, Invalid> {
        let name = |fault: Invalid| Invalid::new(format!("key {} {fault}", shown(key)));
        if let Some(fault) =
            Invalid::length(key, 1, 128).or_else(|| Invalid::character(key, SET, allowed))
        {
            return Err(name(fault));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Invalid::new(format!(
                "key {} begins with `aws:`, which AWS keeps for itself",
                shown(key)
            )));
        }
        let about = |fault: Invalid| Invalid::new(format!("value of {} {fault}", shown(key)));
        if let Some(fault) =
            Invalid::length(value, 0, 256).or_else(|| Invalid::character(value, SET, allowed))
        {
            return Err(about(fault));
        }
        Ok(Self {
            key: key.to_owned(),
            value: value.to_owned(),
            priority: Priority::Keep,
        })
    }

    /// A tag from the CI's own variables: what STS would refuse becomes `_`, and the value is cut at 256.
    pub(crate) fn of_job(key: &str, value: &str, priority: Priority) -> Self {
        let clean = value
            .chars()
            .map(|c| if allowed(c) { c } else { '_' })
            .take(256)
            .collect();
        Self {
            key: key.to_owned(),
            value: clean,
            priority,
        }
    }

    /// The same for several variables, of which some are absent.
    pub(crate) fn of_words(words: &[(&str, &Option<String>)], priority: Priority) -> Vec<Self> {
        let tag = |(key, value): &(&str, &Option<String>)| {
            Some(Self::of_job(key, value.as_deref()?, priority))
        };
        words.iter().filter_map(tag).collect()
    }

    /// STS compares keys without regard to case.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.key.to_lowercase() == key.to_lowercase()
    }
}

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, where a vowel sign of Hindi or Thai is a mark (`\p{M}`) and not a letter.
fn allowed(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    GeneralCategoryGroup::Letter
        .union(GeneralCategoryGroup::Separator)
        .union(GeneralCategoryGroup::Number)
        .contains(category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_tag_is_refused_with_its_key_and_the_limit() {
        for (key, value, part) in [
            ("", "x", "has 0 characters; AWS STS accepts 1 to 128"),
            ("a#b", "x", "has `#` at position 2"),
            ("aws:me", "x", "begins with `aws:`"),
            (
                "team",
                "a\nb",
                "value of `team` has a line break at position 2",
            ),
            ("team", "र\u{948}", "(U+0948) at position 2"),
            ("🅰", "x", "has `🅰` (U+1F170) at position 1"),
        ] {
            let fault = Tag::given(key, value).expect_err(key).to_string();
            assert!(fault.contains(part), "{fault}");
        }
        assert!(Tag::given("k", &"x".repeat(257)).is_err());
        assert!(Tag::given(&"k".repeat(129), "x").is_err());
        assert!(Tag::given("Größe", "ein Wert/ü").is_ok());
    }

    #[test]
    fn a_job_tag_is_cleaned_and_cut() {
        let tag = Tag::of_job("Actor", "dependabot[bot]", Priority::Keep);
        assert_eq!(tag.value, "dependabot_bot_");
        let tag = Tag::of_job("Workflow", "परीक्षण 試験 Ⅷ ½ é", Priority::Keep);
        assert_eq!(tag.value, "पर_क_षण 試験 Ⅷ ½ é");
        assert_eq!(
            Tag::of_job("k", &"ü".repeat(300), Priority::Drop)
                .value
                .chars()
                .count(),
            256
        );
    }
}
