//! Woodpecker.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "woodpecker",
    title: "Woodpecker",
    mark: "CI or CI_SYSTEM_NAME is woodpecker",
    detect: |env| env.is("CI", "woodpecker") || env.is("CI_SYSTEM_NAME", "woodpecker"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::None,
    grant: "Woodpecker issues no tokens: keep keys in secret variables of the project, or run the job on a machine with an AWS role",
    masking: Masking::Nothing,
    export: Export::Apart,
    reporting: Reporting::Plain,
    page: "docs/ci/woodpecker.md",
};

fn job(env: &Env) -> Job {
    Job {
        repository: env.owned(&["CI_REPO"]),
        git_ref: env.owned(&["CI_COMMIT_REF", "CI_COMMIT_TAG", "CI_COMMIT_BRANCH"]),
        commit: env.owned(&["CI_COMMIT_SHA"]),
        actor: env.owned(&["CI_PIPELINE_AUTHOR"]),
        workflow: env.owned(&["CI_WORKFLOW_NAME"]),
        job: env.owned(&["CI_STEP_NAME"]),
        run: env.owned(&["CI_PIPELINE_NUMBER"]),
        url: env.owned(&["CI_STEP_URL", "CI_PIPELINE_URL"]),
        event: env.owned(&["CI_PIPELINE_EVENT"]),
        environment: env.owned(&["CI_PIPELINE_DEPLOY_TARGET"]),
        ..Job::default()
    }
}
