//! `rolehop credential-process`: one document and nothing else, and no profile that waits for itself.

use fake_aws::{FakeAws, World};
use serde_json::Value;

use crate::harness::{DEPLOY, OPS, SECRET_KEY, Step};

fn shell(fake: &FakeAws) -> Step<'_> {
    Step::shell().sts(fake).static_keys_as_variables()
}

/// A step whose AWS config file is this.
fn with_config<'f>(fake: &'f FakeAws, text: &str) -> Step<'f> {
    let step = Step::shell().sts(fake).file("config", text);
    let config = step.path("workspace").join("config").display().to_string();
    step.var("AWS_CONFIG_FILE", &config)
}

#[test]
fn the_document_is_all_that_is_said() {
    let fake = FakeAws::start(World::demo());
    let outcome = shell(&fake)
        .hands_on(&["credential-process", "--role-to-assume", OPS])
        .succeeds();
    assert_eq!(outcome.err(), "");
    let document: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(document["Version"], 1);
    assert_eq!(document["AccessKeyId"], session.access_key_id);
    assert_eq!(document["SecretAccessKey"], session.secret_access_key);
    assert_eq!(document["SessionToken"], session.session_token);
    assert_eq!(document["AccountId"], "123456789012");
    let expiration = document["Expiration"].as_str().expect("a text");
    assert!(
        expiration.ends_with('Z') && expiration.len() == 20,
        "{expiration}"
    );
    assert_eq!(document.as_object().map(serde_json::Map::len), Some(6));
}

#[test]
fn permanent_keys_never_expire() {
    let fake = FakeAws::start(World::demo());
    let outcome = shell(&fake).hands_on(&["credential-process"]).succeeds();
    let document: Value = serde_json::from_str(&outcome.out).expect("JSON");
    assert_eq!(document["SecretAccessKey"], SECRET_KEY);
    assert!(document.get("Expiration").is_none() && document.get("SessionToken").is_none());
}

#[test]
fn a_failure_is_one_block_on_standard_error() {
    let fake = FakeAws::start(World::demo());
    // On a runner, too: the SDK puts what it read into a message of its own.
    let outcome = Step::new()
        .sts(&fake)
        .static_keys_as_variables()
        .var("AWS_REGION", "eu-west-1")
        .command(&["credential-process", "--role-to-assume", DEPLOY])
        .ends("sts-access-denied", 5);
    assert_eq!(outcome.out, "");
    assert!(
        outcome.log.starts_with("error[sts-access-denied]: "),
        "{}",
        outcome.log
    );
    assert!(
        !outcome.log.lines().any(|line| line.starts_with("::")),
        "{}",
        outcome.log
    );
}

#[test]
fn a_profile_that_asks_itself_is_refused() {
    let fake = FakeAws::start(World::demo());
    let line = format!("/opt/bin/rolehop credential-process --role-to-assume {OPS}");
    let words = ["credential-process", "--role-to-assume", OPS];
    let config = format!(
        "[profile ci]\ncredential_process = {line}\n[profile through]\nrole_arn = {OPS}\nsource_profile = ci\n"
    );
    for profile in ["ci", "through"] {
        with_config(&fake, &config)
            .var("AWS_PROFILE", profile)
            .command(&words)
            .ends("profile-asks-itself", 4)
            .says("the profile `ci` gets its credentials from this very command")
            .says(&format!("its credential_process is {line}"));
    }
    with_config(&fake, &config.replace("profile ci", "default"))
        .command(&words)
        .ends("profile-asks-itself", 4);
    let words = ["credential-process", "--source-profile", "ci"];
    let config =
        "[profile ci]\ncredential_process = rolehop credential-process --source-profile ci\n";
    with_config(&fake, config)
        .command(&words)
        .ends("profile-asks-itself", 4);
    assert_eq!(fake.requests().len(), 0);
}

#[test]
#[cfg(unix)]
fn one_profile_may_ask_another() {
    let fake = FakeAws::start(World::demo());
    let step = Step::shell();
    let rolehop = step.binary().display().to_string();
    let config = format!(
        "[profile base]\naws_access_key_id = {}\naws_secret_access_key = {SECRET_KEY}\n\
         [profile first]\ncredential_process = {rolehop} credential-process --source-profile base\n",
        crate::harness::KEY_ID
    );
    let outcome = with_config(&fake, &config)
        .var("PATH", "/usr/bin:/bin")
        .hands_on(&[
            "credential-process",
            "--source-profile",
            "first",
            "--role-to-assume",
            OPS,
        ])
        .succeeds();
    let document: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(document["AccessKeyId"], session.access_key_id);
}

#[test]
fn other_sources_need_no_such_care() {
    let fake = FakeAws::start(World::demo());
    let config = format!(
        "[default]\ncredential_process = rolehop credential-process --role-to-assume {OPS}\n"
    );
    with_config(&fake, &config)
        .static_keys_as_variables()
        .hands_on(&["credential-process", "--role-to-assume", OPS])
        .succeeds();
}
