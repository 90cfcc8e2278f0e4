//! `rolehop explain` asks as a run with the same settings does: for the same token, with the same means, for the same role.

use fake_aws::FakeAws;
use serde_json::{Value, json};

use super::fixture::{ROLE, Trust, claims, fake, text};
use crate::harness::Step;
use crate::hosts::variables;

/// Whose token it is, as `--json` says.
fn subject(step: &Step<'_>, words: &[&str]) -> String {
    let outcome = step
        .command(&[&["explain", "--json"], words].concat())
        .succeeds();
    let found: Value = serde_json::from_str(&outcome.out).expect("JSON");
    text(&found["claims"], "sub").to_owned()
}

fn of_gitlab() -> (Value, FakeAws) {
    let token = claims("gitlab");
    let fake = fake(&token, &Trust::of_subject(&token, "x").json(&token));
    (token, fake)
}

#[test]
fn the_token_of_a_variable_or_a_file_is_found_as_a_run_finds_it() {
    let (token, fake) = of_gitlab();
    let (minted, sub) = (fake.mint(&token), text(&token, "sub"));
    let given = Step::shell().secret(&minted);
    let given = given.var("ROLEHOP_WEB_IDENTITY_TOKEN", &minted);
    assert_eq!(subject(&given, &[]), sub);
    let named = Step::shell().secret(&minted).var("MY_TOKEN", &minted);
    assert_eq!(
        subject(&named, &["--web-identity-token-variable", "MY_TOKEN"]),
        sub
    );
    let jenkins = variables::of("Jenkins").step().file("token", &minted);
    let path = jenkins.path("workspace").join("token");
    let jenkins = jenkins.var("AWS_WEB_IDENTITY_TOKEN_FILE", &path.display().to_string());
    assert_eq!(subject(&jenkins, &[]), sub);
    // A pod's token is for the pod's own role, and a run for another begins with that one's keys.
    let pod = jenkins.var("AWS_ROLE_ARN", ROLE);
    assert_eq!(subject(&pod, &[]), sub);
    assert_eq!(subject(&pod, &["--role", ROLE]), sub);
    let other = ["explain", "--role", "arn:aws:iam::123456789012:role/other"];
    assert_ne!(pod.command(&other).status, 0);
    assert_eq!(fake.requests().len(), 0, "nothing is asked of AWS");
}

#[test]
fn settings_that_exclude_each_other_are_told() {
    let (token, fake) = of_gitlab();
    let minted = fake.mint(&token);
    Step::shell()
        .secret(&minted)
        .var("ROLEHOP_WEB_IDENTITY_TOKEN", &minted)
        .command(&["explain", "--web-identity-token-file", "x"])
        .ends("invalid-inputs", 3)
        .says("cannot be combined with web-identity-token-file");
    let keys = Step::shell().static_keys_as_variables();
    keys.command(&["explain", "--role", ROLE])
        .ends("usage", 2)
        .says("there is nothing to explain");
}

#[test]
fn the_ca_files_of_the_machine_are_taken() {
    let fake = FakeAws::start_tls(fake_aws::World::demo());
    let step = Step::new().sts(&fake).may_request_tokens(&fake);
    let file = step.env["AWS_CA_BUNDLE"].clone();
    let step = step.without("AWS_CA_BUNDLE");
    step.command(&["explain"]).ends("oidc-tls", 6);
    let by_node = step.var("NODE_EXTRA_CA_CERTS", &file);
    by_node.command(&["explain"]).succeeds();
}

#[cfg(unix)]
#[test]
fn an_agent_that_hangs_meets_the_deadline() {
    let hangs = "#!/bin/sh\nexec /bin/sleep 600\n";
    variables::of("Buildkite")
        .step()
        .tool("buildkite-agent", hangs)
        .command(&["explain", "--action-timeout-s", "1"])
        .ends("timed-out", 6);
}

#[cfg(unix)]
#[test]
fn session_tags_are_asked_of_the_agent() {
    let token = claims("buildkite-tags");
    let fake = fake(&token, &Trust::of_subject(&token, "x").json(&token));
    let says = "#!/bin/sh\ncase \"$*\" in\n*\"--aws-session-tag organization_slug\"*) read -r token < \"$TOKEN_FILE\"; echo \"$token\" ;;\n*) echo \"$*\" >&2; exit 1 ;;\nesac\n";
    let step = variables::of("Buildkite")
        .step()
        .tool("buildkite-agent", says)
        .file("minted", &format!("{}\n", fake.mint(&token)));
    let path = step.path("workspace").join("minted");
    let step = step.var("TOKEN_FILE", &path.display().to_string());
    let words = ["--token-session-tags", "organization_slug"];
    assert_eq!(subject(&step, &words), text(&token, "sub"));
}

