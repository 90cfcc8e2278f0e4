//! `refresh` beside `roles`: each target's session is renewed by itself, in both ways, and all of it goes together.

mod endpoint;

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use fake_aws::{FakeAws, Misbehaviour, World};
use serde_json::Value;

use super::process::{left_in, with_a_profile};
use super::{Refreshed, document, on_circleci, runs, wait_until, words};
use crate::harness::{Custody, DEPLOY, OPS, Outcome, Step};

const HUB: &str = "arn:aws:iam::123456789012:role/hub";
const SPOKE: &str = "arn:aws:iam::210987654321:role/spoke";
/// The environment's. No other target's chain has it.
const MAIN: &str = "arn:aws:iam::500000000000:role/deploy";
const MODES: [&str; 2] = ["process", "server"];

/// A profile of one role, one behind a hub, and no more.
fn two() -> String {
    format!("deploy = {DEPLOY}\nspoke = {HUB} > {SPOKE}\n")
}

fn step<'f>(fake: &'f FakeAws, roles: &str) -> Step<'f> {
    Step::oidc(fake)
        .without("INPUT_ROLE-TO-ASSUME")
        .input("roles", roles)
}

fn short_lived(seconds: u64) -> FakeAws {
    FakeAws::start(World::fleet(1).session_lifetime(Duration::from_secs(seconds)))
}

/// The access key of the last session of a role.
fn last(fake: &FakeAws, role: &str) -> String {
    let sessions = fake.sessions();
    let of_role = |session: &&fake_aws::Session| session.role_arn.as_deref() == Some(role);
    let session = sessions.iter().rev().find(of_role);
    session.expect("a session").access_key_id.clone()
}

fn count(fake: &FakeAws, role: &str) -> usize {
    let sessions = fake.sessions();
    let of_role = |session: &&fake_aws::Session| session.role_arn.as_deref() == Some(role);
    sessions.iter().filter(of_role).count()
}

fn key(outcome: &Outcome) -> Value {
    document(&outcome.out)["AccessKeyId"].clone()
}

fn assert_nothing_is_left(refreshed: &Refreshed<'_>) {
    assert_eq!(left_in(&refreshed.step), Vec::<String>::new());
    assert!(!refreshed.step.path("home/.aws").exists());
}

