//! When AWS, the token endpoint or the network misbehave: a clear error, nothing exported, no needless repeat.

use fake_aws::{FakeAws, Misbehaviour, World};

use crate::harness::Step;

const STS: &str = "AssumeRoleWithWebIdentity";
const TOKEN: &str = "GetIdToken";

#[test]
fn a_missing_permission_is_told_before_any_request() {
    let step = Step::new().input("role-to-assume", crate::harness::DEPLOY);
    let failed = step
        .run()
        .fails("oidc-permission-missing", 4)
        .says("ACTIONS_ID_TOKEN_REQUEST_URL is not set");
    failed.says("id-token: write");
    let forgejo = Step::new()
        .var("FORGEJO_ACTIONS", "true")
        .input("role-to-assume", crate::harness::DEPLOY);
    forgejo
        .run()
        .fails("oidc-permission-missing", 4)
        .says("enable-openid-connect: true");
}

#[test]
fn a_pull_request_from_a_fork_is_named() {
    let event = r#"{"pull_request":{"head":{"repo":{"full_name":"mallory/octo-repo"}},"base":{"repo":{"full_name":"octo-org/octo-repo"}}}}"#;
    let step = Step::new()
        .input("role-to-assume", crate::harness::DEPLOY)
        .file("event.json", event);
    let path = step
        .path("workspace")
        .join("event.json")
        .display()
        .to_string();
    let step = step
        .var("GITHUB_EVENT_PATH", &path)
        .var("GITHUB_EVENT_NAME", "pull_request");
    step.run()
        .fails("oidc-fork-pull-request", 4)
        .says("the fork mallory/octo-repo");
    let target = step.var("GITHUB_EVENT_NAME", "pull_request_target");
    target.run().fails("oidc-permission-missing", 4);
}

#[test]
fn no_credentials_at_all_name_every_place_that_was_looked_at() {
    let failed = Step::new().run().fails("no-credentials", 4);
    failed
        .says("the environment's AWS_ACCESS_KEY_ID")
        .says("the container credentials endpoint")
        .says("EC2 instance metadata");
    let half = Step::new()
        .input("role-chaining", "true")
        .var("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
    half.run()
        .fails("no-credentials", 4)
        .says("AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is empty");
    let profile = Step::new().input("source-profile", "nowhere").run();
    profile
        .fails("no-credentials", 4)
        .says("there is no profile `nowhere` in ");
}

#[test]
fn a_token_file_that_cannot_be_used() {
    let step = || {
        Step::new()
            .input("role-to-assume", crate::harness::DEPLOY)
            .input("web-identity-token-file", "token")
    };
    let file = std::path::Path::new("workspace").join("token");
    step()
        .run()
        .fails("token-file", 4)
        .says(&file.display().to_string());
    step()
        .file("token", "not a token")
        .run()
        .fails("token-file", 4)
        .says("is not a JSON web token");
    step()
        .file("token", "")
        .run()
        .fails("token-file", 4)
        .says("has 0 characters; AWS STS accepts 4 to 20000");
    let folder = step();
    std::fs::create_dir(folder.path("workspace").join("token")).expect("a folder");
    folder
        .run()
        .fails("token-file", 4)
        .says("not a regular file");
}

#[test]
fn refusals_of_sts_are_told_once_with_its_own_words() {
    for (status, code, message, expected) in [
        (
            403,
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
            "sts-access-denied",
        ),
        (
            400,
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://x",
            "sts-token-rejected",
        ),
        (
            400,
            "InvalidIdentityToken",
            "Incorrect token audience",
            "sts-token-rejected",
        ),
        (
            400,
            "PackedPolicyTooLarge",
            "Packed size 120% of the allowed",
            "sts-session-too-large",
        ),
        (
            400,
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
            "sts-request-invalid",
        ),
        (
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            "sts-request-invalid",
        ),
        (
            403,
            "RegionDisabledException",
            "STS is not activated in this region",
            "sts-region-disabled",
        ),
        (
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            "sts-keys-rejected",
        ),
        (418, "Teapot", "short and stout", "sts-refused"),
    ] {
        let fake = FakeAws::start(World::demo());
        fake.misbehave(STS, Misbehaviour::error(status, code, message).always());
        Step::oidc(&fake)
            .run()
            .fails(expected, 5)
            .says(code)
            .says(message)
            .says("request id ");
        assert_eq!(fake.count(STS), 1, "{code} is not repeated");
    }
}

#[test]
fn an_expired_token_is_replaced_once() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(
        STS,
        Misbehaviour::error(400, "ExpiredTokenException", "Token expired"),
    );
    Step::oidc(&fake)
        .run()
        .succeeds()
        .says("STS does not take the token any more; asking for a new one");
    assert_eq!((fake.count(TOKEN), fake.count(STS)), (2, 2));
    fake.misbehave(
        STS,
        Misbehaviour::error(400, "ExpiredTokenException", "Token expired").always(),
    );
    fake.clear();
    Step::oidc(&fake).run().fails("sts-token-expired", 5);
    assert_eq!((fake.count(TOKEN), fake.count(STS)), (2, 2));
}