#[test]
fn what_is_sent_for_a_caller_is_what_a_run_sends() {
    let hub = "arn:aws:sts::123456789012:assumed-role/hub/s";
    let actions = |step: &Step<'_>, words: &[&str]| -> Value {
        let all = ["explain", "--caller", hub, "--write-policy"];
        let outcome = step.command(&[&all, words].concat()).succeeds();
        let policy: Value = serde_json::from_str(&outcome.out).expect("JSON");
        policy["Statement"][0].clone()
    };
    let tagged = json!(["sts:AssumeRole", "sts:TagSession"]);
    let (shell, job) = (Step::shell(), Step::new());
    assert_eq!(actions(&shell, &[])["Action"], "sts:AssumeRole");
    let note = "a job of a CI system sends session tags too";
    let all = ["explain", "--caller", hub, "--write-policy"];
    shell.command(&all).succeeds().says(note);
    job.command(&all).succeeds().does_not_say(note);
    assert_eq!(actions(&shell, &["--ci", "github"])["Action"], tagged);
    assert_eq!(
        actions(&shell, &["--custom-tags", "Team=web"])["Action"],
        tagged
    );
    assert_eq!(actions(&job, &[])["Action"], tagged);
    let untagged = ["--role-skip-session-tagging"];
    assert_eq!(actions(&job, &untagged)["Action"], "sts:AssumeRole");
    // The external ID is for the last of a chain, and the caller assumes the first.
    let (spoke, leaf) = (
        "arn:aws:iam::210987654321:role/spoke",
        "arn:aws:iam::210987654321:role/leaf",
    );
    let external = ["--role-external-id", "ext-42", "--role-to-assume"];
    let chain = format!("{spoke} > {leaf}");
    let first = actions(&shell, &[&external[..], &[&chain]].concat());
    assert!(first["Condition"].is_null(), "{first}");
    let last = actions(&shell, &[&external[..], &[spoke]].concat());
    assert_eq!(
        last["Condition"]["StringEquals"]["sts:ExternalId"],
        "ext-42"
    );
}

#[test]
fn tags_and_a_source_identity_are_held_against_the_policy() {
    let policy = |value: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:*",
            "Condition": {"StringEquals": {"aws:RequestTag/Team": value, "sts:SourceIdentity": "ada"}}}]})
        .to_string()
    };
    let words = [
        "explain",
        "--policy",
        "-",
        "--caller",
        "arn:aws:iam::123456789012:user/ci",
        "--custom-tags",
        "Team=web",
        "--source-identity",
        "ada",
    ];
    let outcome = Step::shell().stdin(&policy("web")).command(&words);
    let outcome = outcome.succeeds();
    assert!(outcome.out.contains("admitted: "), "{}", outcome.out);
    Step::shell()
        .stdin(&policy("ops"))
        .command(&words)
        .ends("trust-policy-refuses", 5)
        .says("aws:RequestTag/Team has to be `ops` and is `web`");
}

#[test]
fn a_pull_request_is_judged_by_its_own_role() {
    let token = claims("pull-request");
    let fake = fake(&token, &Trust::of_subject(&token, "x").json(&token));
    let step = Step::new()
        .sts(&fake)
        .may_request_tokens(&fake)
        .var("ROLEHOP_ROLE_TO_ASSUME", ROLE)
        .var(
            "ROLEHOP_ROLE_FOR_PULL_REQUESTS",
            "arn:aws:iam::210987654321:role/reader",
        );
    let step = step.var("GITHUB_EVENT_NAME", "push");
    let outcome = step.command(&["explain"]).succeeds();
    let provider = "arn:aws:iam::123456789012:oidc-provider/";
    assert!(outcome.out.contains(provider), "{}", outcome.out);
    let step = step.var("GITHUB_EVENT_NAME", "pull_request");
    let outcome = step.command(&["explain"]).succeeds();
    let provider = "arn:aws:iam::210987654321:oidc-provider/";
    assert!(outcome.out.contains(provider), "{}", outcome.out);
}

#[test]
fn mfa_is_there_only_where_it_is_known_to_be() {
    let policy = |operator: &str, value: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole",
            "Condition": {operator: {"aws:MultiFactorAuthPresent": value}}}]})
        .to_string()
    };
    let (user, session) = (
        "arn:aws:iam::123456789012:user/ci",
        "arn:aws:sts::123456789012:assumed-role/hub/s",
    );
    let serial = ["--mfa-serial", "arn:aws:iam::123456789012:mfa/ci"];
    for (caller, more, operator, value, said) in [
        (user, &[][..], "Bool", "true", "refused: "),
        // Long-term keys do not even have it as `false`.
        (user, &[], "Bool", "false", "refused: "),
        (user, &[], "BoolIfExists", "false", "admitted: "),
        (user, &serial, "Bool", "true", "admitted: "),
        (session, &[], "Bool", "true", "admitted, if AWS finds so: "),
    ] {
        let all = ["explain", "--policy", "-", "--caller", caller];
        let step = Step::shell().stdin(&policy(operator, value));
        let out = step.command(&[&all, more].concat()).out;
        assert!(out.contains(said), "{caller} {operator} {value}: {out}");
    }
}
