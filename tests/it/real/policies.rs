//! Session policies, honoured when a later step uses the credentials.

use super::ministack::Ministack;
use crate::harness::Step;

const DENIED: &str = "AccessDenied";

fn ops<'f>(sts: &Ministack) -> Step<'f> {
    sts.step_of("ci").input("role-to-assume", "ops")
}

fn create(bucket: &str) -> Vec<&str> {
    let here = "LocationConstraint=eu-west-1";
    let mut args = vec!["s3api", "create-bucket", "--bucket", bucket];
    args.extend(["--create-bucket-configuration", here]);
    args
}

#[test]
fn without_one_the_role_decides() {
    let Some(sts) = Ministack::find() else { return };
    let step = ops(sts);
    sts.cli_after(&step).succeeds(&create("made-by-the-role"));
}

#[test]
fn an_inline_policy_that_denies_one_action() {
    let Some(sts) = Ministack::find() else { return };
    let step = ops(sts).input(
        "inline-session-policy",
        r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:CreateBucket", "Resource": "*"}
        ]}"#,
    );
    let aws = sts.cli_after(&step);
    let refused = aws.fails(&create("refused-inline"));
    assert!(refused.contains(DENIED), "{refused}");
    aws.succeeds(&["s3api", "list-buckets"]);
}

#[test]
fn a_managed_policy_that_only_lists() {
    let Some(sts) = Ministack::find() else { return };
    let step = ops(sts).input(
        "managed-session-policies",
        "arn:aws:iam::000000000000:policy/list",
    );
    let aws = sts.cli_after(&step);
    let refused = aws.fails(&create("refused-managed"));
    assert!(refused.contains(DENIED), "{refused}");
    aws.succeeds(&["s3api", "list-buckets"]);
}

#[test]
fn a_managed_policy_that_is_not_there() {
    let Some(sts) = Ministack::find() else { return };
    let step = ops(sts).input(
        "managed-session-policies",
        "arn:aws:iam::000000000000:policy/absent",
    );
    let done = step.run();
    assert_ne!(done.status, 0, "{}", done.log);
    let done = done.says("does not match an existing IAM Managed Policy ARN");
    assert!(done.env.is_empty());
}