#[test]
fn a_rejected_claim_gets_one_fresh_token() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(
        STS,
        Misbehaviour::error(403, "IDPRejectedClaim", "nbf").always(),
    );
    Step::oidc(&fake).run().fails("sts-token-rejected", 5);
    assert_eq!((fake.count(TOKEN), fake.count(STS)), (2, 2));
}

#[test]
fn answers_that_are_not_of_sts() {
    let html = Misbehaviour::Raw {
        status: 200,
        content_type: "text/html".into(),
        body: b"<html>Sign in</html>".to_vec(),
    };
    let json = Misbehaviour::Raw {
        status: 400,
        content_type: "application/json".into(),
        body: b"{\"a\":1}".to_vec(),
    };
    for (what, part) in [
        (html, "HTTP 200 with 20 bytes of text/html"),
        (json, "HTTP 400 with 7 bytes of application/json"),
        (Misbehaviour::Empty, "HTTP 200 with 0 bytes"),
        (Misbehaviour::Huge(64 << 20), "larger than 1048576 bytes"),
        (
            Misbehaviour::Redirect("https://evil.example/".into()),
            "a redirect to https://evil.example/, which is not followed",
        ),
        (
            Misbehaviour::MissingField("SessionToken".into()),
            "lacks SessionToken",
        ),
        (
            Misbehaviour::MissingField("Credentials".into()),
            "lacks Credentials",
        ),
        (
            Misbehaviour::MissingField("Expiration".into()),
            "Expiration",
        ),
    ] {
        let fake = FakeAws::start(World::demo());
        fake.misbehave(STS, what.clone().always());
        let outcome = Step::oidc(&fake).run();
        assert_eq!(outcome.status, 5, "{what:?}\n{}", outcome.log);
        outcome.fails("sts-answer-invalid", 5).says(part);
        assert_eq!(fake.count(STS), 1, "{what:?}");
    }
}

#[test]
fn a_server_that_leaves_out_whom_the_keys_are_for_is_asked() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(STS, Misbehaviour::MissingField("AssumedRoleUser".into()));
    Step::oidc(&fake).run().succeeds();
    assert_eq!(fake.count("GetCallerIdentity"), 1);
}

