//! CircleCI.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "circleci",
    title: "CircleCI",
    mark: "CIRCLECI is true",
    detect: |env| env.is("CIRCLECI", "true"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::Circleci,
    grant: "run the job with at least one context; for pull requests from forks turn on \"pass secrets\" of the project; CircleCI server needs 4.4",
    masking: Masking::Nothing,
    export: Export::BashEnv,
    reporting: Reporting::Plain,
    page: "docs/ci/circleci.md",
};

fn job(env: &Env) -> Job {
    let repository = match (
        env.get("CIRCLE_PROJECT_USERNAME"),
        env.get("CIRCLE_PROJECT_REPONAME"),
    ) {
        (Some(owner), Some(name)) => Some(format!("{owner}/{name}")),
        (None, name) => name.map(str::to_owned),
        (owner, None) => owner.map(str::to_owned),
    };
    Job {
        repository,
        git_ref: env.owned(&["CIRCLE_TAG", "CIRCLE_BRANCH"]),
        commit: env.owned(&["CIRCLE_SHA1"]),
        actor: env.owned(&["CIRCLE_USERNAME"]),
        job: env.owned(&["CIRCLE_JOB"]),
        job_id: env.owned(&["CIRCLE_WORKFLOW_JOB_ID"]),
        // There is no name of the workflow; the build's number leads to it.
        run: env.owned(&["CIRCLE_BUILD_NUM", "CIRCLE_WORKFLOW_ID"]),
        url: env.owned(&["CIRCLE_BUILD_URL"]),
        ..Job::default()
    }
}
