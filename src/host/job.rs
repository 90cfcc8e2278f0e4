//! The job in one vocabulary, whatever the system calls its parts; and what is made of it: tags, the user agent.

use std::path::{Path, PathBuf};

use super::{Host, github};
use crate::model::tags::{Priority, Tag};
use crate::system::env::Env;

/// The job's context. Nothing in it is trusted; it names sessions, tags and reasons.
#[expect(
    clippy::struct_field_names,
    reason = "a job has a name and an ID, as a run has"
)]
#[derive(Debug, Clone, Default)]
pub(crate) struct Job {
    pub(crate) host: Host,
    /// With its owner: `octo-org/octo-repo`.
    pub(crate) repository: Option<String>,
    /// A branch or a tag, as the system writes it.
    pub(crate) git_ref: Option<String>,
    pub(crate) commit: Option<String>,
    pub(crate) actor: Option<String>,
    /// The pipeline, or what comes closest.
    pub(crate) workflow: Option<String>,
    /// The job's name.
    pub(crate) job: Option<String>,
    /// What tells the job from all others of the run.
    pub(crate) job_id: Option<String>,
    pub(crate) run: Option<String>,
    pub(crate) attempt: Option<String>,
    /// Where a person can look at it.
    pub(crate) url: Option<String>,
    /// What started it.
    pub(crate) event: Option<String>,
    /// What it deploys to.
    pub(crate) environment: Option<String>,
    pub(crate) runner: Runner,
}

/// What only runners of GitHub's kind say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runner {
    pub(crate) action: Option<String>,
    pub(crate) event_path: Option<PathBuf>,
    pub(crate) base_ref: Option<String>,
    pub(crate) head_ref: Option<String>,
    pub(crate) triggering_actor: Option<String>,
    pub(crate) workspace: Option<PathBuf>,
}

impl Job {
    /// The words of templates, each with what it stands for in this job.
    pub(crate) fn words(&self) -> [(&'static str, Option<&str>); 12] {
        [
            ("repo", self.repository.as_deref()),
            ("repository", self.repository.as_deref()),
            ("ref", self.git_ref.as_deref()),
            ("commit", self.commit.as_deref()),
            ("actor", self.actor.as_deref()),
            ("workflow", self.workflow.as_deref()),
            ("job", self.job.as_deref()),
            ("run", self.run.as_deref()),
            ("attempt", self.attempt.as_deref()),
            ("event", self.event.as_deref()),
            ("environment", self.environment.as_deref()),
            ("ci", Some(self.host.facts().name)),
        ]
    }

    /// The tags of the job, least needed last. GitHub's are the incumbent's; elsewhere the same names mean the same.
    pub(crate) fn tags(&self) -> Vec<Tag> {
        if self.host.speaks_github() {
            return github::tags(self);
        }
        if self.host == Host::Shell {
            return Vec::new();
        }
        let kept = [
            ("Repository", &self.repository),
            ("Workflow", &self.workflow),
            ("Actor", &self.actor),
            ("Commit", &self.commit),
            ("Branch", &self.git_ref),
            ("Environment", &self.environment),
        ];
        let dropped = [
            ("EventName", &self.event),
            ("RunId", &self.run),
            ("Job", &self.job),
            ("JobUrl", &self.url),
        ];
        std::iter::once(Tag::of_job("CI", self.host.facts().title, Priority::Keep))
            .chain(Tag::of_words(&kept, Priority::Keep))
            .chain(Tag::of_words(&dropped, Priority::Drop))
            .collect()
    }

    /// Whether `tags` can make a tag of this key, on this system.
    pub(crate) fn is_own_tag(&self, key: &str) -> bool {
        const ELSEWHERE: [&str; 11] = [
            "CI",
            "Repository",
            "Workflow",
            "Actor",
            "Commit",
            "Branch",
            "Environment",
            "EventName",
            "RunId",
            "Job",
            "JobUrl",
        ];
        let own: &[&str] = match self.host {
            host if host.speaks_github() => &github::OWN_TAGS,
            Host::Shell => &[],
            _ => &ELSEWHERE,
        };
        own.iter().any(|own| own.eq_ignore_ascii_case(key))
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
        let ci = (!self.host.speaks_github()).then_some(self.host.facts().name);
        let parts = [
            ("ci", ci),
            ("action", self.runner.action.as_deref()),
            ("run_id", self.run.as_deref()),
            ("attempt", self.attempt.as_deref()),
            ("job_id", self.job_id.as_deref()),
        ];
        let metadata = parts
            .iter()
            .filter_map(|(label, value)| Some((label, value.filter(word)?)))
            .map(|(label, value)| format!(" md/{label}#{value}"));
        let unsaid = env.is("GITHUB_ACTIONS", "true") && !env.has("AWS_EXECUTION_ENV");
        let place = unsaid.then(|| " exec-env/GitHubActions".to_owned());
        std::iter::once(format!("rolehop/{}", env!("CARGO_PKG_VERSION")))
            .chain(metadata)
            .chain(place)
            .collect()
    }

    /// A path that the user wrote: absolute, or below the workspace.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        let path = Path::new(path);
        match &self.runner.workspace {
            Some(workspace) if path.is_relative() => workspace.join(path),
            _ => path.to_owned(),
        }
    }

    /// `owner/name` of a repository's URL: `git@host:owner/name.git`, `https://user:password@host/owner/name`.
    pub(super) fn path_of_url(url: &str) -> String {
        let path = match url.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => url.split_once(':').map_or(url, |(_, path)| path),
        };
        let path = path.trim_matches('/');
        path.strip_suffix(".git").unwrap_or(path).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_has_only_words() {
        let env = Env::from([
            ("GITHUB_ACTION", "__run_2"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_RUN_ATTEMPT", "1 evil"),
        ]);
        let agent = Host::Github.job(&env).user_agent(&env);
        assert!(agent.ends_with(" md/action#__run_2 md/run_id#7"), "{agent}");
    }

    #[test]
    fn a_repositorys_url_is_a_path() {
        for (url, path) in [
            (
                "git@github.com:octo-org/octo-repo.git",
                "octo-org/octo-repo",
            ),
            (
                "https://github.com/octo-org/octo-repo.git",
                "octo-org/octo-repo",
            ),
            (
                "https://u:p@host.example/group/sub/project/",
                "group/sub/project",
            ),
            ("ssh://git@host:2222/team/repo.git", "team/repo"),
            ("/srv/git/repo", "srv/git/repo"),
            ("https://host", ""),
        ] {
            assert_eq!(Job::path_of_url(url), path, "{url}");
        }
    }
}
