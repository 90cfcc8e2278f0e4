//! Jobs that end badly, and jobs that had something before us: what the log and the later steps show under act.

use fake_aws::{FakeAws, World};

use super::act::Workflow;
use super::tools::Tools;

#[test]
fn a_denied_role_fails_the_job_and_says_why() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let job = Workflow::new(&tools, &fake, "denied.yml")
        .may_request_tokens()
        .run()
        .fails()
        .says("| error[sts-access-denied]: STS denied sts:AssumeRoleWithWebIdentity on arn:aws:iam::123456789012:role/ops")
        .says("|   cause: AccessDenied (HTTP 403): Not authorized to perform sts:AssumeRoleWithWebIdentity")
        .says("|   cause: most likely: the trust policy of arn:aws:iam::123456789012:role/ops is for another subject")
        .says("|   hint:  in the account 123456789012")
        .says("|     sub              repo:octo-org/octo-repo:ref:refs/heads/main")
        .says("|   a trust policy that admits exactly this job")
        // act reads the annotation as GitHub does, title and message apart.
        .says("::error title=rolehop sts-access-denied::STS denied sts:AssumeRoleWithWebIdentity")
        .says("Failure - Main Configure AWS Credentials")
        .does_not_say("::set-env::")
        .does_not_say("::set-output::")
        .says("| nothing to clean up");
    assert!(job.identities().is_empty(), "no later step ran");
}

#[test]
fn what_an_earlier_step_had_set_is_back_for_the_posts_after_ours() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let job = Workflow::new(&tools, &fake, "restore.yml")
        .may_request_tokens()
        .run()
        .succeeds()
        .says("| restored AWS_ACCESS_KEY_ID, AWS_REGION");
    assert_eq!(
        job.identities(),
        ["arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions"]
    );
    let at_the_end = job
        .log
        .rsplit("Run Post Observer")
        .next()
        .unwrap_or_default();
    for line in [
        "| AWS_ACCESS_KEY_ID: b e f o r e",
        "| AWS_SECRET_ACCESS_KEY: \n",
        "| AWS_SESSION_TOKEN: \n",
        "| AWS_REGION: e u - n o r t h - 1",
    ] {
        assert!(at_the_end.contains(line), "no `{line}` in\n{}", job.log);
    }
}

#[test]
fn a_step_after_a_logout_has_no_credentials() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let job = Workflow::new(&tools, &fake, "logout.yml")
        .may_request_tokens()
        .run()
        .succeeds()
        .says("| emptied AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_DEFAULT_REGION, AWS_REGION")
        .says("Unable to locate credentials")
        .says("| the AWS CLI ends with 25")
        .says("| keys: <>")
        .says("| files: <>")
        // The step's own post.
        .says("| an earlier step has undone what this one handed over (logout)");
    assert_eq!(
        job.identities(),
        ["arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions"]
    );
}
