//! Guards after `refresh`: what rolehop renews lasts, what only looks like it does not.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use fake_aws::{FakeAws, Misbehaviour, World};

use super::endpoint::{bearer, send};
use super::{Refreshed, kill, on_circleci, runs, short_lived, wait_until};
use crate::harness::{DEPLOY, OPS, Outcome, Step};

const GUARD: [&str; 5] = [
    "guard",
    "--min-remaining",
    "45m",
    "--role-to-assume",
    DEPLOY,
];
const LASTING: &str = "ok: arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions, renewed by rolehop until the job ends; 45 min were asked for\n";

/// A `run:` step of the same job.
fn later<'f>(refreshed: &Refreshed<'f>, fake: &'f FakeAws) -> Step<'f> {
    let mut step = Step::new().sts(fake);
    step.env.extend(refreshed.later());
    step
}

fn guard(refreshed: &Refreshed<'_>, fake: &FakeAws) -> Outcome {
    later(refreshed, fake).command(&GUARD)
}

#[test]
fn what_a_step_renews_lasts_until_the_job_ends() {
    for mode in ["process", "server"] {
        let fake = FakeAws::start(World::demo());
        let refreshed = Refreshed::oidc(&fake, mode);
        fake.clear();
        let outcome = guard(&refreshed, &fake).succeeds();
        assert_eq!(outcome.out, LASTING, "{mode}");
        assert_eq!(fake.count("GetCallerIdentity"), 1, "{mode}: it is verified");
        // Whose they are counts as ever.
        let step = later(&refreshed, &fake);
        step.command(&["guard", "--min-remaining", "45m", "--role-to-assume", OPS])
            .ends("other-role", 5);
        fake.expire_sessions();
        guard(&refreshed, &fake).ends("sts-keys-rejected", 5);
        refreshed.post().succeeds();
        // The variables of a step that is still running: nothing answers there any more.
        guard(&refreshed, &fake).ends("no-credentials", 4);
    }
}

#[test]
fn what_a_step_renews_is_kept_by_a_later_one() {
    for mode in ["process", "server"] {
        let fake = FakeAws::start(World::demo());
        let refreshed = Refreshed::oidc(&fake, mode);
        fake.clear();
        let step = later(&refreshed, &fake)
            .input("role-to-assume", DEPLOY)
            .input("use-existing-credentials", "true")
            .input("min-remaining", "45m")
            .input("refresh", "");
        let kept = step.run().succeeds().says(
            "are valid and kept (use-existing-credentials is true), renewed by rolehop until the job ends",
        );
        assert!(!kept.env.contains_key("AWS_ACCESS_KEY_ID"), "{mode}");
        assert!(!kept.env.contains_key("AWS_PROFILE"), "{mode}");
        assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 0, "{mode}");
    }
}

#[test]
fn a_profile_of_roles_lasts_as_well() {
    for mode in ["process", "server"] {
        let fake = FakeAws::start(World::demo());
        let step = Step::oidc(&fake)
            .without("INPUT_ROLE-TO-ASSUME")
            .input("roles", &format!("first = {DEPLOY}\nsecond = {DEPLOY}"));
        let refreshed = Refreshed::new(step, mode);
        let step = later(&refreshed, &fake)
            .var("AWS_REGION", "eu-west-1")
            .var("AWS_PROFILE", "second");
        assert_eq!(step.command(&GUARD).succeeds().out, LASTING, "{mode}");
    }
}

#[test]
fn what_cannot_be_renewed_any_more_does_not_last() {
    for mode in ["process", "server"] {
        let fake = short_lived(60);
        let refreshed = Refreshed::oidc(&fake, mode);
        assert_eq!(guard(&refreshed, &fake).succeeds().out, LASTING, "{mode}");
        fake.misbehave(
            "AssumeRoleWithWebIdentity",
            Misbehaviour::error(403, "AccessDenied", "no").always(),
        );
        wait_until("a renewal has failed", || {
            let step = later(&refreshed, &fake);
            let outcome = step.command(&GUARD);
            outcome.status != 0
        });
        let outcome = guard(&refreshed, &fake)
            .ends("expires-too-soon", 4)
            .says("and the last attempt to renew them failed");
        if mode == "server" {
            outcome.says("failed: [sts-access-denied] ");
        }
        fake.behave();
        wait_until("it is renewed again", || {
            guard(&refreshed, &fake).out == LASTING
        });
    }
}

