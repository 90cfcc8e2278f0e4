//! AppVeyor.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "appveyor",
    title: "AppVeyor",
    mark: "APPVEYOR is true",
    detect: |env| {
        env.get("APPVEYOR")
            .is_some_and(|mark| mark.eq_ignore_ascii_case("true"))
    },
    job,
    session: "{repo}-{run}",
    token: TokenWay::None,
    grant: "AppVeyor issues no tokens: keep keys in secret variables of the project, or run the job on a machine with an AWS role",
    masking: Masking::Nothing,
    export: Export::AppveyorVariables,
    reporting: Reporting::AppveyorMessages,
    page: "docs/ci/appveyor.md",
};

fn job(env: &Env) -> Job {
    let url = match (
        env.get("APPVEYOR_URL"),
        env.get("APPVEYOR_ACCOUNT_NAME"),
        env.get("APPVEYOR_PROJECT_SLUG"),
        env.get("APPVEYOR_BUILD_ID"),
    ) {
        (Some(server), Some(account), Some(project), Some(build)) => Some(format!(
            "{}/project/{account}/{project}/builds/{build}",
            server.trim_end_matches('/')
        )),
        _ => None,
    };
    Job {
        repository: env.owned(&["APPVEYOR_REPO_NAME"]),
        git_ref: env.owned(&["APPVEYOR_REPO_TAG_NAME", "APPVEYOR_REPO_BRANCH"]),
        commit: env.owned(&["APPVEYOR_REPO_COMMIT"]),
        actor: env.owned(&["APPVEYOR_REPO_COMMIT_AUTHOR"]),
        workflow: env.owned(&["APPVEYOR_PROJECT_SLUG"]),
        job: env.owned(&["APPVEYOR_JOB_NAME"]),
        job_id: env.owned(&["APPVEYOR_JOB_ID"]),
        run: env.owned(&["APPVEYOR_BUILD_ID", "APPVEYOR_BUILD_VERSION"]),
        url,
        event: env
            .get("APPVEYOR_PULL_REQUEST_NUMBER")
            .map(|_| "pull_request".to_owned()),
        ..Job::default()
    }
}
