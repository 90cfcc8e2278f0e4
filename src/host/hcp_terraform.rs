//! HCP Terraform and Terraform Enterprise.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "hcp-terraform",
    title: "HCP Terraform",
    mark: "TFC_RUN_ID is set",
    detect: |env| env.has("TFC_RUN_ID"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::Ready {
        variables: &["TFC_WORKLOAD_IDENTITY_TOKEN"],
        file: None,
    },
    grant: "set the workspace variable TFC_WORKLOAD_IDENTITY_AUDIENCE to sts.amazonaws.com",
    masking: Masking::Nothing,
    export: Export::Apart,
    reporting: Reporting::Plain,
    page: "docs/ci/hcp-terraform.md",
};

fn job(env: &Env) -> Job {
    Job {
        repository: env.owned(&["TFC_WORKSPACE_SLUG", "TFC_WORKSPACE_NAME"]),
        git_ref: env.owned(&[
            "TFC_CONFIGURATION_VERSION_GIT_TAG",
            "TFC_CONFIGURATION_VERSION_GIT_BRANCH",
        ]),
        commit: env.owned(&["TFC_CONFIGURATION_VERSION_GIT_COMMIT_SHA"]),
        workflow: env.owned(&["TFC_PROJECT_NAME"]),
        run: env.owned(&["TFC_RUN_ID"]),
        ..Job::default()
    }
}
