//! The Buildkite plugin's hooks, started as the agent starts them, with a stand-in for the agent's command.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use fake_aws::{FakeAws, World};
use serde_json::Value;

use super::staged::{Staged, fails, succeeds};
use crate::harness::{KEY_ID, OPS, SECRET_KEY};
use crate::real::tools::Tools;

/// Keeps what the hooks hand to the agent: values to hide, variables of the job, in the order of their arrival.
const AGENT: &str = r#"#!/bin/sh
echo "$1 $2" >> "$AGENT_FOLDER/calls"
case "$1 $2" in
  "redactor add") cat >> "$AGENT_FOLDER/redactions" ;;
  "env set") cat > "$AGENT_FOLDER/env.json" ;;
  "env unset") shift 2; echo "$@" > "$AGENT_FOLDER/unset" ;;
esac
"#;

/// A job with the plugin, in which its settings arrive as the agent spells them.
fn job(fake: &FakeAws) -> Staged {
    let staged = Staged::new();
    let bin = staged.path("bin");
    fs::create_dir(&bin).expect("a folder");
    let agent = bin.join("buildkite-agent");
    fs::write(&agent, AGENT).expect("a program");
    fs::set_permissions(&agent, fs::Permissions::from_mode(0o755)).expect("executable");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let folder = staged.path("").display().to_string();
    staged
        .var("PATH", &path)
        .var("AGENT_FOLDER", &folder)
        .var("BUILDKITE", "true")
        .var("BUILDKITE_JOB_ID", "0190-4711")
        .var("BUILDKITE_ORGANIZATION_SLUG", "octo-org")
        .var("BUILDKITE_PIPELINE_SLUG", "shop")
        .var("BUILDKITE_BUILD_NUMBER", "42")
        .var("AWS_ENDPOINT_URL_STS", &fake.url())
        .var("BUILDKITE_PLUGIN_ROLEHOP_AWS_REGION", "eu-west-1")
        .var("BUILDKITE_PLUGIN_ROLEHOP_ROLE_TO_ASSUME", OPS)
        .var("BUILDKITE_PLUGIN_ROLEHOP_AWS_ACCESS_KEY_ID", KEY_ID)
        .var("BUILDKITE_PLUGIN_ROLEHOP_AWS_SECRET_ACCESS_KEY", SECRET_KEY)
}

#[test]
fn the_hooks_hide_then_hand_over_then_take_back() {
    let Some(_) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let staged = job(&fake);
    let log = succeeds(&fake, &staged.run("buildkite/hooks/pre-command"));
    assert!(
        log.contains("assumed: arn:aws:sts::123456789012:assumed-role/ops/octo-org-shop-42"),
        "{log}"
    );
    let session = fake.sessions().pop().expect("a session");
    let text = fs::read_to_string(staged.path("env.json")).expect("what was set");
    let set: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(set["AWS_ACCESS_KEY_ID"], session.access_key_id);
    assert_eq!(set["AWS_SECRET_ACCESS_KEY"], session.secret_access_key);
    assert_eq!(set["AWS_SESSION_TOKEN"], session.session_token);
    assert_eq!(set["AWS_REGION"], "eu-west-1");
    let hidden = fs::read_to_string(staged.path("redactions")).expect("what was hidden");
    for secret in [&session.secret_access_key, &session.session_token] {
        assert!(hidden.contains(secret.as_str()));
    }
    let calls = fs::read_to_string(staged.path("calls")).expect("the calls");
    assert!(
        calls.find("redactor add") < calls.find("env set"),
        "{calls}"
    );

    let mut later = staged;
    for (name, value) in set.as_object().expect("an object") {
        later = later.var(name, value.as_str().expect("text"));
    }
    // Its second use of the binary does not fetch it: nothing is at the URL any more.
    let later = later.var("BUILDKITE_PLUGIN_ROLEHOP_BINARY_URL", "file:///nowhere");
    let log = succeeds(&fake, &later.run("buildkite/hooks/pre-exit"));
    assert!(!log.contains("BINARY_URL"), "{log}");
    let taken = fs::read_to_string(later.path("unset")).expect("what was taken out");
    assert!(taken.contains("AWS_SECRET_ACCESS_KEY"), "{taken}");
}

#[test]
fn another_binary_and_a_folder_of_others_are_not_used() {
    let Some(_) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let staged = job(&fake).var("BUILDKITE_PLUGIN_ROLEHOP_BINARY_SHA256", &"0".repeat(64));
    let log = fails(&fake, &staged.run("buildkite/hooks/pre-command"));
    assert!(log.contains("has not the SHA-256 000000"), "{log}");
    // The spelling of the agent for a URL that ends in `.git`.
    let staged = job(&fake).var(
        "BUILDKITE_PLUGIN_ROLEHOP_GIT_BINARY_SHA256",
        &"1".repeat(64),
    );
    let log = fails(&fake, &staged.run("buildkite/hooks/pre-command"));
    assert!(log.contains("has not the SHA-256 111111"), "{log}");

    let staged = job(&fake);
    let user = user(&staged);
    let folder = staged.path("temp").join(format!("rolehop-bin-{user}"));
    std::os::unix::fs::symlink(staged.path("home"), &folder).expect("a link");
    let log = fails(&fake, &staged.run("buildkite/hooks/pre-command"));
    assert!(log.contains("is not a folder of this user"), "{log}");
    assert_eq!(fake.requests().len(), 0);
}

fn user(staged: &Staged) -> String {
    let output = staged.command("id").arg("-u").output().expect("id");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
