//! Tokens from the commands of agents: small programs in their place that take what the documented ones take.
#![cfg(unix)]

use fake_aws::FakeAws;
use serde_json::json;

use super::tokens::{BUILDKITE, CI, CIRCLECI, CIRCLECI_ORG, world};
use super::variables;
use crate::harness::Step;

/// `buildkite-agent oidc request-token` since it hides what it prints, and so needs the Job API.
const NEW_AGENT: &str = r#"#!/bin/sh
[ "$1 $2" = "oidc request-token" ] || { echo "no such command" >&2; exit 1; }
shift 2
while [ $# -gt 0 ]; do
    case "$1" in
        --audience) audience=$2; shift 2 ;;
        --aws-session-tag) tags=$2; shift 2 ;;
        --skip-redaction) skipped=1; shift ;;
        *) echo "flag provided but not defined: $1" >&2; exit 1 ;;
    esac
done
if [ -z "$skipped$BUILDKITE_AGENT_JOB_API_SOCKET" ]; then
    echo "fatal: failed to create a Job API client to redact the token" >&2
    exit 1
fi
[ "$audience" = sts.amazonaws.com ] || { echo "audience $audience" >&2; exit 1; }
[ "$tags" = "$EXPECTED_TAGS" ] || { echo "tags $tags" >&2; exit 1; }
[ -z "$BROKEN" ] || { echo "fatal: HTTP 403: $BROKEN" >&2; exit 1; }
read -r token < "$TOKEN_FILE"
printf '%s\n' "$token"
"#;

/// The one before, which does not know the word.
const OLD_AGENT: &str = r#"#!/bin/sh
[ "$*" = "oidc request-token --audience sts.amazonaws.com" ] || { echo "flag provided but not defined" >&2; exit 1; }
[ -z "$BROKEN" ] || { echo "fatal: HTTP 403: $BROKEN" >&2; exit 1; }
read -r token < "$TOKEN_FILE"
printf '%s\n' "$token"
"#;

const CIRCLECI_TOOL: &str = r#"#!/bin/sh
[ "$1 $2 $3 $4" = "run oidc get --claims" ] || { echo "Error: unknown command" >&2; exit 255; }
[ "$5" = '{"aud":"sts.amazonaws.com"}' ] || { echo "Error: claims $5" >&2; exit 255; }
read -r token < "$TOKEN_FILE"
printf '%s' "$token"
"#;

fn with_token<'f>(title: &str, fake: &'f FakeAws, claims: &serde_json::Value) -> Step<'f> {
    let step = variables::of(title).step().sts(fake);
    let step = step.file("minted", &format!("{}\n", fake.mint(claims)));
    let path = step.path("workspace").join("minted").display().to_string();
    step.var("TOKEN_FILE", &path)
}

fn of_buildkite<'f>(fake: &'f FakeAws, script: &str) -> Step<'f> {
    let sub =
        "organization:octo-org:pipeline:octo-pipeline:ref:refs/heads/main:commit:c0:step:deploy";
    let claims = json!({
        "iss": BUILDKITE,
        "aud": "sts.amazonaws.com",
        "sub": sub,
        "https://aws.amazon.com/tags": {
            "principal_tags": {"organization_slug": ["octo-org"], "pipeline_slug": ["octo-pipeline"]},
        },
    });
    with_token("Buildkite", fake, &claims).tool("buildkite-agent", script)
}

const WHOAMI: [&str; 3] = ["whoami", "--role-to-assume", CI];

#[test]
fn buildkites_agent_is_asked_with_and_without_the_job_api() {
    let fake = FakeAws::start(world());
    let words = "OIDC token of this Buildkite job, audience sts.amazonaws.com";
    for (script, socket) in [
        (NEW_AGENT, "/tmp/job-api.sock"),
        (NEW_AGENT, ""),
        (OLD_AGENT, ""),
        (OLD_AGENT, "/tmp/job-api.sock"),
    ] {
        of_buildkite(&fake, script)
            .var("BUILDKITE_AGENT_JOB_API_SOCKET", socket)
            .command(&WHOAMI)
            .succeeds()
            .says(words);
    }
}

