//! The token of each system, by its own way, exchanged at an STS that verifies it; and what is said where there is none.

use fake_aws::{FakeAws, Provider, World};
use serde_json::json;

use super::{plan, variables};
use crate::harness::{KEY_ID, OPS, SECRET_KEY, Step};

const ACCOUNT: &str = "123456789012";
pub(super) const CI: &str = "arn:aws:iam::123456789012:role/ci";

/// Systems that put a ready-made token into a variable: which, and its issuer, audience and subject.
const READY: &[(&str, &str, &str, &str, &str)] = &[
    (
        "GitLab CI",
        "GITLAB_OIDC_TOKEN",
        "https://gitlab.com",
        "sts.amazonaws.com",
        "project_path:octo-org/web/octo-repo:ref_type:branch:ref:main",
    ),
    (
        "GitLab CI",
        "STS_AMAZONAWS_COM_ID_TOKEN",
        "https://gitlab.com",
        "sts.amazonaws.com",
        "project_path:octo-org/web/octo-repo:ref_type:branch:ref:main",
    ),
    (
        "CircleCI",
        "CIRCLE_OIDC_TOKEN_V2",
        CIRCLECI,
        CIRCLECI_ORG,
        "org/9b2d/project/5c/user/u1/vcs-origin/github.com/octo-org/octo-repo/vcs-ref/refs/heads/main",
    ),
    (
        "CircleCI",
        "CIRCLE_OIDC_TOKEN",
        CIRCLECI,
        CIRCLECI_ORG,
        "org/9b2d/project/5c/user/u1",
    ),
    (
        "Bitbucket Pipelines",
        "BITBUCKET_STEP_OIDC_TOKEN",
        "https://api.bitbucket.org/2.0/workspaces/octo-org/pipelines-config/identity/oidc",
        "ari:cloud:bitbucket::workspace/84c08677-e352-4a1c-a107-6df387cfeef7",
        "{c2f1}:{9a7e}",
    ),
    (
        "TeamCity",
        "TEAMCITY_BUILD_OIDC_TOKEN",
        "https://tc.example.com/app/oidc-jwt",
        "https://tc.example.com/app/oidc-jwt",
        "_Root:Octo:Deploy",
    ),
    (
        "Harness CI",
        "PLUGIN_OIDC_TOKEN_ID",
        "https://app.harness.io/ng/api/oidc/account/vpCkHKsDSxK9_KYfjCTMKA",
        "sts.amazonaws.com",
        "account/vpCk:org/default:project/octo",
    ),
    (
        "Semaphore",
        "SEMAPHORE_OIDC_TOKEN",
        "https://octo-org.semaphoreci.com",
        "https://octo-org.semaphoreci.com",
        "org:octo-org:project:1:repo:octo-repo:ref_type:branch:ref:refs/heads/main",
    ),
    (
        "HCP Terraform",
        "TFC_WORKLOAD_IDENTITY_TOKEN",
        "https://app.terraform.io",
        "sts.amazonaws.com",
        "organization:octo-org:project:platform:workspace:network:run_phase:apply",
    ),
    (
        "Spacelift",
        "SPACELIFT_OIDC_TOKEN",
        "https://octo-org.app.spacelift.io",
        "octo-org.app.spacelift.io",
        "space:production:stack:network:run_type:TRACKED:scope:write",
    ),
];

pub(super) const CIRCLECI: &str =
    "https://oidc.circleci.com/org/9b2d8f5e-0c52-4b3c-8f5e-1f0e5a3c9d11";
pub(super) const CIRCLECI_ORG: &str = "9b2d8f5e-0c52-4b3c-8f5e-1f0e5a3c9d11";
pub(super) const BUILDKITE: &str = "https://agent.buildkite.com";

