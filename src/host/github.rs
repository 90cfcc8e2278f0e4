//! GitHub Actions, whose protocol other runners speak too.

use serde::Deserialize;
use std::path::PathBuf;

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use super::job::Runner;
use crate::model::tags::{Priority, Tag};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "github",
    title: "GitHub Actions",
    mark: "GITHUB_ACTIONS is true",
    detect: |env| env.is("GITHUB_ACTIONS", "true"),
    job,
    // The incumbent's, kept so that trust policies and CloudTrail queries go on working.
    session: "GitHubActions",
    token: TokenWay::GithubEndpoint,
    grant: "add `permissions: { id-token: write, contents: read }` to the job, and to the job that calls a reusable workflow; \
            or give keys, role-chaining or web-identity-token-file",
    masking: Masking::GithubCommand,
    export: Export::RunnerFiles,
    reporting: Reporting::GithubCommands,
    page: "docs/ci/github.md",
};

/// Where the files of the action that runs can be read, as it is: its repository's page at its version. Nothing where the
/// action is a folder of the job's own, or where a part is none that could stand in a link.
pub(crate) fn files_of_the_action(env: &Env) -> Option<String> {
    let plain = |text: &&str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        text.chars().all(allowed) && !text.contains("..")
    };
    let server = env.get("GITHUB_SERVER_URL")?;
    let name = server.strip_prefix("https://").filter(plain)?;
    let repository = env.get("GITHUB_ACTION_REPOSITORY").filter(plain)?;
    let version = env.get("GITHUB_ACTION_REF").filter(plain)?;
    (repository.matches('/').count() == 1)
        .then(|| format!("https://{name}/{repository}/blob/{version}/"))
}

/// The `GITHUB_*` variables.
#[derive(Debug, Default, Deserialize)]
struct Variables {
    repository: Option<String>,
    workflow: Option<String>,
    action: Option<String>,
    actor: Option<String>,
    sha: Option<String>,
    #[serde(rename = "ref")]
    git_ref: Option<String>,
    event_name: Option<String>,
    event_path: Option<PathBuf>,
    base_ref: Option<String>,
    head_ref: Option<String>,
    run_id: Option<String>,
    run_attempt: Option<String>,
    job: Option<String>,
    triggering_actor: Option<String>,
    workspace: Option<PathBuf>,
    server_url: Option<String>,
}

fn job(env: &Env) -> Job {
    let all: Variables = env.decode("GITHUB_").unwrap_or_default();
    let url = match (&all.server_url, &all.repository, &all.run_id) {
        (Some(server), Some(repository), Some(run)) => {
            Some(format!("{server}/{repository}/actions/runs/{run}"))
        }
        _ => None,
    };
    Job {
        repository: all.repository,
        git_ref: all.git_ref,
        commit: all.sha,
        actor: all.actor,
        workflow: all.workflow,
        job: all.job,
        run: all.run_id,
        attempt: all.run_attempt,
        url,
        event: all.event_name,
        runner: Runner {
            action: all.action,
            event_path: all.event_path,
            base_ref: all.base_ref,
            head_ref: all.head_ref,
            triggering_actor: all.triggering_actor,
            workspace: all.workspace,
        },
        ..Job::default()
    }
}

/// The tags that the incumbent sends, under the same names, least needed last.
pub(super) fn tags(job: &Job) -> Vec<Tag> {
    let kept = [
        ("Repository", &job.repository),
        ("Workflow", &job.workflow),
        ("Action", &job.runner.action),
        ("Actor", &job.actor),
        ("Commit", &job.commit),
        ("Branch", &job.git_ref),
    ];
    let dropped = [
        ("EventName", &job.event),
        ("BaseRef", &job.runner.base_ref),
        ("HeadRef", &job.runner.head_ref),
        ("RunId", &job.run),
        ("Job", &job.job),
        ("TriggeringActor", &job.runner.triggering_actor),
    ];
    std::iter::once(Tag::of_job("GitHub", "Actions", Priority::Keep))
        .chain(Tag::of_words(&kept, Priority::Keep))
        .chain(Tag::of_words(&dropped, Priority::Drop))
        .collect()
}

/// Every key that `tags` can make, whether this job has it or not.
pub(super) const OWN_TAGS: [&str; 13] = [
    "GitHub",
    "Repository",
    "Workflow",
    "Action",
    "Actor",
    "Commit",
    "Branch",
    "EventName",
    "BaseRef",
    "HeadRef",
    "RunId",
    "Job",
    "TriggeringActor",
];

/// The fork that a pull request comes from, as `owner/name`, when the event says so.
pub(crate) fn fork(event: &str) -> Option<String> {
    let event: serde_json::Value = serde_json::from_str(event).ok()?;
    let head = event
        .pointer("/pull_request/head/repo/full_name")?
        .as_str()?;
    let base = event
        .pointer("/pull_request/base/repo/full_name")?
        .as_str()?;
    (head != base).then(|| head.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Host;
    use super::*;

    #[test]
    fn the_tags_are_the_ones_that_policies_are_written_for() {
        let env = Env::from([
            ("GITHUB_REPOSITORY", "octo-org/octo-repo"),
            ("GITHUB_WORKFLOW", "Deploy (prod) & more"),
            ("GITHUB_ACTOR", "dependabot[bot]"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_RUN_ID", "42"),
        ]);
        let job = Host::Github.job(&env);
        let tags: Vec<_> = job
            .tags()
            .into_iter()
            .map(|t| format!("{}={} {:?}", t.key, t.value, t.priority))
            .collect();
        assert_eq!(
            tags,
            [
                "GitHub=Actions Keep",
                "Repository=octo-org/octo-repo Keep",
                "Workflow=Deploy _prod_ _ more Keep",
                "Actor=dependabot_bot_ Keep",
                "Branch=refs/heads/main Keep",
                "RunId=42 Drop",
            ]
        );
        assert!(job.tags().iter().all(|tag| job.is_own_tag(&tag.key)));
    }

    #[test]
    fn a_fork_is_a_head_in_another_repository() {
        let event = |head: &str| {
            format!(
                r#"{{"pull_request":{{"head":{{"repo":{{"full_name":"{head}"}}}},"base":{{"repo":{{"full_name":"o/r"}}}}}}}}"#
            )
        };
        assert_eq!(fork(&event("me/r")).as_deref(), Some("me/r"));
        assert_eq!(fork(&event("o/r")), None);
        assert_eq!(fork("{}"), None);
    }
}
