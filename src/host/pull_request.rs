//! Whether the job runs for a pull request (a merge request, elsewhere): code that nobody has merged yet.

use super::{Host, Job};
use crate::system::env::Env;

/// What the system says, and in which words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Yes(String),
    No(String),
    /// It has no variable for it.
    Nothing,
}

impl Told {
    /// Nothing in it is trusted further than the CI system's own variables are. That a variable is missing is only a no where
    /// the system always sets it for a pull request.
    pub(crate) fn by(job: &Job, env: &Env) -> Self {
        let one = |name: &&&str| env.get(name).is_some_and(|value| value != "false");
        // Whatever the event is called: child pipelines, promotions and builds by hand may be of a pull request, too.
        if let Some((name, value)) = marks(job.host)
            .iter()
            .find(one)
            .and_then(|name| Some((name, env.get(name)?)))
        {
            return Self::Yes(format!("{name} is {value}"));
        }
        let set = |name: &str| Some(format!("{name} is {}", env.get(name)?));
        let unless = |proof: Option<String>| proof.map_or(Self::Nothing, Self::No);
        match job.host {
            Host::Shell => Self::No("no CI system runs this".to_owned()),
            Host::Teamcity
            | Host::HcpTerraform
            | Host::Spacelift
            | Host::CloudBuild
            | Host::Kubernetes => Self::Nothing,
            Host::Buildkite => unless(set("BUILDKITE_PULL_REQUEST")),
            // For some ways of connecting a repository it sets none of the marks.
            Host::Circleci => unless(set("CIRCLE_TAG")),
            // A multibranch job has a branch's name, and sets CHANGE_ID. Other jobs know of no pull requests by themselves.
            Host::Jenkins => unless(set("BRANCH_NAME").or_else(|| set("TAG_NAME"))),
            Host::Codefresh | Host::Bitbucket | Host::Appveyor => {
                Self::No(format!("{} is not set", marks(job.host).join(" or ")))
            }
            Host::Codebuild => Self::of_codebuild(job, env),
            // Another project started it, for whatever is checked out there.
            Host::Gitlab if job.event.as_deref() == Some("pipeline") => Self::Nothing,
            _ => job.event.as_deref().map_or(Self::Nothing, by_event),
        }
    }

    /// Who starts a build without a webhook names what is built, and may name a commit that nobody has merged.
    fn of_codebuild(job: &Job, env: &Env) -> Self {
        let names = ["CODEBUILD_WEBHOOK_TRIGGER", "CODEBUILD_SOURCE_VERSION"];
        let found = names
            .into_iter()
            .filter_map(|name| Some((name, env.get(name)?)))
            .find(|(_, value)| value.starts_with("pr/"));
        match (found, job.event.as_deref()) {
            (Some((name, value)), _) => Self::Yes(format!("{name} is {value}")),
            (None, Some(event)) => by_event(event),
            (None, None) => Self::Nothing,
        }
    }
}

/// What only a build of a pull request has: its number or its address.
fn marks(host: Host) -> &'static [&'static str] {
    match host {
        Host::Appveyor => &["APPVEYOR_PULL_REQUEST_NUMBER"],
        Host::Azure => &["SYSTEM_PULLREQUEST_PULLREQUESTID"],
        Host::Bitbucket => &["BITBUCKET_PR_ID"],
        Host::Buildkite => &["BUILDKITE_PULL_REQUEST"],
        Host::Circleci => &["CIRCLE_PULL_REQUEST", "CIRCLE_PR_NUMBER"],
        Host::Codefresh => &["CF_PULL_REQUEST_NUMBER"],
        Host::Drone | Host::Harness => &["DRONE_PULL_REQUEST"],
        Host::Gitlab => &[
            "CI_MERGE_REQUEST_IID",
            "CI_MERGE_REQUEST_ID",
            "CI_EXTERNAL_PULL_REQUEST_IID",
        ],
        // The last two are of plugins for jobs that are not multibranch ones.
        Host::Jenkins => &["CHANGE_ID", "ghprbPullId", "gitlabMergeRequestIid"],
        Host::Semaphore => &["SEMAPHORE_GIT_PR_NUMBER"],
        Host::Travis => &["TRAVIS_PULL_REQUEST"],
        Host::Woodpecker => &["CI_COMMIT_PULL_REQUEST"],
        _ => &[],
    }
}

