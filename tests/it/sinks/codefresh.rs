//! Codefresh: `cf_export` as a freestyle step has it. It takes `NAME=VALUE` and the names of exported variables.

use std::collections::BTreeMap;

use fake_aws::{FakeAws, World};

use super::systems::CODEFRESH;
use super::{KEYS, ODD, REGION, has_the_session, job, odd_job, odd_world, refused};
use crate::harness::Step;

/// Appends to the file that the engine reads, marks what is masked, and notes its own command line.
const SCRIPT: &str = r#"
folder=$(dirname "$0")/..
echo "$*" >> "$folder/command_lines"
mask=
for word in "$@"; do test "$word" = --mask && mask=masked; done
for word in "$@"; do
  case "$word" in
  --mask) ;;
  *=*) printf '%s\t%s\n' "$word" "$mask" >> "$folder/handed_over" ;;
  *) printf '%s=%s\t%s\n' "$word" "$(printenv "$word")" "$mask" >> "$folder/handed_over" ;;
  esac
done"#;

/// Name to value, and whether the engine masks it; the last line wins.
fn engine(step: &Step<'_>) -> BTreeMap<String, (String, bool)> {
    let text = std::fs::read_to_string(step.path("handed_over")).expect("the file");
    text.lines()
        .map(|line| {
            let (pair, mask) = line.rsplit_once('\t').expect("a mark");
            let (name, value) = pair.split_once('=').expect("a pair");
            (name.to_owned(), (value.to_owned(), mask == "masked"))
        })
        .collect()
}

fn values(step: &Step<'_>) -> BTreeMap<String, String> {
    let found = engine(step).into_iter();
    found.map(|(name, (value, _))| (name, value)).collect()
}

#[test]
fn the_session_is_masked_the_region_is_not_and_no_value_is_on_a_command_line() {
    let fake = FakeAws::start(World::demo());
    let step = job(&fake, &CODEFRESH).helper("cf_export", SCRIPT);
    step.command(&[]).succeeds().does_not_say("not masked");
    has_the_session(&fake, &values(&step));
    let engine = engine(&step);
    for name in KEYS {
        assert!(engine[name].1, "{name} is masked");
    }
    for name in REGION {
        assert!(!engine[name].1, "{name} is not");
    }
    // The leak check has read the file of the command lines too.
    let lines = std::fs::read_to_string(step.path("command_lines")).expect("the file");
    assert_eq!(
        lines,
        "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN --mask\n\
         AWS_DEFAULT_REGION AWS_REGION\n"
    );
    let env = values(&step);
    let step = step.later(&env);
    step.command(&["post"]).succeeds();
    for name in KEYS {
        assert_eq!(values(&step)[name], "", "{name}");
    }
}

#[test]
fn every_character_of_a_secret_arrives() {
    let fake = FakeAws::start(odd_world());
    let step = odd_job(&fake, &CODEFRESH).helper("cf_export", SCRIPT);
    step.command(&[]).succeeds();
    assert_eq!(values(&step)[KEYS[1]], ODD);
}

#[test]
fn a_script_that_fails_half_way_leaves_what_was_there_and_repeats_nothing() {
    let fake = FakeAws::start(World::demo());
    // It takes everything but the region, and complains with all that it knows.
    let script = format!("case $1 in AWS_DEFAULT_REGION) printenv >&2; exit 4;; esac\n{SCRIPT}");
    let step = job(&fake, &CODEFRESH).helper("cf_export", &script);
    step.command(&[])
        .ends("hand-over-failed", 7)
        .says("ended with exit status: 4");
    for name in KEYS {
        assert_eq!(values(&step)[name], "", "{name}");
    }
    assert_eq!(values(&step)["AWS_REGION"], "eu-west-1", "the job's own");
    let left = std::fs::read_dir(step.path("temp"))
        .expect("the folder")
        .count();
    assert_eq!(left, 0);
}

#[test]
fn outside_a_freestyle_step_it_is_refused() {
    let fake = FakeAws::start(World::demo());
    let outcome = job(&fake, &CODEFRESH).command(&[]);
    refused(
        &fake,
        outcome,
        &[
            "Codefresh has no private way",
            "freestyle",
            "rolehop exec -- ",
        ],
    );
}