/// An account that knows the issuers of all of them, and a role that each may assume.
pub(super) fn world() -> World {
    let provider = |world: World, issuer: &str, audience: &str| {
        world.provider(Provider::new(ACCOUNT, issuer, audience).audience("sts.amazonaws.com"))
    };
    let mut world = World::demo().ci_providers(ACCOUNT);
    for (_, _, issuer, audience, _) in READY {
        world = provider(world, issuer, audience);
    }
    provider(world, BUILDKITE, "sts.amazonaws.com").role_for_every_provider(CI)
}

/// The step assumed the role with a token of that subject; the log names the source.
#[track_caller]
pub(super) fn assumes(fake: &FakeAws, step: &Step<'_>, source: &str, subject: &str) {
    let done = step.command(&["whoami", "--role-to-assume", CI]).succeeds();
    done.says(&format!("source: {source}"))
        .says(&format!("token: sub {subject}, aud "));
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(session.operation, "AssumeRoleWithWebIdentity");
    assert_eq!(session.caller, subject);
}

#[test]
fn a_ready_made_token_is_taken_from_its_variable() {
    for (title, variable, issuer, audience, subject) in READY {
        let fake = FakeAws::start(world());
        let token = fake.mint(&json!({"iss": issuer, "aud": audience, "sub": subject}));
        let step = variables::of(title).step().sts(&fake).var(variable, &token);
        let source = format!(
            "OIDC token of this {title} job, audience {audience} (role-to-assume is set and the job may request a token)"
        );
        assumes(&fake, &step, &source, subject);
    }
}

#[test]
fn the_variable_of_gitlab_may_be_named_after_another_audience_or_as_one_likes() {
    let fake = FakeAws::start(world());
    let claims = json!({"iss": "https://gitlab.com", "aud": "sts.amazonaws.com", "sub": "p"});
    let token = fake.mint(&claims);
    let gitlab = variables::of("GitLab CI").step().sts(&fake);
    let step = gitlab.var("AWS_TOKEN", &token);
    let words = ["whoami", "--role-to-assume", CI];
    step.command(&words).ends("oidc-permission-missing", 4).says(
        "this job cannot get an OIDC token: neither GITLAB_OIDC_TOKEN nor STS_AMAZONAWS_COM_ID_TOKEN is set",
    );
    let named = [&words[..], &["--web-identity-token-variable", "AWS_TOKEN"]].concat();
    step.command(&named)
        .succeeds()
        .says("source: web identity token in AWS_TOKEN");
    let audience = [&words[..], &["--audience", "my.company/aws"]].concat();
    let step = step.var("MY_COMPANY_AWS_ID_TOKEN", &token);
    step.command(&audience)
        .succeeds()
        .says("warning: the token's audience is sts.amazonaws.com, not my.company/aws: GitLab CI fixes it");
}

#[test]
fn azure_asks_its_endpoint_for_the_pipeline_or_a_connection() {
    let fake = FakeAws::start(world());
    let azure = variables::of("Azure Pipelines").step().sts(&fake);
    let azure = azure.var("SYSTEM_OIDCREQUESTURI", &fake.azure_request_url());
    azure
        .command(&["whoami", "--role-to-assume", CI])
        .ends("oidc-permission-missing", 4)
        .says("SYSTEM_ACCESSTOKEN is not set")
        .says("hint:  add `env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }` to the step");
    let azure = azure.var("SYSTEM_ACCESSTOKEN", &fake.oidc_request_token());
    let source = "OIDC token of this Azure Pipelines job, audience api://AzureADTokenExchange";
    assumes(&fake, &azure, source, "p://octo-org/octo-project/deploy");
    let connected = azure.var("ROLEHOP_AZURE_SERVICE_CONNECTION", "0e8f-1");
    assumes(
        &fake,
        &connected,
        source,
        "sc://octo-org/octo-project/0e8f-1",
    );
    assert_eq!(fake.count("AzureOidcToken"), 2);
    // A line break at its end is the doing of a script; one inside is none of ours to mend.
    let bearer = fake.oidc_request_token();
    let connected = connected.var("SYSTEM_ACCESSTOKEN", &format!("{bearer}\r\n"));
    let subject = "sc://octo-org/octo-project/0e8f-1";
    assumes(&fake, &connected, source, subject);
    let connected = connected.var("SYSTEM_ACCESSTOKEN", "two-of-them\nin-a-variable");
    connected
        .command(&["whoami", "--role-to-assume", CI])
        .ends("oidc-permission-missing", 4)
        .says("SYSTEM_ACCESSTOKEN has a line break or a letter that no token has")
        .says("hint:  add `env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }` to the step");
    connected
        .var("SYSTEM_ACCESSTOKEN", "another-token-altogether")
        .command(&["whoami", "--role-to-assume", CI])
        .ends("oidc-refused", 4)
        .says("the token service refused to issue an OIDC token: HTTP 401")
        .says("TF400813");
}

