//! A whole job: logout as a step, on every kind of host, and what a cancelled step leaves to `post`.

use std::process::{Command, Stdio};
use std::time::Duration;

use fake_aws::{FakeAws, World};

use super::process::left_in;
use super::{Refreshed, kill, on_circleci, runs, wait_until};
use crate::harness::{DEPLOY, Step};
use crate::hosts::variables;

#[test]
fn a_cancelled_step_does_not_keep_post_from_its_work() {
    for mode in ["process", "server"] {
        let fake = FakeAws::start(World::demo());
        let refreshed = Refreshed::oidc(&fake, mode);
        let mut step = Command::new("sleep")
            .arg("60")
            .env_clear()
            .envs(refreshed.later())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        kill("-TERM", step.id());
        step.wait().unwrap();
        let endpoint = (mode == "server").then(|| refreshed.endpoint().1);
        refreshed
            .post()
            .succeeds()
            .says("the credentials are not renewed any more");
        assert_eq!(left_in(&refreshed.step), Vec::<String>::new(), "{mode}");
        assert!(!endpoint.is_some_and(runs), "{mode}");
        assert!(!refreshed.step.path("home/.aws").exists());
    }
}

#[test]
fn a_step_that_is_killed_while_it_hands_over_leaves_no_endpoint() {
    let fake = FakeAws::start(World::demo());
    // A pipe that nobody reads holds the step up after the endpoint was started.
    let step = Step::oidc(&fake).input("refresh", "server");
    let bearer = || {
        let found = Command::new("find")
            .arg(step.path("temp"))
            .args(["-name", "endpoint.json"])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        std::fs::read_to_string(text).ok()
    };
    let lock = step.path("home/.aws");
    std::fs::create_dir_all(&lock).unwrap();
    let mut main = Command::new(step.binary())
        .args(["action", "main"])
        .env_clear()
        .envs(&step.env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whether it was killed before or after the hand-over: the endpoint ends, or `post` has what it needs.
    let mut seen = None;
    wait_until("the endpoint listens, or the step is done", || {
        bearer().is_some() || !runs(main.id())
    });
    if let Some(text) = bearer() {
        let record: serde_json::Value = serde_json::from_str(&text).unwrap();
        seen = record["process"]["id"].as_u64();
    }
    let _ = main.kill();
    main.wait().unwrap();
    let id = u32::try_from(seen.expect("it was there")).unwrap();
    let state = std::fs::read_to_string(step.path("state")).unwrap();
    if !state.is_empty() {
        // It got that far that the clean-up knows of it.
        step.command(&["post"]).succeeds();
    }
    wait_until("it has ended", || !runs(id));
    assert_eq!(left_in(&step), Vec::<String>::new());
}

const LEFT_OVER: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIALEFTOVER00000000"),
    ("AWS_SECRET_ACCESS_KEY", "left-over-secret"),
];

fn with_left_over(step: Step<'_>) -> Step<'_> {
    let [id, secret] = LEFT_OVER;
    step.var(id.0, id.1)
        .var(secret.0, secret.1)
        .secret(secret.1)
}

#[test]
fn an_endpoint_that_dies_before_the_hand_over_is_complete_leaves_the_job_as_it_was() {
    let fake = FakeAws::start(World::demo());
    // Starting the endpoint and handing over are a moment apart: the step is held between them, if it is caught in time.
    for _ in 0..50 {
        let step = with_left_over(Step::oidc(&fake)).input("refresh", "server");
        let memory = step.path("temp");
        let find = |name: &str| {
            let mut folders: Vec<_> = vec![memory.clone()];
            while let Some(folder) = folders.pop() {
                for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                    if entry.file_name() == name {
                        return Some(entry.path());
                    }
                    folders.extend(entry.path().is_dir().then(|| entry.path()));
                }
            }
            None
        };
        let outcome = step.run_with(&|main| {
            while find("log").is_none() && main.try_wait().expect("a state").is_none() {}
            // A little at a time until it has told the endpoint its settings, and that one has begun to listen.
            let record = loop {
                kill("-STOP", main.id());
                std::thread::sleep(Duration::from_millis(20));
                if let Some(record) = find("endpoint.json") {
                    break record;
                }
                kill("-CONT", main.id());
                assert!(main.try_wait().expect("a state").is_none(), "no endpoint");
            };
            let text = std::fs::read_to_string(record).unwrap();
            let record: serde_json::Value = serde_json::from_str(&text).unwrap();
            let id = u32::try_from(record["process"]["id"].as_u64().unwrap()).unwrap();
            kill("-KILL", id);
            wait_until("it has ended", || !runs(id));
            kill("-CONT", main.id());
        });
        if outcome.status != 0 {
            // Nothing in any of the runner's files, so what was there before is there still.
            outcome
                .fails("hand-over-failed", 7)
                .says("it ended before the hand-over was complete");
            assert_eq!(left_in(&step), Vec::<String>::new());
            return;
        }
    }
    panic!("the step was never caught between the two");
}

