//! Bitbucket Pipelines.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "bitbucket",
    title: "Bitbucket Pipelines",
    mark: "BITBUCKET_BUILD_NUMBER is set",
    detect: |env| env.has("BITBUCKET_BUILD_NUMBER"),
    job,
    session: "{repo}-{run}",
    token: TokenWay::Ready {
        variables: &["BITBUCKET_STEP_OIDC_TOKEN"],
        file: None,
    },
    grant: "add `oidc: true` to the step; `oidc: { audiences: [sts.amazonaws.com] }` for that audience",
    masking: Masking::Nothing,
    export: Export::SameShell,
    reporting: Reporting::Plain,
    page: "docs/ci/bitbucket.md",
};

fn job(env: &Env) -> Job {
    let url = match (
        env.get("BITBUCKET_REPO_FULL_NAME"),
        env.get("BITBUCKET_BUILD_NUMBER"),
    ) {
        (Some(repository), Some(number)) => Some(format!(
            "https://bitbucket.org/{repository}/pipelines/results/{number}"
        )),
        _ => None,
    };
    // Bitbucket writes its UUIDs in braces.
    let bare = |name| {
        env.get(name)
            .map(|uuid| uuid.trim_matches(['{', '}']).to_owned())
    };
    Job {
        repository: env.owned(&["BITBUCKET_REPO_FULL_NAME"]),
        git_ref: env.owned(&["BITBUCKET_TAG", "BITBUCKET_BRANCH"]),
        commit: env.owned(&["BITBUCKET_COMMIT"]),
        actor: bare("BITBUCKET_STEP_TRIGGERER_UUID"),
        job_id: bare("BITBUCKET_STEP_UUID"),
        run: env.owned(&["BITBUCKET_BUILD_NUMBER"]),
        url,
        event: env
            .get("BITBUCKET_PR_ID")
            .map(|_| "pull_request".to_owned()),
        environment: env.owned(&["BITBUCKET_DEPLOYMENT_ENVIRONMENT"]),
        ..Job::default()
    }
}
