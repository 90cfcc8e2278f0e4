//! Jenkins.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "jenkins",
    title: "Jenkins",
    mark: "JENKINS_URL and BUILD_ID are set",
    detect: |env| env.has("BUILD_ID") && (env.has("JENKINS_URL") || env.has("HUDSON_URL")),
    job,
    session: "{workflow}-{run}",
    token: TokenWay::None,
    grant: "bind an id token credential of the OIDC provider plugin with `withCredentials`, as text to ROLEHOP_WEB_IDENTITY_TOKEN or as a file to AWS_WEB_IDENTITY_TOKEN_FILE",
    masking: Masking::Nothing,
    export: Export::SameShell,
    reporting: Reporting::Plain,
    page: "docs/ci/jenkins.md",
};

fn job(env: &Env) -> Job {
    Job {
        repository: env.get("GIT_URL").map(Job::path_of_url),
        git_ref: env.owned(&["BRANCH_NAME", "GIT_BRANCH"]),
        commit: env.owned(&["GIT_COMMIT"]),
        actor: env.owned(&["BUILD_USER_ID", "CHANGE_AUTHOR"]),
        workflow: env.owned(&["JOB_NAME"]),
        job: env.owned(&["STAGE_NAME"]),
        job_id: env.owned(&["BUILD_TAG"]),
        run: env.owned(&["BUILD_NUMBER", "BUILD_ID"]),
        url: env.owned(&["BUILD_URL"]),
        event: env.get("CHANGE_ID").map(|_| "pull_request".to_owned()),
        ..Job::default()
    }
}
