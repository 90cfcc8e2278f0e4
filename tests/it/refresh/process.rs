//! `refresh: process`: a profile that asks, the session that is kept for it, and one exchange for all who ask at once.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use fake_aws::{FakeAws, Misbehaviour, World};

use super::{Refreshed, document, short_lived};
use crate::harness::{DEPLOY, KEY_ID, OPS, SECRET_KEY, Step};

#[test]
fn later_steps_get_a_profile_and_no_keys() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "process");
    let profile = refreshed.main.env["AWS_PROFILE"].as_str();
    assert!(profile.starts_with("rolehop-"), "{profile}");
    let expected = [
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_PROFILE", profile),
        ("AWS_REGION", "eu-west-1"),
    ];
    let env: Vec<(&str, &str)> = refreshed
        .main
        .env
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(env, expected);
    let config = std::fs::read_to_string(refreshed.step.path("home/.aws/config")).unwrap();
    let section = format!("[profile {profile}]\nregion = eu-west-1\ncredential_process = ");
    assert!(config.starts_with(&section), "{config}");
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1);
    let request = fake.last("AssumeRoleWithWebIdentity").unwrap();
    assert_eq!(request.param("DurationSeconds"), "900");
    // The step's own session is the first that is handed on.
    let answer = document(&refreshed.ask().succeeds().out);
    let session = fake.sessions().pop().unwrap();
    assert_eq!(answer["AccessKeyId"], session.access_key_id);
    assert_eq!(answer["SessionToken"], session.session_token);
    assert_eq!(answer["Version"], 1);
    assert_eq!(fake.count("*"), 2, "a token, a session, and nothing more");
    let folder = refreshed.folder();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in ["settings.json", "session.json"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    let settings = std::fs::read_to_string(folder.join("settings.json")).unwrap();
    assert!(
        settings.contains(DEPLOY) && !settings.contains(&fake.oidc_request_token()),
        "{settings}"
    );
}

#[test]
fn what_would_win_over_the_profile_is_emptied_and_comes_back() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .secret("left-over-secret")
        .secret("left-over-token")
        .var("AWS_SECURITY_TOKEN", "left-over-token")
        .var("AWS_ACCESS_KEY_ID", "AKIALEFTOVER00000000")
        .var("AWS_SECRET_ACCESS_KEY", "left-over-secret")
        .var("AWS_DEFAULT_PROFILE", "other")
        .var("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod");
    let refreshed = Refreshed::new(step, "process");
    let env = &refreshed.main.env;
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECURITY_TOKEN",
        "AWS_ROLE_ARN",
    ] {
        assert_eq!(env[name], "", "{name}");
    }
    assert_eq!(env["AWS_DEFAULT_PROFILE"], env["AWS_PROFILE"]);
    let post = refreshed.post().succeeds();
    assert_eq!(post.env["AWS_ACCESS_KEY_ID"], "AKIALEFTOVER00000000");
    assert_eq!(post.env["AWS_SECRET_ACCESS_KEY"], "left-over-secret");
    assert_eq!(post.env["AWS_SECURITY_TOKEN"], "left-over-token");
    assert_eq!(post.env["AWS_DEFAULT_PROFILE"], "other");
    assert_eq!(
        post.env["AWS_ROLE_ARN"],
        "arn:aws:iam::123456789012:role/pod"
    );
    assert_eq!(post.env["AWS_PROFILE"], "");
}

#[test]
fn fifty_at_once_are_one_exchange() {
    let fake = short_lived(60);
    let refreshed = Refreshed::oidc(&fake, "process");
    // Nothing is kept, as after the machine slept.
    std::fs::remove_file(refreshed.folder().join("session.json")).unwrap();
    fake.clear();
    fake.misbehave(
        "AssumeRoleWithWebIdentity",
        Misbehaviour::Delay(Duration::from_millis(700)),
    );
    let words = refreshed.words();
    let children: Vec<_> = (0..50)
        .map(|_| {
            Command::new(refreshed.step.binary())
                .args(&words)
                .env_clear()
                .envs(refreshed.later())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let answers: Vec<String> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            String::from_utf8(output.stdout).unwrap()
        })
        .collect();
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1);
    assert_eq!(fake.count("GetIdToken"), 1);
    let session = fake.sessions().pop().unwrap();
    for answer in answers {
        assert_eq!(document(&answer)["AccessKeyId"], session.access_key_id);
    }
}

