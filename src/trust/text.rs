//! Values from outside as a sentence has them.

/// A value in back quotes, on one line, not longer than a sentence bears.
pub(crate) fn shown(value: &str) -> String {
    const MOST: usize = 160;
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut text: String = value.chars().map(clean).take(MOST).collect();
    if value.chars().count() > MOST {
        text.push('…');
    }
    format!("`{text}`")
}

/// `a`, `b` or `c`.
pub(crate) fn choice(values: &[String]) -> String {
    join(values, " or ")
}

/// `a`, `b` and `c`.
pub(crate) fn all(values: &[String]) -> String {
    join(values, " and ")
}

fn join(values: &[String], last: &str) -> String {
    match values {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., end] => format!("{}{last}{end}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_sentences() {
        let of = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(choice(&of(&["a", "b", "c"])), "a, b or c");
        assert_eq!(all(&of(&["a", "b"])), "a and b");
        assert_eq!(choice(&[]), "nothing");
        assert_eq!(shown("a\nb"), "`a b`");
        assert!(shown(&"x".repeat(500)).chars().count() < 170);
    }
}
