//! `rolehop explain`: the line that refuses and why, policies that are too open, and what it writes.

use fake_aws::FakeAws;
use serde_json::{Value, json};

use super::fixture::{ROLE, SUB, Trust, claims, fake, text};
use super::situations;
use crate::harness::{Outcome, Step};

/// Runs it in a shell with the token and the policy in files.
fn explain(token: &Value, policy: &str, words: &[&str]) -> Outcome {
    let fake = fake(token, &Trust::of_subject(token, "x").json(token));
    let step = Step::shell();
    let folder = step.path("workspace");
    let (token_file, policy_file) = (folder.join("token"), folder.join("trust.json"));
    std::fs::write(&token_file, fake.mint(token)).expect("a file");
    std::fs::write(&policy_file, policy).expect("a file");
    let (token_file, policy_file) = (
        token_file.display().to_string(),
        policy_file.display().to_string(),
    );
    let mut all = vec![
        "explain",
        "--token-file",
        &token_file,
        "--policy",
        &policy_file,
        "--role",
        ROLE,
    ];
    all.extend(words);
    let outcome = step.command(&all);
    assert_eq!(fake.requests().len(), 0, "nothing is asked of AWS");
    outcome
}

#[test]
fn the_line_and_the_reason_are_right() {
    for situation in situations::all() {
        let name = situation.name;
        let outcome =
            explain(&situation.token(), &situation.policy(), &[]).ends("trust-policy-refuses", 5);
        let line = format!("line {}: ", situation.line);
        let told = outcome
            .out
            .lines()
            .filter_map(|text| text.trim_start().strip_prefix(&line));
        assert!(
            told.into_iter().any(|text| text.contains(situation.reason)),
            "{name}: {}",
            outcome.out
        );
        let cause = outcome
            .log
            .lines()
            .find_map(|text| text.strip_prefix("  cause: "))
            .unwrap_or_default();
        assert!(
            cause.starts_with(&line) && cause.contains(situation.reason),
            "{name}: {cause}"
        );
        let outcome = explain(&situation.token(), &situation.policy(), &["--json"]);
        let found: Value = serde_json::from_str(&outcome.out).expect("JSON");
        assert_eq!(found["verdict"], "refused", "{name}");
        assert_eq!(
            found["statements"][0]["reasons"][0]["line"], situation.line,
            "{name}"
        );
    }
}

#[test]
fn a_policy_that_admits_is_told_with_its_statement() {
    let token = claims("environment");
    let policy = Trust::of_subject(&token, text(&token, "sub")).json(&token);
    let outcome = explain(&token, &policy, &[]).succeeds();
    assert!(
        outcome
            .out
            .contains("admitted: the statement on line 4 of "),
        "{}",
        outcome.out
    );
    assert!(!outcome.out.contains("worth a look"), "{}", outcome.out);
    let open = Trust::of_subject(&token, "repo:octo-org/*").json(&token);
    let outcome = explain(&token, &open, &[]).succeeds();
    assert!(
        outcome.out.contains(&format!(
            "line {SUB}: `repo:octo-org/*` admits every repository of octo-org"
        )),
        "{}",
        outcome.out
    );
    let any_case = policy.replace(
        "\"StringLike\": {",
        "\"Bool\": { \"AWS:securetransport\": \"true\" },\n        \"StringLike\": {",
    );
    let outcome = explain(&token, &any_case, &[]).succeeds();
    assert!(outcome.out.contains("admitted: "), "{}", outcome.out);
    let only_here = policy.replace(
        "\"StringLike\": {",
        "\"IpAddress\": { \"aws:SourceIp\": \"10.0.0.0/8\" },\n        \"StringLike\": {",
    );
    let outcome = explain(&token, &only_here, &[]).succeeds();
    assert!(
        outcome.out.contains(
            "provided that\n  line 12: only AWS can tell whether IpAddress of aws:SourceIp holds"
        ),
        "{}",
        outcome.out
    );
}

#[test]
fn a_star_of_a_kind_is_everybody_where_it_denies() {
    let token = claims("environment");
    let policy = Trust::of_subject(&token, text(&token, "sub")).json(&token);
    let denial = "\"Statement\": [\n    { \"Effect\": \"Deny\", \"Principal\": { \"AWS\": \"*\" }, \"Action\": \"sts:*\" },";
    let denied = policy.replace("\"Statement\": [", denial);
    explain(&token, &denied, &[])
        .ends("trust-policy-refuses", 5)
        .says("line 4: this statement denies sts:AssumeRoleWithWebIdentity");
    for kind in ["AWS", "Federated"] {
        let (before, after) = policy.split_once("{ \"Federated\": ").expect("a provider");
        let (_, after) = after.split_once('}').expect("its end");
        let open = format!("{before}{{ \"{kind}\": \"*\" }}{after}");
        let outcome = explain(&token, &open, &[]).succeeds();
        assert!(
            outcome.out.contains("admitted, if AWS finds so")
                && outcome
                    .out
                    .contains(&format!("whether Principal {{\"{kind}\": \"*\"}}")),
            "{}",
            outcome.out
        );
    }
}

