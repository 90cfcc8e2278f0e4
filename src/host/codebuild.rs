//! AWS CodeBuild.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "codebuild",
    title: "AWS CodeBuild",
    mark: "CODEBUILD_BUILD_ARN is set",
    detect: |env| env.has("CODEBUILD_BUILD_ARN"),
    job,
    session: "{workflow}-{run}",
    token: TokenWay::None,
    grant: "CodeBuild issues no tokens: let the project's service role assume this role; its credentials are found by themselves",
    masking: Masking::Nothing,
    export: Export::SameShell,
    reporting: Reporting::Plain,
    page: "docs/ci/codebuild.md",
};

fn job(env: &Env) -> Job {
    // `PROJECT:UUID`
    let build = env.get("CODEBUILD_BUILD_ID");
    let part = |at| build.and_then(|id| id.split(':').nth(at).map(str::to_owned));
    Job {
        repository: env.get("CODEBUILD_SOURCE_REPO_URL").map(Job::path_of_url),
        git_ref: env.owned(&[
            "CODEBUILD_WEBHOOK_HEAD_REF",
            "CODEBUILD_WEBHOOK_TRIGGER",
            "CODEBUILD_SOURCE_VERSION",
        ]),
        commit: env.owned(&["CODEBUILD_RESOLVED_SOURCE_VERSION"]),
        actor: env.owned(&["CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID", "CODEBUILD_INITIATOR"]),
        workflow: part(0),
        job_id: part(1),
        run: env.owned(&["CODEBUILD_BUILD_NUMBER"]).or_else(|| part(1)),
        url: env.owned(&["CODEBUILD_BUILD_URL", "CODEBUILD_PUBLIC_BUILD_URL"]),
        event: env.owned(&["CODEBUILD_WEBHOOK_EVENT"]),
        ..Job::default()
    }
}
