//! Harness CI.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "harness",
    title: "Harness CI",
    mark: "HARNESS_BUILD_ID is set",
    detect: |env| env.has("HARNESS_BUILD_ID"),
    job,
    session: "{workflow}-{run}",
    token: TokenWay::Ready {
        variables: &["PLUGIN_OIDC_TOKEN_ID"],
        file: None,
    },
    grant: "run it as a plugin step, which gets PLUGIN_OIDC_TOKEN_ID, or give a token with web-identity-token-variable",
    masking: Masking::WithExport,
    export: Export::HarnessSecretFile,
    reporting: Reporting::Plain,
    page: "docs/ci/harness.md",
};

fn job(env: &Env) -> Job {
    Job {
        repository: env.owned(&["DRONE_REPO"]),
        git_ref: env.owned(&["DRONE_COMMIT_REF", "DRONE_TAG", "DRONE_BRANCH"]),
        commit: env.owned(&["DRONE_COMMIT_SHA"]),
        actor: env.owned(&["DRONE_BUILD_TRIGGER", "DRONE_COMMIT_AUTHOR"]),
        workflow: env.owned(&["HARNESS_PIPELINE_ID"]),
        job: env.owned(&["DRONE_STEP_NAME", "DRONE_STAGE_NAME"]),
        job_id: env.owned(&["HARNESS_EXECUTION_ID"]),
        run: env.owned(&["HARNESS_BUILD_ID"]),
        url: env.owned(&["DRONE_BUILD_LINK"]),
        event: env.owned(&["DRONE_BUILD_EVENT"]),
        ..Job::default()
    }
}
