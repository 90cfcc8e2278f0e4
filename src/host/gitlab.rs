//! GitLab CI.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "gitlab",
    title: "GitLab CI",
    mark: "GITLAB_CI is true",
    detect: |env| env.is("GITLAB_CI", "true"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::GitlabVariable,
    grant: "add `id_tokens: { GITLAB_OIDC_TOKEN: { aud: sts.amazonaws.com } }` to the job",
    masking: Masking::Nothing,
    export: Export::SameShell,
    reporting: Reporting::GitlabSections,
    page: "docs/ci/gitlab.md",
};

fn job(env: &Env) -> Job {
    Job {
        repository: env.owned(&["CI_PROJECT_PATH"]),
        git_ref: env.owned(&["CI_COMMIT_REF_NAME"]),
        commit: env.owned(&["CI_COMMIT_SHA"]),
        actor: env.owned(&["GITLAB_USER_LOGIN"]),
        workflow: env.owned(&["CI_PIPELINE_NAME"]),
        job: env.owned(&["CI_JOB_NAME"]),
        job_id: env.owned(&["CI_JOB_ID"]),
        run: env.owned(&["CI_PIPELINE_ID"]),
        url: env.owned(&["CI_JOB_URL", "CI_PIPELINE_URL"]),
        event: env.owned(&["CI_PIPELINE_SOURCE"]),
        environment: env.owned(&["CI_ENVIRONMENT_NAME"]),
        ..Job::default()
    }
}
