//! Spacelift.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "spacelift",
    title: "Spacelift",
    mark: "SPACELIFT_OIDC_TOKEN or TF_VAR_spacelift_run_id is set",
    detect: |env| env.has("SPACELIFT_OIDC_TOKEN") || env.has("TF_VAR_spacelift_run_id"),
    job,
    session: "{workflow}-{run}",
    token: TokenWay::Ready {
        variables: &["SPACELIFT_OIDC_TOKEN"],
        file: Some("/mnt/workspace/spacelift.oidc"),
    },
    grant: "use a worker image that has SPACELIFT_OIDC_TOKEN or /mnt/workspace/spacelift.oidc",
    masking: Masking::SpaceliftCommand,
    export: Export::SameShell,
    reporting: Reporting::Plain,
    page: "docs/ci/spacelift.md",
};

fn job(env: &Env) -> Job {
    Job {
        repository: env.owned(&["TF_VAR_spacelift_repository"]),
        git_ref: env.owned(&["TF_VAR_spacelift_commit_branch"]),
        commit: env.owned(&["TF_VAR_spacelift_commit_sha"]),
        workflow: env.owned(&["TF_VAR_spacelift_stack_id"]),
        job: env.owned(&["TF_VAR_spacelift_run_type"]),
        run: env.owned(&["TF_VAR_spacelift_run_id"]),
        event: env.owned(&["TF_VAR_spacelift_run_trigger"]),
        environment: env.owned(&["TF_VAR_spacelift_space_id"]),
        url: match (
            env.get("TF_VAR_spacelift_account_name"),
            env.get("TF_VAR_spacelift_stack_id"),
            env.get("TF_VAR_spacelift_run_id"),
        ) {
            (Some(account), Some(stack), Some(run)) => Some(format!(
                "https://{account}.app.spacelift.io/stack/{stack}/run/{run}"
            )),
            _ => None,
        },
        ..Job::default()
    }
}
