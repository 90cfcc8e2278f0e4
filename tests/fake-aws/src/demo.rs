//! The demo world: the names that the demo, the README and most tests use.

use serde_json::{Value, json};

use crate::world::{Provider, Role, User, World};

pub(crate) const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// Every role and user that `World::demo` has is in one of these two accounts.
pub(crate) const HOME: &str = "123456789012";
const PARTNER: &str = "210987654321";

pub(crate) fn world() -> World {
    let role = |account: &str, name: &str| format!("arn:aws:iam::{account}:role/{name}");
    let (hub, spoke) = (role(HOME, "hub"), role(PARTNER, "spoke"));
    let github_main = github_main();
    let mfa = "arn:aws:iam::123456789012:mfa/ci-user";
    World::empty()
        .provider(Provider::new(HOME, GITHUB, "sts.amazonaws.com"))
        .user(
            User::new(
                "arn:aws:iam::123456789012:user/ci-user",
                "AKIAIOSFODNN7EXAMPLE",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            )
            .may_assume(&role(HOME, "ops"))
            .may_assume(&role(HOME, "long"))
            .may_assume(&role(HOME, "no-tags"))
            .may_assume(&role(HOME, "mfa-only"))
            .may_assume(&hub)
            .may_assume(&role(PARTNER, "partner"))
            .mfa(mfa, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
            .tag("team", "platform"),
        )
        .user(User::new(
            "arn:aws:iam::123456789012:user/nobody",
            "AKIAI44QH8DHBEXAMPLE",
            "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        ))
        .role(Role::new(&role(HOME, "deploy"), &federated(HOME, &github_main)).max_session(43_200))
        .role(Role::new(&role(HOME, "ops"), &trust(HOME, &TAGGED, None)))
        .role(Role::new(&role(HOME, "long"), &trust(HOME, &TAGGED, None)).max_session(43_200))
        .role(Role::new(
            &role(HOME, "no-tags"),
            &trust(HOME, &["sts:AssumeRole"], None),
        ))
        .role(Role::new(
            &role(HOME, "mfa-only"),
            &trust(
                HOME,
                &TAGGED,
                Some(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
            ),
        ))
        .role(Role::new(&hub, &hub_trust(&github_main)))
        .role(Role::new(&spoke, &trust(&hub, &TAGGED, None)))
        .role(Role::new(
            &role("333333333333", "leaf"),
            &trust(&spoke, &TAGGED, None),
        ))
        .role(Role::new(
            &role(PARTNER, "partner"),
            &trust(
                HOME,
                &TAGGED,
                Some(json!({"StringEquals": {"sts:ExternalId": "ext-42"}})),
            ),
        ))
        .role(Role::new(
            &role(HOME, "container"),
            &service("ecs-tasks.amazonaws.com"),
        ))
        .role(Role::new(
            &role(HOME, "instance"),
            &service("ec2.amazonaws.com"),
        ))
        .container_role(&role(HOME, "container"))
        .instance_role(&role(HOME, "instance"))
}

/// The token of a push to `octo-org/octo-repo`'s main branch.
pub(crate) fn github_main() -> Value {
    json!({
        "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "StringLike": {"token.actions.githubusercontent.com:sub": "repo:octo-org/octo-repo:ref:refs/heads/main"},
    })
}

pub(crate) const TAGGED: [&str; 3] = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

fn trust(principal: &str, actions: &[&str], condition: Option<Value>) -> String {
    let principal = if principal.starts_with("arn:") {
        principal.to_owned()
    } else {
        format!("arn:aws:iam::{principal}:root")
    };
    let mut statement =
        json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions});
    if let (Some(condition), Some(map)) = (condition, statement.as_object_mut()) {
        map.insert("Condition".to_owned(), condition);
    }
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn federated_statement(account: &str, condition: &Value) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": {"Federated": Provider::new(account, GITHUB, "").arn()},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": condition,
    })
}

fn federated(account: &str, condition: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [federated_statement(account, condition)]})
        .to_string()
}

/// The hub can be entered with a token or by the account's own principals.
fn hub_trust(condition: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        federated_statement(HOME, condition),
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{HOME}:root")}, "Action": TAGGED},
    ]})
    .to_string()
}

fn service(name: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": name}, "Action": "sts:AssumeRole"},
    ]})
    .to_string()
}

/// What GitHub puts in the token of a push to `octo-org/octo-repo`'s main branch.
pub(crate) fn github_claims() -> Value {
    json!({
        "sub": "repo:octo-org/octo-repo:ref:refs/heads/main",
        "actor": "octocat",
        "actor_id": "583231",
        "base_ref": "",
        "check_run_id": "36172912345",
        "event_name": "push",
        "head_ref": "",
        "job_workflow_ref": "octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main",
        "job_workflow_sha": "c0ffee254729296a45a3885639ac7e10f9d54979",
        "ref": "refs/heads/main",
        "ref_protected": "true",
        "ref_type": "branch",
        "repository": "octo-org/octo-repo",
        "repository_id": "74191729",
        "repository_owner": "octo-org",
        "repository_owner_id": "65890123",
        "repository_visibility": "private",
        "run_attempt": "1",
        "run_id": "9876543210",
        "run_number": "42",
        "runner_environment": "github-hosted",
        "sha": "c0ffee254729296a45a3885639ac7e10f9d54979",
        "workflow": "deploy",
        "workflow_ref": "octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main",
        "workflow_sha": "c0ffee254729296a45a3885639ac7e10f9d54979",
    })
}
