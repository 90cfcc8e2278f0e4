//! `refresh: server`: an endpoint of its own process, which renews ahead and gives nothing to strangers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use fake_aws::{FakeAws, Misbehaviour, World};
use serde_json::Value;

use super::{Refreshed, document, kill, runs, short_lived, wait_until};
use crate::harness::{DEPLOY, Step};

/// A request as it is given; the status and the body of the answer.
pub(super) fn send(port: u16, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a limit");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status.unwrap_or(0), body.to_owned())
}

fn get(refreshed: &Refreshed<'_>) -> (u16, String) {
    let (port, _) = refreshed.endpoint();
    let bearer = bearer(refreshed);
    send(
        port,
        &format!(
            "GET /credentials HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {bearer}\r\n\r\n"
        ),
    )
}

pub(super) fn bearer(refreshed: &Refreshed<'_>) -> String {
    let file = &refreshed.main.env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
    std::fs::read_to_string(file).expect("a bearer")
}

#[test]
fn later_steps_get_an_address_and_no_keys() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .secret("left-over-secret")
        .var("AWS_ACCESS_KEY_ID", "AKIALEFTOVER00000000")
        .var("AWS_SECRET_ACCESS_KEY", "left-over-secret");
    let refreshed = Refreshed::new(step, "server");
    let env = &refreshed.main.env;
    let (port, id) = refreshed.endpoint();
    let url = format!("http://127.0.0.1:{port}/credentials");
    assert_eq!(env["AWS_CONTAINER_CREDENTIALS_FULL_URI"], url);
    assert_eq!(env["AWS_ACCESS_KEY_ID"], "");
    assert_eq!(env["AWS_SECRET_ACCESS_KEY"], "");
    assert_eq!(env["AWS_REGION"], "eu-west-1");
    assert!(!env.contains_key("AWS_PROFILE") && !env.contains_key("AWS_SESSION_TOKEN"));
    let (status, body) = get(&refreshed);
    assert_eq!(status, 200);
    let session = fake.sessions().pop().unwrap();
    let answer = document(&body);
    assert_eq!(answer["AccessKeyId"], session.access_key_id);
    assert_eq!(answer["SecretAccessKey"], session.secret_access_key);
    assert_eq!(answer["Token"], session.session_token);
    assert_eq!(answer["AccountId"], "123456789012");
    assert_eq!(answer["RoleArn"], DEPLOY);
    assert!(answer["Expiration"].as_str().unwrap().ends_with('Z'));
    assert_eq!(fake.count("*"), 2, "the step's session is the first");
    // No session on disk, and what is there is ours alone.
    refreshed.keeps_no_session(&fake);
    let folder = refreshed.folder();
    assert_eq!(
        folder.metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
    let ended = refreshed
        .post()
        .succeeds()
        .says("ended the credentials endpoint");
    assert_eq!(ended.env["AWS_ACCESS_KEY_ID"], "AKIALEFTOVER00000000");
    assert_eq!(ended.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"], "");
    assert_eq!(ended.env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"], "");
    assert_eq!(ended.env["AWS_REGION"], "");
    assert!(!runs(id));
    assert_eq!(
        super::process::left_in(&refreshed.step),
        Vec::<String>::new()
    );
}

#[test]
fn strangers_get_nothing() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "server");
    let (port, id) = refreshed.endpoint();
    let right = bearer(&refreshed);
    assert_eq!(right.len(), 64);
    let head = |method: &str, host: &str, more: &str| {
        format!("{method} /credentials HTTP/1.1\r\nHost: {host}\r\n{more}\r\n")
    };
    let own = format!("127.0.0.1:{port}");
    let auth = format!("Authorization: {right}\r\n");
    let wrong = format!("Authorization: {}x\r\n", &right[..63]);
    let large = format!("{auth}X: {}\r\n", "x".repeat(9000));
    for (request, expected) in [
        (head("GET", &own, ""), 401),
        (head("GET", &own, &wrong), 401),
        (
            head("GET", &own, &format!("Authorization: Bearer {right}\r\n")),
            401,
        ),
        (head("DELETE", &own, ""), 401),
        (head("POST", &own, &auth), 405),
        (head("PUT", &own, &auth), 405),
        (head("OPTIONS", &own, &auth), 405),
        (head("GET", "rebound.example", &auth), 403),
        (head("GET", &format!("localhost:{port}"), &auth), 403),
        (
            head(
                "GET",
                &own,
                &format!("Origin: http://rebound.example\r\n{auth}"),
            ),
            403,
        ),
        (head("GET", &own, &large), 431),
        ("x".repeat(20_000), 431),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 403),
        ("nonsense\r\n\r\n".to_owned(), 400),
        (
            format!("GET /other HTTP/1.1\r\nHost: {own}\r\n{auth}\r\n"),
            404,
        ),
    ] {
        let (status, body) = send(port, &request);
        assert_eq!(
            status,
            expected,
            "{}",
            request.chars().take(200).collect::<String>()
        );
        assert!(!body.contains("ASIA"), "{body}");
    }
    // One that says nothing is not waited for by others, and not for ever.
    let mut silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
    silent.write_all(b"GET /cred").unwrap();
    assert_eq!(get(&refreshed).0, 200);
    let mut answer = String::new();
    silent
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let _ = silent.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(runs(id));
    assert_eq!(get(&refreshed).0, 200);
    refreshed.post().succeeds();
}

