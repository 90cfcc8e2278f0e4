//! What a workflow that was written for the incumbent relies on, found by `cargo xtask compare`.

use fake_aws::{FakeAws, World};

use crate::harness::{KEY_ID, SECRET_KEY, Step};

const DEPLOYED: &str = "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions";

#[test]
fn kept_credentials_come_with_the_region_and_post_takes_only_that_back() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("use-existing-credentials", "true")
        .input("aws-region", "eu-central-1")
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .var("AWS_REGION", "us-east-1");
    let kept = step.run().succeeds();
    assert_eq!(kept.env["AWS_REGION"], "eu-central-1");
    assert_eq!(kept.env["AWS_DEFAULT_REGION"], "eu-central-1");
    assert!(kept.output.is_empty());
    let post = step.post(&kept, &kept.env).succeeds();
    assert_eq!(post.env["AWS_REGION"], "us-east-1");
    assert_eq!(post.env["AWS_DEFAULT_REGION"], "");
    assert_eq!(post.env.len(), 2, "{:?}", post.env);
    let outputs_only = step.input("output-env-credentials", "false").run();
    let outputs_only = outputs_only.succeeds();
    assert!(outputs_only.env.is_empty() && outputs_only.state.is_empty());
}

#[test]
fn credentials_that_are_to_be_forgotten_are_not_kept() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("use-existing-credentials", "true")
        .input("unset-current-credentials", "true")
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    assert_eq!(step.run().succeeds().arn(), DEPLOYED);
}
