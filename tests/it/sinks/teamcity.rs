//! TeamCity, its log read as the server reads it.

use std::collections::BTreeMap;

use fake_aws::{FakeAws, World};

use super::systems::{Ci, TEAMCITY};
use super::teamcity_server::messages;
use super::{KEYS, ODD, has_the_session, job, odd_job, odd_world, refused};
use crate::harness::{Custody, Step};

/// The user has said that the build's parameters may show the keys.
const ALLOWED: Ci = Ci {
    custody: Some(Custody::Teamcity),
    ..TEAMCITY
};

/// The environment of the next step: the parameters that begin with `env.`.
fn next_step(log: &str) -> BTreeMap<String, String> {
    messages(log)
        .into_iter()
        .filter(|(name, _)| name == "setParameter")
        .filter_map(|(_, of)| {
            let name = of["name"].strip_prefix("env.")?.to_owned();
            Some((name, of["value"].clone()))
        })
        .collect()
}

#[test]
fn nothing_is_shown_in_the_builds_parameters_unless_the_user_says_so() {
    let fake = FakeAws::start(World::demo());
    let outcome = job(&fake, &TEAMCITY).command(&[]);
    assert!(next_step(&outcome.log).is_empty());
    let words = [
        "TeamCity has no private way",
        "hand-over: unmasked",
        "ROLEHOP_AWS_PROFILE=deploy",
    ];
    refused(&fake, outcome, &words);
}

#[test]
fn a_profile_is_the_way_without_that() {
    let fake = FakeAws::start(World::demo());
    let step = job(&fake, &TEAMCITY);
    let done = step
        .command(&["--aws-profile", "deploy"])
        .succeeds()
        .says("AWS_PROFILE=deploy selects it");
    assert!(next_step(&done.log).is_empty());
    let file =
        std::fs::read_to_string(step.path("home").join(".aws/credentials")).expect("the file");
    assert!(file.contains("[deploy]"), "{file}");
    step.command(&["post"]).succeeds();
    assert!(!step.path("home").join(".aws").exists());
}

#[test]
fn with_leave_the_next_step_has_the_session() {
    let fake = FakeAws::start(World::demo());
    let step = job(&fake, &ALLOWED).var("ROLEHOP_HAND_OVER", "unmasked");
    let done = step
        .command(&[])
        .succeeds()
        .says("not masked: TeamCity hides no value");
    let env = next_step(&done.log);
    has_the_session(&fake, &env);
    let step = step.later(&env);
    let after = next_step(&step.command(&["post"]).succeeds().log);
    for name in KEYS {
        assert_eq!(after[name], "", "{name}");
    }
}

#[test]
fn every_character_of_a_secret_arrives() {
    let fake = FakeAws::start(odd_world());
    let done = odd_job(&fake, &ALLOWED)
        .command(&["--hand-over=unmasked"])
        .succeeds();
    // The harness cannot recognise the escaped value, so that no line of people's has it is seen here.
    let env = next_step(&done.log);
    assert_eq!(env[KEYS[1]], ODD);
}

#[test]
fn failures_are_build_problems_warnings_are_messages_and_the_rest_is_a_block() {
    let fake = FakeAws::start(World::demo());
    let step: Step<'_> = job(&fake, &TEAMCITY)
        .var(
            "ROLEHOP_ROLE_TO_ASSUME",
            "arn:aws:iam::123456789012:role/nowhere",
        )
        .var("ROLEHOP_ROLE_TO_ASUME", "x|y");
    let failed = step
        .command(&["--aws-profile", "deploy"])
        .ends("sts-access-denied", 5);
    let found = messages(&failed.log);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["message", "blockOpened", "blockClosed", "buildProblem"]
    );
    assert_eq!(found[0].1["status"], "WARNING");
    assert_eq!(found[1].1["name"], found[2].1["name"]);
    assert_eq!(found[3].1["identity"], "rolehop-sts-access-denied");
    assert!(found[3].1["description"].starts_with("rolehop sts-access-denied: STS denied"));
}
