//! What a workflow that was written for the incumbent relies on, found by `cargo xtask compare`.

use fake_aws::{FakeAws, Misbehaviour, Secrets, World};

use crate::harness::{DEPLOY, KEY_ID, SECRET_KEY, Step};

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

#[test]
fn what_is_forgotten_goes_also_where_the_machines_own_credentials_are_kept() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .input("use-existing-credentials", "true")
        .input("unset-current-credentials", "true")
        .var("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSES000")
        .var("AWS_SECRET_ACCESS_KEY", "secret-of-somebody-else")
        .secret("secret-of-somebody-else");
    let text =
        format!("[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n");
    let file = step.path("workspace/credentials").display().to_string();
    let step = step
        .file("credentials", &text)
        .var("AWS_SHARED_CREDENTIALS_FILE", &file);
    let kept = step.run().succeeds();
    let kept = kept.says("the credentials of the machine itself are valid and kept");
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        assert_eq!(kept.env[name], "", "{name}");
    }
    assert_eq!(kept.env["AWS_REGION"], "eu-west-1");
    let post = step.post(&kept, &kept.env).succeeds();
    assert!(!post.env.contains_key("AWS_SECRET_ACCESS_KEY"));
}

#[test]
fn what_is_not_written_where_credentials_are_kept_is_told() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("use-existing-credentials", "true")
        .input("output-credentials", "true")
        .input("aws-profile", "deploy");
    let fresh = step.run().succeeds();
    assert!(!fresh.log.contains("are kept"), "{}", fresh.log);
    let kept = step
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .input("overwrite-aws-profile", "true")
        .run()
        .succeeds()
        .says("output-credentials: the outputs of this step have no credentials")
        .says("aws-profile: the profile is not written")
        .says("a step without use-existing-credentials");
    assert!(kept.output.is_empty());
    assert_eq!(kept.log.matches("::warning").count(), 2, "{}", kept.log);
}

#[test]
fn a_token_file_goes_before_keys_and_role_chaining() {
    let fake = FakeAws::start(World::demo());
    let token = fake.id_token("sts.amazonaws.com");
    let by_file = || {
        Step::new()
            .sts(&fake)
            .file("token.jwt", &token)
            .input("web-identity-token-file", "token.jwt")
            .input("role-to-assume", DEPLOY)
    };
    let done =
        by_file().static_keys().run().succeeds().says(
            "aws-access-key-id not used: the token of web-identity-token-file assumes the role",
        );
    assert_eq!(done.arn(), DEPLOYED);
    let done = by_file()
        .input("role-chaining", "true")
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .run()
        .succeeds()
        .says("role-chaining not used: the token of web-identity-token-file assumes the role");
    assert_eq!(done.arn(), DEPLOYED);
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 2);
    assert_eq!(fake.count("AssumeRole"), 0);
    let keys = Step::new()
        .sts(&fake)
        .static_keys()
        .input("web-identity-token-file", "token.jwt");
    let done = keys
        .run()
        .succeeds()
        .says("web-identity-token-file not used: there is no role-to-assume");
    assert_eq!(done.arn(), "arn:aws:iam::123456789012:user/ci-user");
}

#[test]
fn the_workaround_for_special_characters_overrides_the_number_of_attempts() {
    for (name, value) in [("disable-retry", "true"), ("retry-max-attempts", "1")] {
        let fake = FakeAws::start(World::demo().secrets(Secrets::PlainAfter(1)));
        fake.misbehave("AssumeRoleWithWebIdentity", Misbehaviour::Throttle);
        let done = Step::oidc(&fake)
            .input("special-characters-workaround", "true")
            .input(name, value)
            .run()
            .succeeds();
        assert_eq!(done.arn(), DEPLOYED);
        assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 3);
    }
}

#[test]
fn what_is_left_of_a_key_pair_does_not_stop_another_source() {
    let fake = FakeAws::start(World::demo());
    for name in ["aws-secret-access-key", "aws-session-token"] {
        let done = Step::oidc(&fake)
            .input(name, "left-over-of-a-key-pair")
            .run()
            .succeeds()
            .says(&format!("{name} not used: there is no aws-access-key-id"));
        assert_eq!(done.arn(), DEPLOYED);
    }
}

#[test]
fn what_is_left_of_a_key_pair_is_a_mistake_without_another_source() {
    let step = || Step::new().input("role-to-assume", DEPLOY);
    step()
        .input("aws-secret-access-key", "wJalrXUtnFEMIK7MDENG")
        .run()
        .fails("invalid-inputs", 3)
        .says("aws-access-key-id: is missing");
    step()
        .input("aws-session-token", "abcdefghij")
        .run()
        .fails("invalid-inputs", 3)
        .says("aws-session-token: is given without aws-access-key-id");
}
