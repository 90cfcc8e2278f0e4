//! What the runner says of the job, in its `GITHUB_*` variables.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::model::tags::{Priority, Tag};
use crate::system::env::Env;

/// The job's context. Nothing in it is trusted; it names sessions, tags and reasons.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Job {
    pub(crate) repository: Option<String>,
    pub(crate) workflow: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) actor: Option<String>,
    pub(crate) sha: Option<String>,
    #[serde(rename = "ref")]
    pub(crate) git_ref: Option<String>,
    pub(crate) event_name: Option<String>,
    pub(crate) event_path: Option<PathBuf>,
    pub(crate) base_ref: Option<String>,
    pub(crate) head_ref: Option<String>,
    pub(crate) run_id: Option<String>,
    pub(crate) run_attempt: Option<String>,
    #[serde(rename = "job")]
    pub(crate) id: Option<String>,
    pub(crate) triggering_actor: Option<String>,
    pub(crate) workspace: Option<PathBuf>,
}

impl Job {
    pub(crate) fn read(env: &Env) -> Self {
        env.decode("GITHUB_").unwrap_or_default()
    }

    /// The tags that the incumbent sends, under the same names, least needed last.
    pub(crate) fn tags(&self) -> Vec<Tag> {
        let kept = [
            ("Repository", &self.repository),
            ("Workflow", &self.workflow),
            ("Action", &self.action),
            ("Actor", &self.actor),
            ("Commit", &self.sha),
            ("Branch", &self.git_ref),
        ];
        let dropped = [
            ("EventName", &self.event_name),
            ("BaseRef", &self.base_ref),
            ("HeadRef", &self.head_ref),
            ("RunId", &self.run_id),
            ("Job", &self.id),
            ("TriggeringActor", &self.triggering_actor),
        ];
        let tag = |(key, value): &(&str, &Option<String>), priority| {
            Some(Tag::of_job(key, value.as_deref()?, priority))
        };
        std::iter::once(Tag::of_job("GitHub", "Actions", Priority::Keep))
            .chain(kept.iter().filter_map(|pair| tag(pair, Priority::Keep)))
            .chain(dropped.iter().filter_map(|pair| tag(pair, Priority::Drop)))
            .collect()
    }

    /// Every key that `tags` can make, whether this job has it or not.
    pub(crate) fn is_own_tag(key: &str) -> bool {
        const OWN: [&str; 13] = [
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
        OWN.iter().any(|own| own.eq_ignore_ascii_case(key))
    }

    /// What AWS' logs show of the caller: the tool, then the step, run and attempt, and where it runs. The SDK adds
    /// `AWS_EXECUTION_ENV` by itself; the incumbent sets it where the runner does not.
    pub(crate) fn user_agent(&self, env: &Env) -> String {
        let word = |text: &&str| {
            (1..=128).contains(&text.len())
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        };
        let parts = [
            ("action", &self.action),
            ("run_id", &self.run_id),
            ("attempt", &self.run_attempt),
        ];
        let metadata = parts
            .iter()
            .filter_map(|(label, value)| Some((label, value.as_deref().filter(word)?)))
            .map(|(label, value)| format!(" md/{label}#{value}"));
        let unsaid = env.is("GITHUB_ACTIONS", "true") && !env.has("AWS_EXECUTION_ENV");
        let place = unsaid.then(|| " exec-env/GitHubActions".to_owned());
        std::iter::once(format!("rolehop/{}", env!("CARGO_PKG_VERSION")))
            .chain(metadata)
            .chain(place)
            .collect()
    }

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

    /// A path that the user wrote: absolute, or below the workspace.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        let path = Path::new(path);
        match &self.workspace {
            Some(workspace) if path.is_relative() => workspace.join(path),
            _ => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
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
        let tags: Vec<_> = Job::read(&env)
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
        assert!(
            Job::read(&env)
                .tags()
                .iter()
                .all(|tag| Job::is_own_tag(&tag.key))
        );
    }

    #[test]
    fn the_user_agent_has_only_words() {
        let env = Env::from([
            ("GITHUB_ACTION", "__run_2"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_RUN_ATTEMPT", "1 evil"),
        ]);
        let agent = Job::read(&env).user_agent(&env);
        assert!(agent.ends_with(" md/action#__run_2 md/run_id#7"), "{agent}");
    }

    #[test]
    fn a_fork_is_a_head_in_another_repository() {
        let event = |head: &str| {
            format!(
                r#"{{"pull_request":{{"head":{{"repo":{{"full_name":"{head}"}}}},"base":{{"repo":{{"full_name":"o/r"}}}}}}}}"#
            )
        };
        assert_eq!(Job::fork(&event("me/r")).as_deref(), Some("me/r"));
        assert_eq!(Job::fork(&event("o/r")), None);
        assert_eq!(Job::fork("{}"), None);
    }
}
