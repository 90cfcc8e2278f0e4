//! A role of which the path is not known, as a session's ARN leaves it: whether a wanted value fits whatever the path is.

use super::condition::same;
use super::operator::Base;
use super::pattern::{self, Piece};

/// No ARN has it, so only a wildcard stands for it.
const PATH: char = '\u{0}';

/// None, where it depends on the path. `arn` is the role's, as it would be without one.
pub(super) fn compare(base: Base, wanted: &[Piece], arn: &str) -> Option<bool> {
    let Some((account, name)) = arn.split_once(":role/") else {
        return Some(same(base, wanted, arn));
    };
    let with = |path: &str| format!("{account}:role/{path}/{name}");
    // A `?` stands for one character, so it takes paths of two lengths to know that any length would do.
    let all = [
        arn.to_owned(),
        with(&PATH.to_string()),
        with(&format!("{PATH}{PATH}")),
    ];
    if all.iter().all(|arn| same(base, wanted, arn)) {
        return Some(true);
    }
    (!same(base, wanted, arn) && !may_be(base, wanted, &with("*"))).then_some(false)
}

/// Whether the wanted value fits with one path or another.
fn may_be(base: Base, wanted: &[Piece], any: &str) -> bool {
    let lower = |pieces: &[Piece]| -> Vec<Piece> {
        let lower = |piece: &Piece| match piece {
            Piece::Char(c) => c.to_lowercase().map(Piece::Char).collect(),
            other => vec![*other],
        };
        pieces.iter().flat_map(lower).collect()
    };
    match base {
        Base::Equals | Base::Binary | Base::Like => pattern::overlap(wanted, &pattern::pieces(any)),
        Base::EqualsIgnoreCase => pattern::overlap(&lower(wanted), &lower(&pattern::pieces(any))),
        Base::Arn => arns(wanted, &pattern::pieces(any)),
        _ => false,
    }
}

/// Part by part: a wildcard does not cross one of the first five colons.
fn arns(wanted: &[Piece], any: &[Piece]) -> bool {
    let parts = |pieces: &[Piece]| -> Vec<Vec<Piece>> {
        let parts = pieces.splitn(6, |piece| *piece == Piece::Char(':'));
        parts.map(<[Piece]>::to_vec).collect()
    };
    let (wanted, any) = (parts(wanted), parts(any));
    wanted.len() == any.len()
        && wanted
            .iter()
            .zip(&any)
            .all(|(wanted, any)| pattern::overlap(wanted, any))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_sessions_role_is_left_open() {
        const ROLE: &str = "arn:aws:iam::123456789012:role/hub";
        for (base, wanted, expected) in [
            (Base::Arn, "arn:aws:iam::123456789012:role/*", Some(true)),
            (Base::Arn, "arn:aws:iam::*:role/*hub", Some(true)),
            (Base::Like, "*hub", Some(true)),
            (Base::Arn, ROLE, None),
            (Base::Equals, ROLE, None),
            (
                Base::EqualsIgnoreCase,
                "ARN:aws:iam::123456789012:role/Teams/HUB",
                None,
            ),
            (Base::Arn, "arn:aws:iam::123456789012:role/teams/hub", None),
            (
                Base::Arn,
                "arn:aws:iam::123456789012:role/aws-reserved/*/hub",
                None,
            ),
            (Base::Arn, "arn:aws:iam::123456789012:role/?/hub", None),
            (Base::Like, "arn:aws:iam::123456789012:role/??*hub", None),
            (
                Base::Arn,
                "arn:aws:iam::123456789012:role/web-hub",
                Some(false),
            ),
            (
                Base::Arn,
                "arn:aws:iam::123456789012:role/hub/web",
                Some(false),
            ),
            (Base::Arn, "arn:aws:iam::210987654321:role/*", Some(false)),
            (Base::Arn, "arn:*:role/hub", Some(false)),
            (
                Base::Equals,
                "arn:aws:iam::123456789012:role/*",
                Some(false),
            ),
            (Base::Binary, "arn:aws:iam::123456789012:role/web/hub", None),
        ] {
            let pieces: Vec<Piece> = if matches!(base, Base::Arn | Base::Like) {
                pattern::pieces(wanted)
            } else {
                wanted.chars().map(Piece::Char).collect()
            };
            assert_eq!(compare(base, &pieces, ROLE), expected, "{base:?} {wanted}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
        /// What is said for certain is so for every path.
        #[test]
        fn agrees_with_every_path(wanted in "(:role/)?[a/:*?]{0,6}", path in "([a:]{1,2}/){0,2}") {
            let pieces = pattern::pieces(&wanted);
            let arn = format!(":role/{path}a");
            let holds = pattern::matches(&wanted, &arn);
            if let Some(said) = compare(Base::Like, &pieces, ":role/a") {
                proptest::prop_assert_eq!(said, holds, "{} {}", wanted, arn);
            }
        }
    }
}