#[test]
fn each_profile_has_a_process_of_its_own_and_its_first_session() {
    let fake = FakeAws::start(World::fleet(1));
    let refreshed = Refreshed::new(step(&fake, &format!("env = {MAIN}\n{}", two())), "process");
    let own = refreshed.main.env["AWS_PROFILE"].as_str();
    let table = &refreshed.main.summary;
    assert!(
        table.contains("; each is renewed ahead until the job ends"),
        "{table}"
    );
    let env: Vec<(&str, &str)> = refreshed
        .main
        .env
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let expected = [
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_PROFILE", own),
        ("AWS_REGION", "eu-west-1"),
    ];
    assert_eq!(env, expected);
    assert_eq!(fake.count("GetIdToken"), 1);
    assert_eq!(fake.count("AssumeRole*"), 4);
    let asked = fake.count("*");
    let lines = refreshed.lines();
    for (profile, role, chain) in [
        (own, MAIN, MAIN.to_owned()),
        ("deploy", DEPLOY, DEPLOY.to_owned()),
        ("spoke", SPOKE, format!("{HUB} > {SPOKE}")),
    ] {
        let answer = refreshed.ask_for(profile).succeeds();
        assert_eq!(key(&answer), last(&fake, role), "{profile}");
        // The file says whose it is, and holds no other target's roles.
        let file = words(&lines[profile]).pop().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let settings = document(&text);
        let target = if profile == own { "env" } else { profile };
        assert_eq!(settings["target"], target);
        assert_eq!(settings["settings"]["role-to-assume"], chain);
        assert_eq!(settings["settings"].get("roles"), None);
        assert!(!text.contains(&fake.oidc_request_token()), "{text}");
    }
    assert_eq!(fake.count("*"), asked, "nothing more was asked");
    let folder = refreshed.folder();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert_eq!(
        files.len(),
        7,
        "two of each target, and what is said of all"
    );
    for file in files {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    let post = refreshed.post().succeeds();
    assert_eq!(post.env["AWS_PROFILE"], "");
    assert_nothing_is_left(&refreshed);
    let late = words(&lines["spoke"]);
    let late: Vec<&str> = late.iter().map(String::as_str).collect();
    refreshed
        .step
        .hands_on(&late)
        .ends("refresh-ended", 4)
        .says("settings-3.json");
    assert_nothing_is_left(&refreshed);
}

#[test]
fn each_process_renews_its_own_session_and_no_other() {
    let fake = short_lived(12);
    let refreshed = Refreshed::new(step(&fake, &two()), "process");
    assert!(refreshed.main.env.is_empty(), "{:?}", refreshed.main.env);
    let first = last(&fake, SPOKE);
    let renewed = || key(&refreshed.ask_for("spoke").succeeds()) != first;
    wait_until("the spoke's profile has a new session", renewed);
    assert_eq!(count(&fake, DEPLOY), 1, "nobody asked for it");
    let hub = fake.last("AssumeRole").expect("the chain was walked");
    assert_eq!(hub.param("RoleArn"), SPOKE);
    assert_eq!(hub.param("DurationSeconds"), "900");
    let before = last(&fake, DEPLOY);
    let renewed = || key(&refreshed.ask_for("deploy").succeeds()) != before;
    wait_until("the other has one too", renewed);
    assert_eq!(
        key(&refreshed.ask_for("spoke").succeeds()),
        last(&fake, SPOKE)
    );
    refreshed.post().succeeds();
    assert_nothing_is_left(&refreshed);
}

#[test]
fn nobody_waits_for_the_renewal_of_another_profile() {
    let fake = FakeAws::start(World::fleet(1));
    let refreshed = Refreshed::new(step(&fake, &two()), "process");
    for session in ["session.json", "session-2.json"] {
        std::fs::remove_file(refreshed.folder().join(session)).unwrap();
    }
    fake.misbehave("AssumeRole", Misbehaviour::Hang.always());
    let mut hanging = Command::new(refreshed.step.binary())
        .args(words(&refreshed.lines()["spoke"]))
        .env_clear()
        .envs(refreshed.later())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("it is being renewed", || fake.count("AssumeRole") > 1);
    let answer = refreshed.ask_for("deploy").succeeds();
    assert_eq!(key(&answer), last(&fake, DEPLOY));
    assert!(hanging.try_wait().unwrap().is_none());
    hanging.kill().unwrap();
    hanging.wait().unwrap();
    refreshed.post().succeeds();
    assert_nothing_is_left(&refreshed);
}

#[test]
fn one_failed_target_leaves_nothing_of_any() {
    for mode in MODES {
        let fake = FakeAws::start(World::fleet(1));
        let roles = format!(
            "{}lost = {HUB} > arn:aws:iam::1234567890{}:role/x",
            two(),
            12
        );
        let step = step(&fake, &roles).input("refresh", mode);
        step.run()
            .fails("targets-failed", 5)
            .says("1 of 3 targets failed, so nothing was handed over: lost");
        assert_eq!(left_in(&step), Vec::<String>::new(), "{mode}");
        assert!(!step.path("home/.aws").exists(), "{mode}");
    }
}

#[test]
fn eighty_targets_take_no_more_calls_than_without() {
    for mode in MODES {
        let fake = FakeAws::start(World::fleet(80));
        let line = |n| format!("account-{n} = {HUB} > {}\n", World::fleet_role(n));
        let roles: String = (0..80).map(line).collect();
        let refreshed = Refreshed::new(step(&fake, &roles), mode);
        assert_eq!(fake.count("*"), 82);
        for number in [0, 1, 57, 79] {
            let answer = refreshed.ask_for(&format!("account-{number}")).succeeds();
            assert_eq!(key(&answer), last(&fake, &World::fleet_role(number)));
        }
        assert_eq!(fake.count("*"), 82);
        refreshed
            .post()
            .succeeds()
            .says("restored 80 profiles in")
            .does_not_say("left the profile")
            .says("the credentials are not renewed any more");
        assert_nothing_is_left(&refreshed);
    }
}

#[test]
fn logout_is_a_step_for_all_targets() {
    for mode in MODES {
        let fake = FakeAws::start(World::fleet(1));
        let refreshed = Refreshed::new(step(&fake, &format!("env = {MAIN}\n{}", two())), mode);
        let endpoint = (mode == "server").then(|| refreshed.endpoint().1);
        let mut logout = Step::new();
        logout.env.extend(refreshed.later());
        logout.command(&["post"]).succeeds();
        let written = std::fs::read_to_string(refreshed.step.path("env")).unwrap();
        let emptied = crate::harness::parse_runner_file(&written).unwrap();
        for name in refreshed.main.env.keys() {
            assert_eq!(emptied[name], "", "{name}");
        }
        assert!(!endpoint.is_some_and(runs));
        assert_nothing_is_left(&refreshed);
        let now = emptied.into_iter().collect();
        refreshed.step.post(&refreshed.main, &now).succeeds();
        assert_nothing_is_left(&refreshed);
    }
}

#[test]
fn other_systems_end_all_targets_too() {
    let fake = FakeAws::start(World::fleet(1));
    let token = fake.id_token("sts.amazonaws.com");
    for mode in MODES {
        let (step, bash_env) = on_circleci(&fake, &token);
        let step = step
            .var("ROLEHOP_REFRESH", mode)
            .var("ROLEHOP_ROLES", &format!("env = {MAIN}\n{}", two()));
        step.command(&[]).succeeds();
        assert_ne!(std::fs::read_to_string(&bash_env).unwrap(), "");
        let config = std::fs::read_to_string(step.path("home/.aws/config")).unwrap();
        assert!(config.contains("[profile spoke]"), "{config}");
        step.command(&["post"])
            .succeeds()
            .says("the credentials are not renewed any more");
        assert_eq!(std::fs::read_to_string(&bash_env).unwrap(), "");
        assert_eq!(left_in(&step), Vec::<String>::new(), "{mode}");
        assert!(!step.path("home/.aws").exists(), "{mode}");
    }
}

#[test]
fn profiles_are_renewed_where_nothing_can_be_exported() {
    let fake = FakeAws::start(World::fleet(1));
    let token = fake.id_token("sts.amazonaws.com");
    for mode in MODES {
        let step = Step::shell()
            .in_custody_of(Custody::Silent)
            .var("GITLAB_CI", "true")
            .var("ROLEHOP_WEB_IDENTITY_TOKEN_VARIABLE", "AWS_TOKEN")
            .var("AWS_TOKEN", &token)
            .sts(&fake)
            .var("ROLEHOP_REFRESH", mode)
            .var("ROLEHOP_ROLES", &two());
        step.command(&[]).succeeds();
        let config = std::fs::read_to_string(step.path("home/.aws/config")).unwrap();
        let asked = fake.count("*");
        for line in config.lines().filter(|line| line.contains(" --from ")) {
            let line = words(line);
            let line: Vec<&str> = line.iter().map(String::as_str).collect();
            step.hands_on(&line).succeeds();
        }
        assert_eq!(fake.count("*"), asked);
        step.command(&["post"]).succeeds();
        assert_eq!(left_in(&step), Vec::<String>::new(), "{mode}");
        assert!(!step.path("home/.aws").exists(), "{mode}");
    }
}

#[test]
fn a_profile_of_the_machine_is_the_source_of_all() {
    for mode in MODES {
        let fake = FakeAws::start(World::demo().session_lifetime(Duration::from_secs(2)));
        let step = with_a_profile(Step::new().sts(&fake))
            .input("roles", &format!("a = {OPS}\nb = long"))
            .input("source-profile", "base");
        let refreshed = Refreshed::new(step, mode);
        std::thread::sleep(Duration::from_secs(3));
        for profile in ["a", "b"] {
            let answer = refreshed.ask_for(profile).succeeds();
            assert_eq!(key(&answer), fake.sessions().pop().unwrap().access_key_id);
        }
        refreshed.post().succeeds();
    }
}

#[test]
fn a_policy_is_that_of_every_target_when_the_step_ran() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    for mode in MODES {
        let fake = short_lived(2);
        let step = step(&fake, &two())
            .file("policy.json", policy)
            .input("inline-session-policy", "file://policy.json");
        let refreshed = Refreshed::new(step, mode);
        std::fs::remove_file(refreshed.step.path("workspace").join("policy.json")).unwrap();
        std::thread::sleep(Duration::from_secs(3));
        fake.clear();
        refreshed.ask_for("spoke").succeeds();
        let request = fake.last("AssumeRole").unwrap();
        assert_eq!(request.param("Policy"), policy);
        refreshed.post().succeeds();
    }
}

