//! Harness CI.

use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use super::{Job, drone};
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

/// Drone's variables, which it sets too, beside its own.
fn job(env: &Env) -> Job {
    Job {
        workflow: env.owned(&["HARNESS_PIPELINE_ID"]),
        job: env.owned(&["DRONE_STEP_NAME", "DRONE_STAGE_NAME"]),
        job_id: env.owned(&["HARNESS_EXECUTION_ID"]),
        run: env.owned(&["HARNESS_BUILD_ID"]),
        environment: None,
        ..drone::job(env)
    }
}
