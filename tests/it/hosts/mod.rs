//! Every CI system, by the variables that it sets: which one it is taken for, whose token the job shows, and what AWS'
//! logs tell of the job.

mod agents;
mod context;
mod given;
mod tokens;
pub(crate) mod variables;
mod ways;

use fake_aws::{FakeAws, World};

use crate::harness::{Custody, Step};
use variables::System;

impl System {
    /// A step of a job of this system.
    pub(crate) fn step<'f>(&self) -> Step<'f> {
        let own = self.variables.iter();
        let step = Step::shell().in_custody_of(Custody::of(self.title));
        own.fold(step, |step, (name, value)| step.var(name, value))
    }
}

/// A row of what `check` says that a run would do.
fn plan(step: &Step<'_>, words: &[&str], row: &str) -> String {
    let out = step.command(&[&["check", "--json"], words].concat()).out;
    let answer: serde_json::Value =
        serde_json::from_str(&out).unwrap_or_else(|fault| panic!("{fault}: {out}"));
    let rows = answer["plan"].as_array().cloned().unwrap_or_default();
    let found = rows.iter().find(|pair| pair[0] == row);
    let found = found.unwrap_or_else(|| panic!("no {row} in {out}"));
    found[1].as_str().expect("text").to_owned()
}

#[test]
fn each_is_recognised_by_its_own_variables() {
    for system in variables::all() {
        assert_eq!(plan(&system.step(), &[], "ci"), system.title);
    }
}

#[test]
fn the_debug_log_names_the_variable_that_tells() {
    let fake = FakeAws::start(World::demo());
    for system in variables::all().filter(|system| !system.variables.is_empty()) {
        let step = system.step().sts(&fake).static_keys_as_variables();
        let log = step.command(&["whoami", "--verbose"]).succeeds().log;
        let start = format!("host: {}, because ", system.title);
        let why = log
            .lines()
            .find_map(|line| Some(line.split_once(&start)?.1));
        let why = why.unwrap_or_else(|| panic!("no `{start}` in\n{log}"));
        let names = |(name, _): &(&str, &str)| why.split([' ', ',']).any(|word| word == *name);
        assert!(
            system.variables.iter().any(names),
            "{}: {why}",
            system.title
        );
    }
    let shell = Step::shell().sts(&fake).static_keys_as_variables();
    shell
        .command(&["whoami", "-v", "--ci", "drone"])
        .succeeds()
        .says("host: Drone, because ci is drone");
}

#[test]
fn the_setting_overrules_the_variables() {
    let gitlab = variables::of("GitLab CI").step();
    assert_eq!(plan(&gitlab, &["--ci", "buildkite"], "ci"), "Buildkite");
    assert_eq!(plan(&gitlab, &["--ci=none"], "ci"), "a shell");
    let by_variable = Step::shell().var("ROLEHOP_CI", "codefresh");
    assert_eq!(plan(&by_variable, &[], "ci"), "Codefresh");
    gitlab
        .command(&["check", "--ci", "hudson"])
        .ends("invalid-inputs", 3)
        .says("--ci: `hudson` is no CI system that rolehop knows; known are forgejo, gitea, act, github, gitlab,");
}
