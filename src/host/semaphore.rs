//! Semaphore.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "semaphore",
    title: "Semaphore",
    mark: "SEMAPHORE is true",
    detect: |env| env.is("SEMAPHORE", "true"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::Ready {
        variables: &["SEMAPHORE_OIDC_TOKEN"],
        file: None,
    },
    grant: "turn on OIDC tokens for the organisation; some plans have none",
    masking: Masking::Nothing,
    export: Export::SameShell,
    reporting: Reporting::Plain,
    page: "docs/ci/semaphore.md",
};

fn job(env: &Env) -> Job {
    Job {
        repository: env.owned(&["SEMAPHORE_GIT_REPO_SLUG", "SEMAPHORE_PROJECT_NAME"]),
        git_ref: env.owned(&[
            "SEMAPHORE_GIT_REF",
            "SEMAPHORE_GIT_TAG_NAME",
            "SEMAPHORE_GIT_BRANCH",
        ]),
        commit: env.owned(&["SEMAPHORE_GIT_SHA"]),
        actor: env.owned(&["SEMAPHORE_WORKFLOW_TRIGGERED_BY", "SEMAPHORE_GIT_COMMITTER"]),
        workflow: env.owned(&["SEMAPHORE_PIPELINE_NAME"]),
        job: env.owned(&["SEMAPHORE_JOB_NAME"]),
        job_id: env.owned(&["SEMAPHORE_JOB_ID"]),
        run: env.owned(&["SEMAPHORE_WORKFLOW_ID"]),
        url: match (
            env.get("SEMAPHORE_ORGANIZATION_URL"),
            env.get("SEMAPHORE_JOB_ID"),
        ) {
            (Some(server), Some(job)) => {
                Some(format!("{}/jobs/{job}", server.trim_end_matches('/')))
            }
            _ => None,
        },
        event: env.owned(&["SEMAPHORE_GIT_REF_TYPE"]),
        ..Job::default()
    }
}