#[test]
fn commands_take_the_environments_target_and_say_that_profiles_do_nothing() {
    let fake = FakeAws::start(World::fleet(1));
    let shell = |roles: &str| {
        Step::new()
            .sts(&fake)
            .may_request_tokens(&fake)
            .var("ROLEHOP_AWS_REGION", "eu-west-1")
            .var("ROLEHOP_ROLES", roles)
            .var("ROLEHOP_REFRESH", "process")
            .var("PATH", "/usr/bin:/bin")
    };
    let exec = [
        "exec",
        "--",
        "sh",
        "-c",
        "echo $AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    for words in [&exec[..], &["export"], &["credential-process"], &["serve"]] {
        shell(&two())
            .hands_on(words)
            .ends("invalid-inputs", 3)
            .says("has no line for `env`, and this command takes one role");
    }
    assert_eq!(fake.count("*"), 0);
    let all = shell(&format!("{}env = {MAIN}", two()));
    let said = all.hands_on(&exec).succeeds();
    assert!(said.out.starts_with("http://127.0.0.1:"), "{}", said.out);
    let said = said.says("the profiles of roles do nothing here");
    assert!(!said.log.contains("only makes it short"));
    let said = all.hands_on(&["credential-process"]).succeeds();
    assert_eq!(key(&said), last(&fake, MAIN));
    said.says("the profiles of roles do nothing here")
        .says("refresh only makes it short");
    assert_eq!(count(&fake, DEPLOY) + count(&fake, SPOKE), 0);
    assert_eq!(left_in(&all), Vec::<String>::new());
}
