//! Buildkite: its agent's Job API on a socket, and its agent's command where there is none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use fake_aws::{FakeAws, World};
use serde_json::json;

use super::server::{Request, on_socket};
use super::systems::BUILDKITE;
use super::{KEYS, ODD, has_the_session, job, odd_job, odd_world, refused};
use crate::harness::Step;

const TOKEN: &str = "llama-alpaca-guanaco-vicugna";

/// The job as the agent has it.
#[derive(Debug, Default)]
struct Job {
    env: BTreeMap<String, String>,
    redactions: Vec<String>,
    /// Methods and paths, in order.
    calls: Vec<String>,
    /// How redactions are answered, when not as usual.
    redactor: Option<u16>,
    /// How taking variables away is answered the first time, when not as usual.
    remover: Option<u16>,
}

impl Job {
    fn answer(&mut self, request: &Request) -> (u16, String) {
        self.calls
            .push(format!("{} {}", request.method, request.path));
        if request.authorization != format!("Bearer {TOKEN}") {
            return (
                401,
                json!({"error": "invalid authorization header"}).to_string(),
            );
        }
        let body = &request.body;
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/api/current-job/v0/env") => (200, json!({"env": self.env}).to_string()),
            ("PATCH", "/api/current-job/v0/env") => self.patch(body),
            ("DELETE", "/api/current-job/v0/env") if self.remover.is_some() => {
                (self.remover.take().expect("a status"), "{}".to_owned())
            }
            ("DELETE", "/api/current-job/v0/env") => {
                for key in body["keys"].as_array().expect("keys") {
                    self.env.remove(key.as_str().expect("a name"));
                }
                (200, "{}".to_owned())
            }
            ("POST", "/api/current-job/v0/redactions") => {
                let status = self.redactor.unwrap_or(201);
                let value = body["redact"].as_str().expect("a value").to_owned();
                if status == 201 {
                    self.redactions.push(value.clone());
                }
                (status, json!({"redacted": value}).to_string())
            }
            other => (404, format!("{other:?}")),
        }
    }

    fn patch(&mut self, body: &serde_json::Value) -> (u16, String) {
        let values = body["env"].as_object().expect("values");
        let protected: Vec<_> = values
            .keys()
            .filter(|name| name.starts_with("BUILDKITE_"))
            .collect();
        if !protected.is_empty() || values.values().any(serde_json::Value::is_null) {
            let error = format!("the following environment variables are protected: {protected:?}");
            return (422, json!({"error": error}).to_string());
        }
        for (name, value) in values {
            let value = value.as_str().expect("text").to_owned();
            if KEYS.contains(&name.as_str()) {
                assert!(
                    self.redactions.contains(&value),
                    "{name} is set before it is redacted"
                );
            }
            self.env.insert(name.clone(), value);
        }
        (200, json!({"added": [], "updated": []}).to_string())
    }
}

/// The job's environment with the API in it.
fn with_api(step: Step<'_>) -> (Step<'_>, Arc<Mutex<Job>>) {
    let job = Arc::new(Mutex::new(Job::default()));
    let socket = step.path("temp").join("job-api.sock");
    let shared = Arc::clone(&job);
    on_socket(
        &socket,
        Arc::new(move |request| shared.lock().expect("the job").answer(&request)),
    );
    let socket = socket.display().to_string();
    let step = step
        .var("BUILDKITE_AGENT_JOB_API_SOCKET", &socket)
        .var("BUILDKITE_AGENT_JOB_API_TOKEN", TOKEN);
    (step, job)
}

#[test]
fn the_job_api_redacts_first_and_sets_then() {
    let fake = FakeAws::start(World::demo());
    let (step, job) = with_api(job(&fake, &BUILDKITE));
    let done = step.command(&[]).succeeds().does_not_say("add-mask");
    let job = job.lock().expect("the job");
    has_the_session(&fake, &job.env);
    for name in KEYS {
        assert!(job.redactions.contains(&job.env[name]), "{name}");
    }
    let last = job.calls.last().map(String::as_str);
    assert_eq!(last, Some("PATCH /api/current-job/v0/env"));
    assert!(!done.log.contains("not masked"), "{}", done.log);
    assert!(
        !done.log.lines().any(|line| line.starts_with("--- ")),
        "a group would have no end"
    );
}

#[test]
fn every_character_of_a_secret_arrives() {
    let fake = FakeAws::start(odd_world());
    let (step, job) = with_api(odd_job(&fake, &BUILDKITE));
    step.command(&[]).succeeds();
    assert_eq!(job.lock().expect("the job").env[KEYS[1]], ODD);
}

#[test]
fn post_takes_the_variables_away_and_restores_what_was_there() {
    let fake = FakeAws::start(World::demo());
    let (step, api) = with_api(job(&fake, &BUILDKITE));
    let step = step.var("AWS_DEFAULT_REGION", "us-east-1");
    step.command(&["--aws-region", "eu-west-1"]).succeeds();
    let env = api.lock().expect("the job").env.clone();
    let step = step.later(&env);
    step.command(&["post"]).succeeds();
    let after = &api.lock().expect("the job").env;
    for name in KEYS {
        assert!(!after.contains_key(name), "{name}");
    }
    assert_eq!(after["AWS_DEFAULT_REGION"], "us-east-1");
    // The harness gives every job this one.
    assert_eq!(after["AWS_REGION"], "eu-west-1");
}