/// `pull_request`, `pull_request_target`, `pull_request_review`, `PullRequest`, `PULL_REQUEST_UPDATED`,
/// `merge_request_event`, `external_pull_request_event`.
fn by_event(event: &str) -> Told {
    let plain: String = event
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let is = ["pullrequest", "mergerequest", "externalpullrequest"]
        .iter()
        .any(|name| plain.starts_with(name));
    let why = format!("the event is {event}");
    if is { Told::Yes(why) } else { Told::No(why) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(host: Host, variables: &[(&str, &str)]) -> Told {
        let env = match *variables {
            [] => Env::default(),
            [one] => Env::from([one]),
            [one, two] => Env::from([one, two]),
            _ => panic!("two at most"),
        };
        Told::by(&host.job(&env), &env)
    }

    #[test]
    fn every_system_in_its_own_words() {
        for (host, name, yes, no) in [
            (Host::Github, "GITHUB_EVENT_NAME", "pull_request", "push"),
            (
                Host::Github,
                "GITHUB_EVENT_NAME",
                "pull_request_target",
                "merge_group",
            ),
            (
                Host::Forgejo,
                "GITHUB_EVENT_NAME",
                "pull_request",
                "schedule",
            ),
            (
                Host::Gitlab,
                "CI_PIPELINE_SOURCE",
                "merge_request_event",
                "push",
            ),
            (
                Host::Gitlab,
                "CI_PIPELINE_SOURCE",
                "external_pull_request_event",
                "web",
            ),
            (Host::Azure, "BUILD_REASON", "PullRequest", "IndividualCI"),
            (Host::Travis, "TRAVIS_EVENT_TYPE", "pull_request", "cron"),
            (
                Host::Woodpecker,
                "CI_PIPELINE_EVENT",
                "pull_request_closed",
                "tag",
            ),
            (Host::Drone, "DRONE_BUILD_EVENT", "pull_request", "push"),
            (
                Host::Semaphore,
                "SEMAPHORE_GIT_REF_TYPE",
                "pull-request",
                "branch",
            ),
            (
                Host::Codebuild,
                "CODEBUILD_WEBHOOK_EVENT",
                "PULL_REQUEST_UPDATED",
                "PUSH",
            ),
            (Host::Buildkite, "BUILDKITE_PULL_REQUEST", "12", "false"),
            (Host::Bitbucket, "BITBUCKET_PR_ID", "12", ""),
            (Host::Codefresh, "CF_PULL_REQUEST_NUMBER", "12", ""),
            (Host::Appveyor, "APPVEYOR_PULL_REQUEST_NUMBER", "12", ""),
        ] {
            assert!(
                matches!(told(host, &[(name, yes)]), Told::Yes(_)),
                "{host:?} {yes}"
            );
            assert!(
                matches!(told(host, &[(name, no)]), Told::No(_)),
                "{host:?} {no}"
            );
        }
        assert_eq!(told(Host::Github, &[]), Told::Nothing);
        assert_eq!(told(Host::Teamcity, &[]), Told::Nothing);
        assert!(matches!(told(Host::Shell, &[]), Told::No(_)));
        let stray = ("CHANGE_ID", "12");
        assert!(matches!(
            told(Host::Github, &[stray, ("GITHUB_EVENT_NAME", "push")]),
            Told::No(_)
        ));
    }

    #[test]
    fn a_pull_request_is_one_whatever_its_event_is_called() {
        for (host, event, mark) in [
            (
                Host::Gitlab,
                ("CI_PIPELINE_SOURCE", "parent_pipeline"),
                ("CI_MERGE_REQUEST_IID", "7"),
            ),
            (
                Host::Gitlab,
                ("CI_PIPELINE_SOURCE", "pipeline"),
                ("CI_EXTERNAL_PULL_REQUEST_IID", "7"),
            ),
            (
                Host::Drone,
                ("DRONE_BUILD_EVENT", "promote"),
                ("DRONE_PULL_REQUEST", "7"),
            ),
            (
                Host::Azure,
                ("BUILD_REASON", "Manual"),
                ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7"),
            ),
            (
                Host::Travis,
                ("TRAVIS_EVENT_TYPE", "api"),
                ("TRAVIS_PULL_REQUEST", "7"),
            ),
            (
                Host::Semaphore,
                ("SEMAPHORE_GIT_REF_TYPE", "branch"),
                ("SEMAPHORE_GIT_PR_NUMBER", "7"),
            ),
            (Host::Jenkins, ("BRANCH_NAME", "main"), ("ghprbPullId", "7")),
            (
                Host::Circleci,
                ("CIRCLE_BRANCH", "pull/7"),
                ("CIRCLE_PR_NUMBER", "7"),
            ),
            (
                Host::Codebuild,
                ("CODEBUILD_INITIATOR", "octocat"),
                ("CODEBUILD_SOURCE_VERSION", "pr/7"),
            ),
            (
                Host::Codebuild,
                ("CODEBUILD_WEBHOOK_EVENT", "WORKFLOW_JOB_QUEUED"),
                ("CODEBUILD_WEBHOOK_TRIGGER", "pr/7"),
            ),
        ] {
            let found = told(host, &[event, mark]);
            assert_eq!(found, Told::Yes(format!("{} is {}", mark.0, mark.1)));
        }
    }

    #[test]
    fn what_is_missing_is_a_no_only_where_it_would_be_there() {
        for (host, variables) in [
            (Host::Circleci, &[("CIRCLE_BRANCH", "main")][..]),
            (Host::Jenkins, &[("JOB_NAME", "deploy")]),
            (Host::Buildkite, &[]),
            (Host::Codebuild, &[("CODEBUILD_SOURCE_VERSION", "c0ffee25")]),
            (Host::Gitlab, &[("CI_PIPELINE_SOURCE", "pipeline")]),
        ] {
            assert_eq!(told(host, variables), Told::Nothing, "{host:?}");
        }
        for (host, variable) in [
            (Host::Circleci, ("CIRCLE_TAG", "v1")),
            (Host::Jenkins, ("BRANCH_NAME", "main")),
            (Host::Jenkins, ("TAG_NAME", "v1")),
            (Host::Travis, ("TRAVIS_EVENT_TYPE", "push")),
            (Host::Gitlab, ("CI_PIPELINE_SOURCE", "parent_pipeline")),
        ] {
            assert!(matches!(told(host, &[variable]), Told::No(_)), "{host:?}");
        }
    }
}
