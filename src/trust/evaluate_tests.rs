//! Verdicts, their lines and reasons, on a policy as people have it.

use serde_json::json;

use super::*;
use crate::model::Claims;
use crate::trust::context::Caller;

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com"
        },
        "StringLike": {
          "token.actions.githubusercontent.com:sub": [
            "repo:octo-org/octo-repo:ref:refs/heads/main",
            "repo:octo-org/octo-repo:environment:*"
          ]
        }
      }
    },
    {
      "Effect": "Allow",
      "Principal": { "AWS": "arn:aws:iam::123456789012:role/teams/hub" },
      "Action": ["sts:AssumeRole", "sts:TagSession"]
    }
  ]
}"#;

fn token(edit: &serde_json::Value) -> Claims {
    let mut claims = json!({
        "iss": "https://token.actions.githubusercontent.com", "aud": "sts.amazonaws.com",
        "sub": "repo:octo-org/octo-repo:ref:refs/heads/main",
    });
    for (name, value) in edit.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    Claims::from(claims)
}

fn judge(policy: &str, claims: &Claims) -> Verdict {
    let context = Context::of_token(claims, Some(("aws", "123456789012"))).expect("a context");
    evaluate(&Policy::read(policy).expect("a policy"), &context)
}

#[track_caller]
fn refused(policy: &str, claims: &Claims) -> (usize, String) {
    match judge(policy, claims) {
        Verdict::Refuses(unmet) => {
            let first = unmet[0].reasons[0].clone();
            (first.line, first.what)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_admitted_names_the_statement() {
    for edit in [
        json!({}),
        json!({"sub": "repo:octo-org/octo-repo:environment:prod"}),
    ] {
        assert_eq!(
            judge(POLICY, &token(&edit)),
            Verdict::Admits {
                line: 4,
                provided: vec![]
            }
        );
    }
    let context = Context::of_token(&token(&json!({})), None).expect("a context");
    let policy = Policy::read(POLICY).expect("a policy");
    assert!(
        matches!(evaluate(&policy, &context), Verdict::Admits { .. }),
        "the account is not known"
    );
}

#[test]
fn what_is_refused_names_the_line() {
    let (line, what) = refused(POLICY, &token(&json!({"aud": "me"})));
    assert_eq!(line, 10);
    assert!(
        what.ends_with("has to be `sts.amazonaws.com` and is `me`"),
        "{what}"
    );
    let (line, what) = refused(
        POLICY,
        &token(&json!({"sub": "repo:octo-org/octo-repo:pull_request"})),
    );
    assert_eq!(line, 13, "{what}");
    for (edit, to, line, part) in [
        (
            "sts:AssumeRoleWithWebIdentity",
            "sts:AssumeRole",
            7,
            "sts:AssumeRoleWithWebIdentity is needed",
        ),
        (
            "::123456789012:oidc",
            "::210987654321:oidc",
            6,
            "another account",
        ),
        (
            "provider/token.",
            "provider/https://token.",
            6,
            "no `https://`",
        ),
        (
            "provider/token.actions",
            "provider/Token.actions",
            6,
            "case counts",
        ),
        (
            "provider/token.actions.githubusercontent.com",
            "provider/gitlab.com",
            6,
            "another issuer",
        ),
        (
            "\"Federated\": \"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com\"",
            "\"AWS\": \"arn:aws:iam::123456789012:root\"",
            6,
            "no provider",
        ),
        (
            "arn:aws:iam::123456789012:oidc",
            "arn:aws-cn:iam::123456789012:oidc",
            6,
            "another partition",
        ),
    ] {
        let policy = POLICY.replacen(edit, to, 1);
        let (found, what) = refused(&policy, &token(&json!({})));
        assert_eq!(found, line, "{to}: {what}");
        assert!(what.contains(part), "{to}: {what}");
    }
}

#[test]
fn tags_in_the_token_need_their_own_action() {
    let tagged =
        token(&json!({"https://aws.amazon.com/tags": {"principal_tags": {"Team": ["web"]}}}));
    let (line, what) = refused(POLICY, &tagged);
    assert_eq!(
        (line, what.contains("sts:TagSession is needed")),
        (7, true),
        "{what}"
    );
}

#[test]
fn denials_and_unknowns() {
    let with = |statement: &str| {
        POLICY.replacen(
            "\"Statement\": [",
            &format!("\"Statement\": [{statement},"),
            1,
        )
    };
    let deny = with(
        r#"{"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "*:ref:*"}}}"#,
    );
    assert!(matches!(
        judge(&deny, &token(&json!({}))),
        Verdict::Denied(Finding { line: 3, .. })
    ));
    assert!(matches!(
        judge(
            &deny,
            &token(&json!({"sub": "repo:octo-org/octo-repo:environment:a"}))
        ),
        Verdict::Admits { .. }
    ));
    let unknown = with(
        r#"{"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}"#,
    );
    match judge(&unknown, &token(&json!({}))) {
        Verdict::Admits { line: 4, provided } => {
            assert_eq!(provided.len(), 1);
            assert!(
                provided[0].what.contains("NotIpAddress of aws:SourceIp"),
                "{provided:?}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn callers() {
    let policy = Policy::read(POLICY).expect("a policy");
    let judge = |arn: &str| {
        evaluate(
            &policy,
            &Context::of_caller(&Caller::read(arn).expect("a caller")),
        )
    };
    assert!(matches!(
        judge("arn:aws:sts::123456789012:assumed-role/hub/s"),
        Verdict::Admits { line: 20, .. }
    ));
    assert!(matches!(
        judge("arn:aws:iam::123456789012:role/teams/hub"),
        Verdict::Admits { .. }
    ));
    match judge("arn:aws:iam::123456789012:user/ci") {
        Verdict::Refuses(unmet) => {
            assert_eq!(unmet[0].reasons[0].line, 22);
            assert!(unmet[0].reasons[0].what.contains("user/ci"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_path_of_a_sessions_role_is_left_to_aws() {
    let policy = |condition: &str| {
        let text = format!(
            "{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"Allow\", \"Principal\": {{\"AWS\": \"123456789012\"}}, \"Action\": \"sts:AssumeRole\",\n\"Condition\": {condition}}}]}}"
        );
        Policy::read(&text).expect("a policy")
    };
    let reserved = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0a1b";
    let session = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0a1b/ada";
    let judge = |caller: &str, condition: &str| {
        let caller = Caller::read(caller).expect("a caller");
        evaluate(&policy(condition), &Context::of_caller(&caller))
    };
    let sso = r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*"}}"#;
    assert!(matches!(
        judge(reserved, sso),
        Verdict::Admits { provided, .. } if provided.is_empty()
    ));
    for (condition, open) in [
        (sso, true),
        (
            r#"{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/AWSReservedSSO_Admin_0a1b"}}"#,
            true,
        ),
        (
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}}"#,
            false,
        ),
    ] {
        match judge(session, condition) {
            Verdict::Admits { provided, .. } => {
                assert_eq!(!provided.is_empty(), open, "{condition}: {provided:?}");
                assert!(
                    provided
                        .iter()
                        .all(|finding| finding.line == 2
                            && finding.what.contains("path of its role")),
                    "{provided:?}"
                );
            }
            other => panic!("{condition}: {other:?}"),
        }
    }
    let another = r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/aws-reserved/*/AWSReservedSSO_Read_0a1b"}}"#;
    assert!(matches!(judge(session, another), Verdict::Refuses(_)));
}

/// `*` of a kind: everybody where it denies, and not known where it allows.
#[test]
fn a_star_of_a_kind_and_a_token() {
    let statement = |effect: &str, principal: &str| {
        format!(
            r#"{{"Effect": "{effect}", {principal}, "Action": "sts:AssumeRoleWithWebIdentity"}}"#
        )
    };
    let provider = r#""Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}"#;
    let judge = |statements: &[String]| {
        let text = format!(
            "{{\"Version\": \"2012-10-17\", \"Statement\": [\n{}]}}",
            statements.join(",\n")
        );
        judge(&text, &token(&json!({})))
    };
    let open = |verdict: Verdict, part: &str| match verdict {
        Verdict::Admits { provided, .. } => {
            assert_eq!(provided.len(), 1, "{provided:?}");
            assert!(provided[0].what.contains(part), "{provided:?}");
        }
        other => panic!("{other:?}"),
    };
    for (kind, denies) in [("AWS", true), ("Federated", false)] {
        let star = format!(r#""Principal": {{"{kind}": "*"}}"#);
        let named = format!("Principal {{\"{kind}\": \"*\"}}");
        open(judge(&[statement("Allow", &star)]), &named);
        let with_deny = judge(&[statement("Deny", &star), statement("Allow", provider)]);
        if denies {
            assert!(
                matches!(with_deny, Verdict::Denied(Finding { line: 2, .. })),
                "{with_deny:?}"
            );
        } else {
            open(with_deny, "if so, the statement denies");
        }
        let not = format!(r#""NotPrincipal": {{"{kind}": "*"}}"#);
        let with_deny = judge(&[statement("Deny", &not), statement("Allow", provider)]);
        open(with_deny, "NotPrincipal");
    }
}

#[test]
fn what_names_only_half_of_a_caller_is_left_to_aws() {
    let judge = |caller: &str, statements: &str| {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        let caller = Caller::read(caller).expect("a caller");
        let policy = Policy::read(&text).expect("a policy");
        match evaluate(&policy, &Context::of_caller(&caller)) {
            Verdict::Admits { provided, .. } => provided.into_iter().map(|f| f.what).collect(),
            other => vec![format!("{other:?}")],
        }
    };
    let (role, session) = (
        "arn:aws:iam::123456789012:role/teams/hub",
        "arn:aws:sts::123456789012:assumed-role/hub/s",
    );
    let sessions = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:sts::123456789012:assumed-role/hub/s"}, "Action": "sts:AssumeRole"}"#;
    assert_eq!(judge(session, sessions), Vec::<String>::new());
    let open = judge(role, sessions);
    assert!(
        open[0].contains("whether the session of the role"),
        "{open:?}"
    );
    let another = judge("arn:aws:iam::123456789012:role/web", sessions);
    assert!(another[0].starts_with("Refuses"), "{another:?}");
    let but = |names: &str| {
        format!(
            r#"{{"Effect": "Deny", "NotPrincipal": {{"AWS": [{names}]}}, "Action": "sts:*"}},
               {{"Effect": "Allow", "Principal": {{"AWS": "123456789012"}}, "Action": "sts:AssumeRole"}}"#
        )
    };
    let half = judge(session, &but(&format!("\"{role}\"")));
    assert!(half[0].contains("NotPrincipal excepts"), "{half:?}");
    let whole = judge(
        session,
        &but(&format!("\"{role}\", \"{session}\", \"123456789012\"")),
    );
    assert_eq!(whole, Vec::<String>::new());
    let other = judge(session, &but("\"arn:aws:iam::123456789012:user/ci\""));
    assert!(other[0].starts_with("Denied"), "{other:?}");
}