#[test]
fn what_cannot_be_redacted_is_not_handed_over() {
    let fake = FakeAws::start(World::demo());
    let (step, api) = with_api(job(&fake, &BUILDKITE));
    api.lock().expect("the job").redactor = Some(500);
    step.command(&[])
        .ends("hand-over-failed", 7)
        .says("POST /api/current-job/v0/redactions: HTTP 500");
    assert!(api.lock().expect("the job").env.is_empty());
}

#[test]
fn a_hand_over_that_fails_half_way_puts_earlier_values_back() {
    let fake = FakeAws::start(odd_world());
    let before: BTreeMap<String, String> = [
        ("AWS_ACCESS_KEY_ID", "AKIALEFTOVER00000000"),
        ("AWS_SECRET_ACCESS_KEY", "left-over-secret"),
        ("AWS_SESSION_TOKEN", "left-over-token"),
        ("AWS_REGION", "us-east-1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let step = odd_job(&fake, &BUILDKITE)
        .secret("left-over-secret")
        .secret("left-over-token")
        .later(&before);
    let (step, api) = with_api(step);
    {
        let mut job = api.lock().expect("the job");
        job.env.clone_from(&before);
        // Static keys have no session token, so the one that is there has to go; the agent does not do that.
        job.remover = Some(500);
    }
    step.command(&["--aws-region", "eu-west-1"])
        .ends("hand-over-failed", 7)
        .says("DELETE /api/current-job/v0/env: HTTP 500");
    assert_eq!(api.lock().expect("the job").env, before);
}

#[test]
fn a_socket_that_does_not_answer_or_refuses_fails_before_any_request() {
    let fake = FakeAws::start(World::demo());
    let (step, _) = with_api(job(&fake, &BUILDKITE).without("ROLEHOP_AWS_ACCESS_KEY_ID"));
    let step = step
        .without("ROLEHOP_AWS_SECRET_ACCESS_KEY")
        .var("BUILDKITE_AGENT_JOB_API_TOKEN", "another");
    step.command(&[])
        .ends("hand-over-failed", 7)
        .says("HTTP 401: invalid authorization header");
    let gone = step.path("temp").join("gone.sock").display().to_string();
    step.var("BUILDKITE_AGENT_JOB_API_SOCKET", &gone)
        .command(&[])
        .ends("hand-over-failed", 7);
    assert_eq!(fake.requests().len(), 0);
}

/// Notes its words, and what it is given on standard input.
const AGENT: &str = r#"
folder=$(dirname "$0")/..
case "$1 $2" in
"env set") test "$*" = "env set --input-format=json --output-format=quiet -" || exit 9; cat > "$folder/handed_over" ;;
"env unset") shift 3; echo "$*" > "$folder/unset" ;;
"redactor add") test $# = 2 || exit 9; { cat; echo; } >> "$folder/redacted" ;;
annotate*) shift; echo "$*" > "$folder/annotated"; cat > "$folder/annotation" ;;
*) exit 8 ;;
esac"#;

#[test]
fn without_the_api_the_agents_command_is_fed_on_standard_input() {
    let fake = FakeAws::start(World::demo());
    let step = job(&fake, &BUILDKITE).helper("buildkite-agent", AGENT);
    step.command(&[]).succeeds();
    let read = |name: &str| std::fs::read_to_string(step.path(name)).expect(name);
    let env: BTreeMap<String, String> =
        serde_json::from_str(&read("handed_over")).expect("an object of text");
    has_the_session(&fake, &env);
    let redacted = read("redacted");
    for name in KEYS {
        assert!(redacted.lines().any(|line| line == env[name]), "{name}");
    }
    assert_eq!(
        read("annotated").trim(),
        "--append --style info --context rolehop-info"
    );
    assert!(read("annotation").contains("### AWS credentials"));
    step.later(&env).command(&["post"]).succeeds();
}

#[test]
fn a_failure_is_annotated_and_its_group_opened() {
    let fake = FakeAws::start(World::demo());
    let (step, _) = with_api(job(&fake, &BUILDKITE));
    let step = step.helper("buildkite-agent", AGENT).var(
        "ROLEHOP_ROLE_TO_ASSUME",
        "arn:aws:iam::123456789012:role/nowhere",
    );
    let failed = step.command(&[]).ends("sts-access-denied", 5);
    assert!(
        failed.log.lines().any(|line| line == "^^^ +++"),
        "{}",
        failed.log
    );
    let read = |name: &str| std::fs::read_to_string(step.path(name)).expect(name);
    assert_eq!(
        read("annotated").trim(),
        "--append --style error --context rolehop-error"
    );
    assert!(read("annotation").starts_with("**rolehop sts-access-denied**\n\n> STS denied"));
}

#[test]
fn with_neither_it_is_refused() {
    let fake = FakeAws::start(World::demo());
    let outcome = job(&fake, &BUILDKITE).command(&[]);
    refused(
        &fake,
        outcome,
        &[
            "Buildkite has no private way",
            "BUILDKITE_AGENT_JOB_API_SOCKET",
            "rolehop exec -- ",
        ],
    );
}
