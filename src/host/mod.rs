//! The CI system that the process runs in: which one it is, and what it says of the job.

mod job;

pub(crate) use job::Job;

use crate::system::env::Env;

/// The systems whose runner speaks GitHub's protocol. Several set the marks of those that they imitate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    Forgejo,
    Gitea,
    Act,
    Github,
    Unknown,
}

/// What each system sets, imitators first.
const MARKS: [(&str, Host); 4] = [
    ("FORGEJO_ACTIONS", Host::Forgejo),
    ("GITEA_ACTIONS", Host::Gitea),
    ("ACT", Host::Act),
    ("GITHUB_ACTIONS", Host::Github),
];

impl Host {
    /// The first mark that is there wins.
    pub(crate) fn detect(env: &Env) -> Self {
        MARKS
            .iter()
            .find(|(mark, _)| env.is(mark, "true"))
            .map_or(Self::Unknown, |(_, host)| *host)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Forgejo => "Forgejo Actions",
            Self::Gitea => "Gitea Actions",
            Self::Act => "act",
            Self::Github => "GitHub Actions",
            Self::Unknown => "no CI",
        }
    }

    /// Which it is and how that is known, for the debug log.
    pub(crate) fn reason(self) -> String {
        MARKS.iter().find(|(_, host)| *host == self).map_or_else(
            || "none that is known by its variables".to_owned(),
            |(mark, host)| format!("{}, because {mark} is true", host.name()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imitators_are_recognised_before_what_they_imitate() {
        for (env, host) in [
            (Env::from([("GITHUB_ACTIONS", "true")]), Host::Github),
            (
                Env::from([("GITHUB_ACTIONS", "true"), ("ACT", "true")]),
                Host::Act,
            ),
            (
                Env::from([
                    ("GITHUB_ACTIONS", "true"),
                    ("GITEA_ACTIONS", "true"),
                    ("FORGEJO_ACTIONS", "true"),
                ]),
                Host::Forgejo,
            ),
            (
                Env::from([("GITHUB_ACTIONS", "true"), ("GITEA_ACTIONS", "true")]),
                Host::Gitea,
            ),
            (Env::default(), Host::Unknown),
        ] {
            assert_eq!(Host::detect(&env), host);
        }
    }
}
