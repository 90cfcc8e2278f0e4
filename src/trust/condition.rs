//! Whether one condition of a statement holds, and if not, in whose words.

use super::context::{Context, Known};
use super::differ;
use super::operator::{Base, Quantifier};
use super::pattern::{self, Piece};
use super::policy::{Condition, Wanted};
use super::role;
use super::text::{choice, shown};

/// What a condition comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Holds,
    /// Why not.
    Fails(String),
    /// Only AWS can tell; why, where there is more to say.
    Unknown(Option<&'static str>),
}

/// Why a condition on a session's role is left open, and what would settle it.
const PATHLESS: &str = "a session's ARN leaves the path of its role out; give the role's own ARN, with its path, as --caller";

/// A wanted value after its variables were filled in.
enum Filled {
    Pieces(Vec<Piece>),
    /// A variable that the request lacks: nothing is equal to it.
    Nothing,
    Unknown,
}

pub(super) fn check(condition: &Condition, context: &Context, variables: bool) -> Outcome {
    let operator = condition.operator;
    let known = context.look(&condition.key);
    if operator.base == Base::Null {
        return null(condition, &known);
    }
    let (actual, pathless) = match known {
        Known::Hidden => return Outcome::Unknown(None),
        Known::Absent(why) => return absent(condition, why),
        Known::Values(values) => (values, false),
        Known::Pathless(arn) => (vec![arn], true),
    };
    if operator.base == Base::IpAddress {
        return Outcome::Unknown(None);
    }
    let compare = |pieces: &[Piece], value: &str| {
        if pathless {
            role::compare(operator.base, pieces, value)
        } else {
            Some(same(operator.base, pieces, value))
        }
    };
    let matched = |value: &String| -> Option<bool> {
        let mut unknown = false;
        for wanted in &condition.values {
            match fill(wanted, context, variables, operator.has_wildcards()) {
                Filled::Pieces(pieces) => match compare(&pieces, value) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => unknown = true,
                },
                Filled::Unknown => unknown = true,
                Filled::Nothing => {}
            }
        }
        (!unknown).then_some(false)
    };
    let verdicts: Vec<Option<bool>> = actual
        .iter()
        .map(|value| matched(value).map(|matched| matched != operator.negated))
        .collect();
    // Without a quantifier, one of several values is enough; a negated operator must hold for each.
    let every = match operator.quantifier {
        Quantifier::AllValues => true,
        Quantifier::AnyValue => false,
        Quantifier::None => operator.negated,
    };
    let holds = if every {
        verdicts
            .iter()
            .try_fold(true, |all, one| one.map(|one| all && one))
    } else if verdicts.contains(&Some(true)) {
        Some(true)
    } else {
        verdicts
            .iter()
            .try_fold(false, |any, one| one.map(|one| any || one))
    };
    match holds {
        Some(true) => Outcome::Holds,
        Some(false) => Outcome::Fails(mismatch(condition, context, &actual)),
        None => Outcome::Unknown(pathless.then_some(PATHLESS)),
    }
}

/// `"Null": {"key": "true"}`: the key has to be absent.
fn null(condition: &Condition, known: &Known) -> Outcome {
    let absent = match known {
        Known::Values(_) | Known::Pathless(_) => false,
        Known::Absent(_) => true,
        Known::Hidden => return Outcome::Unknown(None),
    };
    let wants_absent = |wanted: &Wanted| wanted.text.eq_ignore_ascii_case("true");
    if condition
        .values
        .iter()
        .any(|wanted| wants_absent(wanted) == absent)
    {
        return Outcome::Holds;
    }
    let is = if absent { "not there" } else { "there" };
    Outcome::Fails(format!("{} is {is}", condition.key))
}

fn absent(condition: &Condition, why: Option<String>) -> Outcome {
    let operator = condition.operator;
    // A negated comparison with nothing holds, and so does one with each of no values.
    let holds = match operator.quantifier {
        Quantifier::AllValues => true,
        Quantifier::AnyValue => operator.if_exists,
        Quantifier::None => operator.negated || operator.if_exists,
    };
    if holds {
        return Outcome::Holds;
    }
    let why = why.unwrap_or_else(|| "the request does not have it".to_owned());
    Outcome::Fails(format!("{} is wanted: {why}", condition.key))
}

fn mismatch(condition: &Condition, context: &Context, actual: &[String]) -> String {
    let operator = condition.operator;
    let values =
        |values: &mut dyn Iterator<Item = &str>| -> Vec<String> { values.map(shown).collect() };
    let wanted = choice(&values(
        &mut condition.values.iter().map(|wanted| wanted.text.as_str()),
    ));
    let is = super::text::all(&values(&mut actual.iter().map(String::as_str)));
    let verb = if operator.negated {
        "must not be"
    } else {
        "has to be"
    };
    let mut said = format!("{} {verb} {wanted} and is {is}", condition.key);
    if let ([wanted], [value], false) = (condition.values.as_slice(), actual, operator.negated) {
        let github = condition.key.to_ascii_lowercase().ends_with(":sub")
            && context
                .issuer()
                .is_some_and(super::issuer::Issuer::speaks_github);
        if let Some(more) = differ::explain(&wanted.text, value, operator.has_wildcards(), github) {
            said = format!("{said}: {more}");
        }
    }
    said
}

/// Whether a value of the request is the wanted one.
pub(super) fn same(base: Base, pieces: &[Piece], actual: &str) -> bool {
    if base == Base::Like {
        return pattern::matches_of(pieces, actual);
    }
    let text: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Char(c) => *c,
            Piece::One => '?',
            Piece::Many => '*',
        })
        .collect();
    base.compare(&text, actual)
}

/// `${key}` and `${key, 'default'}` become the request's value; `${*}`, `${?}` and `${$}` the character.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
fn fill(wanted: &Wanted, context: &Context, variables: bool, wildcards: bool) -> Filled {
    let plain = |text: &str, pieces: &mut Vec<Piece>| {
        if wildcards {
            pieces.extend(pattern::pieces(text));
        } else {
            pieces.extend(text.chars().map(Piece::Char));
        }
    };
    let mut pieces = Vec::new();
    let mut rest = wanted.text.as_str();
    while variables && let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        plain(before, &mut pieces);
        rest = tail;
        let (key, default) = name.split_once(',').map_or((name, None), |(key, default)| {
            (key, Some(default.trim().trim_matches('\'')))
        });
        if let ("*" | "?" | "$", None) = (key, default) {
            pieces.extend(key.chars().map(Piece::Char));
            continue;
        }
        let value = match context.look(key.trim()) {
            Known::Values(values) => values.into_iter().next(),
            Known::Absent(_) => default.map(str::to_owned),
            Known::Pathless(_) | Known::Hidden => return Filled::Unknown,
        };
        match value {
            Some(value) => pieces.extend(value.chars().map(Piece::Char)),
            None => return Filled::Nothing,
        }
    }
    plain(rest, &mut pieces);
    Filled::Pieces(pieces)
}

#[cfg(test)]
#[path = "condition_tests.rs"]
mod tests;
