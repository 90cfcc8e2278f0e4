//! CircleCI: a later step's bash, which runs the file that `BASH_ENV` names before its own lines.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use fake_aws::{FakeAws, World};

use super::systems::CIRCLECI;
use super::{KEYS, ODD, has_the_session, job, odd_job, odd_world, refused};
use crate::harness::Step;

fn with_file(step: Step<'_>) -> (Step<'_>, PathBuf) {
    let file = step.path("bash_env");
    let path = file.display().to_string();
    (step.var("BASH_ENV", &path), file)
}

/// What a later step finds: a new bash with the job's own environment.
fn later_step(file: &Path, own: &[(&str, &str)]) -> BTreeMap<String, String> {
    let output = Command::new("bash")
        .args(["-c", "env -0"])
        .env_clear()
        .env("BASH_ENV", file)
        .env("PATH", "/usr/bin:/bin")
        .envs(own.iter().copied())
        .output()
        .expect("bash");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .expect("text")
        .split_terminator('\0')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| name.starts_with("AWS_") || *name == "MINE")
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn mode(file: &Path) -> u32 {
    file.metadata().expect("the file").permissions().mode() & 0o777
}

#[test]
fn later_steps_have_the_session_and_the_file_is_for_us_alone() {
    let fake = FakeAws::start(World::demo());
    let (step, file) = with_file(job(&fake, &CIRCLECI));
    let done = step.command(&[]).succeeds().does_not_say("add-mask");
    let done = done
        .says("not masked: CircleCI hides no value")
        .says(". \"$BASH_ENV\"");
    drop(done);
    has_the_session(&fake, &later_step(&file, &[]));
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn a_file_that_is_there_keeps_its_lines_and_loses_other_readers() {
    let fake = FakeAws::start(odd_world());
    let (step, file) = with_file(odd_job(&fake, &CIRCLECI));
    std::fs::write(&file, "export MINE=kept").expect("a file without a last line end");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("mode");
    step.command(&[]).succeeds();
    let env = later_step(&file, &[("AWS_SESSION_TOKEN", "left over")]);
    assert_eq!(env["MINE"], "kept");
    assert_eq!(
        env[KEYS[1]], ODD,
        "every character arrives, and none is run"
    );
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn a_file_that_post_could_not_clean_up_gets_nothing() {
    let fake = FakeAws::start(World::demo());
    let (step, file) = with_file(job(&fake, &CIRCLECI));
    let folder = step.path("temp").join("linked");
    std::os::unix::fs::symlink(file.parent().expect("a folder"), &folder).expect("a link");
    let linked = folder.join(file.file_name().expect("a name"));
    std::fs::write(&linked, "export MINE=1\n").expect("written");
    let step = step.var("BASH_ENV", &linked.display().to_string());
    step.command(&[])
        .ends("hand-over-failed", 7)
        .says("its directory is a symbolic link");
    assert_eq!(fake.count("*"), 0);
    assert_eq!(
        std::fs::read_to_string(&file).expect("read"),
        "export MINE=1\n"
    );
}

#[test]
fn a_token_that_is_left_over_is_unset() {
    let fake = FakeAws::start(odd_world());
    let (step, file) = with_file(odd_job(&fake, &CIRCLECI));
    let step = step.var("AWS_SESSION_TOKEN", "left over");
    step.command(&[]).succeeds();
    let env = later_step(&file, &[("AWS_SESSION_TOKEN", "left over")]);
    assert!(!env.contains_key("AWS_SESSION_TOKEN"), "{env:?}");
}

#[test]
fn post_takes_its_own_lines_out_and_the_secrets_off_the_disk() {
    let fake = FakeAws::start(World::demo());
    let (step, file) = with_file(job(&fake, &CIRCLECI));
    std::fs::write(&file, "export MINE=1\n").expect("written");
    let own = [("AWS_ACCESS_KEY_ID", "AKIAOLD0123456789012")];
    let step = step.var(own[0].0, own[0].1);
    step.command(&[]).succeeds();
    let first = later_step(&file, &own);
    // A second call, on top of the first.
    step.command(&["--role-session-name", "second"]).succeeds();
    assert_ne!(later_step(&file, &own)[KEYS[0]], first[KEYS[0]]);
    let text = std::fs::read_to_string(&file).expect("read");
    std::fs::write(&file, format!("{text}export MINE=2\n")).expect("written");
    step.command(&["post"])
        .succeeds()
        .says("took the credentials out of");
    let text = std::fs::read_to_string(&file).expect("read");
    assert_eq!(text, "export MINE=1\nexport MINE=2\n");
    assert_eq!(later_step(&file, &own)[KEYS[0]], own[0].1);
    let left = std::fs::read_dir(step.path("temp"))
        .expect("the folder")
        .count();
    assert_eq!(left, 0, "nothing is remembered any more");
}

#[test]
fn a_link_and_another_users_file_are_refused_before_any_request() {
    let fake = FakeAws::start(World::demo());
    let (step, file) = with_file(job(&fake, &CIRCLECI));
    std::os::unix::fs::symlink(step.path("workspace").join("x"), &file).expect("a link");
    step.command(&[])
        .ends("hand-over-failed", 7)
        .says("symbolic link");
    std::fs::remove_file(&file).expect("removed");
    std::fs::write(&file, "").expect("written");
    let given = std::os::unix::fs::chown(&file, Some(12345), None).is_ok();
    if given {
        step.command(&[])
            .ends("hand-over-failed", 7)
            .says("it belongs to another user");
    }
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn without_the_variable_it_is_refused() {
    let fake = FakeAws::start(World::demo());
    let outcome = job(&fake, &CIRCLECI).command(&[]);
    refused(
        &fake,
        outcome,
        &["CircleCI has no private way", "BASH_ENV is not set"],
    );
}

#[test]
fn a_failure_half_way_leaves_nothing() {
    let fake = FakeAws::start(World::demo());
    let (step, file) = with_file(job(&fake, &CIRCLECI));
    let step = step.var(
        "ROLEHOP_ROLE_TO_ASSUME",
        "arn:aws:iam::123456789012:role/nowhere",
    );
    step.command(&[]).ends("sts-access-denied", 5);
    assert!(!file.exists());
    let left = std::fs::read_dir(step.path("temp"))
        .expect("the folder")
        .count();
    assert_eq!(left, 0);
}
