//! Documents as people have them: every part with its line, every fault with its own.

use super::*;

const GOOD: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/h",
                  "AWS": ["1", "2"]},
    "Action": ["sts:AssumeRoleWithWebIdentity", "sts:Tag*"],
    "Condition": {
      "StringLike": {
        "h:sub": [
          "a",
          "b*"
        ],
        "h:n": 5
      }
    }
  }
}"#;

#[test]
fn everything_knows_its_line() {
    let policy = Policy::read(GOOD).expect("a policy");
    let statement = &policy.statements[0];
    assert_eq!((statement.line, statement.deny), (3, false));
    assert_eq!(statement.principals.entries.len(), 3);
    assert_eq!(statement.principals.entries[1].line, 6);
    assert!(statement.actions.cover("sts:TagSession"));
    assert!(statement.actions.cover("STS:assumerolewithwebidentity"));
    assert!(!statement.actions.cover("sts:AssumeRole"));
    let lines: Vec<_> = statement.conditions[0]
        .values
        .iter()
        .map(|v| (v.line, v.text.as_str()))
        .collect();
    assert_eq!(lines, [(11, "a"), (12, "b*")]);
    assert_eq!(
        (
            statement.conditions[1].line,
            statement.conditions[1].values[0].text.as_str()
        ),
        (14, "5")
    );
}

#[test]
fn the_answer_of_get_role_has_the_policy_inside() {
    let answer = format!(r#"{{"Role": {{"RoleName": "x", "AssumeRolePolicyDocument": {GOOD}}}}}"#);
    assert_eq!(Policy::read(&answer).expect("a policy").statements.len(), 1);
}

#[test]
fn faults_name_their_line_and_what_is_wrong() {
    for (edit, to, line, what) in [
        ("\"2012-10-17\"", "\"2012-10-18\"", 2, "2012-10-17"),
        ("\"Allow\"", "\"allow\"", 4, "Allow or Deny"),
        ("\"Effect\": \"Allow\",", "", 3, "no Effect"),
        (
            "\"Federated\"",
            "\"federated\"",
            5,
            "AWS, Federated, Service",
        ),
        ("\"sts:Tag*\"", "\"s3:Get*\"", 7, "`s3:Get*` has no place"),
        (
            "\"StringLike\"",
            "\"StringMatches\"",
            9,
            "`StringMatches` is no operator",
        ),
        (
            "\"Condition\"",
            "\"Conditions\"",
            8,
            "`Conditions` has no place in a statement",
        ),
        ("\"Condition\"", "\"Resource\"", 8, "no Resource"),
        ("\"h:n\": 5", "\"h:n\": {}", 14, "a text or a list"),
        (
            "\"h:n\": 5",
            "\"h:sub\": \"c\"",
            14,
            "h:sub is there twice, also on line 10",
        ),
        (
            "\"Version\"",
            "\"Verzion\"",
            2,
            "`Verzion` has no place in a policy",
        ),
    ] {
        let text = GOOD.replace(edit, to);
        assert_ne!(text, GOOD);
        let fault = Policy::read(&text).map(|_| ()).expect_err(to);
        assert_eq!(fault.line, line, "{to}: {}", fault.what);
        assert!(fault.what.contains(what), "{to}: {}", fault.what);
    }
}
