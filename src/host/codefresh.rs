//! Codefresh.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "codefresh",
    title: "Codefresh",
    mark: "CF_BUILD_ID is set",
    detect: |env| env.has("CF_BUILD_ID"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::CodefreshGet,
    grant: "run it in a build of Codefresh that has CF_OIDC_REQUEST_URL and CF_OIDC_REQUEST_TOKEN",
    masking: Masking::WithExport,
    export: Export::CodefreshExport,
    reporting: Reporting::Plain,
    page: "docs/ci/codefresh.md",
};

fn job(env: &Env) -> Job {
    let repository = match (env.get("CF_REPO_OWNER"), env.get("CF_REPO_NAME")) {
        (Some(owner), Some(name)) => Some(format!("{owner}/{name}")),
        (_, name) => name.map(str::to_owned),
    };
    Job {
        repository,
        git_ref: env.owned(&["CF_BRANCH"]),
        commit: env.owned(&["CF_REVISION"]),
        actor: env.owned(&["CF_BUILD_INITIATOR", "CF_COMMIT_AUTHOR"]),
        workflow: env.owned(&["CF_PIPELINE_NAME"]),
        job: env.owned(&["CF_STEP_NAME"]),
        run: env.owned(&["CF_BUILD_ID"]),
        url: env.owned(&["CF_BUILD_URL"]),
        event: env.owned(&["CF_BUILD_TRIGGER"]),
        ..Job::default()
    }
}
