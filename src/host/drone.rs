//! Drone.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "drone",
    title: "Drone",
    mark: "DRONE is true",
    detect: |env| env.is("DRONE", "true"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::None,
    grant: "Drone issues no tokens: keep keys in secret variables of the project, or run the job on a machine with an AWS role",
    masking: Masking::Nothing,
    export: Export::Apart,
    reporting: Reporting::Plain,
    page: "docs/ci/drone.md",
};

pub(super) fn job(env: &Env) -> Job {
    Job {
        repository: env.owned(&["DRONE_REPO"]),
        git_ref: env.owned(&["DRONE_COMMIT_REF", "DRONE_TAG", "DRONE_BRANCH"]),
        commit: env.owned(&["DRONE_COMMIT_SHA"]),
        actor: env.owned(&["DRONE_BUILD_TRIGGER", "DRONE_COMMIT_AUTHOR"]),
        workflow: env.owned(&["DRONE_STAGE_NAME"]),
        job: env.owned(&["DRONE_STEP_NAME"]),
        run: env.owned(&["DRONE_BUILD_NUMBER"]),
        url: env.owned(&["DRONE_BUILD_LINK"]),
        event: env.owned(&["DRONE_BUILD_EVENT"]),
        environment: env.owned(&["DRONE_DEPLOY_TO"]),
        ..Job::default()
    }
}
