//! Least privilege by event: policies from files, and what pull requests get instead of the usual role and policy.

use fake_aws::{FakeAws, World};

use crate::harness::{DEPLOY, OPS, Step};

const HUB: &str = "arn:aws:iam::123456789012:role/hub";
const WIDE: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const NARROW: &str = r#"{
    "Version": "2012-10-17",
    "Statement": [
        { "Effect": "Allow", "Action": [ "s3:GetObject" ], "Resource": "arn:aws:s3:::a bucket/*" }
    ]
}
"#;
const MINIFIED: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::a bucket/*"}]}"#;

fn policy(fake: &FakeAws) -> Option<String> {
    fake.sessions().pop().expect("a session").policy
}

#[test]
fn a_policy_comes_from_a_file_in_either_form_and_is_minified() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).file("policy.json", &format!("\u{feff}{NARROW}"));
    let absolute = step.path("workspace").join("policy.json");
    let absolute = absolute.display().to_string();
    let mut step = step;
    for form in [
        "file://policy.json",
        "@policy.json",
        &format!("file://{absolute}"),
        &format!("@{absolute}"),
        NARROW,
    ] {
        step = step.input("inline-session-policy", form);
        step.run().succeeds();
        assert_eq!(policy(&fake).as_deref(), Some(MINIFIED), "{form}");
    }
}

#[test]
fn a_broken_policy_file_is_named_with_line_and_column() {
    let fake = FakeAws::start(World::demo());
    let long = format!("{{\"Version\": \"{}\"}}", "x".repeat(2048));
    for (text, said) in [
        (
            "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [,]\n}",
            "policy.json: is not valid JSON: expected value at line 3 column 17",
        ),
        ("[]", "policy.json: is not a JSON object"),
        (
            "{\"a\": \"€\"}",
            "policy.json: has `€` (U+20AC) at position 7",
        ),
        (
            long.as_str(),
            "policy.json: has 2062 characters without blanks; AWS STS accepts at most 2048",
        ),
    ] {
        let step = Step::oidc(&fake)
            .file("policy.json", text)
            .input("inline-session-policy", "file://policy.json");
        step.run().fails("invalid-inputs", 3).says(said);
    }
    let step = Step::oidc(&fake).input("inline-session-policy", "file://");
    step.run().fails("invalid-inputs", 3).says("names no file");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn a_pull_request_gets_its_own_policy() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .file("pr.json", NARROW)
        .input("inline-session-policy", WIDE)
        .input("policy-for-pull-requests", "file://pr.json");
    step.run()
        .succeeds()
        .says("policy-for-pull-requests does not apply: the event is push");
    assert_eq!(policy(&fake).as_deref(), Some(WIDE));
    for event in ["pull_request", "pull_request_target"] {
        let done = Step::oidc(&fake)
            .file("pr.json", NARROW)
            .input("inline-session-policy", WIDE)
            .input("policy-for-pull-requests", "file://pr.json")
            .var("GITHUB_EVENT_NAME", event)
            .run()
            .succeeds();
        done.says(&format!(
            "policy-for-pull-requests applies: the event is {event}"
        ));
        assert_eq!(policy(&fake).as_deref(), Some(MINIFIED));
    }
}

#[test]
fn a_pull_request_gets_its_own_role() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("role-for-pull-requests", HUB);
    assert!(step.run().succeeds().arn().contains("/deploy/"));
    let step = step.var("GITHUB_EVENT_NAME", "pull_request");
    let done = step
        .run()
        .succeeds()
        .says("role-for-pull-requests applies: the event is pull_request");
    assert!(done.arn().contains("/hub/"));
    // A role for pull requests alone: others get none, and need another source then.
    let step = step.without("INPUT_ROLE-TO-ASSUME");
    assert!(step.run().succeeds().arn().contains("/hub/"));
}

#[test]
fn mistakes_in_what_waits_for_a_pull_request_are_told_at_once() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("role-for-pull-requests", "arn:aws:iam::1:role/x")
        .input("policy-for-pull-requests", "{\"Version\": }");
    step.run()
        .fails("invalid-inputs", 3)
        .says("role-for-pull-requests: `1` is not an AWS account ID")
        .says("policy-for-pull-requests: is not valid JSON");
    // A file may be there in pull requests only.
    let step = Step::oidc(&fake).input("policy-for-pull-requests", "@not-there.json");
    step.run().succeeds();
    let step = step.var("GITHUB_EVENT_NAME", "pull_request");
    step.run()
        .fails("invalid-inputs", 3)
        .says("inline-session-policy (from policy-for-pull-requests): cannot read");
}

#[test]
fn another_system_is_asked_in_its_own_words() {
    let fake = FakeAws::start(World::demo());
    let step = |variables: &[(&str, &str)]| {
        let step = Step::shell()
            .sts(&fake)
            .static_keys_as_variables()
            .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
            .var("ROLEHOP_ROLE_FOR_PULL_REQUESTS", HUB);
        let step = variables
            .iter()
            .fold(step, |step, (name, value)| step.var(name, value));
        step.command(&["whoami"]).succeeds()
    };
    let gitlab = ("GITLAB_CI", "true");
    let merge = step(&[gitlab, ("CI_PIPELINE_SOURCE", "merge_request_event")]);
    assert!(merge.out.contains("/hub/"), "{}", merge.out);
    let push = step(&[gitlab, ("CI_PIPELINE_SOURCE", "push")]);
    assert!(push.out.contains("/ops/"), "{}", push.out);
    let unknown = step(&[("TEAMCITY_VERSION", "2025.07")]);
    assert!(unknown.out.contains("/hub/"), "{}", unknown.out);
    unknown.says("does not say whether this is a pull request, so role-for-pull-requests applies");
    assert!(step(&[]).out.contains("/ops/"));
}

#[test]
fn the_role_of_the_usual_event_is_as_before() {
    let fake = FakeAws::start(World::demo());
    let done = Step::oidc(&fake)
        .input("role-to-assume", DEPLOY)
        .run()
        .succeeds();
    done.does_not_say("pull request");
}

/// Unmerged code must not get the usual role because its event has another name, or none.
#[test]
fn the_narrow_role_is_for_all_that_may_be_unmerged() {
    let wide = OPS;
    for (variables, narrow) in [
        (
            &[
                ("GITLAB_CI", "true"),
                ("CI_PIPELINE_SOURCE", "parent_pipeline"),
                ("CI_MERGE_REQUEST_IID", "7"),
            ][..],
            true,
        ),
        (
            &[("GITLAB_CI", "true"), ("CI_PIPELINE_SOURCE", "push")],
            false,
        ),
        (&[("CIRCLECI", "true"), ("CIRCLE_PR_NUMBER", "7")], true),
        (&[("CIRCLECI", "true"), ("CIRCLE_BRANCH", "main")], true),
        (&[("CIRCLECI", "true"), ("CIRCLE_TAG", "v1")], false),
        (
            &[
                ("JENKINS_URL", "http://ci.example.com"),
                ("BUILD_ID", "7"),
                ("ghprbPullId", "7"),
            ],
            true,
        ),
        (
            &[
                ("JENKINS_URL", "http://ci.example.com"),
                ("BUILD_ID", "7"),
                ("BRANCH_NAME", "main"),
            ],
            false,
        ),
        (
            &[
                (
                    "CODEBUILD_BUILD_ARN",
                    "arn:aws:codebuild:eu-west-1:1:build/x",
                ),
                ("CODEBUILD_SOURCE_VERSION", "pr/7"),
            ],
            true,
        ),
    ] {
        let mut step = Step::shell()
            .static_keys_as_variables()
            .var("ROLEHOP_ROLE_TO_ASSUME", wide)
            .var("ROLEHOP_ROLE_FOR_PULL_REQUESTS", HUB);
        for (name, value) in variables {
            step = step.var(name, value);
        }
        let plan = step.command(&["check"]).succeeds().out;
        let (gets, not) = if narrow { (HUB, wide) } else { (wide, HUB) };
        assert!(
            plan.contains(gets) && !plan.contains(not),
            "{variables:?}: {plan}"
        );
    }
}
