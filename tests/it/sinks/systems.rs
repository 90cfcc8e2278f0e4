//! The systems and what their logs do with a secret. What they set in a job is in the table of `hosts`.

use crate::harness::{Custody, Step};
use crate::hosts::variables;

/// A system that is not GitHub's kind.
pub(super) struct Ci {
    /// What people call it.
    pub(super) title: &'static str,
    /// Where a setting changes what its log does with a secret.
    pub(super) custody: Option<Custody>,
}

impl Ci {
    /// A step of a job of this system.
    pub(super) fn step<'f>(&self) -> Step<'f> {
        let step = variables::of(self.title).step();
        match self.custody {
            Some(custody) => step.in_custody_of(custody),
            None => step,
        }
    }
}

const fn ci(title: &'static str) -> Ci {
    Ci {
        title,
        custody: None,
    }
}

pub(super) const AZURE: Ci = ci("Azure Pipelines");
pub(super) const BUILDKITE: Ci = ci("Buildkite");
pub(super) const CIRCLECI: Ci = ci("CircleCI");
pub(super) const TEAMCITY: Ci = ci("TeamCity");
pub(super) const CODEFRESH: Ci = ci("Codefresh");
pub(super) const APPVEYOR: Ci = ci("AppVeyor");
pub(super) const HARNESS: Ci = ci("Harness CI");
pub(super) const SPACELIFT: Ci = ci("Spacelift");
pub(super) const GITLAB: Ci = ci("GitLab CI");
pub(super) const TRAVIS: Ci = ci("Travis CI");

/// Those that have a way of their own to give later steps something in private, if only with the user's leave.
pub(super) const WITH: [&Ci; 7] = [
    &AZURE, &BUILDKITE, &CIRCLECI, &TEAMCITY, &CODEFRESH, &APPVEYOR, &HARNESS,
];

/// Those that have none: every other one of the table, but GitHub's kind.
pub(super) fn without() -> Vec<Ci> {
    let github = ["GitHub Actions", "Gitea Actions", "Forgejo Actions", "act"];
    let has_one = |title: &str| github.contains(&title) || WITH.iter().any(|ci| ci.title == title);
    variables::all()
        .map(|system| system.title)
        .filter(|title| !has_one(title))
        .map(ci)
        .collect()
}
