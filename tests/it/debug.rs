//! The debug log: each decision with its reason, each request with what came of it, and never a secret: the harness looks.

use fake_aws::{Broken, BrokenServer, FakeAws, Misbehaviour, World};

use crate::harness::{DEPLOY, Step};

const STS: &str = "AssumeRoleWithWebIdentity";

#[test]
fn every_decision_and_request_of_the_usual_run() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(STS, Misbehaviour::Throttle);
    let step = Step::oidc(&fake)
        .var("ACTIONS_STEP_DEBUG", "true")
        .input("output-credentials", "true");
    let done = step.run().succeeds();
    let host = fake.address();
    for line in [
        "::debug::host: GitHub Actions, because GITHUB_ACTIONS is true".to_owned(),
        "::debug::region: eu-west-1 in the partition aws, given by aws-region".to_owned(),
        "::debug::source static keys: not taken, aws-access-key-id is not given".to_owned(),
        "::debug::source profile: not taken, source-profile is not given".to_owned(),
        "::debug::source token in hand: not taken, web-identity-token-file is not given".to_owned(),
        "::debug::source OIDC token of the job: taken, role-to-assume is given and the job may request tokens; audience sts.amazonaws.com".to_owned(),
        "::debug::source credentials of the machine: not taken, another source comes before it".to_owned(),
        format!("::debug::roles: {DEPLOY} as "),
        "::debug::hand-over: the environment of later steps, the outputs of this step".to_owned(),
        "::debug::patience: 12 attempts for each request, 60 s for everything".to_owned(),
        format!("::debug::STS is {host}, directly: no proxy is given for it"),
        "::debug::the token endpoint is 127.0.0.1, directly: no proxy is given for it".to_owned(),
        "::debug::roots: Mozilla's, compiled in; no file of the user's; the system's store ".to_owned(),
        format!("::debug::GET the OIDC token at {host} took "),
        format!("::debug::POST {STS} at {host} took "),
        format!("::debug::sts:{STS}: Throttling (HTTP 400): Rate exceeded: this may pass"),
    ] {
        assert!(
            done.log.lines().any(|l| l.starts_with(&line)),
            "no `{line}` in\n{}",
            done.log
        );
    }
    let requests: Vec<&str> = done
        .log
        .lines()
        .filter(|line| line.starts_with(&format!("::debug::POST {STS}")))
        .collect();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(
        requests[0].contains("HTTP 400, request id "),
        "{requests:?}"
    );
    assert!(
        requests[1].contains("HTTP 200, request id "),
        "{requests:?}"
    );
}

#[test]
fn why_a_source_was_not_taken() {
    let fake = FakeAws::start(World::demo());
    for (step, line) in [
        (
            Step::oidc(&fake).input("force-skip-oidc", "true"),
            "source OIDC token of the job: not taken, force-skip-oidc is true",
        ),
        (
            Step::oidc(&fake).without("ACTIONS_ID_TOKEN_REQUEST_URL"),
            "source OIDC token of the job: not taken, ACTIONS_ID_TOKEN_REQUEST_URL is not set",
        ),
        (
            Step::keys(&fake).may_request_tokens(&fake),
            "source OIDC token of the job: not taken, another source comes before it",
        ),
        (
            Step::new().sts(&fake),
            "source credentials of the machine: taken, no other source is given; nothing in the environment speaks of any",
        ),
        (
            Step::keys(&fake)
                .without("INPUT_AWS-REGION")
                .var("AWS_DEFAULT_REGION", "eu-west-1"),
            "given by aws-region (from AWS_DEFAULT_REGION)",
        ),
    ] {
        step.var("RUNNER_DEBUG", "1").run().says(line);
    }
}

