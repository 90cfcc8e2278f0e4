//! Session tags that trust policies look at: the first hop's, the ones that go along, and none at all.
//!
//! Ministack keeps no source identity and marks no tag as transitive; the fake of `tests/fake-aws` does.

use super::ministack::Ministack;
use crate::harness::Step;

fn tagged<'f>(sts: &Ministack, role: &str) -> Step<'f> {
    sts.step_of("ci")
        .input("role-to-assume", role)
        .input("custom-tags", r#"{"Team": "web"}"#)
}

#[test]
fn a_tag_that_the_trust_policy_requires() {
    let Some(sts) = Ministack::find() else { return };
    assert_eq!(
        sts.arn_after(&tagged(sts, "team")),
        "arn:aws:sts::000000000000:assumed-role/team/GitHubActions"
    );
    let other = tagged(sts, "team").input("custom-tags", "Team=mobile");
    other.run().fails("sts-access-denied", 5);
    let without = sts.step_of("ci").input("role-to-assume", "team");
    without.run().fails("sts-access-denied", 5);
}

#[test]
fn a_transitive_tag_goes_along_and_is_not_said_again() {
    let Some(sts) = Ministack::find() else { return };
    let chain = "arn:aws:iam::000000000000:role/team > arn:aws:iam::000000000000:role/second";
    let step = tagged(sts, chain);
    step.run().fails("sts-access-denied", 5);
    let step = step.input("transitive-tag-keys", "Team");
    assert_eq!(
        sts.arn_after(&step),
        "arn:aws:sts::000000000000:assumed-role/second/GitHubActions"
    );
}

#[test]
fn a_role_that_may_not_be_tagged() {
    let Some(sts) = Ministack::find() else { return };
    let step = sts.step_of("ci").input("role-to-assume", "untagged");
    step.run()
        .fails("sts-access-denied", 5)
        .says("is not authorized to perform: sts:TagSession");
    let step = step.input("role-skip-session-tagging", "true");
    assert_eq!(
        step.run().succeeds().arn(),
        "arn:aws:sts::000000000000:assumed-role/untagged/GitHubActions"
    );
}

#[test]
fn a_source_identity_is_accepted() {
    let Some(sts) = Ministack::find() else { return };
    let step = sts
        .step_of("ci")
        .input("role-to-assume", "ops")
        .input("source-identity", "octocat");
    step.run().succeeds();
}
