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
    /// Nothing in it is trusted further than the CI system's own variables are.
    pub(crate) fn by(job: &Job, env: &Env) -> Self {
        let number = |name: &str| match env.get(name) {
            Some(number) if number != "false" => Self::Yes(format!("{name} is {number}")),
            _ => Self::No(format!("{name} has no number")),
        };
        match job.host {
            Host::Buildkite => number("BUILDKITE_PULL_REQUEST"),
            Host::Circleci => number("CIRCLE_PULL_REQUEST"),
            Host::Codefresh => number("CF_PULL_REQUEST_NUMBER"),
            Host::Bitbucket => number("BITBUCKET_PR_ID"),
            Host::Jenkins => number("CHANGE_ID"),
            Host::Appveyor => number("APPVEYOR_PULL_REQUEST_NUMBER"),
            Host::Shell => Self::No("no CI system runs this".to_owned()),
            Host::Teamcity
            | Host::HcpTerraform
            | Host::Spacelift
            | Host::CloudBuild
            | Host::Kubernetes => Self::Nothing,
            // Started by hand, CodeBuild has no event.
            Host::Codebuild if job.event.is_none() => Self::No("no webhook started it".to_owned()),
            _ => job.event.as_deref().map_or(Self::Nothing, by_event),
        }
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
            (Host::Jenkins, "CHANGE_ID", "12", ""),
            (
                Host::Circleci,
                "CIRCLE_PULL_REQUEST",
                "https://x/pull/1",
                "",
            ),
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
}
