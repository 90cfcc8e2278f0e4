//! The command in a `run:` step of GitHub: the same files as the action, and a journal of its own.

use fake_aws::{FakeAws, World};

use super::has_the_session;
use crate::harness::{OPS, Step};

fn run_step(fake: &FakeAws) -> Step<'_> {
    Step::new()
        .sts(fake)
        .static_keys_as_variables()
        .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
        .var("AWS_REGION", "eu-west-1")
}

#[test]
fn a_run_step_hands_over_as_the_action_does_and_post_undoes_it() {
    let fake = FakeAws::start(World::demo());
    let step = run_step(&fake).without("GITHUB_STATE");
    let done = step.command(&[]).succeeds();
    has_the_session(&fake, &done.env);
    assert_eq!(done.output["aws-account-id"], "123456789012");
    assert!(done.summary.contains("### AWS credentials"));
    let step = step.later(&done.env);
    let post = step.command(&["post"]).succeeds();
    assert_eq!(post.env["AWS_ACCESS_KEY_ID"], "");
    assert_eq!(post.env["AWS_REGION"], "eu-west-1");
}

#[test]
fn two_calls_are_undone_in_reverse() {
    let fake = FakeAws::start(World::demo());
    let first = run_step(&fake);
    let one = first.command(&["--aws-region", "us-east-1"]).succeeds();
    let second = first.later(&one.env);
    let two = second.command(&["--aws-region", "ap-south-1"]).succeeds();
    let post = second.later(&two.env).command(&["post"]).succeeds();
    assert_eq!(post.env["AWS_ACCESS_KEY_ID"], "");
    assert_eq!(post.env["AWS_REGION"], "eu-west-1");
}

#[test]
fn a_profile_needs_none_of_the_runners_files() {
    let fake = FakeAws::start(World::demo());
    let inside_a_container = || {
        run_step(&fake)
            .without("GITHUB_ENV")
            .without("GITHUB_OUTPUT")
    };
    inside_a_container()
        .command(&["--aws-profile", "deploy"])
        .succeeds();
    inside_a_container()
        .command(&[])
        .ends("no-private-hand-over", 3)
        .says("GITHUB_ENV is not set");
}
