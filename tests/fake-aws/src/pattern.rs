//! Wildcard patterns of IAM policies: `*` is any run of characters, `?` is any one.

/// In a pattern, a `*` or `?` that stands for itself: what `${*}` and `${?}` of a policy become.
pub(crate) const LITERAL: [(char, char); 2] = [('*', '\u{e000}'), ('?', '\u{e001}')];

/// The pattern as text, for comparisons without wildcards.
pub(crate) fn unescaped(pattern: &str) -> String {
    LITERAL
        .iter()
        .fold(pattern.to_owned(), |text, (plain, mark)| {
            text.replace(*mark, &plain.to_string())
        })
}

fn is(pattern: char, text: Option<&char>) -> bool {
    let meant = LITERAL.iter().find(|(_, mark)| *mark == pattern);
    text == Some(&meant.map_or(pattern, |(plain, _)| *plain))
}

/// True when the whole of `text` matches `pattern`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut pi, mut ti) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while ti < t.len() {
        match p.get(pi) {
            Some('*') => {
                star = Some((pi, ti));
                pi += 1;
            }
            Some(c) if *c == '?' || is(*c, t.get(ti)) => {
                pi += 1;
                ti += 1;
            }
            _ => match star {
                // Let the last star swallow one more character and try again.
                Some((at, eaten)) => {
                    star = Some((at, eaten + 1));
                    pi = at + 1;
                    ti = eaten + 1;
                }
                None => return false,
            },
        }
    }
    p.iter().skip(pi).all(|c| *c == '*')
}

/// As [`matches()`], without regard to ASCII case: action names.
pub(crate) fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// ARN patterns match part by part: a wildcard never crosses a colon of the first five.
pub(crate) fn matches_arn(pattern: &str, arn: &str) -> bool {
    let (p, a): (Vec<&str>, Vec<&str>) = (
        pattern.splitn(6, ':').collect(),
        arn.splitn(6, ':').collect(),
    );
    p.len() == a.len() && p.iter().zip(&a).all(|(p, a)| matches(p, a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("*", "", true),
            (
                "repo:octo-org/*",
                "repo:octo-org/octo-repo:ref:refs/heads/main",
                true,
            ),
            (
                "repo:octo-org/*:ref:refs/heads/main",
                "repo:octo-org/a:ref:refs/heads/dev",
                false,
            ),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*ab*ab", "abxab", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        assert!(matches_ignoring_case("STS:Assume*", "sts:AssumeRole"));
        assert!(matches_arn(
            "arn:aws:iam::*:role/x*",
            "arn:aws:iam::123456789012:role/xy"
        ));
        assert!(!matches_arn(
            "arn:*:role/x",
            "arn:aws:iam::123456789012:role/x"
        ));
    }
}
