//! Operators, quantifiers, absent keys and variables, each as IAM's reference has it.

use serde_json::json;

use super::*;
use crate::model::Claims;
use crate::trust::policy::Policy;

const HOST: &str = "token.actions.githubusercontent.com";

fn outcome(block: &serde_json::Value) -> Outcome {
    outcome_of(block, "2012-10-17")
}

fn outcome_of(block: &serde_json::Value, version: &str) -> Outcome {
    let claims = Claims::from(json!({
        "iss": format!("https://{HOST}"), "aud": "sts.amazonaws.com",
        "sub": "repo:octo-org/octo-repo:ref:refs/heads/main", "ref": "refs/heads/main",
        "repository": "octo-org/octo-repo", "amr": ["a", "b"], "workflow": "5",
    }));
    let context = Context::of_token(&claims, None).expect("a context");
    let policy = json!({"Version": version, "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "sts:*", "Condition": block,
    }]});
    let policy = Policy::read(&policy.to_string()).expect("a policy");
    check(
        &policy.statements[0].conditions[0],
        &context,
        policy.variables,
    )
}

fn holds(operator: &str, key: &str, values: &serde_json::Value) -> bool {
    match outcome(&json!({operator: {format!("{HOST}:{key}"): values}})) {
        Outcome::Holds => true,
        Outcome::Fails(_) => false,
        Outcome::Unknown(_) => panic!("{operator} {key} is known"),
    }
}

#[test]
fn operators_with_one_value() {
    for (operator, key, values, expected) in [
        (
            "StringEquals",
            "SUB",
            json!("repo:octo-org/octo-repo:ref:refs/heads/main"),
            true,
        ),
        ("StringEquals", "sub", json!("repo:octo-org/*"), false),
        (
            "StringEquals",
            "aud",
            json!(["x", "sts.amazonaws.com"]),
            true,
        ),
        (
            "StringNotEquals",
            "aud",
            json!(["x", "sts.amazonaws.com"]),
            false,
        ),
        ("StringNotEquals", "aud", json!(["x", "y"]), true),
        ("StringLike", "sub", json!("repo:octo-org/*"), true),
        ("StringNotLike", "sub", json!("repo:octo-org/*"), false),
        (
            "StringEqualsIgnoreCase",
            "repository",
            json!("Octo-Org/Octo-Repo"),
            true,
        ),
        (
            "StringNotEqualsIgnoreCase",
            "repository",
            json!("Octo-Org/Octo-Repo"),
            false,
        ),
        ("NumericLessThan", "workflow", json!(6), true),
        ("Null", "environment", json!("true"), true),
        ("Null", "environment", json!(false), false),
        ("Null", "sub", json!("false"), true),
    ] {
        assert_eq!(
            holds(operator, key, &values),
            expected,
            "{operator} {key} {values}"
        );
    }
}

#[test]
fn absent_keys_and_several_values() {
    for (operator, key, values, expected) in [
        ("StringEquals", "environment", json!("p"), false),
        ("StringEqualsIfExists", "environment", json!("p"), true),
        ("StringEqualsIfExists", "ref", json!("p"), false),
        ("StringNotEquals", "environment", json!("p"), true),
        ("ForAllValues:StringEquals", "environment", json!("p"), true),
        ("ForAnyValue:StringEquals", "environment", json!("p"), false),
        (
            "ForAnyValue:StringEqualsIfExists",
            "environment",
            json!("p"),
            true,
        ),
        ("StringEquals", "amr", json!("b"), true),
        ("StringNotEquals", "amr", json!("b"), false),
        (
            "ForAllValues:StringEquals",
            "amr",
            json!(["a", "b", "c"]),
            true,
        ),
        ("ForAllValues:StringEquals", "amr", json!("a"), false),
        ("ForAnyValue:StringLike", "amr", json!("?"), true),
        ("ForAnyValue:StringNotEquals", "amr", json!("a"), true),
        ("StringEquals", "sha", json!("c0ffee"), false),
    ] {
        assert_eq!(
            holds(operator, key, &values),
            expected,
            "{operator} {key} {values}"
        );
    }
}

#[test]
fn what_only_aws_sees_is_not_guessed() {
    for block in [
        json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        json!({"StringLike": {format!("{HOST}:sub"): "repo:${aws:PrincipalOrgID}/*"}}),
        json!({"Null": {"aws:SourceVpc": "true"}}),
    ] {
        assert_eq!(outcome(&block), Outcome::Unknown(None), "{block}");
    }
    let sure = json!({"StringLike": {format!("{HOST}:sub"): ["${aws:PrincipalOrgID}", "repo:octo-org/*"]}});
    assert_eq!(outcome(&sure), Outcome::Holds);
}

#[test]
fn variables() {
    let sub = |pattern: &str| json!({"StringLike": {format!("{HOST}:sub"): pattern}});
    let repository = format!("repo:${{{HOST}:repository}}:ref:refs/heads/main");
    assert_eq!(outcome(&sub(&repository)), Outcome::Holds);
    assert!(matches!(
        outcome_of(&sub(&repository), "2008-10-17"),
        Outcome::Fails(_)
    ));
    assert!(matches!(
        outcome(&sub("repo:octo-org/octo-repo:ref:refs/heads/mai${*}")),
        Outcome::Fails(_)
    ));
    assert_eq!(
        outcome(&sub(&format!("${{{HOST}:environment, 'repo'}}:*"))),
        Outcome::Holds
    );
    assert!(matches!(
        outcome(&sub(&format!("${{{HOST}:environment}}*"))),
        Outcome::Fails(_)
    ));
}

#[test]
fn a_mismatch_is_told_with_both_values() {
    let block = json!({"StringEquals": {format!("{HOST}:sub"): "repo:octo-org/octo-repo:environment:production"}});
    let Outcome::Fails(why) = outcome(&block) else {
        panic!("it fails")
    };
    assert_eq!(
        why,
        "token.actions.githubusercontent.com:sub has to be `repo:octo-org/octo-repo:environment:production` and is \
         `repo:octo-org/octo-repo:ref:refs/heads/main`: the job has no `environment:` and runs for the branch main"
    );
    let Outcome::Fails(why) = outcome(&json!({"StringEquals": {"gitlab.com:sub": "x"}})) else {
        panic!("it fails")
    };
    assert!(
        why.contains("the token's issuer is `https://token.actions.githubusercontent.com`"),
        "{why}"
    );
}
