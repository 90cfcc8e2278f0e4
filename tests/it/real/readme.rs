//! The incumbent's own examples, run by act with only the `uses:` line changed. Their roles are its README's.

use fake_aws::{FakeAws, Provider, Role, User, World};
use serde_json::{Value, json};

use super::act::Workflow;
use super::tools::Tools;

const FIRST: &str = "arn:aws:iam::123456789100:role/my-github-actions-role";
const OTHER: &str = "arn:aws:iam::123456789100:role/my-other-github-actions-role";
const SECOND: &str = "arn:aws:iam::987654321000:role/my-second-role";
const DEV: &str = "arn:aws:iam::111111111111:role/dev-role";
const PROD: &str = "arn:aws:iam::222222222222:role/prod-role";
const USER_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const USER_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EXTERNAL_ID: &str = "an-external-id-4711";
const GITHUB: &str = "https://token.actions.githubusercontent.com";

#[test]
fn assume_role_with_web_identity() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(world());
    let job = Workflow::new(&tools, &fake, "readme/assume-role-with-web-identity.yml")
        .may_request_tokens()
        .run()
        .succeeds()
        .says("| source: OIDC token of this job, audience sts.amazonaws.com")
        .says("::set-env:: AWS_ACCESS_KEY_ID=***")
        .says("::set-env:: AWS_SECRET_ACCESS_KEY=***")
        .says("::set-env:: AWS_SESSION_TOKEN=***")
        .says("Success - Post Configure AWS Credentials")
        .says("| emptied AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN");
    assert_eq!(
        job.identities(),
        ["arn:aws:sts::123456789100:assumed-role/my-github-actions-role/MySessionName"]
    );
    assert_eq!(fake.count("GetIdToken"), 1);
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1);
    assert_eq!(fake.requests().len(), 3, "and the AWS CLI's own");
}

#[test]
fn role_previously_assumed_in_the_same_workflow() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(world());
    let job = Workflow::new(&tools, &fake, "readme/role-chaining.yml")
        .may_request_tokens()
        .run()
        .succeeds()
        .says("| source: the environment's AWS_ACCESS_KEY_ID (role-chaining is true)")
        .says("Success - Post Configure other AWS Credentials")
        .says("Success - Post Configure AWS Credentials");
    assert_eq!(
        job.identities(),
        ["arn:aws:sts::987654321000:assumed-role/my-second-role/MySessionName"]
    );
    assert_eq!(fake.count("GetIdToken"), 1);
}

#[test]
fn static_iam_credentials_in_repository_secrets() {
    let Some(tools) = Tools::find() else { return };
    for role in [FIRST, "my-github-actions-role"] {
        let fake = FakeAws::start(world());
        let job = Workflow::new(&tools, &fake, "readme/static-iam-credentials.yml")
            .secret("AWS_ACCESS_KEY_ID", USER_KEY)
            .secret("AWS_SECRET_ACCESS_KEY", USER_SECRET)
            .secret("AWS_ROLE_TO_ASSUME", role)
            .secret("AWS_ROLE_EXTERNAL_ID", EXTERNAL_ID)
            .run()
            .succeeds()
            .says("| source: static keys given as inputs")
            .says("| emptied AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN");
        // A role's name that is a secret is hidden in the answer, too.
        let arn = "arn:aws:sts::123456789100:assumed-role/my-github-actions-role/MySessionName";
        let shown = if role == FIRST {
            arn.to_owned()
        } else {
            arn.replace(role, "***")
        };
        assert_eq!(job.identities(), [shown]);
        let session = fake.sessions().pop().expect("a session");
        assert_eq!(
            (session.name.as_str(), session.duration),
            ("MySessionName", 1200)
        );
        let request = fake.last("AssumeRole").expect("a request");
        assert_eq!(request.param("RoleArn"), FIRST);
        assert_eq!(request.param("ExternalId"), EXTERNAL_ID);
    }
}

#[test]
fn credentials_from_a_steps_output() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(world());
    let job = Workflow::new(&tools, &fake, "readme/step-output.yml")
        .may_request_tokens()
        .run()
        .succeeds()
        .says("::set-output:: aws-secret-access-key=***")
        .says("| source: temporary keys given as inputs");
    assert_eq!(
        job.identities(),
        [
            "arn:aws:sts::123456789100:assumed-role/my-github-actions-role/GitHubActions",
            "arn:aws:sts::123456789100:assumed-role/my-other-github-actions-role/GitHubActions",
        ]
    );
}

#[test]
fn multiple_profiles() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(world());
    let job = Workflow::new(&tools, &fake, "readme/multiple-profiles.yml")
        .may_request_tokens()
        .run()
        .succeeds()
        .does_not_say("::set-env:: AWS_ACCESS_KEY_ID");
    let dev = "arn:aws:sts::111111111111:assumed-role/dev-role/GitHubActions";
    let prod = "arn:aws:sts::222222222222:assumed-role/prod-role/GitHubActions";
    assert_eq!(job.identities(), [dev, prod, dev]);
}

/// The accounts and roles that the README's examples name.
fn world() -> World {
    let user = "arn:aws:iam::123456789100:user/ci";
    let mut world = World::empty()
        .user(User::new(user, USER_KEY, USER_SECRET).may_assume(FIRST))
        .role(role(
            FIRST,
            &[job(FIRST), principal(user, Some(EXTERNAL_ID))],
        ))
        .role(role(OTHER, &[principal(FIRST, None)]))
        .role(role(SECOND, &[principal(FIRST, None)]));
    for entered in [DEV, PROD] {
        world = world.role(role(entered, &[job(entered)]));
    }
    for entered in [FIRST, DEV, PROD] {
        world = world.provider(Provider::new(account(entered), GITHUB, "sts.amazonaws.com"));
    }
    world
}

fn role(arn: &str, statements: &[Value]) -> Role {
    Role::new(
        arn,
        &json!({"Version": "2012-10-17", "Statement": statements}).to_string(),
    )
}

/// Lets the demo world's repository in, as the README's trust policy does.
fn job(role: &str) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": {"Federated": Provider::new(account(role), GITHUB, "").arn()},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:octo-org/octo-repo:ref:refs/heads/main",
        }},
    })
}

fn principal(arn: &str, external_id: Option<&str>) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"AWS": arn},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    });
    if let Some(id) = external_id {
        statement["Condition"] = json!({"StringEquals": {"sts:ExternalId": id}});
    }
    statement
}

fn account(arn: &str) -> &str {
    arn.split(':').nth(4).expect("an ARN has an account")
}
