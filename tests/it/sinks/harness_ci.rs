//! Harness: the file whose lines become secret outputs of the step, and the one whose lines everybody sees.

use std::collections::BTreeMap;

use fake_aws::{FakeAws, World};

use super::systems::HARNESS;
use super::{KEYS, ODD, REGION, has_the_session, job, odd_job, odd_world, refused};
use crate::harness::Step;

fn with_files(step: Step<'_>) -> Step<'_> {
    let path = |name: &str| step.path(name).display().to_string();
    let (secret, open) = (path("secret_outputs"), path("harness_outputs"));
    step.var("HARNESS_OUTPUT_SECRET_FILE", &secret)
        .var("DRONE_OUTPUT", &open)
}

fn outputs(step: &Step<'_>, file: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(step.path(file)).expect("the file");
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').expect("a pair");
        (name.to_owned(), value.to_owned())
    };
    text.lines().map(pair).collect()
}

#[test]
fn keys_are_secret_outputs_and_the_region_an_open_one() {
    let fake = FakeAws::start(World::demo());
    let step = with_files(job(&fake, &HARNESS));
    let done = step.command(&[]).succeeds().does_not_say("not masked");
    let done = done.says("<+steps.ID.output.outputVariables.AWS_SESSION_TOKEN>");
    drop(done);
    let mut env = outputs(&step, "secret_outputs");
    assert_eq!(
        env.keys().collect::<Vec<_>>(),
        KEYS.iter().collect::<Vec<_>>()
    );
    let open = outputs(&step, "harness_outputs");
    assert!(REGION.iter().all(|name| open.contains_key(*name)));
    env.extend(open);
    has_the_session(&fake, &env);
    step.command(&["post"])
        .succeeds()
        .says("outputs of a step cannot be taken back");
}

#[test]
fn every_character_of_a_secret_arrives_below_what_was_there() {
    let fake = FakeAws::start(odd_world());
    let step = with_files(odd_job(&fake, &HARNESS));
    std::fs::write(step.path("secret_outputs"), "MINE=1\n").expect("written");
    step.command(&[]).succeeds();
    let found = outputs(&step, "secret_outputs");
    assert_eq!(
        (found["MINE"].as_str(), found[KEYS[1]].as_str()),
        ("1", ODD)
    );
}

#[test]
fn without_the_feature_it_is_refused() {
    let fake = FakeAws::start(World::demo());
    let step = with_files(job(&fake, &HARNESS)).without("HARNESS_OUTPUT_SECRET_FILE");
    refused(
        &fake,
        step.command(&[]),
        &[
            "Harness CI has no private way",
            "HARNESS_OUTPUT_SECRET_FILE is not set",
        ],
    );
}
