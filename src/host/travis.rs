//! Travis CI.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "travis",
    title: "Travis CI",
    mark: "TRAVIS is true",
    detect: |env| env.is("TRAVIS", "true"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::None,
    grant: "Travis CI issues no tokens: keep keys in secret variables of the project, or run the job on a machine with an AWS role",
    masking: Masking::Nothing,
    export: Export::SameShell,
    reporting: Reporting::TravisFolds,
    page: "docs/ci/travis.md",
};

fn job(env: &Env) -> Job {
    Job {
        repository: env.owned(&["TRAVIS_REPO_SLUG"]),
        git_ref: env.owned(&["TRAVIS_TAG", "TRAVIS_BRANCH"]),
        commit: env.owned(&["TRAVIS_COMMIT"]),
        workflow: env.owned(&["TRAVIS_BUILD_STAGE_NAME"]),
        job: env.owned(&["TRAVIS_JOB_NAME"]),
        job_id: env.owned(&["TRAVIS_JOB_ID"]),
        run: env.owned(&["TRAVIS_BUILD_NUMBER", "TRAVIS_BUILD_ID"]),
        url: env.owned(&["TRAVIS_BUILD_WEB_URL"]),
        event: env.owned(&["TRAVIS_EVENT_TYPE"]),
        ..Job::default()
    }
}