#[test]
fn one_that_is_valid_is_handed_on_while_sts_is_away() {
    let fake = short_lived(30);
    let refreshed = Refreshed::oidc(&fake, "process");
    let first = fake.sessions().pop().unwrap();
    fake.misbehave("AssumeRoleWithWebIdentity", Misbehaviour::Throttle.always());
    std::thread::sleep(Duration::from_secs(2));
    let answer = refreshed
        .ask()
        .succeeds()
        .says("the session could not be renewed")
        .says("the one before is valid for 2");
    assert_eq!(document(&answer.out)["AccessKeyId"], first.access_key_id);
    let asked = fake.count("AssumeRoleWithWebIdentity");
    // The next one does not ask at once again.
    refreshed.ask().succeeds().does_not_say("renewed");
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), asked);
    fake.behave();
    std::thread::sleep(Duration::from_secs(4));
    let answer = document(&refreshed.ask().succeeds().out);
    assert_ne!(answer["AccessKeyId"], first.access_key_id);
    assert_eq!(
        answer["AccessKeyId"],
        fake.sessions().pop().unwrap().access_key_id
    );
}

#[test]
fn one_that_cannot_be_kept_is_handed_on() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "process");
    let session = refreshed.folder().join("session.json");
    std::fs::remove_file(&session).unwrap();
    // Nothing can take the place of a folder, be it root who tries.
    std::fs::create_dir(&session).unwrap();
    let answer = refreshed
        .ask()
        .succeeds()
        .says("could not be kept for the next process");
    let newest = fake.sessions().pop().unwrap();
    assert_eq!(document(&answer.out)["AccessKeyId"], newest.access_key_id);
}

#[test]
fn without_a_valid_one_the_failure_is_told() {
    let fake = short_lived(1);
    let refreshed = Refreshed::oidc(&fake, "process");
    std::thread::sleep(Duration::from_secs(2));
    fake.misbehave(
        "AssumeRoleWithWebIdentity",
        Misbehaviour::error(403, "AccessDenied", "no").always(),
    );
    let words = refreshed.words();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    refreshed.step.hands_on(&words).ends("sts-access-denied", 5);
}

#[test]
fn a_process_without_the_jobs_variables_says_what_it_lacks() {
    let fake = short_lived(1);
    let refreshed = Refreshed::oidc(&fake, "process");
    std::thread::sleep(Duration::from_secs(2));
    let words = refreshed.words();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    fake.clear();
    let profile = refreshed.main.env["AWS_PROFILE"].clone();
    let step = refreshed.step.without("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    step.hands_on(&words)
        .ends("refresh-source-gone", 4)
        .says("the job's token is not to be had in this process")
        .says("ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set");
    // Nor where variables of the job lead to another, which could not be renewed from.
    let step = step.var("AWS_PROFILE", &profile);
    step.hands_on(&words)
        .ends("refresh-source-gone", 4)
        .says("ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set");
    let step = step.var("AWS_ACCESS_KEY_ID", "AKIA");
    step.hands_on(&words).ends("refresh-source-gone", 4);
    assert_eq!(fake.count("*"), 0, "another source is not tried");
}

#[test]
fn post_leaves_nothing_and_a_late_process_is_told_so() {
    let fake = FakeAws::start(World::demo());
    let refreshed = Refreshed::oidc(&fake, "process");
    let words = refreshed.words();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let post = refreshed.post().succeeds();
    assert_eq!(post.env["AWS_PROFILE"], "");
    assert!(!refreshed.step.path("home/.aws").exists());
    assert_eq!(left_in(&refreshed.step), Vec::<String>::new());
    fake.clear();
    refreshed.step.hands_on(&words).ends("refresh-ended", 4);
    assert_eq!(fake.count("*"), 0);
    assert_eq!(left_in(&refreshed.step), Vec::<String>::new());
    // The second clean-up of a cancelled job.
    refreshed.post().succeeds();
}

#[test]
fn a_profile_is_a_source_and_so_are_paths_with_blanks() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new().sts(&fake);
    let temp = step.path("temp").join("it's a #b; $x");
    std::fs::create_dir(&temp).unwrap();
    let step = with_a_profile(step);
    let step = step
        .input("source-profile", "base")
        .input("role-to-assume", OPS)
        .input("aws-profile", "ops")
        .var("RUNNER_TEMP", &temp.display().to_string());
    let refreshed = Refreshed::new(step, "process");
    assert_eq!(refreshed.main.env["AWS_PROFILE"], "ops");
    std::fs::remove_file(refreshed.folder().join("session.json")).unwrap();
    fake.clear();
    // As the SDKs for Rust, Go and JavaScript start it, in a folder of somebody else.
    let output = Command::new("sh")
        .args(["-c", &refreshed.line()])
        .current_dir("/")
        .env_clear()
        .envs(refreshed.later())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let answer = document(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(
        answer["AccessKeyId"],
        fake.sessions().pop().unwrap().access_key_id
    );
    assert_eq!(fake.count("AssumeRole"), 1);
}

#[test]
fn the_machines_own_profile_is_found_again_under_our_profile() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new().sts(&fake);
    let step = with_a_profile(step);
    let step = step.input("role-to-assume", OPS).var("AWS_PROFILE", "base");
    let refreshed = Refreshed::new(step, "process");
    assert!(refreshed.main.env["AWS_PROFILE"].starts_with("rolehop-"));
    std::fs::remove_file(refreshed.folder().join("session.json")).unwrap();
    fake.clear();
    let output = Command::new("sh")
        .args(["-c", &refreshed.line()])
        .env_clear()
        .envs(refreshed.later())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(fake.count("AssumeRole"), 1);
    assert_eq!(refreshed.post().succeeds().env["AWS_PROFILE"], "base");
}

