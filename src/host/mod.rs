//! The CI system that the process runs in: which one it is, what it says of the job, and what it can do. Facts only;
//! who acts on them is elsewhere: tokens in `identity`, masks and hand-over in `sink`, the log in `report`.

mod act;
mod appveyor;
mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod cloud_build;
mod codebuild;
mod codefresh;
mod drone;
mod event;
mod facts;
mod forgejo;
mod gitea;
pub(crate) mod github;
mod gitlab;
mod harness;
mod hcp_terraform;
mod jenkins;
mod job;
mod kubernetes;
mod pull_request;
mod semaphore;
mod shell;
mod spacelift;
mod teamcity;
pub(crate) mod token;
mod travis;
mod woodpecker;

pub(crate) use event::Event;
pub(crate) use facts::{Export, Facts, Masking, Reporting, TokenWay};
pub(crate) use job::Job;
pub(crate) use pull_request::Told;

use std::str::FromStr;

use crate::model::Invalid;
use crate::model::invalid::shown;
use crate::system::env::Env;

/// The systems that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Host {
    Forgejo,
    Gitea,
    Act,
    Github,
    Gitlab,
    Circleci,
    Buildkite,
    Azure,
    Bitbucket,
    Harness,
    Woodpecker,
    Drone,
    Teamcity,
    Travis,
    Semaphore,
    Codefresh,
    Appveyor,
    HcpTerraform,
    Spacelift,
    Codebuild,
    Jenkins,
    CloudBuild,
    Kubernetes,
    #[default]
    Shell,
}

impl Host {
    /// In the order of detection: a system that sets the marks of another one comes before it, a weak mark late.
    pub(crate) const ALL: [Self; 24] = [
        Self::Forgejo,
        Self::Gitea,
        Self::Act,
        Self::Github,
        Self::Gitlab,
        Self::Circleci,
        Self::Buildkite,
        Self::Azure,
        Self::Bitbucket,
        Self::Harness,
        Self::Woodpecker,
        Self::Drone,
        Self::Teamcity,
        Self::Travis,
        Self::Semaphore,
        Self::Codefresh,
        Self::Appveyor,
        Self::HcpTerraform,
        Self::Spacelift,
        Self::Codebuild,
        Self::Jenkins,
        Self::CloudBuild,
        Self::Kubernetes,
        Self::Shell,
    ];

    /// What the setting `ci` names; else the first whose mark is there.
    pub(crate) fn detect(env: &Env, ci: Option<&str>) -> Self {
        // A name that nobody has is a mistake in the settings, told with the others.
        if let Some(named) = ci.and_then(|name| name.parse().ok()) {
            return named;
        }
        Self::ALL
            .into_iter()
            .find(|host| (host.facts().detect)(env))
            .unwrap_or_default()
    }