#[test]
fn an_endpoint_that_was_killed_does_not_last() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "server");
    let (_, id) = refreshed.endpoint();
    kill("-KILL", id);
    wait_until("it has ended", || !runs(id));
    guard(&refreshed, &fake).ends("no-credentials", 4);
}

/// What a program or an endpoint of somebody else gives: the very session, which it does not renew.
#[test]
fn what_only_looks_like_it_does_not_last() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "process");
    let config = refreshed.step.path("home/.aws/config");
    let ours = std::fs::read_to_string(&config).expect("a config");
    let line = refreshed.line();
    let document = refreshed.ask().succeeds().out;
    let step = later(&refreshed, &fake)
        .tool("wrapper", &format!("#!/bin/sh\nexec {line}\n"))
        .file("copy.json", &document);
    let workspace = step.path("workspace");
    let workspace = workspace.display();
    for foreign in [
        format!("cat {workspace}/copy.json"),
        format!("{workspace}/wrapper credential-process --from /tmp/settings.json"),
        format!("sh {workspace}/wrapper"),
    ] {
        let text = format!("{ours}\n[profile foreign]\ncredential_process = {foreign}\n");
        std::fs::write(&config, text).expect("a config");
        let step = later(&refreshed, &fake).var("AWS_PROFILE", "foreign");
        step.command(&GUARD)
            .ends("expires-too-soon", 4)
            .says("they expire in 15 min, at ");
    }
    // Copies of the keys in variables are not renewed either.
    let session = fake.sessions().pop().expect("a session");
    let step = later(&refreshed, &fake)
        .var("AWS_ACCESS_KEY_ID", &session.access_key_id)
        .var("AWS_SECRET_ACCESS_KEY", &session.secret_access_key)
        .var("AWS_SESSION_TOKEN", &session.session_token);
    step.command(&GUARD)
        .ends("expires-too-soon", 4)
        .says("it is not known when they expire");
}

#[test]
fn an_endpoint_of_somebody_else_does_not_last() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "server");
    let ((port, _), bearer) = (refreshed.endpoint(), bearer(&refreshed));
    let (_, body) = send(
        port,
        &format!(
            "GET /credentials HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {bearer}\r\n\r\n"
        ),
    );
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
            );
            let _ = stream.write_all(head.as_bytes());
        }
    });
    let url = format!("http://127.0.0.1:{port}/credentials");
    let step = later(&refreshed, &fake).var("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url);
    step.command(&GUARD)
        .ends("expires-too-soon", 4)
        .says("they expire in 15 min, at ");
}

#[test]
fn a_token_that_is_given_once_is_the_end_of_it() {
    for mode in ["process", "server"] {
        for (token_life, lasts) in [(3600, true), (1800, false)] {
            let fake = FakeAws::start(World::demo().token_lifetime(token_life));
            let token = fake.id_token("sts.amazonaws.com");
            let (step, bash_env) = on_circleci(&fake, &token);
            let step = step.var("ROLEHOP_ROLE_TO_ASSUME", DEPLOY);
            step.command(&["--refresh", mode]).succeeds();
            let script = format!(
                ". {}; exec {} guard --min-remaining 45m",
                bash_env.display(),
                step.binary().display()
            );
            let output = std::process::Command::new("bash")
                .args(["-c", &script])
                .env_clear()
                .envs(&step.env)
                .output()
                .expect("bash starts");
            let (out, err) = (
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr),
            );
            assert_eq!(output.status.success(), lasts, "{mode}: {out}{err}");
            let expected = if lasts {
                ", renewed by rolehop until 2"
            } else {
                "min, at 2"
            };
            assert!(format!("{out}{err}").contains(expected), "{out}{err}");
            assert!(
                format!("{out}{err}").contains(" with the token that renews them"),
                "{out}{err}"
            );
            step.command(&["post"]).succeeds();
        }
    }
}

#[test]
fn the_command_of_exec_may_ask_too() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .may_request_tokens(&fake)
        .var("ROLEHOP_AWS_REGION", "eu-west-1");
    let rolehop = step.binary().display().to_string();
    let mut words = vec!["exec", "--refresh", "server", "--role-to-assume", DEPLOY];
    words.extend(["--", &rolehop]);
    words.extend(GUARD);
    let outcome = step.command(&words).succeeds();
    let said = ", renewed by rolehop as long as its endpoint runs; 45 min were asked for";
    assert!(outcome.out.contains(said), "{}", outcome.out);
}
