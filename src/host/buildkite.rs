//! Buildkite.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "buildkite",
    title: "Buildkite",
    mark: "BUILDKITE is true",
    detect: |env| env.is("BUILDKITE", "true"),
    job,
    session: "{workflow}-{run}",
    token: TokenWay::BuildkiteAgent,
    grant: "run the step where `buildkite-agent` is on the PATH: in the job itself, or in a container that has the agent mounted",
    masking: Masking::BuildkiteRedactor,
    export: Export::BuildkiteJob,
    reporting: Reporting::BuildkiteAnnotation,
    page: "docs/ci/buildkite.md",
};

fn job(env: &Env) -> Job {
    let commit = env
        .get("BUILDKITE_COMMIT")
        .filter(|commit| *commit != "HEAD")
        .or_else(|| env.get("BUILDKITE_COMMIT_RESOLVED"));
    let workflow = match (
        env.get("BUILDKITE_ORGANIZATION_SLUG"),
        env.get("BUILDKITE_PIPELINE_SLUG"),
    ) {
        (Some(organization), Some(pipeline)) => Some(format!("{organization}/{pipeline}")),
        (_, pipeline) => pipeline.map(str::to_owned),
    };
    Job {
        repository: env.get("BUILDKITE_REPO").map(Job::path_of_url),
        git_ref: env.owned(&["BUILDKITE_TAG", "BUILDKITE_BRANCH"]),
        commit: commit.map(str::to_owned),
        actor: env.owned(&["BUILDKITE_BUILD_CREATOR", "BUILDKITE_BUILD_AUTHOR"]),
        workflow,
        job: env.owned(&["BUILDKITE_STEP_KEY", "BUILDKITE_LABEL"]),
        job_id: env.owned(&["BUILDKITE_JOB_ID"]),
        run: env.owned(&["BUILDKITE_BUILD_NUMBER"]),
        attempt: env.owned(&["BUILDKITE_RETRY_COUNT"]),
        url: env.owned(&["BUILDKITE_BUILD_URL"]),
        event: env.owned(&["BUILDKITE_SOURCE"]),
        environment: env.owned(&["BUILDKITE_GITHUB_DEPLOYMENT_ENVIRONMENT"]),
        ..Job::default()
    }
}
