//! The constraints of STS's parameters, with the wording of its validation errors.

use std::ops::RangeInclusive;

use crate::sts::StsError;

/// Gathers what is wrong with a request's parameters; STS reports all of it at once.
#[derive(Debug, Default)]
pub(crate) struct Violations(Vec<String>);

/// The character sets of STS's parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Charset {
    /// `[\w+=,.@-]*`: session names and source identities.
    Name,
    /// `[\w+=,.@:\/-]*`: external ids.
    ExternalId,
    /// `[\w+=/:,.@-]*`: serial numbers of MFA devices.
    Serial,
    /// `[\d]*`
    Digits,
    /// Tab, line feed, carriage return and Latin-1 from the space on.
    Policy,
    /// Letters, separators, numbers and `_.:/=+-@`, of all scripts.
    Tag,
    Any,
}

impl Charset {
    fn pattern(self) -> &'static str {
        match self {
            Self::Name => r"[\w+=,.@-]*",
            Self::ExternalId => r"[\w+=,.@:\/-]*",
            Self::Serial => r"[\w+=/:,.@-]*",
            Self::Digits => r"[\d]*",
            Self::Policy => r"[\u0009\u000A\u000D\u0020-\u00FF]+",
            Self::Tag => r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
            Self::Any => ".*",
        }
    }

    fn has(self, c: char) -> bool {
        let word = c.is_ascii_alphanumeric() || c == '_';
        match self {
            Self::Name => word || "+=,.@-".contains(c),
            Self::ExternalId | Self::Serial => word || "+=,.@:/-".contains(c),
            Self::Digits => c.is_ascii_digit(),
            Self::Policy => matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'),
            Self::Tag => is_in_tags(c),
            Self::Any => true,
        }
    }
}

/// `\p{L}\p{Z}\p{N}` and the eight signs: marks, symbols and control characters are none of them.
fn is_in_tags(c: char) -> bool {
    use icu_properties::props::GeneralCategory as Is;
    let category = icu_properties::CodePointMapData::<Is>::new().get(c);
    match category {
        Is::UppercaseLetter
        | Is::LowercaseLetter
        | Is::TitlecaseLetter
        | Is::ModifierLetter
        | Is::OtherLetter
        | Is::DecimalNumber
        | Is::LetterNumber
        | Is::OtherNumber
        | Is::SpaceSeparator
        | Is::LineSeparator
        | Is::ParagraphSeparator => true,
        _ => "_.:/=+-@".contains(c),
    }
}

impl Violations {
    fn add(&mut self, value: &str, name: &str, constraint: &str) {
        self.0.push(format!(
            "Value '{value}' at '{name}' failed to satisfy constraint: Member must {constraint}"
        ));
    }

    pub(crate) fn required(&mut self, name: &str, value: Option<&str>) {
        if value.is_none() {
            self.0.push(format!(
                "Value null at '{name}' failed to satisfy constraint: Member must not be null"
            ));
        }
    }

    pub(crate) fn text(
        &mut self,
        name: &str,
        value: Option<&str>,
        length: RangeInclusive<usize>,
        charset: Charset,
    ) {
        let Some(value) = value else { return };
        let n = value.chars().count();
        if n < *length.start() {
            self.add(
                value,
                name,
                &format!("have length greater than or equal to {}", length.start()),
            );
        }
        if n > *length.end() {
            self.add(
                value,
                name,
                &format!("have length less than or equal to {}", length.end()),
            );
        }
        if !value.chars().all(|c| charset.has(c)) {
            self.add(
                value,
                name,
                &format!("satisfy regular expression pattern: {}", charset.pattern()),
            );
        }
    }

    /// A number in a range; the default when it is absent.
    pub(crate) fn number(
        &mut self,
        name: &str,
        value: Option<&str>,
        range: &RangeInclusive<i64>,
        default: i64,
    ) -> i64 {
        let Some(text) = value else { return default };
        let Ok(n) = text.parse::<i64>() else {
            self.add(text, name, "be an integer");
            return default;
        };
        if n < *range.start() {
            self.add(
                text,
                name,
                &format!("have value greater than or equal to {}", range.start()),
            );
        }
        if n > *range.end() {
            self.add(
                text,
                name,
                &format!("have value less than or equal to {}", range.end()),
            );
        }
        n
    }

    pub(crate) fn at_most(&mut self, name: &str, values: &[String], limit: usize) {
        if values.len() > limit {
            self.add(
                &format!("[{}]", values.join(", ")),
                name,
                &format!("have length less than or equal to {limit}"),
            );
        }
    }

    pub(crate) fn finish(self) -> Result<(), StsError> {
        let n = self.0.len();
        if n == 0 {
            return Ok(());
        }
        let errors = if n == 1 { "error" } else { "errors" };
        Err(StsError::new(
            400,
            "ValidationError",
            &format!("{n} validation {errors} detected: {}", self.0.join("; ")),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fill: impl FnOnce(&mut Violations)) -> String {
        let mut v = Violations::default();
        fill(&mut v);
        v.finish().map_or_else(|e| e.message, |()| String::new())
    }

    #[test]
    fn words_of_aws() {
        assert_eq!(
            check(|v| v.text("roleSessionName", Some("a b"), 2..=64, Charset::Name)),
            "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        );
        let both = check(|v| {
            v.required("roleArn", None);
            v.number("durationSeconds", Some("899"), &(900..=43_200), 3600);
        });
        assert_eq!(
            both,
            "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be \
             null; Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than \
             or equal to 900"
        );
    }

    #[test]
    fn charsets() {
        for (charset, good, bad) in [
            (Charset::Name, "a_B9+=,.@-", "é"),
            (Charset::ExternalId, "a:/b", "a b"),
            (Charset::Serial, "arn:aws:iam::1:mfa/x", "*"),
            (Charset::Policy, "{\n\t\"é\"}", "\u{100}"),
            (Charset::Tag, "Größe 東京 _.:/=+-@", "a*"),
            (Charset::Tag, "", "a\tb"),
            (Charset::Tag, "x", "refs#1"),
        ] {
            assert_eq!(
                check(|v| v.text("x", Some(good), 0..=100, charset)),
                "",
                "{good}"
            );
            assert_ne!(
                check(|v| v.text("x", Some(bad), 0..=100, charset)),
                "",
                "{bad}"
            );
        }
    }
}
