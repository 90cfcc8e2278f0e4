//! AppVeyor: its build agent's own address.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use fake_aws::{FakeAws, World};

use super::server::{Request, on_loopback};
use super::systems::APPVEYOR;
use super::{KEYS, ODD, has_the_session, job, odd_job, odd_world, refused};
use crate::harness::Step;

#[derive(Debug, Default)]
struct Build {
    env: BTreeMap<String, String>,
    /// Category and text.
    messages: Vec<(String, String)>,
    /// The variable that cannot be set.
    broken: Option<&'static str>,
}

impl Build {
    fn answer(&mut self, request: &Request) -> (u16, String) {
        let text = |name: &str| request.body[name].as_str().expect(name).to_owned();
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/api/build/variables") if self.broken == Some(&text("name")) => {
                (500, text("value"))
            }
            ("POST", "/api/build/variables") => {
                self.env.insert(text("name"), text("value"));
                (200, String::new())
            }
            ("POST", "/api/build/messages") => {
                self.messages.push((text("category"), text("message")));
                (200, String::new())
            }
            other => (404, format!("{other:?}")),
        }
    }
}

fn with_agent(step: Step<'_>) -> (Step<'_>, Arc<Mutex<Build>>) {
    let build = Arc::new(Mutex::new(Build::default()));
    let shared = Arc::clone(&build);
    let url = on_loopback(Arc::new(move |request| {
        shared.lock().expect("the build").answer(&request)
    }));
    // A proxy must not see what is for this machine.
    let step = step
        .var("APPVEYOR_API_URL", &url)
        .var("HTTP_PROXY", "http://127.0.0.1:9")
        .var("NO_PROXY", "127.0.0.1");
    (step, build)
}

#[test]
fn the_rest_of_the_build_has_the_session_and_its_page_says_so() {
    let fake = FakeAws::start(World::demo());
    let (step, build) = with_agent(job(&fake, &APPVEYOR));
    step.command(&[])
        .succeeds()
        .says("not masked: AppVeyor hides no value");
    let env = build.lock().expect("the build").env.clone();
    has_the_session(&fake, &env);
    let (category, text) = build.lock().expect("the build").messages[0].clone();
    assert_eq!(category, "Information");
    assert!(
        text.starts_with("rolehop: arn:aws:sts::123456789012:assumed-role/ops/"),
        "{text}"
    );
    step.later(&env).command(&["post"]).succeeds();
    for name in KEYS {
        assert_eq!(build.lock().expect("the build").env[name], "", "{name}");
    }
}

#[test]
fn every_character_of_a_secret_arrives() {
    let fake = FakeAws::start(odd_world());
    let (step, build) = with_agent(odd_job(&fake, &APPVEYOR));
    step.command(&[]).succeeds();
    assert_eq!(build.lock().expect("the build").env[KEYS[1]], ODD);
}

#[test]
fn all_variables_or_none() {
    let fake = FakeAws::start(World::demo());
    let (step, build) = with_agent(job(&fake, &APPVEYOR));
    build.lock().expect("the build").broken = Some("AWS_SESSION_TOKEN");
    step.command(&[])
        .ends("hand-over-failed", 7)
        .says("AWS_SESSION_TOKEN: POST /api/build/variables: HTTP 500");
    let build = build.lock().expect("the build");
    assert_eq!(build.env["AWS_SECRET_ACCESS_KEY"], "");
    assert_eq!(build.env["AWS_REGION"], "eu-west-1", "as it was before");
    assert_eq!(build.messages[0].0, "Error");
}

#[test]
fn without_the_agent_it_is_refused() {
    let fake = FakeAws::start(World::demo());
    let outcome = job(&fake, &APPVEYOR).command(&[]);
    refused(
        &fake,
        outcome,
        &["AppVeyor has no private way", "APPVEYOR_API_URL is not set"],
    );
    // The variables would go there in clear.
    let elsewhere = job(&fake, &APPVEYOR).var("APPVEYOR_API_URL", "http://192.0.2.1:80/");
    refused(
        &fake,
        elsewhere.command(&[]),
        &["is not an address of this machine"],
    );
}