#[test]
fn what_was_written_to_an_agent_is_put_back_when_the_endpoint_dies() {
    let fake = FakeAws::start(World::demo());
    let token = fake.id_token("sts.amazonaws.com");
    // Notes what it is given, and ends the endpoint while the step hands over.
    let script = r#"
for word in "$@"; do
  case "$word" in --mask) ;; *=*) echo "$word" ;; *) echo "$word=$(printenv "$word")" ;; esac
done >> "$(dirname "$0")/../handed_over"
id=$(find "$TMPDIR" -name endpoint.json -exec sed 's/.*"id":\([0-9]*\).*/\1/' {} \;)
test -n "$id" || exit 9
kill -KILL "$id"
while ps -o stat= -p "$id" | grep -qv Z; do sleep 0.01; done"#;
    let step = variables::of("Codefresh").step().sts(&fake);
    let temp = step.path("temp").display().to_string();
    let step = with_left_over(step)
        .file("token", &token)
        .helper("cf_export", script)
        .var("TMPDIR", &temp)
        .var("AWS_REGION", "us-east-1")
        .var("ROLEHOP_ROLE_TO_ASSUME", DEPLOY);
    let file = step.path("workspace/token").display().to_string();
    let step = step.var("ROLEHOP_WEB_IDENTITY_TOKEN_FILE", &file);
    step.command(&["--refresh", "server", "--aws-region", "eu-west-1"])
        .ends("hand-over-failed", 7)
        .says("it ended before the hand-over was complete");
    let handed = std::fs::read_to_string(step.path("handed_over")).unwrap();
    let given: Vec<(&str, &str)> = handed.lines().filter_map(|l| l.split_once('=')).collect();
    let values = |name: &str| -> Vec<&str> {
        let of = given.iter().filter(|(given, _)| *given == name);
        of.map(|(_, value)| *value).collect()
    };
    for (name, before) in LEFT_OVER {
        assert_eq!(values(name), ["", before], "{handed}");
    }
    assert_eq!(values("AWS_REGION"), ["eu-west-1", "us-east-1"], "{handed}");
    let url = values("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    assert!(url.len() == 2 && url[1].is_empty(), "{handed}");
    assert_eq!(left_in(&step), Vec::<String>::new());
}

#[test]
fn logout_is_a_step_after_uses() {
    for mode in ["process", "server"] {
        let fake = FakeAws::start(World::demo());
        let refreshed = Refreshed::oidc(&fake, mode);
        let endpoint = (mode == "server").then(|| refreshed.endpoint().1);
        let mut step = Step::new();
        step.env.extend(refreshed.later());
        let logout = step.command(&["post"]).succeeds();
        let written = std::fs::read_to_string(refreshed.step.path("env")).unwrap();
        let emptied = crate::harness::parse_runner_file(&written).unwrap();
        for name in ["AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
            let before = refreshed.main.env.contains_key(name);
            assert_eq!(
                emptied.get(name).map(String::as_str),
                before.then_some(""),
                "{}",
                logout.log
            );
        }
        assert!(!endpoint.is_some_and(runs));
        assert!(!refreshed.step.path("home/.aws").exists());
        assert_eq!(left_in(&refreshed.step), Vec::<String>::new(), "{mode}");
        // The job's own end finds nothing that is ours any more, and says no failure.
        let now = emptied.into_iter().collect();
        refreshed.step.post(&refreshed.main, &now).succeeds();
        assert_eq!(left_in(&refreshed.step), Vec::<String>::new(), "{mode}");
    }
}

#[test]
fn logout_is_a_step_on_other_systems_too() {
    let fake = FakeAws::start(World::demo());
    let token = fake.id_token("sts.amazonaws.com");
    for mode in ["process", "server"] {
        let (step, bash_env) = on_circleci(&fake, &token);
        let step = step.var("ROLEHOP_ROLE_TO_ASSUME", DEPLOY);
        step.command(&["--refresh", mode]).succeeds();
        let written = std::fs::read_to_string(&bash_env).unwrap();
        assert!(!written.contains("SECRET"), "{written}");
        assert!(!left_in(&step).is_empty());
        step.command(&["post"])
            .succeeds()
            .says("the credentials are not renewed any more");
        assert_eq!(std::fs::read_to_string(&bash_env).unwrap(), "");
        assert_eq!(left_in(&step), Vec::<String>::new(), "{mode}");
    }
}
