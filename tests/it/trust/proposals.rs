//! The policy that `explain` writes, judged by evaluators that are not its own: it admits the job, and no neighbour of it.

use fake_aws::{FakeAws, World};
use serde_json::{Value, json};

use super::fixture::{ROLE, Trust, claims, fake, text, world};
use crate::harness::Step;

/// Every claim set of which a policy is made.
pub(super) const ALL: [&str; 25] = [
    "branch",
    "feature-branch",
    "tag",
    "environment",
    "environment-colon",
    "pull-request",
    "immutable-branch",
    "immutable-tag",
    "immutable-environment",
    "immutable-pull-request",
    "upper-case",
    "customised",
    "customised-repo",
    "reusable",
    "ghes",
    "ghes-environment",
    "ghe-com",
    "ghe-com-pull-request",
    "gitlab",
    "gitlab-tag",
    "buildkite",
    "buildkite-tags",
    "circleci",
    "circleci-v2",
    "bitbucket",
];

/// What `explain --write-policy` prints for that token and role, in the form of `more`.
pub(crate) fn proposal(token: &Value, role: &str, more: &[&str]) -> String {
    let fake = fake(token, &Trust::of_subject(token, "x").json(token));
    let step = Step::shell();
    let file = step.path("workspace").join("token");
    std::fs::write(&file, fake.mint(token)).expect("a file");
    let file = file.display().to_string();
    let mut words = vec![
        "explain",
        "--token-file",
        &file,
        "--role",
        role,
        "--write-policy",
    ];
    words.extend(more);
    step.command(&words).succeeds().out
}

/// Tokens of another repository, branch, environment and audience.
pub(crate) fn neighbours(token: &Value) -> Vec<Value> {
    let sub = text(token, "sub");
    let other = |from: &str, to: &str| {
        let mut other = token.clone();
        for name in ["sub", "repository", "repository_id", "ref", "environment"] {
            if let Some(value) = other[name].as_str() {
                other[name] = json!(value.replace(from, to));
            }
        }
        // A template may leave out what the policy then asks for by itself.
        let elsewhere = !sub.contains("repo:")
            && (other["repository_id"] != token["repository_id"] || other["ref"] != token["ref"]);
        (text(&other, "sub") != sub || elsewhere).then_some(other)
    };
    let mut all: Vec<Value> = [
        ("octo-repo", "octo-repo-2"),
        ("octo-org", "evil-org"),
        ("74191729", "74191730"),
        ("refs/heads/main", "refs/heads/evil"),
        ("refs/heads/main", "refs/heads/main2"),
        ("v1.2.3", "v1.2.4"),
        (":production", ":production2"),
        ("Octo-Repo", "octo-repo"),
        ("octo-project", "octo-project2"),
        ("pull_request", "ref:refs/heads/main"),
        ("pipeline:deploy", "pipeline:evil"),
        ("11112222", "11112223"),
        ("2f0d1c3b", "2f0d1c3c"),
    ]
    .into_iter()
    .filter_map(|(from, to)| other(from, to))
    .collect();
    let mut audience = token.clone();
    audience["aud"] = json!("another-service");
    all.push(audience);
    all
}

fn admitted(fake: &FakeAws, token: &Value) -> bool {
    let minted = fake.mint(token);
    let step = Step::new()
        .sts(fake)
        .input("role-to-assume", ROLE)
        .file("token", &minted)
        .input("web-identity-token-file", "token");
    let outcome = step.run();
    assert!(
        outcome.status == 0 || outcome.log.contains("error[sts-access-denied]"),
        "{}",
        outcome.log
    );
    outcome.status == 0
}

#[test]
fn the_policy_admits_the_job_and_no_other() {
    let mut refused = 0;
    for name in ALL {
        let token = claims(name);
        let policy = proposal(&token, ROLE, &[]);
        let mut world = world(&token, &policy);
        world.providers = world
            .providers
            .into_iter()
            .map(|provider| provider.audience("another-service"))
            .collect();
        let fake = FakeAws::start(world);
        assert!(admitted(&fake, &token), "{name}: {policy}");
        for other in neighbours(&token) {
            assert!(
                !admitted(&fake, &other),
                "{name}: {policy}\nadmits {other:#}"
            );
            refused += 1;
        }
    }
    assert!(refused > 80, "{refused}");
}

#[test]
fn the_callers_two_policies_are_enough() {
    let fake = FakeAws::start(World::demo());
    let caller = "arn:aws:iam::123456789012:user/nobody";
    let policy = Step::shell()
        .command(&[
            "explain",
            "--caller",
            caller,
            "--write-policy",
            "--ci",
            "github",
        ])
        .succeeds()
        .out;
    fake.edit(|world| {
        let role = fake_aws::Role::new(ROLE, &policy);
        world.roles.push(role);
        for user in &mut world.users {
            if user.arn == caller {
                user.may_assume.push(ROLE.to_owned());
            }
        }
    });
    let keys = |id: &str, secret: &str| {
        Step::new()
            .sts(&fake)
            .input("aws-access-key-id", id)
            .input("aws-secret-access-key", secret)
            .input("role-to-assume", ROLE)
            .run()
    };
    keys(
        "AKIAI44QH8DHBEXAMPLE",
        "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    )
    .succeeds();
    keys(crate::harness::KEY_ID, crate::harness::SECRET_KEY).fails("sts-access-denied", 5);
}

#[test]
fn commands_to_paste_have_the_claims_as_words_of_a_shell() {
    let mut token = claims("branch");
    token["iss"] = json!("https://idp.example.com/a;id");
    token["aud"] = json!("it's $(id)");
    let mut without = world(&token, &Trust::of_subject(&token, "x").json(&token));
    without.providers.clear();
    let mut unlisted = world(&token, &Trust::of_subject(&token, "x").json(&token));
    unlisted.providers[0].audiences = vec!["another".to_owned()];
    for (world, command) in [
        (
            without,
            r"aws iam create-open-id-connect-provider --url 'https://idp.example.com/a;id' --client-id-list 'it'\''s $(id)'",
        ),
        (
            unlisted,
            r"aws iam add-client-id-to-open-id-connect-provider --client-id 'it'\''s $(id)' --open-id-connect-provider-arn 'arn:aws:iam::123456789012:oidc-provider/idp.example.com/a;id'; or",
        ),
    ] {
        let fake = FakeAws::start(world);
        Step::new()
            .sts(&fake)
            .input("role-to-assume", ROLE)
            .file("token", &fake.mint(&token))
            .input("web-identity-token-file", "token")
            .run()
            .fails("sts-token-rejected", 5)
            .says(command);
    }
}