#[test]
fn the_road_to_a_host_and_the_roots() {
    let fake = FakeAws::start_tls(World::demo());
    let proxy = fake.proxy_with_password("user", "proxy-password");
    let url = proxy
        .url()
        .replace("http://", "http://user:proxy-password@");
    let step = Step::oidc(&fake)
        .secret("proxy-password")
        .without("AWS_ENDPOINT_URL_STS")
        .var("RUNNER_DEBUG", "1")
        .input("http-proxy", &url)
        .input("no-proxy", "127.0.0.1");
    let address = proxy.address();
    step.run()
        .succeeds()
        .says(&format!(
            "STS is sts.eu-west-1.amazonaws.com, through the proxy {address}: no-proxy does not name it"
        ))
        .says("the token endpoint is 127.0.0.1, directly: it is this machine or its metadata service")
        .says(&format!(
            "POST {STS} at sts.eu-west-1.amazonaws.com through the proxy {address} took "
        ))
        .says(&format!(
            "{}ca.pem; the system's store",
            std::path::MAIN_SEPARATOR
        ));
}

#[test]
fn no_secret_is_told_on_the_main_paths() {
    let fake = FakeAws::start(World::demo());
    let debug = |step: Step<'_>| step.var("RUNNER_DEBUG", "1").run();
    debug(Step::oidc(&fake)).succeeds();
    debug(Step::keys(&fake)).succeeds();
    debug(Step::new().sts(&fake).static_keys()).succeeds();
    let file = Step::new()
        .sts(&fake)
        .file("token", &fake.id_token("sts.amazonaws.com"))
        .input("web-identity-token-file", "token")
        .input("role-to-assume", DEPLOY);
    debug(file).succeeds();
    let container = Step::new()
        .sts(&fake)
        .var(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            &fake.container_credentials_url(),
        )
        .var(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            &fake.container_auth_token(),
        );
    let container = debug(container).succeeds();
    container.says("GET credentials at ").does_not_say(
        fake.container_credentials_url()
            .rsplit('/')
            .next()
            .expect("a path"),
    );
    let instance = Step::new()
        .sts(&fake)
        .without("AWS_EC2_METADATA_DISABLED")
        .var("AWS_EC2_METADATA_SERVICE_ENDPOINT", &fake.imds_url());
    debug(instance).succeeds().says("PUT /latest/api/token at ");
    let profile = Step::oidc(&fake).input("aws-profile", "dev");
    debug(profile).succeeds().says("hand-over: the profile dev");
    let chain = Step::oidc(&fake).input(
        "role-to-assume",
        "arn:aws:iam::123456789012:role/hub > arn:aws:iam::210987654321:role/spoke",
    );
    debug(chain).succeeds().says("role/hub as ");
    for what in [
        Misbehaviour::TextInjection,
        Misbehaviour::error(403, "AccessDenied", "no"),
        Misbehaviour::Reset,
        Misbehaviour::Html,
    ] {
        fake.misbehave("*", what.always());
        debug(Step::oidc(&fake).input("disable-retry", "true"));
        debug(Step::keys(&fake).input("disable-retry", "true"));
        fake.behave();
    }
    // The URL of the token endpoint has a secret in its query on some servers.
    let silent = BrokenServer::start(Broken::Silent);
    let url = format!("{}/idtoken?secret=in-the-query", silent.url("http"));
    let step = Step::oidc(&fake)
        .secret("in-the-query")
        .var("ACTIONS_ID_TOKEN_REQUEST_URL", &url)
        .input("action-timeout-s", "1");
    debug(step).fails("oidc-timed-out", 6);
}

#[test]
fn a_command_tells_it_with_verbose() {
    let fake = FakeAws::start(World::demo());
    let step = Step::shell().sts(&fake).static_keys_as_variables();
    let done = step.command(&["whoami", "--verbose"]).succeeds();
    done.says("debug: host: none that is known by its variables")
        .says("debug: source static keys: taken, aws-access-key-id (from ROLEHOP_AWS_ACCESS_KEY_ID) is given")
        .says(&format!("debug: POST GetCallerIdentity at {} took ", fake.address()));
    let plain = step.command(&["whoami"]).succeeds();
    plain.does_not_say("debug: ");
}

#[test]
fn without_it_there_are_no_such_lines() {
    let fake = FakeAws::start(World::demo());
    Step::oidc(&fake).run().succeeds().does_not_say("::debug::");
}
