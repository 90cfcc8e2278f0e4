//! IAM's wildcards: `*` is any run of characters, `?` is any one of them. Case counts.

/// True when the whole of `text` matches `pattern`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    matches_of(&pieces(pattern), text)
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// This character.
    Char(char),
    /// `?`.
    One,
    /// `*`.
    Many,
}

/// A pattern without variables in it.
pub(super) fn pieces(pattern: &str) -> Vec<Piece> {
    let piece = |c| match c {
        '*' => Piece::Many,
        '?' => Piece::One,
        c => Piece::Char(c),
    };
    pattern.chars().map(piece).collect()
}

/// Text for a pattern that stands for nothing but itself.
pub(super) fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '*' | '?' | '$' => format!("${{{c}}}"),
            c => c.to_string(),
        })
        .collect()
}

/// Goes through the text once with the set of places in the pattern that may have been reached.
pub(super) fn matches_of(pieces: &[Piece], text: &str) -> bool {
    let mut reached = vec![false; pieces.len() + 1];
    spread(pieces, &mut reached, 0);
    for c in text.chars() {
        let mut next = vec![false; pieces.len() + 1];
        for (at, piece) in pieces.iter().enumerate() {
            if !reached.get(at).copied().unwrap_or_default() {
                continue;
            }
            match piece {
                Piece::Many => spread(pieces, &mut next, at),
                Piece::One => spread(pieces, &mut next, at + 1),
                Piece::Char(wanted) if *wanted == c => spread(pieces, &mut next, at + 1),
                Piece::Char(_) => {}
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// Whether there is a text that both patterns match.
pub(super) fn overlap(one: &[Piece], other: &[Piece]) -> bool {
    // Whether the rest of `one` and the rest of `other` have a text in common, from the ends on.
    let wide = other.len() + 1;
    let mut both = vec![false; (one.len() + 1) * wide];
    for at in (0..=one.len()).rev() {
        for behind in (0..=other.len()).rev() {
            let is = |at: usize, behind: usize| {
                behind < wide && both.get(at * wide + behind).copied().unwrap_or_default()
            };
            let found = match (one.get(at), other.get(behind)) {
                (None, None) => true,
                (Some(Piece::Many), _) if is(at + 1, behind) => true,
                (_, Some(Piece::Many)) if is(at, behind + 1) => true,
                (Some(Piece::Many), Some(_)) => is(at, behind + 1),
                (Some(_), Some(Piece::Many)) => is(at + 1, behind),
                (Some(Piece::Char(a)), Some(Piece::Char(b))) => a == b && is(at + 1, behind + 1),
                (Some(_), Some(_)) => is(at + 1, behind + 1),
                (None, Some(_)) | (Some(_), None) => false,
            };
            if let Some(place) = both.get_mut(at * wide + behind) {
                *place = found;
            }
        }
    }
    both.first().copied().unwrap_or_default()
}

/// A `*` may stand for nothing, so the place behind it is reached with it.
fn spread(pieces: &[Piece], reached: &mut [bool], from: usize) {
    let mut at = from;
    loop {
        if let Some(place) = reached.get_mut(at) {
            *place = true;
        }
        if pieces.get(at) != Some(&Piece::Many) {
            return;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("**", "x", true),
            ("a*", "abc", true),
            ("*:ref:*", "repo:o/r:ref:refs/heads/main", true),
            ("repo:o/*", "repo:O/r", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("?", "é", true),
            ("*ab*ab", "abxab", true),
            ("*ab*ab", "abxa", false),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    /// Another way to say the same: cut at the stars, then find the parts in order.
    fn slowly(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                slowly(rest, text) || (!text.is_empty() && slowly(pattern, &text[1..]))
            }
            ([p, rest @ ..], [t, tail @ ..]) => (*p == '?' || p == t) && slowly(rest, tail),
            _ => false,
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
        #[test]
        fn agrees_with_a_matcher_that_tries_everything(pattern in "[ab:*?]{0,9}", text in "[ab:]{0,11}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            proptest::prop_assert_eq!(matches(&pattern, &text), slowly(&p, &t));
        }

        #[test]
        fn a_text_matches_itself_with_any_part_made_a_star(text in "[a-z:/@*?.-]{1,30}", from in 0usize..30, to in 0usize..30) {
            let chars: Vec<char> = text.chars().collect();
            let (from, to) = (from.min(chars.len()), to.min(chars.len()));
            let (from, to) = (from.min(to), from.max(to));
            let pattern: String = chars[..from].iter().chain(['*'].iter()).chain(chars[to..].iter()).collect();
            proptest::prop_assert!(matches(&pattern, &text), "{} {}", pattern, text);
        }
    }
}
