//! Every source of the first identity, each with what the log says of it.

use fake_aws::{FakeAws, World};

use crate::harness::{DEPLOY, KEY_ID, OPS, SECRET_KEY, Step};

const DEPLOYED: &str = "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions";
const OPERATED: &str = "arn:aws:sts::123456789012:assumed-role/ops/GitHubActions";

#[test]
fn an_oidc_token_of_the_job() {
    let fake = FakeAws::start(World::demo());
    let done = Step::oidc(&fake).run().succeeds();
    assert_eq!(done.arn(), DEPLOYED);
    assert_eq!(done.output["aws-account-id"], "123456789012");
    let done = done
        .says("source: OIDC token of this job, audience sts.amazonaws.com")
        .says("token: sub repo:octo-org/octo-repo:ref:refs/heads/main, aud sts.amazonaws.com, iss https://token.actions.githubusercontent.com")
        .says("valid until");
    assert_eq!(done.env["AWS_REGION"], "eu-west-1");
    assert_eq!(done.env["AWS_DEFAULT_REGION"], "eu-west-1");
    assert_eq!(fake.count("GetIdToken"), 1);
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1);
    assert_eq!(fake.requests().len(), 2, "no further round trip");
}

#[test]
fn a_token_with_another_audience() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("audience", "my-audience&x=1");
    step.run()
        .fails("sts-token-rejected", 5)
        .says("Incorrect token audience")
        .says("aud my-audience&x=1");
}

#[test]
fn a_token_file_by_absolute_and_by_relative_path() {
    let fake = FakeAws::start(World::demo());
    let token = fake.id_token("sts.amazonaws.com");
    let step = Step::new()
        .sts(&fake)
        .input("role-to-assume", DEPLOY)
        .file("token.jwt", &format!("{token}\n"));
    let absolute = step
        .path("workspace")
        .join("token.jwt")
        .display()
        .to_string();
    let step = step.input("web-identity-token-file", "token.jwt");
    assert_eq!(
        step.run()
            .succeeds()
            .says("source: web identity token in")
            .arn(),
        DEPLOYED
    );
    let step = step.input("web-identity-token-file", &absolute);
    assert_eq!(step.run().succeeds().arn(), DEPLOYED);
    assert_eq!(fake.count("GetIdToken"), 0);
}

#[test]
fn static_keys_and_a_role() {
    let fake = FakeAws::start(World::demo());
    let done = Step::keys(&fake)
        .run()
        .succeeds()
        .says("source: static keys given as inputs");
    assert_eq!(done.arn(), OPERATED);
    assert_ne!(done.env["AWS_ACCESS_KEY_ID"], KEY_ID);
    assert!(done.masks().contains(&SECRET_KEY.to_owned()));
    assert_eq!(
        fake.requests().len(),
        1,
        "STS' answer is the proof: no GetCallerIdentity"
    );
}

#[test]
fn static_keys_and_a_role_by_name_and_path() {
    let fake = FakeAws::start(World::demo());
    assert_eq!(
        Step::keys(&fake)
            .input("role-to-assume", "ops")
            .run()
            .succeeds()
            .arn(),
        OPERATED
    );
}

#[test]
fn static_keys_alone_are_checked_and_exported() {
    let fake = FakeAws::start(World::demo());
    let done = Step::new().sts(&fake).static_keys().run().succeeds();
    assert_eq!(done.arn(), "arn:aws:iam::123456789012:user/ci-user");
    assert_eq!(done.env["AWS_ACCESS_KEY_ID"], KEY_ID);
    assert!(!done.env.contains_key("AWS_SESSION_TOKEN"));
    assert_eq!(fake.count("GetCallerIdentity"), 1);
}

#[test]
fn static_keys_clear_a_session_token_that_is_left_over() {
    let fake = FakeAws::start(World::demo());
    let done = Step::new()
        .sts(&fake)
        .static_keys()
        .var("AWS_SESSION_TOKEN", "left-over-token")
        .run()
        .succeeds();
    assert_eq!(done.env["AWS_SESSION_TOKEN"], "");
}

#[test]
fn keys_win_over_a_profile_in_the_environment_and_over_oidc() {
    let fake = FakeAws::start(World::demo());
    let step = Step::keys(&fake)
        .may_request_tokens(&fake)
        .var("AWS_PROFILE", "other");
    assert_eq!(step.run().succeeds().arn(), OPERATED);
    assert_eq!(fake.count("GetIdToken"), 0);
}

#[test]
fn temporary_keys_of_another_step_as_inputs() {
    let fake = FakeAws::start(World::demo());
    let first = Step::keys(&fake)
        .input("role-to-assume", "hub")
        .input("output-credentials", "true")
        .run()
        .succeeds();
    let second = Step::new()
        .sts(&fake)
        .input("aws-access-key-id", &first.output["aws-access-key-id"])
        .input(
            "aws-secret-access-key",
            &first.output["aws-secret-access-key"],
        )
        .input("aws-session-token", &first.output["aws-session-token"])
        .input("role-to-assume", "arn:aws:iam::210987654321:role/spoke");
    let second = second
        .run()
        .succeeds()
        .says("source: temporary keys given as inputs");
    assert_eq!(
        second.arn(),
        "arn:aws:sts::210987654321:assumed-role/spoke/GitHubActions"
    );
}