#[test]
fn codefresh_and_google_give_the_audience_that_is_asked_for() {
    let fake = FakeAws::start(world());
    let codefresh = variables::of("Codefresh").step().sts(&fake);
    let codefresh = codefresh
        .var("CF_OIDC_REQUEST_URL", &fake.codefresh_request_url())
        .var("CF_OIDC_REQUEST_TOKEN", &fake.oidc_request_token());
    assumes(
        &fake,
        &codefresh,
        "OIDC token of this Codefresh job, audience sts.amazonaws.com",
        "account:628a80b693a15c0f9c13ab75:pipeline:65e5a53e52853dc51a5b0cc1:initiator:octocat",
    );
    let google = variables::of("Google Cloud Build").step().sts(&fake);
    // A proxy is not asked for the machine's own services.
    let google = google
        .var("GCE_METADATA_HOST", &fake.google_metadata_host())
        .var("HTTP_PROXY", "http://127.0.0.1:1");
    assumes(
        &fake,
        &google,
        "OIDC token of this Google Cloud Build job, audience sts.amazonaws.com",
        "104217329586612345678",
    );
    let request = fake.last("GoogleIdentity").expect("a request");
    assert_eq!(request.params["format"], "full");
}

#[test]
fn the_protocol_of_github_is_spoken_by_its_relatives() {
    for title in ["GitHub Actions", "Gitea Actions", "Forgejo Actions", "act"] {
        let fake = FakeAws::start(world());
        let step = variables::of(title)
            .step()
            .sts(&fake)
            .may_request_tokens(&fake);
        let source = "OIDC token of this job, audience sts.amazonaws.com";
        let subject = "repo:octo-org/octo-repo:ref:refs/heads/main";
        assumes(&fake, &step, source, subject);
    }
}

#[test]
fn endpoints_of_other_systems_are_asked_again_when_that_may_help() {
    let fake = FakeAws::start(world());
    let step = variables::of("Codefresh").step().sts(&fake);
    let step = step
        .var("CF_OIDC_REQUEST_URL", &fake.codefresh_request_url())
        .var("CF_OIDC_REQUEST_TOKEN", &fake.oidc_request_token());
    let busy = |status| fake_aws::Misbehaviour::Error {
        status,
        code: "busy".to_owned(),
        message: "busy".to_owned(),
    };
    fake.misbehave("CodefreshIdToken", busy(503));
    step.command(&["whoami", "--role-to-assume", CI])
        .succeeds()
        .says("OIDC token: HTTP 503; trying again in");
    assert_eq!(fake.count("CodefreshIdToken"), 2);
    fake.misbehave("CodefreshIdToken", busy(403));
    step.command(&["whoami", "--role-to-assume", CI])
        .ends("oidc-refused", 4);
    assert_eq!(fake.count("CodefreshIdToken"), 3);
}