/// A profile with static keys, in a file of the user's own.
pub(super) fn with_a_profile(step: Step<'_>) -> Step<'_> {
    let keys =
        format!("[base]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n");
    let file = step.path("workspace").join("keys").display().to_string();
    step.file("keys", &keys)
        .var("AWS_SHARED_CREDENTIALS_FILE", &file)
}

/// Everything below the runner's temporary folder.
pub(super) fn left_in(step: &Step<'_>) -> Vec<String> {
    let output = Command::new("find")
        .arg(step.path("temp"))
        .args(["-mindepth", "1"])
        .output()
        .expect("find starts");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_policy_is_what_it_was_when_the_step_ran() {
    let fake = FakeAws::start(World::demo());
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    let step = Step::oidc(&fake)
        .file("policy.json", policy)
        .input("inline-session-policy", "file://policy.json");
    let refreshed = Refreshed::new(step, "process");
    // A later step must not be able to widen it.
    std::fs::write(
        refreshed.step.path("workspace").join("policy.json"),
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    )
    .unwrap();
    std::fs::remove_file(refreshed.folder().join("session.json")).unwrap();
    fake.clear();
    refreshed.ask().succeeds();
    let request = fake.last("AssumeRoleWithWebIdentity").unwrap();
    assert_eq!(request.param("Policy"), policy);
}

/// The AWS tool that asks shows what this says, each time.
#[test]
fn what_the_step_warned_of_is_not_told_with_each_session() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("custom-tags", "Team=web");
    let refreshed = Refreshed::new(step, "process");
    let warning = "custom-tags not sent";
    assert!(refreshed.main.log.contains(warning));
    std::fs::remove_file(refreshed.folder().join("session.json")).unwrap();
    refreshed.ask().succeeds().does_not_say(warning);
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 2);
}

#[test]
fn two_jobs_that_share_the_aws_files_keep_their_own_roles() {
    let fake = FakeAws::start(World::demo());
    let one = Refreshed::oidc(&fake, "process");
    let step = Step::oidc(&fake)
        .var("HOME", &one.step.env["HOME"])
        .input("role-to-assume", "arn:aws:iam::123456789012:role/hub");
    let two = Refreshed::new(step, "process");
    let (first, second) = (&one.main.env["AWS_PROFILE"], &two.main.env["AWS_PROFILE"]);
    assert_ne!(first, second);
    let lines = one.lines();
    let line = |refreshed: &Refreshed<'_>| lines[&refreshed.main.env["AWS_PROFILE"]].clone();
    for refreshed in [&one, &two] {
        let folder = refreshed.folder().display().to_string();
        assert!(line(refreshed).contains(&folder), "{}", line(refreshed));
    }
    two.post().succeeds();
    let config = std::fs::read_to_string(one.step.path("home/.aws/config")).unwrap();
    assert!(
        config.contains(first.as_str()) && !config.contains(second.as_str()),
        "{config}"
    );
}