#[test]
fn answers_of_the_token_endpoint_that_have_no_token() {
    let raw = |status, kind: &str, body: &[u8]| Misbehaviour::Raw {
        status,
        content_type: kind.into(),
        body: body.to_vec(),
    };
    for (what, code, part) in [
        (
            raw(200, "text/html", b"<html>"),
            "oidc-answer-invalid",
            "HTTP 200 with 6 bytes of text/html",
        ),
        (
            raw(200, "application/json", b"{\"value\": 5}"),
            "oidc-answer-invalid",
            "not a JSON object with a `value`",
        ),
        (
            raw(200, "application/json", b"{\"value\": \"a.bcd\"}"),
            "oidc-answer-invalid",
            "is not a JSON web token",
        ),
        (
            raw(403, "application/json", b"{\"message\": \"no\"}"),
            "oidc-refused",
            "HTTP 403",
        ),
        (raw(404, "text/plain", b"gone"), "oidc-refused", "HTTP 404"),
        (
            Misbehaviour::Empty,
            "oidc-answer-invalid",
            "HTTP 200 with 0 bytes",
        ),
        (
            Misbehaviour::Huge(8 << 20),
            "oidc-answer-invalid",
            "larger than",
        ),
        (
            Misbehaviour::Redirect("https://evil.example/".into()),
            "oidc-answer-invalid",
            "a redirect, which is not followed",
        ),
    ] {
        let fake = FakeAws::start(World::demo());
        fake.misbehave(TOKEN, what.always());
        Step::oidc(&fake).run().fails(code, 4).says(part);
        assert_eq!(fake.count(TOKEN), 1);
        assert_eq!(fake.count(STS), 0);
    }
}

#[test]
fn text_from_the_far_side_cannot_issue_commands() {
    let ours = ["::error title=rolehop ", "::add-mask::eyJ", "::debug::"];
    for (operation, debug) in [(STS, "0"), (STS, "1"), (TOKEN, "0"), (TOKEN, "1")] {
        let fake = FakeAws::start(World::demo());
        fake.misbehave(operation, Misbehaviour::TextInjection.always());
        let step = Step::oidc(&fake).var("RUNNER_DEBUG", debug);
        let outcome = step.input("disable-retry", "true").run();
        assert_ne!(outcome.status, 0);
        for line in outcome.log.lines() {
            let command = line.trim_start().starts_with("::") || line.contains("##[");
            assert!(
                !command || ours.iter().any(|own| line.starts_with(own)),
                "{line}"
            );
        }
    }
}

#[test]
fn the_page_of_a_failure_is_a_link_where_the_action_is_a_repositorys() {
    let of = |server: &str, repository: &str, version: &str| {
        Step::new()
            .var("GITHUB_SERVER_URL", server)
            .var("GITHUB_ACTION_REPOSITORY", repository)
            .var("GITHUB_ACTION_REF", version)
    };
    let docs = |step: Step<'_>| {
        let failed = step.run().fails("no-credentials", 4);
        let line = failed
            .log
            .lines()
            .find_map(|line| line.strip_prefix("  docs:  "));
        line.expect("a line").to_owned()
    };
    let page = "docs/errors.md#no-credentials";
    assert_eq!(
        docs(of("https://github.com", "octo-org/rolehop", "v0")),
        format!("https://github.com/octo-org/rolehop/blob/v0/{page}")
    );
    for (server, repository, version) in [
        // A folder of the job's own.
        ("https://github.com", "", ""),
        ("https://github.com", "octo-org/rolehop", ""),
        ("https://github.com", "rolehop", "v0"),
        ("https://github.com", "octo-org/rolehop/deep", "v0"),
        ("https://github.com", "../rolehop", "v0"),
        ("https://github.com", "octo-org/rolehop", "v0\n::warning::x"),
        ("javascript:alert(1)", "octo-org/rolehop", "v0"),
        ("https://user@evil.example", "octo-org/rolehop", "v0"),
    ] {
        assert_eq!(
            docs(of(server, repository, version)),
            page,
            "{server} {repository}"
        );
    }
    // Another server's pages have other addresses.
    let gitea = of("https://gitea.example", "octo-org/rolehop", "v0");
    assert_eq!(docs(gitea.var("GITEA_ACTIONS", "true")), page);
    // In a script, the action is whoever calls it.
    of("https://github.com", "octo-org/other", "v1")
        .var("AWS_REGION", "eu-west-1")
        .command(&["whoami"])
        .ends("no-credentials", 4)
        .says(&format!("  docs:  {page}"));
}
