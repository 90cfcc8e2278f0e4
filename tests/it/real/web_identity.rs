//! A job's OIDC token at an STS that reads its claims against the trust policy (ministack verifies no signature).

use fake_aws::{FakeAws, World};
use serde_json::json;

use super::ministack::Ministack;

const DEPLOY: &str = "arn:aws:iam::000000000000:role/deploy";

#[test]
fn the_subject_that_the_trust_policy_names() {
    let Some(sts) = Ministack::find() else { return };
    let issuer = FakeAws::start(World::demo());
    let step = sts
        .step()
        .may_request_tokens(&issuer)
        .input("role-to-assume", DEPLOY);
    assert_eq!(
        sts.arn_after(&step),
        "arn:aws:sts::000000000000:assumed-role/deploy/GitHubActions"
    );
    assert_eq!(issuer.count("GetIdToken"), 1);
    assert_eq!(issuer.requests().len(), 1, "all else went to ministack");
}

#[test]
fn another_subject_and_another_audience_are_refused() {
    let Some(sts) = Ministack::find() else { return };
    let fork = json!("repo:octo-org/octo-repo:pull_request");
    let issuer = FakeAws::start(World::demo().claim("sub", fork));
    let step = sts
        .step()
        .may_request_tokens(&issuer)
        .input("role-to-assume", DEPLOY);
    step.run()
        .fails("sts-access-denied", 5)
        .says("sub repo:octo-org/octo-repo:pull_request");
    let issuer = FakeAws::start(World::demo());
    let step = sts
        .step()
        .may_request_tokens(&issuer)
        .input("role-to-assume", DEPLOY)
        .input("audience", "another");
    step.run().fails("sts-access-denied", 5);
}
