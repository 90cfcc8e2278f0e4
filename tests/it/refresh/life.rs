//! The whole life of `refresh` on every system: the step ends, a later one gets a session, and `post` takes it all away.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};

use fake_aws::{FakeAws, World};

use super::{Refreshed, document};

#[test]
fn a_process_is_asked_and_gone() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "process");
    let card = &refreshed.main.summary;
    assert!(
        card.contains("(15 min after this step); renewed ahead until the job ends"),
        "{card}"
    );
    let found = refreshed.ask().succeeds();
    assert!(document(&found.out)["AccessKeyId"].is_string());
    is_over(&refreshed);
}

/// That the step has ended is part of it: who waits for its output must not wait for the endpoint's.
#[test]
fn a_server_outlives_its_step_and_not_its_job() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "server");
    let (port, _) = refreshed.endpoint();
    let bearer = std::fs::read_to_string(refreshed.folder().join("bearer")).expect("a bearer");
    let answer = ask(port, &bearer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(document(body)["AccessKeyId"].is_string());
    is_over(&refreshed);
    assert!(ask(port, &bearer).is_none());
}

fn is_over(refreshed: &Refreshed) {
    let folder = refreshed.folder();
    let post = refreshed.post().succeeds();
    let post = post.says("the credentials are not renewed any more");
    // A file that somebody has open may keep its name for a while on Windows, and the endpoint waits for that.
    assert!(
        cfg!(windows) || !post.log.contains("did not answer"),
        "{}",
        post.log
    );
    assert!(!folder.exists());
    assert!(!refreshed.step.path("home/.aws").exists());
}

fn ask(port: u16, bearer: &str) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    let request = format!(
        "GET /credentials HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {bearer}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}
