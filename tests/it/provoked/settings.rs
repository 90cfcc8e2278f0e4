//! What is told before any request: settings, permissions, files.

use fake_aws::{FakeAws, World};

use super::Seen;
use crate::harness::{DEPLOY, OPS, Step};

pub(super) fn usage() -> Seen {
    Seen::of(&[], || Step::shell().command(&["nonsense"]))
}

pub(super) fn invalid_inputs() -> Seen {
    let step = Step::new().input("role-duration-seconds", "5");
    Seen::run(&step, &[])
}

pub(super) fn host_incomplete() -> Seen {
    let step = Step::new().static_keys().without("GITHUB_ENV");
    Seen::run(&step, &[])
}

pub(super) fn ca_bundle() -> Seen {
    let step = Step::new()
        .static_keys()
        .input("ca-bundle", "/nonexistent.pem");
    Seen::run(&step, &[])
}

pub(super) fn oidc_permission_missing() -> Seen {
    let step = Step::new().input("role-to-assume", DEPLOY);
    Seen::run(&step, &[])
}

pub(super) fn oidc_fork_pull_request() -> Seen {
    let event = r#"{"pull_request":{"head":{"repo":{"full_name":"mallory/octo-repo"}},"base":{"repo":{"full_name":"octo-org/octo-repo"}}}}"#;
    let step = Step::new()
        .input("role-to-assume", DEPLOY)
        .file("event.json", event);
    let path = step.path("workspace").join("event.json");
    let step = step
        .var("GITHUB_EVENT_PATH", &path.display().to_string())
        .var("GITHUB_EVENT_NAME", "pull_request");
    Seen::run(&step, &[])
}

pub(super) fn token_file() -> Seen {
    let step = Step::new()
        .input("role-to-assume", DEPLOY)
        .input("web-identity-token-file", "token");
    Seen::run(&step, &[])
}

pub(super) fn no_credentials() -> Seen {
    Seen::run(&Step::new(), &[])
}

/// `explain` in a job that may request a token.
fn explain(policy: &str) -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .may_request_tokens(&fake)
        .file("trust.json", policy);
    let file = step
        .path("workspace")
        .join("trust.json")
        .display()
        .to_string();
    Seen::of(&[&fake], || step.command(&["explain", "--policy", &file]))
}

pub(super) fn trust_policy_invalid() -> Seen {
    explain("{\"Version\": \"2012-10-17\"")
}

pub(super) fn trust_policy_refuses() -> Seen {
    explain(
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
            "Condition": {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:octo-org/octo-repo:ref:refs/heads/release"}}}]}"#,
    )
}

pub(super) fn no_private_hand_over() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::shell().sts(&fake).static_keys_as_variables();
    Seen::of(&[&fake], || step.command(&["--role-to-assume", OPS]))
}