#[test]
fn role_chaining_from_the_variables_of_an_earlier_step() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake)
        .input("role-to-assume", "arn:aws:iam::123456789012:role/hub")
        .run()
        .succeeds();
    let second = Step::oidc(&fake)
        .after(&first)
        .input("role-chaining", "true")
        .input("role-to-assume", "arn:aws:iam::210987654321:role/spoke");
    let second = second
        .run()
        .succeeds()
        .says("source: the environment's AWS_ACCESS_KEY_ID (role-chaining is true)");
    assert_eq!(
        second.arn(),
        "arn:aws:sts::210987654321:assumed-role/spoke/GitHubActions"
    );
    assert_eq!(fake.count("GetIdToken"), 1);
}

#[test]
fn the_variables_of_the_machine() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    let alone = step
        .run()
        .succeeds()
        .says("every AWS tool of this job finds them by itself");
    assert_eq!(
        alone.env.keys().collect::<Vec<_>>(),
        ["AWS_DEFAULT_REGION", "AWS_REGION"]
    );
    assert_eq!(alone.arn(), "arn:aws:iam::123456789012:user/ci-user");
    let step = step.input("role-to-assume", OPS);
    assert_eq!(
        step.run().succeeds().says("no other source is given").arn(),
        OPERATED
    );
}

fn with_profiles(fake: &FakeAws) -> Step<'_> {
    let step = Step::new().sts(fake);
    let text = format!(
        "[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n\
         [profile ops]\nrole_arn = {OPS}\nsource_profile = default\nregion = eu-west-1\n\
         [profile process]\ncredential_process = cat {}\n",
        step.path("workspace").join("process.json").display()
    );
    let step = step.file("config", &text);
    let config = step.path("workspace").join("config").display().to_string();
    step.var("AWS_CONFIG_FILE", &config)
}

#[test]
fn the_default_profile_and_a_named_one_that_assumes_a_role() {
    let fake = FakeAws::start(World::demo());
    let step = with_profiles(&fake).input("role-to-assume", "arn:aws:iam::123456789012:role/hub");
    let hub = step
        .run()
        .succeeds()
        .says("source: the profile `default` of the AWS config files");
    assert_eq!(
        hub.arn(),
        "arn:aws:sts::123456789012:assumed-role/hub/GitHubActions"
    );
    let ops = with_profiles(&fake)
        .var("AWS_PROFILE", "ops")
        .run()
        .succeeds()
        .says("the profile `ops`");
    assert!(
        ops.arn()
            .starts_with("arn:aws:sts::123456789012:assumed-role/ops/"),
        "{}",
        ops.arn()
    );
}

#[test]
fn a_source_profile_with_a_credential_process() {
    let fake = FakeAws::start(World::demo());
    let json =
        format!(r#"{{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}"}}"#);
    let step = with_profiles(&fake)
        .file("process.json", &json)
        .input("source-profile", "process");
    let done = step
        .run()
        .succeeds()
        .says("source: the profile `process` (source-profile is set)");
    assert_eq!(done.env["AWS_ACCESS_KEY_ID"], KEY_ID);
    let done = step.input("role-to-assume", "ops").run().succeeds();
    assert_eq!(done.arn(), OPERATED);
}

#[test]
fn a_projected_token_of_kubernetes() {
    let fake = FakeAws::start(World::demo());
    let token = fake.id_token("sts.amazonaws.com");
    let step = Step::new().sts(&fake).file("token", &token);
    let file = step.path("workspace").join("token").display().to_string();
    let step = step
        .var("AWS_WEB_IDENTITY_TOKEN_FILE", &file)
        .var("AWS_ROLE_ARN", DEPLOY);
    let done = step
        .run()
        .succeeds()
        .says("source: AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN");
    assert!(
        done.arn().contains(":assumed-role/deploy/"),
        "{}",
        done.arn()
    );
}

#[test]
fn the_container_endpoint_of_ecs_and_eks() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .var(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            &fake.container_credentials_url(),
        )
        .var(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            &fake.container_auth_token(),
        );
    let done = step
        .run()
        .succeeds()
        .says("source: the container credentials endpoint");
    assert!(
        done.arn().contains(":assumed-role/container/"),
        "{}",
        done.arn()
    );
}

#[cfg(unix)]
fn emptied<'f>(step: Step<'f>, names: &str) -> Step<'f> {
    let names = names.split(' ');
    names.fold(step, |step, name| step.var(name, ""))
}

/// Steps empty what they cannot remove, and the SDK takes some of it for a setting.
#[cfg(unix)]
#[test]
fn an_empty_variable_is_an_absent_one() {
    let fake = FakeAws::start(World::demo());
    for name in [
        "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN AWS_ROLE_SESSION_NAME",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_AUTHORIZATION_TOKEN",
    ] {
        // Without anything else the search goes on to its end.
        let nothing = emptied(Step::shell(), name).command(&["whoami"]);
        nothing
            .ends("no-credentials", 4)
            .says("nothing in the environment's AWS_ACCESS_KEY_ID, the profile `default`")
            .says("the EC2 instance metadata");
        // And the default profile is found.
        let found = emptied(with_profiles(&fake), name).run().succeeds();
        assert!(
            found.arn().ends_with(":user/ci-user"),
            "{name}: {}",
            found.arn()
        );
    }
}

#[test]
fn the_metadata_service_of_ec2() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .without("AWS_EC2_METADATA_DISABLED")
        .var("AWS_EC2_METADATA_SERVICE_ENDPOINT", &fake.imds_url());
    let done = step
        .run()
        .succeeds()
        .says("source: the EC2 instance metadata");
    assert!(
        done.arn().contains(":assumed-role/instance/"),
        "{}",
        done.arn()
    );
}

#[test]
fn force_skip_oidc_takes_the_machine() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("force-skip-oidc", "true")
        .input("role-to-assume", OPS)
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    assert_eq!(step.run().succeeds().arn(), OPERATED);
    assert_eq!(fake.count("GetIdToken"), 0);
}
