//! Credentials of an earlier step, kept where they are good for the job.

use fake_aws::{FakeAws, World};

use crate::harness::Step;

const DEPLOYED: &str = "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions";

#[test]
fn existing_credentials_are_kept_when_they_are_valid_and_only_then() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake).run().succeeds();
    let step = Step::oidc(&fake)
        .after(&first)
        .input("use-existing-credentials", "true");
    let kept = step.run().succeeds().says("are valid and kept");
    assert_eq!(
        kept.env.keys().collect::<Vec<_>>(),
        ["AWS_DEFAULT_REGION", "AWS_REGION"]
    );
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1);
    let fresh = FakeAws::start(World::demo());
    let step = Step::oidc(&fresh)
        .after(&first)
        .input("use-existing-credentials", "true");
    let renewed = step
        .run()
        .succeeds()
        .says("no valid credentials in the environment");
    assert_eq!(renewed.arn(), DEPLOYED);
    let off = Step::oidc(&fresh)
        .after(&renewed)
        .input("use-existing-credentials", "false")
        .run()
        .succeeds();
    assert_eq!(off.arn(), DEPLOYED, "false means false");
}

#[test]
fn existing_credentials_of_an_account_that_is_not_allowed_are_not_kept() {
    let fake = FakeAws::start(World::demo());
    let leaf = "arn:aws:iam::123456789012:role/hub > arn:aws:iam::210987654321:role/spoke";
    let first = Step::oidc(&fake)
        .input("role-to-assume", leaf)
        .run()
        .succeeds();
    let step = Step::oidc(&fake)
        .after(&first)
        .input("use-existing-credentials", "true")
        .input("allowed-account-ids", "123456789012");
    let done = step
        .run()
        .succeeds()
        .says("are of account 210987654321, which allowed-account-ids does not list");
    assert_eq!(done.arn(), DEPLOYED);
}
