//! The leak check of the harness catches a leak: a step whose program prints what it must not.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use fake_aws::{FakeAws, World};

use crate::harness::{Custody, Step, check_leaks};

const SECRET: &str = "a-very-secret-value";

fn caught(script: &str) -> bool {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).secret(SECRET);
    let program = step.path("temp").join("program.sh");
    // The value is put together at run time, so that the script itself does not contain it.
    let text = format!("#!/bin/sh\nsecret=a-very-secret; secret=$secret-value\n{script}\n");
    std::fs::write(&program, text).expect("a program");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("executable");
    let step = step.program(&program);
    let run = std::panic::AssertUnwindSafe(|| step.run());
    std::panic::catch_unwind(run).is_err()
}

#[test]
fn a_secret_in_the_log_or_in_a_file_is_caught() {
    assert!(caught("echo \"key: $secret\""));
    assert!(caught("echo \"key: $secret\" >&2"));
    assert!(caught(
        "echo \"::add-mask::$secret\"; echo \"again: $secret\""
    ));
    assert!(caught("echo \"$secret\" > \"$GITHUB_STEP_SUMMARY\""));
    assert!(
        caught("printf 'A<<x\\n%s\\nx\\n' \"$secret\" > \"$GITHUB_ENV\""),
        "exported without a mask"
    );
    assert!(caught("echo \"$secret\" > \"$HOME/notes\""));
}

#[test]
fn what_is_masked_and_handed_over_is_not_a_leak() {
    assert!(!caught("echo fine"));
    assert!(!caught(
        "echo \"::add-mask::$secret\"; printf 'A<<x\\n%s\\nx\\n' \"$secret\" > \"$GITHUB_ENV\""
    ));
}

#[test]
fn the_check_itself_names_the_place() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    let mut outcome = step.run().succeeds();
    outcome.log.push_str("oops: a-very-secret-value\n");
    let verdict = check_leaks(
        &outcome,
        &[],
        &[SECRET.to_owned()],
        &step.path("home"),
        Custody::Github,
    );
    assert_eq!(
        verdict,
        Err("in the log: oops: a-very-secret-value".to_owned())
    );
}
