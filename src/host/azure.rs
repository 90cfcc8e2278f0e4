//! Azure Pipelines.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "azure",
    title: "Azure Pipelines",
    mark: "TF_BUILD is true",
    detect: |env| {
        env.get("TF_BUILD")
            .is_some_and(|mark| mark.eq_ignore_ascii_case("true"))
    },
    job,
    session: "{workflow}-{run}",
    token: TokenWay::AzurePost,
    grant: "add `env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }` to the step",
    masking: Masking::AzureSetSecret,
    export: Export::AzureVariables,
    reporting: Reporting::AzureCommands,
    page: "docs/ci/azure.md",
};

fn job(env: &Env) -> Job {
    let url = match (
        env.get("SYSTEM_COLLECTIONURI"),
        env.get("SYSTEM_TEAMPROJECT"),
        env.get("BUILD_BUILDID"),
    ) {
        (Some(server), Some(project), Some(build)) => Some(format!(
            "{}/{}/_build/results?buildId={build}",
            server.trim_end_matches('/'),
            project.replace(' ', "%20")
        )),
        _ => None,
    };
    Job {
        repository: env.owned(&["BUILD_REPOSITORY_NAME"]),
        git_ref: env.owned(&["BUILD_SOURCEBRANCH"]),
        commit: env.owned(&["BUILD_SOURCEVERSION"]),
        actor: env.owned(&["BUILD_REQUESTEDFOREMAIL", "BUILD_REQUESTEDFOR"]),
        workflow: env.owned(&["BUILD_DEFINITIONNAME"]),
        job: env.owned(&["SYSTEM_JOBNAME", "AGENT_JOBNAME"]),
        job_id: env.owned(&["SYSTEM_JOBID"]),
        run: env.owned(&["BUILD_BUILDID"]),
        attempt: env.owned(&["SYSTEM_JOBATTEMPT"]),
        url,
        event: env.owned(&["BUILD_REASON"]),
        environment: env.owned(&["ENVIRONMENT_NAME"]),
        ..Job::default()
    }
}
