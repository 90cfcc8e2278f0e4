//! A step whose standard output goes to a file or to nowhere: no command and no secret is in it.

use std::fs::{self, File};
use std::process::{Command, Output, Stdio};

use fake_aws::{FakeAws, World};

use super::azure_agent::Agent;
use super::job;
use super::systems::{AZURE, TEAMCITY};
use crate::harness::{KEY_ID, OPS, SECRET_KEY, Step};

fn run(step: &Step<'_>, words: &[&str], out: Stdio, err: Stdio) -> Output {
    Command::new(step.binary())
        .args(words)
        .env_clear()
        .envs(&step.env)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .output()
        .expect("the binary starts")
}

/// `rolehop` in a `run:` step of GitHub.
fn script(fake: &FakeAws) -> Step<'_> {
    Step::new()
        .sts(fake)
        .static_keys_as_variables()
        .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
        .var("AWS_REGION", "eu-west-1")
        .without("GITHUB_STATE")
}

fn secrets(fake: &FakeAws) -> [String; 2] {
    let session = fake.sessions().pop().expect("a session");
    [session.secret_access_key, session.session_token]
}

#[test]
fn masks_go_to_the_stream_that_is_read() {
    let fake = FakeAws::start(World::demo());
    let step = script(&fake);
    let file = step.path("temp/out");
    for file_or_null in [file.as_path(), "/dev/null".as_ref()] {
        let out = File::create(file_or_null).expect("a file");
        let done = run(&step, &[], out.into(), Stdio::piped());
        let err = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{err}");
        assert_eq!(fs::read_to_string(&file).expect("the file"), "");
        let env = fs::read_to_string(step.path("env")).expect("the runner's file");
        for secret in secrets(&fake) {
            assert!(err.contains(&format!("::add-mask::{secret}\n")), "{err}");
            assert!(env.contains(&secret), "it was handed over");
        }
    }
}

#[test]
fn azure_is_told_on_the_other_stream() {
    let fake = FakeAws::start(World::demo());
    let step = job(&fake, &AZURE);
    let file = step.path("temp/out");
    let out = File::create(&file).expect("a file");
    let done = run(&step, &[], out.into(), Stdio::piped());
    let err = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{err}");
    assert_eq!(fs::read_to_string(&file).expect("the file"), "");
    let agent = Agent::read(&err);
    for secret in secrets(&fake) {
        assert!(agent.env.values().any(|value| *value == secret), "{err}");
        assert!(!agent.shown.contains(&secret), "{}", agent.shown);
    }
}

#[test]
fn where_no_stream_is_read_nothing_is_asked_for() {
    let fake = FakeAws::start(World::demo());
    let teamcity = job(&fake, &TEAMCITY).var("ROLEHOP_HAND_OVER", "unmasked");
    let steps = [
        (script(&fake), &[][..], true),
        (job(&fake, &AZURE), &[], true),
        (job(&fake, &AZURE), &["post"], true),
        (teamcity, &[], false),
    ];
    for (step, words, both) in steps {
        let file = step.path("temp/out");
        let out = File::create(&file).expect("a file");
        let err = step.path("temp/err");
        let to = if both {
            File::create(&err).expect("a file").into()
        } else {
            Stdio::piped()
        };
        let done = run(&step, words, out.into(), to);
        assert_eq!(done.status.code(), Some(7), "{words:?}");
        assert_eq!(fs::read_to_string(&file).expect("the file"), "");
        let said = if both {
            fs::read_to_string(&err).expect("the file")
        } else {
            String::from_utf8_lossy(&done.stderr).into_owned()
        };
        assert!(said.contains("error[hand-over-failed]"), "{said}");
        assert!(said.contains("take the redirection away"), "{said}");
        for secret in [KEY_ID, SECRET_KEY, "##vso", "##teamcity", "::add-mask"] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
    }
    assert_eq!(fake.count("*"), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_takes_no_line_fails_the_hand_over() {
    let fake = FakeAws::start(World::demo());
    let steps = [
        (job(&fake, &AZURE), &[][..]),
        (Step::keys(&fake), &["action", "main"]),
    ];
    for (step, words) in steps {
        let full = File::options().write(true).open("/dev/full");
        let full = full.expect("the device").into();
        let done = run(&step, words, full, Stdio::piped());
        assert_eq!(done.status.code(), Some(7), "{words:?}");
        let env = fs::read_to_string(step.path("env")).expect("the runner's file");
        assert_eq!(env, "");
    }
}