#[test]
fn a_policy_that_cannot_be_used_is_told_with_the_line() {
    let token = claims("branch");
    let policy = Trust::of_subject(&token, "x").json(&token);
    for (edit, to, said) in [
        (
            "\"Effect\": \"Allow\",",
            "\"Effect\": \"Allow\"",
            "line 6: this is not JSON",
        ),
        (
            "\"Action\"",
            "\"Actions\"",
            "line 7: `Actions` has no place in a statement",
        ),
        (
            "\"StringLike\"",
            "\"StringMatch\"",
            "line 12: `StringMatch` is no operator of IAM's",
        ),
        (
            "\"StringLike\"",
            "\"StringEquals\"",
            "line 12: StringEquals is there twice, also on line 9",
        ),
    ] {
        let outcome =
            explain(&token, &policy.replacen(edit, to, 1), &[]).ends("trust-policy-invalid", 3);
        assert!(outcome.log.contains(said), "{to}: {}", outcome.log);
    }
    let outcome = Step::shell().command(&["explain", "--policy", "/nowhere/trust.json"]);
    outcome
        .ends("trust-policy-invalid", 3)
        .says("/nowhere/trust.json");
}

#[test]
fn in_a_job_the_token_is_the_jobs_own() {
    let token = claims("immutable-branch");
    let fake = fake(&token, &Trust::of_subject(&token, "x").json(&token));
    let step = Step::new().sts(&fake).may_request_tokens(&fake);
    let outcome = step.command(&["explain", "--role", ROLE]).succeeds();
    assert!(
        outcome
            .out
            .contains("repo:octo-org@65890123/octo-repo@74191729:ref:refs/heads/main"),
        "{}",
        outcome.out
    );
    assert!(
        outcome
            .out
            .contains("a trust policy that admits exactly this job"),
        "{}",
        outcome.out
    );
    assert_eq!((fake.count("GetIdToken"), fake.requests().len()), (1, 1));
    let audience = step.var("ROLEHOP_AUDIENCE", "mine").command(&["explain"]);
    assert_eq!(audience.status, 0);
    assert_eq!(
        fake.last("GetIdToken")
            .expect("a request")
            .param("audience"),
        "mine"
    );
    let without = Step::new().command(&["explain"]);
    without.ends("oidc-permission-missing", 4);
}

#[test]
fn callers() {
    let step = Step::shell();
    let folder = step.path("workspace");
    let policy = folder.join("trust.json").display().to_string();
    std::fs::write(
        &policy,
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/hub"},
            "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "ext-42"}}}]})
        .to_string(),
    )
    .expect("a file");
    let hub = "arn:aws:sts::123456789012:assumed-role/hub/s";
    let run = |words: &[&str]| {
        let mut all = vec!["explain", "--policy", &policy, "--caller"];
        all.extend(words);
        step.command(&all)
    };
    run(&[hub])
        .ends("trust-policy-refuses", 5)
        .says("sts:ExternalId is wanted");
    // In a shell there is no job whose tags are sent.
    run(&[hub, "--role-external-id", "ext-42"]).succeeds();
    let tagged = [
        hub,
        "--role-external-id",
        "ext-42",
        "--custom-tags",
        "Team=web",
    ];
    run(&tagged)
        .ends("trust-policy-refuses", 5)
        .says("sts:TagSession is needed");
    run(&[&tagged[..], &["--role-skip-session-tagging"]].concat()).succeeds();
    run(&[
        "arn:aws:iam::123456789012:user/ci",
        "--role-external-id",
        "ext-42",
    ])
    .ends("trust-policy-refuses", 5)
    .says("Principal does not name the caller `arn:aws:iam::123456789012:user/ci`");
    std::fs::write(
        &policy,
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/teams/*/hub"}}}]})
        .to_string(),
    )
    .expect("a file");
    let outcome = run(&[hub, "--role-skip-session-tagging"]).succeeds();
    assert!(
        outcome.out.contains("admitted, if AWS finds so")
            && outcome.out.contains("leaves the path of its role out"),
        "{}",
        outcome.out
    );
    run(&[
        "arn:aws:iam::123456789012:role/hub",
        "--role-skip-session-tagging",
    ])
    .ends("trust-policy-refuses", 5);
    let written = step
        .command(&[
            "explain",
            "--caller",
            hub,
            "--role",
            ROLE,
            "--write-caller-policy",
            "--source-identity",
            "me",
            "--custom-tags",
            "Team=web",
        ])
        .succeeds();
    let written: Value = serde_json::from_str(&written.out).expect("JSON");
    assert_eq!(
        written["Statement"][0]["Action"],
        json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
    );
    assert_eq!(written["Statement"][0]["Resource"], ROLE);
}

#[test]
fn words_that_make_no_sense_are_told() {
    for (words, said) in [
        (&["explain"][..], "there is nothing to explain"),
        (
            &["explain", "--caller", "ci"],
            "--caller is the ARN of a user or a role",
        ),
        (
            &[
                "explain",
                "--caller",
                "arn:aws:iam::123456789012:user/ci",
                "--token-file",
                "x",
            ],
            "exclude each other",
        ),
        (
            &["explain", "--policy", "x", "--format", "yaml"],
            "--format is one of json, aws-cli, terraform, cloudformation",
        ),
        (
            &["explain", "--policy", "x", "--role", "deploy"],
            "--role is a role's whole ARN",
        ),
        (
            &["explain", "--token-file", "-", "--policy", "-"],
            "cannot be both",
        ),
        (
            &[
                "explain",
                "--caller",
                "arn:aws:iam::123456789012:user/ci",
                "--write-caller-policy",
            ],
            "needs --caller and --role",
        ),
    ] {
        Step::shell().command(words).ends("usage", 2).says(said);
    }
    let fake = FakeAws::start(fake_aws::World::demo());
    assert_eq!(fake.requests().len(), 0);
}
