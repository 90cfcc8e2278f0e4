//! Google Cloud Build. Nothing says so for sure; substitutions are variables only where the user maps them.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "cloud-build",
    title: "Google Cloud Build",
    mark: "BUILDER_OUTPUT is set",
    detect: |env| env.has("BUILDER_OUTPUT"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::MetadataServer,
    grant: "run the build with a service account of your own that has the role OpenID token creator on itself",
    masking: Masking::Nothing,
    export: Export::Apart,
    reporting: Reporting::Plain,
    page: "docs/ci/cloud-build.md",
};

fn job(env: &Env) -> Job {
    Job {
        repository: env.owned(&["REPO_FULL_NAME", "REPO_NAME"]),
        git_ref: env.owned(&["REF_NAME", "TAG_NAME", "BRANCH_NAME"]),
        commit: env.owned(&["COMMIT_SHA"]),
        workflow: env.owned(&["TRIGGER_NAME"]),
        run: env.owned(&["BUILD_ID"]),
        url: match (env.get("PROJECT_ID"), env.get("BUILD_ID")) {
            (Some(project), Some(build)) => {
                let place = env.get("LOCATION").unwrap_or("global");
                Some(format!(
                    "https://console.cloud.google.com/cloud-build/builds;region={place}/{build}?project={project}"
                ))
            }
            _ => None,
        },
        ..Job::default()
    }
}
