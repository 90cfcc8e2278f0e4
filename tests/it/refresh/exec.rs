//! `rolehop exec` and `rolehop serve` with renewal: the endpoint lives in the process that is started.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use fake_aws::{FakeAws, World};

use super::process::left_in;
use super::{document, kill, runs, short_lived, wait_until};
use crate::harness::{DEPLOY, Step};

/// A job's shell in which rolehop may ask for tokens.
fn shell(fake: &FakeAws) -> Step<'_> {
    Step::new()
        .sts(fake)
        .may_request_tokens(fake)
        .var("ROLEHOP_ROLE_TO_ASSUME", DEPLOY)
        .var("ROLEHOP_AWS_REGION", "eu-west-1")
        .var("PATH", "/usr/bin:/bin")
}

const CURL: &str = "curl -s -H \"Authorization: $(cat $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)\" $AWS_CONTAINER_CREDENTIALS_FULL_URI";

#[test]
fn the_command_of_exec_finds_the_endpoint_and_nothing_else() {
    let fake = short_lived(4);
    let step = shell(&fake)
        .var("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX")
        .var("AWS_PROFILE", "other")
        .var("ROLEHOP_REFRESH", "server");
    let script =
        format!("env | cut -d= -f1 | grep ^AWS_ | sort >&2; {CURL}; sleep 5; {CURL}; exit 7");
    let outcome = step.hands_on(&["exec", "--", "sh", "-c", &script]);
    assert_eq!(outcome.status, 7, "{}", outcome.log);
    for name in ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_SESSION_TOKEN"] {
        assert!(
            !outcome.err().lines().any(|line| line == name),
            "{}",
            outcome.err()
        );
    }
    let (first, second) = outcome.out.split_once("}{").expect("two documents");
    let first = document(&format!("{first}}}"));
    let second = document(&format!("{{{second}"));
    assert_eq!(first["AccessKeyId"], fake.sessions()[0].access_key_id);
    assert_ne!(
        first["AccessKeyId"], second["AccessKeyId"],
        "renewed meanwhile"
    );
    // Between the command's own words a mask would show what it is to hide.
    let lines = outcome.err().lines();
    let tokens = lines.filter(|line| line.contains("::add-mask::eyJ"));
    assert_eq!(tokens.count(), 1, "{}", outcome.err());
    assert_eq!(left_in(&step), Vec::<String>::new());
}

#[test]
fn exec_hands_on_signals_and_the_status() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake).var("ROLEHOP_REFRESH", "process");
    let ready = step.path("workspace").join("ready");
    for signal in ["TERM", "INT", "HUP", "USR1"] {
        let script = format!(
            "trap 'echo got {signal}; exit 5' {signal}; : > {}; while :; do sleep 0.05; done",
            ready.display()
        );
        let child = Command::new(step.binary())
            .args(["exec", "--", "bash", "-c", &script])
            .env_clear()
            .envs(&step.env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("the command is ready", || ready.exists());
        kill(&format!("-{signal}"), child.id());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(5), "{signal}");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            format!("got {signal}\n")
        );
        std::fs::remove_file(&ready).unwrap();
    }
    let outcome = step.hands_on(&["exec", "--", "sh", "-c", "kill -KILL $$"]);
    assert_eq!(outcome.status, 137, "{}", outcome.log);
    assert_eq!(left_in(&step), Vec::<String>::new());
}

#[test]
fn a_person_starts_the_endpoint_and_ends_it() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake).var("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX");
    let mut child = Command::new(step.binary())
        .arg("serve")
        .env_clear()
        .envs(&step.env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut script = String::new();
    while !script.contains("TOKEN_FILE='") {
        script.push_str(&lines.next().expect("a line").unwrap());
        script.push('\n');
    }
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("eval \"$1\"; echo ${{AWS_ACCESS_KEY_ID-gone}}; {CURL}"),
            "sh",
            &script,
        ])
        .env_clear()
        .envs(&step.env)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let answer = said.strip_prefix("gone\n").expect("the old key is unset");
    assert_eq!(
        document(answer)["AccessKeyId"],
        fake.sessions()[0].access_key_id
    );
    let id = child.id();
    kill("-INT", id);
    assert!(child.wait().unwrap().success());
    assert!(!runs(id));
    assert_eq!(left_in(&step), Vec::<String>::new());
}