#[test]
fn where_there_is_no_token_the_hint_says_what_to_add_or_to_do_instead() {
    for (title, code, hint) in [
        (
            "GitHub Actions",
            "oidc-permission-missing",
            "add `permissions: { id-token: write, contents: read }`",
        ),
        (
            "Forgejo Actions",
            "oidc-permission-missing",
            "add `enable-openid-connect: true` to the job",
        ),
        (
            "GitLab CI",
            "oidc-permission-missing",
            "add `id_tokens: { GITLAB_OIDC_TOKEN: { aud: sts.amazonaws.com } }` to the job",
        ),
        ("CircleCI", "oidc-permission-missing", "\"pass secrets\""),
        (
            "Bitbucket Pipelines",
            "oidc-permission-missing",
            "add `oidc: true` to the step",
        ),
        (
            "Codefresh",
            "oidc-permission-missing",
            "CF_OIDC_REQUEST_URL",
        ),
        (
            "TeamCity",
            "oidc-permission-missing",
            "TEAMCITY_BUILD_OIDC_TOKEN",
        ),
        (
            "Harness CI",
            "oidc-permission-missing",
            "PLUGIN_OIDC_TOKEN_ID",
        ),
        (
            "Semaphore",
            "oidc-permission-missing",
            "turn on OIDC tokens",
        ),
        (
            "HCP Terraform",
            "oidc-permission-missing",
            "TFC_WORKLOAD_IDENTITY_AUDIENCE",
        ),
        (
            "Spacelift",
            "oidc-permission-missing",
            "/mnt/workspace/spacelift.oidc",
        ),
        ("Jenkins", "no-credentials", "bind an id token credential"),
        ("Travis CI", "no-credentials", "Travis CI issues no tokens"),
        ("Drone", "no-credentials", "Drone issues no tokens"),
        (
            "Woodpecker",
            "no-credentials",
            "Woodpecker issues no tokens",
        ),
        ("AppVeyor", "no-credentials", "AppVeyor issues no tokens"),
        (
            "AWS CodeBuild",
            "no-credentials",
            "CodeBuild issues no tokens",
        ),
        ("Kubernetes", "no-credentials", "IRSA or Pod Identity"),
        ("a shell", "no-credentials", "source-profile"),
    ] {
        let step = variables::of(title).step();
        let done = step.command(&["whoami", "--role-to-assume", CI]);
        done.ends(code, 4).says("hint:  ").says(hint);
    }
}

#[test]
fn a_chain_without_a_beginning_brings_the_systems_own_hint() {
    for (title, hint) in [
        ("GitLab CI", "for a token of the job, add `id_tokens:"),
        ("Drone", "Drone issues no tokens"),
    ] {
        let step = variables::of(title).step();
        let words = ["whoami", "--role-to-assume", CI, "--role-chaining"];
        step.command(&words)
            .ends("no-credentials", 4)
            .says(hint)
            .does_not_say("id-token: write");
    }
}

#[test]
fn an_expired_ready_made_token_is_not_asked_for_again() {
    let fake = FakeAws::start(world());
    let claims = json!({"iss": "https://gitlab.com", "aud": "sts.amazonaws.com", "sub": "p"});
    let token = fake.mint(&claims);
    fake.advance_clock(3600);
    variables::of("GitLab CI")
        .step()
        .sts(&fake)
        .var("GITLAB_OIDC_TOKEN", &token)
        .command(&["whoami", "--role-to-assume", CI])
        .ends("sts-token-expired", 5)
        .does_not_say("asking for a new one");
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1);
}

#[test]
fn the_machines_credentials_serve_a_job_without_a_token_and_the_log_says_why() {
    let fake = FakeAws::start(world());
    let step = variables::of("Bitbucket Pipelines").step().sts(&fake);
    step.var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .command(&["whoami", "--role-to-assume", OPS])
        .succeeds()
        .says("source: the environment's AWS_ACCESS_KEY_ID (no other source is given: BITBUCKET_STEP_OIDC_TOKEN is not set)");
    let source = plan(
        &variables::of("GitLab CI").step(),
        &["--role-to-assume", CI],
        "source",
    );
    assert_eq!(
        source,
        "credentials of the environment (no other source is given: neither GITLAB_OIDC_TOKEN nor STS_AMAZONAWS_COM_ID_TOKEN is set)"
    );
}
