//! The post phase puts back what was there before.

use std::collections::BTreeMap;

use fake_aws::{FakeAws, World};

use crate::harness::{KEY_ID, SECRET_KEY, Step};

const OLD: &str = "old-secret-of-somebody-else-0123456789";

#[test]
fn variables_that_were_not_there_are_emptied() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    let main = step.run().succeeds();
    let post = step
        .post(&main, &main.env)
        .succeeds()
        .says("emptied AWS_ACCESS_KEY_ID");
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ] {
        assert_eq!(post.env[name], "", "{name}");
    }
}

#[test]
fn variables_that_were_there_are_restored_and_masked() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .var("AWS_ACCESS_KEY_ID", "AKIAOLD0123456789012")
        .var("AWS_SECRET_ACCESS_KEY", OLD)
        .var("AWS_REGION", "us-east-1")
        .secret(OLD);
    let main = step.run().succeeds();
    let post = step.post(&main, &main.env).succeeds();
    assert_eq!(post.env["AWS_ACCESS_KEY_ID"], "AKIAOLD0123456789012");
    assert_eq!(post.env["AWS_SECRET_ACCESS_KEY"], OLD);
    assert_eq!(post.env["AWS_SESSION_TOKEN"], "");
    assert_eq!(post.env["AWS_REGION"], "us-east-1");
    assert_eq!(post.env["AWS_DEFAULT_REGION"], "");
}

#[test]
fn a_token_under_its_old_name_does_not_win_over_ours_and_comes_back() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .var("AWS_SECURITY_TOKEN", "a-token-of-an-earlier-session")
        .secret("a-token-of-an-earlier-session");
    let main = step.run().succeeds();
    assert_eq!(main.env["AWS_SECURITY_TOKEN"], "");
    let post = step.post(&main, &main.env).succeeds();
    assert_eq!(
        post.env["AWS_SECURITY_TOKEN"],
        "a-token-of-an-earlier-session"
    );
    // Where somebody else has set one since, it is theirs.
    let mut later = main.env.clone();
    later.insert("AWS_SECURITY_TOKEN".to_owned(), "of-another".to_owned());
    let post = step.post(&main, &later).succeeds();
    assert!(!post.env.contains_key("AWS_SECURITY_TOKEN"));
}

#[test]
fn a_token_under_its_old_name_is_forgotten_with_the_keys() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .var("AWS_SECURITY_TOKEN", "a-token-of-an-earlier-session")
        .secret("a-token-of-an-earlier-session")
        .input("unset-current-credentials", "true");
    let main = step.run().succeeds();
    assert_eq!(main.env["AWS_SECURITY_TOKEN"], "");
    assert!(!main.state["rolehop"].contains("a-token-of-an-earlier"));
    let post = step.post(&main, &main.env).succeeds();
    assert!(!post.env.contains_key("AWS_SECURITY_TOKEN"));
    let role = "arn:aws:iam::123456789012:role/nowhere";
    let failed = step.input("role-to-assume", role).run();
    assert_eq!(failed.status, 5);
    assert_eq!(failed.env["AWS_SECURITY_TOKEN"], "");
}

#[test]
fn two_steps_are_undone_in_reverse() {
    let fake = FakeAws::start(World::demo());
    let hub = Step::oidc(&fake).input("role-to-assume", "arn:aws:iam::123456789012:role/hub");
    let first = hub.run().succeeds();
    let spoke = Step::oidc(&fake)
        .after(&first)
        .input("role-chaining", "true")
        .input("role-to-assume", "arn:aws:iam::210987654321:role/spoke");
    let second = spoke.run().succeeds();
    let mut job: BTreeMap<String, String> = first.env.clone();
    job.extend(second.env.clone());
    job.extend(spoke.post(&second, &job).succeeds().env);
    assert_eq!(job["AWS_ACCESS_KEY_ID"], first.env["AWS_ACCESS_KEY_ID"]);
    job.extend(hub.post(&first, &job).succeeds().env);
    assert_eq!(job["AWS_ACCESS_KEY_ID"], "");
    assert_eq!(job["AWS_REGION"], "");
}

#[test]
fn what_somebody_else_set_since_is_left_alone() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    let main = step.run().succeeds();
    let mut job = main.env.clone();
    job.insert("AWS_ACCESS_KEY_ID".into(), KEY_ID.into());
    job.insert("AWS_SECRET_ACCESS_KEY".into(), SECRET_KEY.into());
    let post = step
        .post(&main, &job)
        .succeeds()
        .says("are not the ones of this step any more");
    assert!(!post.env.contains_key("AWS_SECRET_ACCESS_KEY"));
    assert_eq!(post.env["AWS_REGION"], "");
}

#[test]
fn cleanup_may_clear_or_leave_everything() {
    let fake = FakeAws::start(World::demo());
    let old = Step::oidc(&fake).var("AWS_REGION", "us-east-1");
    let clear = old.input("cleanup", "clear");
    let main = clear.run().succeeds();
    assert_eq!(
        clear.post(&main, &main.env).succeeds().env["AWS_REGION"],
        ""
    );
    let none = Step::oidc(&fake).input("cleanup", "none");
    let main = none.run().succeeds();
    assert!(none.post(&main, &main.env).succeeds().env.is_empty());
}

#[test]
fn the_skip_variable_of_the_incumbent_works() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    let main = step.run().succeeds();
    let mut job = main.env.clone();
    job.insert("AWS_SKIP_CLEANUP_STEP".into(), "true".into());
    assert!(
        step.post(&main, &job)
            .succeeds()
            .says("clean-up skipped")
            .env
            .is_empty()
    );
}

#[test]
fn post_is_harmless_when_main_never_got_there() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("role-to-assume", "arn:aws:iam::123456789012:role/nowhere");
    let main = step.run().fails("sts-access-denied", 5);
    assert!(
        step.post(&main, &main.env)
            .succeeds()
            .says("nothing to clean up")
            .env
            .is_empty()
    );
    assert!(
        step.without("GITHUB_ENV")
            .post(&main, &main.env)
            .succeeds()
            .env
            .is_empty()
    );
}