#[test]
fn it_renews_ahead_and_hands_on_what_is_valid_while_sts_is_away() {
    let fake = short_lived(8);
    let refreshed = Refreshed::oidc(&fake, "server");
    let first = fake.sessions().pop().unwrap();
    wait_until("renewed without being asked", || fake.sessions().len() > 1);
    fake.misbehave("AssumeRoleWithWebIdentity", Misbehaviour::Throttle.always());
    let key = || document(&get(&refreshed).1)["AccessKeyId"].clone();
    wait_until("the new one is handed on", || key() != first.access_key_id);
    let last = fake.sessions().pop().unwrap();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(get(&refreshed).0, 200);
    assert_eq!(key(), last.access_key_id);
    // When nothing valid is left, it says why, in a status that the SDKs try again after.
    let failed = || get(&refreshed).0 == 503;
    wait_until("the session has expired", failed);
    let answer: Value = document(&get(&refreshed).1);
    assert_eq!(answer["code"], "sts-throttled", "{answer}");
    fake.behave();
    wait_until("it is back", || get(&refreshed).0 == 200);
    refreshed.post().succeeds();
}

#[test]
fn a_failure_that_goes_on_is_told_once() {
    let fake = short_lived(4);
    let refreshed = Refreshed::oidc(&fake, "server");
    let log = || std::fs::read_to_string(refreshed.folder().join("log")).unwrap();
    let told = |text: &str| log().matches(text).count();
    let refused = |code: &str| {
        let refusal = Misbehaviour::error(400, code, "no");
        fake.misbehave("AssumeRoleWithWebIdentity", refusal.times(3));
    };
    refused("AccessDenied");
    refused("InvalidIdentityToken");
    wait_until("it is back", || told("\nrenewed: ") > 0);
    let log = log();
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 8, "{log}");
    assert_eq!(told("could not be renewed: STS denied"), 1, "{log}");
    assert_eq!(told("could not be renewed: STS rejected"), 1, "{log}");
    assert_eq!(told("could not be renewed"), 2, "{log}");
    assert_eq!(told("source: "), 1, "{log}");
    // What comes after a success is news.
    refused("AccessDenied");
    wait_until("it is told", || {
        told("could not be renewed: STS denied") > 1
    });
}

#[test]
fn it_is_apart_from_the_step_and_is_ended_with_the_job() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).var("RUNNER_TRACKING_ID", "github_0f2d");
    let refreshed = Refreshed::new(step, "server");
    let (_, id) = refreshed.endpoint();
    let session = Command::new("ps")
        .args(["-o", "sid=", "-p", &id.to_string()])
        .output()
        .unwrap();
    let session = String::from_utf8_lossy(&session.stdout).trim().to_owned();
    assert_eq!(session, id.to_string(), "a session of its own");
    #[cfg(target_os = "linux")]
    {
        let environment = std::fs::read_to_string(format!("/proc/{id}/environ")).unwrap();
        assert!(
            environment.contains("RUNNER_TRACKING_ID=github_0f2d"),
            "the runner finds it"
        );
        for stream in [0, 1] {
            let place = std::fs::read_link(format!("/proc/{id}/fd/{stream}")).unwrap();
            let place = place.display().to_string();
            assert!(
                place == "/dev/null" || place.starts_with("pipe:"),
                "{place}"
            );
        }
    }
    // As the runner ends what it finds.
    kill("-TERM", id);
    wait_until("it has ended", || !runs(id));
    assert!(!refreshed.folder().exists(), "and left nothing");
    refreshed.post().succeeds();
}

#[test]
fn post_after_a_killed_endpoint_leaves_nothing() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "server");
    let (_, id) = refreshed.endpoint();
    kill("-KILL", id);
    wait_until("it has ended", || !runs(id));
    assert!(refreshed.folder().exists());
    let ended = refreshed
        .post()
        .succeeds()
        .says("the credentials endpoint had ended already");
    assert_eq!(ended.env["AWS_CONTAINER_CREDENTIALS_FULL_URI"], "");
    assert_eq!(
        super::process::left_in(&refreshed.step),
        Vec::<String>::new()
    );
}

#[test]
fn an_endpoint_that_hangs_is_killed() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "server");
    let (_, id) = refreshed.endpoint();
    kill("-STOP", id);
    refreshed
        .post()
        .succeeds()
        .says("ended the credentials endpoint, which did not answer");
    assert!(!runs(id));
    assert_eq!(
        super::process::left_in(&refreshed.step),
        Vec::<String>::new()
    );
}

#[test]
fn it_ends_when_the_temporary_folder_is_emptied() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "server");
    let (_, id) = refreshed.endpoint();
    std::fs::remove_dir_all(refreshed.folder()).unwrap();
    wait_until("it has ended", || !runs(id));
}

#[test]
fn without_the_end_of_the_hand_over_it_does_not_stay() {
    let fake = FakeAws::start(World::demo());
    // What a step sends it, with the settings and the session of another one.
    let refreshed = Refreshed::oidc(&fake, "process");
    let read = |name: &str| std::fs::read_to_string(refreshed.folder().join(name)).unwrap();
    let folder = refreshed
        .folder()
        .with_file_name("refresh-of-a-killed-step");
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .unwrap();
    std::fs::write(folder.join("bearer"), "x").unwrap();
    let orders = serde_json::json!({
        "folder": folder.display().to_string(),
        "targets": [{"plan": document(&read("settings.json")), "held": read("session.json")}],
    });
    let mut child = Command::new(refreshed.step.binary())
        .args(["serve", "--from", "-"])
        .env_clear()
        .envs(refreshed.later())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    writeln!(pipe, "{orders}").unwrap();
    wait_until("it listens", || folder.join("endpoint.json").exists());
    assert!(runs(child.id()));
    // The step is killed: its end of the pipe closes.
    drop(pipe);
    assert!(child.wait().unwrap().success());
    assert!(!folder.exists());
}