#[test]
fn buildkites_token_carries_session_tags() {
    let fake = FakeAws::start(world());
    of_buildkite(&fake, NEW_AGENT)
        .var("BUILDKITE_AGENT_JOB_API_SOCKET", "/tmp/job-api.sock")
        .var(
            "BUILDKITE_PLUGIN_ROLEHOP_TOKEN_SESSION_TAGS_0",
            "organization_slug",
        )
        .var(
            "BUILDKITE_PLUGIN_ROLEHOP_TOKEN_SESSION_TAGS_1",
            "pipeline_slug",
        )
        .var("EXPECTED_TAGS", "organization_slug,pipeline_slug")
        .command(&WHOAMI)
        .succeeds();
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(session.tags["pipeline_slug"], "octo-pipeline");
    of_buildkite(&fake, NEW_AGENT)
        .command(&[&WHOAMI[..], &["--token-session-tags", "a b"]].concat())
        .ends("invalid-inputs", 3)
        .says("--token-session-tags: has a space at position 2");
    variables::of("GitLab CI")
        .step()
        .command(&["check", "--token-session-tags", "pipeline_slug"])
        .succeeds()
        .says("token-session-tags not sent: it is for Buildkite");
}

#[test]
fn an_agent_that_refuses_says_why_whichever_it_is() {
    let fake = FakeAws::start(world());
    for (script, socket) in [(NEW_AGENT, "/tmp/job-api.sock"), (OLD_AGENT, "")] {
        of_buildkite(&fake, script)
            .var("BUILDKITE_AGENT_JOB_API_SOCKET", socket)
            .var("BROKEN", "the organization has no OIDC")
            .command(&WHOAMI)
            .ends("oidc-refused", 4)
            .says("refused to issue an OIDC token: `buildkite-agent` ended with status 1")
            .says("fatal: HTTP 403: the organization has no OIDC");
    }
    variables::of("Buildkite")
        .step()
        .command(&WHOAMI)
        .ends("oidc-permission-missing", 4)
        .says("this job cannot get an OIDC token: `buildkite-agent` cannot be started");
    of_buildkite(&fake, "#!/bin/sh\necho not a token\n")
        .command(&WHOAMI)
        .ends("oidc-answer-invalid", 4)
        .says("`buildkite-agent` printed something else");
    of_buildkite(&fake, "#!/bin/sh\nexec /bin/sleep 600\n")
        .command(&[&WHOAMI[..], &["--action-timeout-s", "1"]].concat())
        .ends("timed-out", 6)
        .says("it was waiting for the OIDC token from `buildkite-agent`");
}

#[test]
fn circlecis_tool_is_asked_for_an_audience_that_the_ready_token_has_not() {
    let fake = FakeAws::start(world());
    let claims =
        |aud: &str| json!({"iss": CIRCLECI, "aud": aud, "sub": format!("org/9b2d with {aud}")});
    let ready = fake.mint(&claims(CIRCLECI_ORG));
    let step = || {
        with_token("CircleCI", &fake, &claims("sts.amazonaws.com"))
            .tool("circleci", CIRCLECI_TOOL)
            .var("CIRCLE_OIDC_TOKEN_V2", &ready)
    };
    let asked = |words: &[&str]| {
        step().command(&[&WHOAMI[..], words].concat()).succeeds();
        fake.sessions().pop().expect("a session").caller
    };
    assert_eq!(
        asked(&["--audience", "sts.amazonaws.com"]),
        "org/9b2d with sts.amazonaws.com"
    );
    assert_eq!(
        asked(&["--audience", CIRCLECI_ORG]),
        format!("org/9b2d with {CIRCLECI_ORG}")
    );
    assert_eq!(asked(&[]), format!("org/9b2d with {CIRCLECI_ORG}"));
    step()
        .command(&[&WHOAMI[..], &["--audience", "other"]].concat())
        .ends("oidc-refused", 4)
        .says("OIDC token: `circleci` ended with status 255; trying again in")
        .says(r#"Error: claims {"aud":"other"}"#);
}
