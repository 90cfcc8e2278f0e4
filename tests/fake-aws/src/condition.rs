//! The Condition block of a policy statement: operators, quantifiers, `IfExists` and policy variables.

use serde_json::Value;

use crate::trust::{Context, list};
use crate::{clock, pattern};

enum Quantifier {
    None,
    Any,
    All,
}

/// Whether all conditions of a statement hold; else which one does not, and what the request had.
pub(crate) fn check(statement: &Value, context: &Context) -> Result<(), String> {
    let Some(blocks) = statement.get("Condition") else {
        return Ok(());
    };
    let blocks = blocks.as_object().ok_or("Condition is not an object")?;
    for (operator, keys) in blocks {
        let keys = keys
            .as_object()
            .ok_or_else(|| format!("{operator} is not an object"))?;
        for (key, expected) in keys {
            let expected: Vec<String> = list(Some(expected))
                .map(|v| substitute(&text(v), context))
                .collect();
            if !holds(operator, key, &expected, context) {
                let got = context
                    .values(key)
                    .map_or_else(|| "absent".to_owned(), |v| v.join(", "));
                return Err(format!(
                    "{operator} {key} wants {}, the request has {got}",
                    expected.join(" or ")
                ));
            }
        }
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn holds(operator: &str, key: &str, expected: &[String], context: &Context) -> bool {
    let (quantifier, base) = match operator.split_once(':') {
        Some(("ForAnyValue", rest)) => (Quantifier::Any, rest),
        Some(("ForAllValues", rest)) => (Quantifier::All, rest),
        Some(_) => return false,
        None => (Quantifier::None, operator),
    };
    let (base, if_exists) = base
        .strip_suffix("IfExists")
        .map_or((base, false), |b| (b, true));
    let actual = context.values(key);
    if base == "Null" {
        return expected
            .iter()
            .any(|e| e.eq_ignore_ascii_case("true") == actual.is_none());
    }
    // An unknown operator is one that IAM does not have either.
    let Some((positive, negated)) = positive(base) else {
        return false;
    };
    let Some(actual) = actual else {
        return match quantifier {
            Quantifier::All => true,
            Quantifier::Any => if_exists,
            Quantifier::None => negated || if_exists,
        };
    };
    let one = |value: &String| expected.iter().any(|e| compare(positive, e, value)) != negated;
    match quantifier {
        Quantifier::All => actual.iter().all(one),
        // A negated operator on several values, without a quantifier, must hold for each.
        Quantifier::None if negated => actual.iter().all(one),
        Quantifier::None | Quantifier::Any => actual.iter().any(one),
    }
}

/// The operator without its negation, and whether it was negated.
fn positive(operator: &str) -> Option<(&'static str, bool)> {
    Some(match operator {
        "StringEquals" => ("StringEquals", false),
        "StringNotEquals" => ("StringEquals", true),
        "StringEqualsIgnoreCase" => ("StringEqualsIgnoreCase", false),
        "StringNotEqualsIgnoreCase" => ("StringEqualsIgnoreCase", true),
        "StringLike" => ("StringLike", false),
        "StringNotLike" => ("StringLike", true),
        "ArnEquals" | "ArnLike" => ("ArnLike", false),
        "ArnNotEquals" | "ArnNotLike" => ("ArnLike", true),
        "Bool" => ("Bool", false),
        "NumericEquals" => ("NumericEquals", false),
        "NumericNotEquals" => ("NumericEquals", true),
        "NumericLessThan" => ("NumericLessThan", false),
        "NumericLessThanEquals" => ("NumericLessThanEquals", false),
        "NumericGreaterThan" => ("NumericGreaterThan", false),
        "NumericGreaterThanEquals" => ("NumericGreaterThanEquals", false),
        "DateLessThan" => ("DateLessThan", false),
        "DateGreaterThan" => ("DateGreaterThan", false),
        _ => return None,
    })
}

fn compare(operator: &str, expected: &str, actual: &str) -> bool {
    // Wildcards come from the policy's text alone.
    let plain = pattern::unescaped(expected);
    let expected = if operator == "StringLike" || operator == "ArnLike" {
        expected
    } else {
        plain.as_str()
    };
    let numbers = || Some((expected.parse::<f64>().ok()?, actual.parse::<f64>().ok()?));
    let dates = || Some((clock::parse(expected)?, clock::parse(actual)?));
    match operator {
        "StringEquals" => expected == actual,
        "StringEqualsIgnoreCase" | "Bool" => expected.to_lowercase() == actual.to_lowercase(),
        "StringLike" => pattern::matches(expected, actual),
        "ArnLike" => pattern::matches_arn(expected, actual),
        "NumericEquals" => numbers().is_some_and(|(e, a)| a.total_cmp(&e).is_eq()),
        "NumericLessThan" => numbers().is_some_and(|(e, a)| a < e),
        "NumericLessThanEquals" => numbers().is_some_and(|(e, a)| a <= e),
        "NumericGreaterThan" => numbers().is_some_and(|(e, a)| a > e),
        "NumericGreaterThanEquals" => numbers().is_some_and(|(e, a)| a >= e),
        "DateLessThan" => dates().is_some_and(|(e, a)| a < e),
        "DateGreaterThan" => dates().is_some_and(|(e, a)| a > e),
        _ => false,
    }
}

/// Replaces `${key}` by the request's value; an absent key leaves text that matches nothing.
fn substitute(pattern: &str, context: &Context) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        out += before;
        match context.values(name).and_then(<[String]>::first) {
            Some(value) => out += value,
            None if name == "$" => out.push('$'),
            None if matches!(name, "*" | "?") => {
                let mark = pattern::LITERAL
                    .iter()
                    .find(|(plain, _)| name.starts_with(*plain));
                out.extend(mark.map(|(_, mark)| mark));
            }
            None => out.push('\u{0}'),
        }
        rest = tail;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::trust::Principal;

    fn context() -> Context {
        let mut context = Context::new("sts:AssumeRole", Principal::Federated("p".into()))
            .with("sts:ExternalId", "ext-42")
            .with("aws:MultiFactorAuthPresent", "true")
            .with("aws:MultiFactorAuthAge", "100")
            .with("aws:PrincipalArn", "arn:aws:iam::123456789012:user/ci-user")
            .with("aws:PrincipalTag/team", "platform")
            .with("aws:RequestTag/Project", "Blue")
            .with("aws:CurrentTime", "2026-01-02T00:00:00Z")
            .with(
                "token.actions.githubusercontent.com:sub",
                "repo:octo-org/octo-repo:ref:refs/heads/main",
            );
        context.set("aws:TagKeys", ["Project".to_owned(), "Branch".to_owned()]);
        context
    }

    #[test]
    fn operators() {
        for (condition, expected) in [
            (
                json!({"StringEquals": {"sts:externalid": ["x", "ext-42"]}}),
                true,
            ),
            (json!({"StringEquals": {"sts:ExternalId": "EXT-42"}}), false),
            (
                json!({"StringEqualsIgnoreCase": {"sts:ExternalId": "EXT-42"}}),
                true,
            ),
            (
                json!({"StringNotEquals": {"sts:ExternalId": ["x", "ext-42"]}}),
                false,
            ),
            (json!({"StringNotEquals": {"sts:ExternalId": "x"}}), true),
            (
                json!({"StringLike": {"token.actions.githubusercontent.com:sub": "repo:octo-org/*"}}),
                true,
            ),
            (
                json!({"StringNotLike": {"token.actions.githubusercontent.com:sub": "repo:octo-org/*"}}),
                false,
            ),
            (
                json!({"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:octo-org/*"}}),
                false,
            ),
            (json!({"Bool": {"aws:MultiFactorAuthPresent": true}}), true),
            (
                json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
                false,
            ),
            (
                json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "101"}}),
                true,
            ),
            (
                json!({"NumericLessThan": {"aws:MultiFactorAuthAge": 100}}),
                false,
            ),
            (
                json!({"NumericLessThanEquals": {"aws:MultiFactorAuthAge": 100}}),
                true,
            ),
            (
                json!({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}),
                true,
            ),
            (
                json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ci-*"}}),
                true,
            ),
            (
                json!({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:user/ci-*"}}),
                false,
            ),
            (
                json!({"StringLike": {"sts:ExternalId": "ext-${aws:PrincipalTag/nope}*"}}),
                false,
            ),
            (
                json!({"StringLike": {"sts:ExternalId": "ext-4${?}"}}),
                false,
            ),
            (
                json!({"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}}),
                true,
            ),
            (
                json!({"NoSuchOperator": {"sts:ExternalId": "ext-42"}}),
                false,
            ),
            (
                json!({"StringEquals": {"sts:ExternalId": "ext-42", "aws:PrincipalTag/team": "x"}}),
                false,
            ),
        ] {
            assert_eq!(
                check(&json!({"Condition": condition}), &context()).is_ok(),
                expected,
                "{condition}"
            );
        }
    }

    #[test]
    fn absent_keys_and_quantifiers() {
        for (condition, expected) in [
            (json!({"StringEquals": {"nope": "x"}}), false),
            (json!({"StringNotEquals": {"nope": "x"}}), true),
            (json!({"StringEqualsIfExists": {"nope": "x"}}), true),
            (
                json!({"StringEqualsIfExists": {"sts:ExternalId": "x"}}),
                false,
            ),
            (json!({"Bool": {"nope": "false"}}), false),
            (json!({"BoolIfExists": {"nope": "true"}}), true),
            (json!({"Null": {"nope": "true"}}), true),
            (json!({"Null": {"sts:ExternalId": "false"}}), true),
            (json!({"Null": {"sts:ExternalId": true}}), false),
            (
                json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["Project", "Branch", "Actor"]}}),
                true,
            ),
            (
                json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["Project"]}}),
                false,
            ),
            (
                json!({"ForAnyValue:StringLike": {"aws:TagKeys": "Pro*"}}),
                true,
            ),
            (
                json!({"ForAnyValue:StringLike": {"aws:TagKeys": "x"}}),
                false,
            ),
            (json!({"ForAllValues:StringEquals": {"nope": "x"}}), true),
            (json!({"ForAnyValue:StringEquals": {"nope": "x"}}), false),
            (
                json!({"ForSomeValues:StringEquals": {"aws:TagKeys": "Project"}}),
                false,
            ),
        ] {
            assert_eq!(
                check(&json!({"Condition": condition}), &context()).is_ok(),
                expected,
                "{condition}"
            );
        }
        let why = check(
            &json!({"Condition": {"StringEquals": {"sts:ExternalId": ["a", "b"]}}}),
            &context(),
        );
        assert_eq!(
            why.unwrap_err(),
            "StringEquals sts:ExternalId wants a or b, the request has ext-42"
        );
    }
}
