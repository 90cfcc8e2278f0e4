//! An inline session policy: JSON without needless blanks, within what STS can take.

use std::str::FromStr;

use serde::de::IgnoredAny;

use super::invalid::Invalid;

/// At most 2,048 characters once the blanks between JSON's tokens are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InlinePolicy(String);

impl InlinePolicy {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for InlinePolicy {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if !text.trim_start().starts_with('{') {
            return Err(Invalid::new(
                "is not a JSON object, which begins with `{`, nor a file, as in file://policy.json",
            ));
        }
        if let Err(fault) = serde_json::from_str::<IgnoredAny>(text) {
            return Err(Invalid::new(format!("is not valid JSON: {fault}")));
        }
        let small = minify(text);
        let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FF}');
        if let Some(fault) =
            Invalid::character(&small, "tab, line break and U+0020 to U+00FF", allowed)
        {
            return Err(fault);
        }
        let length = small.chars().count();
        if length > 2048 {
            return Err(Invalid::new(format!(
                "has {length} characters without blanks; AWS STS accepts at most 2048"
            )));
        }
        Ok(Self(small))
    }
}

/// The same JSON without the blanks between its tokens. STS counts every character of a policy.
fn minify(json: &str) -> String {
    let mut small = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string || !c.is_ascii_whitespace() {
            small.push(c);
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ => {}
        }
    }
    small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_blanks_between_tokens_only() {
        let policy: InlinePolicy = "{ \"a\" : [ 1,\n 2 ], \"b c\": \"d \\\" e\\\\\" }"
            .parse()
            .expect("a policy");
        assert_eq!(policy.as_str(), "{\"a\":[1,2],\"b c\":\"d \\\" e\\\\\"}");
    }

    #[test]
    fn refuses_what_sts_would_refuse() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2048));
        for (text, part) in [
            ("", "not a JSON object"),
            ("[]", "not a JSON object"),
            ("{", "not valid JSON: EOF"),
            ("{\"a\":\"€\"}", "`€` (U+20AC) at position 7"),
            (
                long.as_str(),
                "has 2056 characters without blanks; AWS STS accepts at most 2048",
            ),
        ] {
            let fault = text.parse::<InlinePolicy>().expect_err(text).to_string();
            assert!(fault.contains(part), "{fault}");
        }
    }
}