    pub(crate) const fn facts(self) -> &'static Facts {
        match self {
            Self::Forgejo => &forgejo::FACTS,
            Self::Gitea => &gitea::FACTS,
            Self::Act => &act::FACTS,
            Self::Github => &github::FACTS,
            Self::Gitlab => &gitlab::FACTS,
            Self::Circleci => &circleci::FACTS,
            Self::Buildkite => &buildkite::FACTS,
            Self::Azure => &azure::FACTS,
            Self::Bitbucket => &bitbucket::FACTS,
            Self::Harness => &harness::FACTS,
            Self::Woodpecker => &woodpecker::FACTS,
            Self::Drone => &drone::FACTS,
            Self::Teamcity => &teamcity::FACTS,
            Self::Travis => &travis::FACTS,
            Self::Semaphore => &semaphore::FACTS,
            Self::Codefresh => &codefresh::FACTS,
            Self::Appveyor => &appveyor::FACTS,
            Self::HcpTerraform => &hcp_terraform::FACTS,
            Self::Spacelift => &spacelift::FACTS,
            Self::Codebuild => &codebuild::FACTS,
            Self::Jenkins => &jenkins::FACTS,
            Self::CloudBuild => &cloud_build::FACTS,
            Self::Kubernetes => &kubernetes::FACTS,
            Self::Shell => &shell::FACTS,
        }
    }

    /// What this system says of the job.
    pub(crate) fn job(self, env: &Env) -> Job {
        Job {
            host: self,
            ..(self.facts().job)(env)
        }
    }

    /// Which it is and how that is known, for the debug log.
    pub(crate) fn reason(self, ci: Option<&str>) -> String {
        let facts = self.facts();
        match ci {
            Some(name) if name.parse() == Ok(self) => {
                format!("{}, because ci is {name}", facts.title)
            }
            _ if self == Self::Shell => facts.mark.to_owned(),
            _ => format!("{}, because {}", facts.title, facts.mark),
        }
    }

    /// Whether the name that it has for a job is that of a step or a stage, of which a job has several.
    pub(crate) fn names_steps(self) -> bool {
        matches!(
            self,
            Self::Codefresh | Self::Drone | Self::Harness | Self::Jenkins | Self::Woodpecker
        )
    }

    /// Whether its runner speaks GitHub's protocol: files, commands, token endpoint.
    pub(crate) fn speaks_github(self) -> bool {
        matches!(self, Self::Github | Self::Gitea | Self::Forgejo | Self::Act)
    }
}

impl FromStr for Host {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::Shell);
        }
        let is_it = |host: &Self| host.facts().name.eq_ignore_ascii_case(text);
        Self::ALL.into_iter().find(is_it).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|host| host.facts().name).collect();
            Invalid::new(format!(
                "{} is no CI system that rolehop knows; known are {}, none",
                shown(text),
                names.join(", ")
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imitators_are_recognised_before_what_they_imitate() {
        let detect = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
            Host::detect(&pairs.collect(), None)
        };
        let github = ("GITHUB_ACTIONS", "true");
        for (marks, host) in [
            (&[github][..], Host::Github),
            (&[github, ("ACT", "true")], Host::Act),
            (
                &[
                    github,
                    ("GITEA_ACTIONS", "true"),
                    ("FORGEJO_ACTIONS", "true"),
                ],
                Host::Forgejo,
            ),
            (&[github, ("GITEA_ACTIONS", "true")], Host::Gitea),
            (&[github, ("CODEBUILD_BUILD_ARN", "arn")], Host::Github),
            (
                &[("DRONE", "true"), ("HARNESS_BUILD_ID", "1")],
                Host::Harness,
            ),
            (
                &[("CI", "true"), ("CI_SYSTEM_NAME", "woodpecker")],
                Host::Woodpecker,
            ),
            (
                &[
                    ("GITLAB_CI", "true"),
                    ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
                ],
                Host::Gitlab,
            ),
            (
                &[("TRAVIS", "true"), ("JENKINS_URL", "x"), ("BUILD_ID", "1")],
                Host::Travis,
            ),
            (&[("JENKINS_URL", "x")], Host::Shell),
            (&[("TF_BUILD", "True")], Host::Azure),
            (&[("CI", "true")], Host::Shell),
            (&[], Host::Shell),
        ] {
            assert_eq!(detect(marks), host, "{marks:?}");
        }
    }

    #[test]
    fn every_system_has_a_name_that_the_setting_takes() {
        for host in Host::ALL {
            let name = host.facts().name;
            assert_eq!(name.parse(), Ok(host), "{name}");
            assert_eq!(
                Host::detect(&Env::from([("GITHUB_ACTIONS", "true")]), Some(name)),
                host
            );
            assert_eq!(host.facts().page, format!("docs/ci/{name}.md"));
        }
        assert_eq!("none".parse(), Ok(Host::Shell));
        let fault = Host::from_str("hudson").expect_err("unknown").to_string();
        assert!(fault.contains("known are forgejo, gitea"), "{fault}");
    }
}
