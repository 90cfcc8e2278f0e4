//! `refresh: server` beside `roles`: one endpoint for all targets, which profiles ask through rolehop.

use std::process::{Command, Stdio};
use std::time::Duration;

use fake_aws::{FakeAws, Misbehaviour, World};

use super::super::endpoint::send;
use super::super::{Refreshed, document, kill, runs, wait_until, words};
use super::{MAIN, SPOKE, assert_nothing_is_left, count, key, last, short_lived, step, two};
use crate::harness::DEPLOY;

/// What is at a path of the endpoint.
fn get(refreshed: &Refreshed<'_>, path: &str) -> (u16, String) {
    let (port, _) = refreshed.endpoint();
    let bearer = std::fs::read_to_string(refreshed.folder().join("bearer")).expect("a bearer");
    send(
        port,
        &format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {bearer}\r\n\r\n"
        ),
    )
}

#[test]
fn one_endpoint_has_the_sessions_of_all_and_none_is_on_disk() {
    let fake = FakeAws::start(World::fleet(1));
    let refreshed = Refreshed::new(step(&fake, &format!("{}env = {MAIN}", two())), "server");
    let env = &refreshed.main.env;
    let (port, id) = refreshed.endpoint();
    let url = format!("http://127.0.0.1:{port}/credentials");
    assert_eq!(env["AWS_CONTAINER_CREDENTIALS_FULL_URI"], url);
    assert!(!env.contains_key("AWS_PROFILE") && !env.contains_key("AWS_ACCESS_KEY_ID"));

    assert_eq!(
        refreshed.lines().into_keys().collect::<Vec<_>>(),
        ["deploy", "spoke"],
        "the environment's needs no profile"
    );
    let asked = fake.count("*");
    for (path, role) in [
        ("/credentials", MAIN),
        ("/credentials/deploy", DEPLOY),
        ("/credentials/spoke", SPOKE),
    ] {
        let (status, body) = get(&refreshed, path);
        assert_eq!(status, 200, "{path}");
        let answer = document(&body);
        assert_eq!(answer["AccessKeyId"], last(&fake, role));
        assert_eq!(answer["RoleArn"], role);
    }
    for (profile, role) in [("deploy", DEPLOY), ("spoke", SPOKE)] {
        let answer = refreshed.ask_for(profile).succeeds();
        assert_eq!(key(&answer), last(&fake, role));
        assert_eq!(document(&answer.out)["Version"], 1);
        // Nothing of the job is needed there.
        let output = Command::new("sh")
            .args(["-c", &refreshed.lines()[profile]])
            .current_dir("/")
            .env_clear()
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(out, answer.out);
    }
    assert_eq!(fake.count("*"), asked, "nothing more was asked");
    for path in ["/credentials/", "/credentials/other", "/process", "/deploy"] {
        assert_eq!(get(&refreshed, path).0, 404, "{path}");
    }
    let stranger = format!("GET /process/deploy HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
    assert_eq!(send(port, &stranger).0, 401);
    refreshed.keeps_no_session(&fake);
    refreshed
        .post()
        .succeeds()
        .says("ended the credentials endpoint");
    assert!(!runs(id));
    assert_nothing_is_left(&refreshed);
}

#[test]
fn the_endpoint_renews_the_environments_session_and_those_that_are_used() {
    let fake = short_lived(8);
    let refreshed = Refreshed::new(step(&fake, &format!("{}env = {MAIN}", two())), "server");
    let first = last(&fake, SPOKE);
    let renewed = || key(&refreshed.ask_for("spoke").succeeds()) != first;
    wait_until("the spoke's profile has a new session", renewed);
    wait_until("so has the environment", || count(&fake, MAIN) > 2);
    assert_eq!(count(&fake, DEPLOY), 1, "nobody asked for it");
    // One that has expired unused is had anew when it is asked for.
    std::thread::sleep(Duration::from_secs(8));
    let before = last(&fake, DEPLOY);
    let answer = refreshed.ask_for("deploy").succeeds();
    assert_ne!(key(&answer), before);
    assert_eq!(key(&answer), last(&fake, DEPLOY));
    // By its URL it is there as well, a moment later perhaps.
    let spoke = || get(&refreshed, "/credentials/spoke");
    wait_until("the spoke's is had anew", || spoke().0 == 200);
    assert_eq!(document(&spoke().1)["RoleArn"], SPOKE);
    refreshed.post().succeeds();
    assert_nothing_is_left(&refreshed);
}

#[test]
fn what_one_target_cannot_get_is_told_where_it_is_asked_for() {
    let fake = short_lived(2);
    let refreshed = Refreshed::new(step(&fake, &two()), "server");
    std::thread::sleep(Duration::from_secs(3));
    fake.misbehave(
        "AssumeRole",
        Misbehaviour::error(403, "AccessDenied", "no").always(),
    );
    refreshed
        .ask_for("spoke")
        .ends("refresh-failed", 5)
        .says("the credentials endpoint has no valid session: [sts-access-denied]");
    let (status, body) = get(&refreshed, "/credentials/spoke");
    assert_eq!(status, 503);
    assert_eq!(document(&body)["code"], "sts-access-denied");
    refreshed.ask_for("deploy").succeeds();
    // Nobody asks any more, so nobody bothers STS.
    std::thread::sleep(Duration::from_secs(2));
    let asked = fake.count("AssumeRole");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(fake.count("AssumeRole"), asked);
    let log = std::fs::read_to_string(refreshed.folder().join("log")).unwrap();
    assert!(
        log.contains("the session of spoke could not be renewed"),
        "{log}"
    );
    fake.behave();
    refreshed.ask_for("spoke").succeeds();
    refreshed.post().succeeds();
}

#[test]
fn a_profile_waits_for_the_endpoint_while_sts_is_away() {
    let fake = short_lived(2);
    let refreshed = Refreshed::new(step(&fake, &two()), "server");
    std::thread::sleep(Duration::from_secs(3));
    fake.misbehave("AssumeRole*", Misbehaviour::Throttle.always());
    std::thread::scope(|scope| {
        let answers = ["deploy", "spoke"].map(|profile| {
            let refreshed = &refreshed;
            scope.spawn(move || refreshed.ask_for(profile).succeeds())
        });
        wait_until("both are asked for", || {
            fake.count("AssumeRoleWithWebIdentity") > 8
        });
        fake.behave();
        for answer in answers {
            assert_eq!(document(&answer.join().unwrap().out)["Version"], 1);
        }
    });
    refreshed.post().succeeds();
}

#[test]
fn a_profile_of_an_endpoint_that_was_killed_says_so_and_post_leaves_nothing() {
    let fake = FakeAws::start(World::fleet(1));
    // No variable selects it, so none that would win over it is in the way.
    let step = step(&fake, &two()).var("AWS_PROFILE", "deploy");
    let refreshed = Refreshed::new(step, "server");
    assert!(refreshed.main.env.is_empty(), "{:?}", refreshed.main.env);
    let (_, id) = refreshed.endpoint();
    kill("-KILL", id);
    wait_until("it has ended", || !runs(id));
    refreshed
        .ask_for("spoke")
        .ends("refresh-ended", 4)
        .says("their endpoint does not answer");
    let lines = refreshed.lines();
    refreshed
        .post()
        .succeeds()
        .says("the credentials endpoint had ended already");
    assert_nothing_is_left(&refreshed);
    let late = words(&lines["deploy"]);
    let late: Vec<&str> = late.iter().map(String::as_str).collect();
    refreshed
        .step
        .hands_on(&late)
        .ends("refresh-ended", 4)
        .says("ask.json is not there");
    assert_nothing_is_left(&refreshed);
}

#[test]
fn more_than_it_can_serve_at_once_are_all_served() {
    let fake = short_lived(10);
    let refreshed = Refreshed::new(step(&fake, &two()), "server");
    std::thread::sleep(Duration::from_secs(11));
    let before = count(&fake, SPOKE);
    let line = &refreshed.lines()["spoke"];
    let children: Vec<_> = (0..100)
        .map(|_| {
            Command::new(refreshed.step.binary())
                .args(words(line))
                .env_clear()
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        assert_eq!(
            document(&String::from_utf8_lossy(&output.stdout))["Version"],
            1
        );
    }
    // One, and another for each second that the machine takes for all of them.
    let renewed = count(&fake, SPOKE) - before;
    assert!((1..50).contains(&renewed), "{renewed}");
    refreshed.post().succeeds();
}
