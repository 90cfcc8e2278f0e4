//! The subjects of GitHub's tokens: the forms it gives them, and those that an owner's template makes of them.
//!
//! <https://docs.github.com/actions/reference/security/oidc>

use std::fmt;

/// The `sub` of a token whose issuer speaks GitHub's form, or a pattern in a policy that means one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// `repo:OWNER/REPO:WHAT`, as GitHub makes it by itself.
    Plain {
        owner: Named,
        repo: Named,
        of: Trigger,
    },
    /// Anything else: a template of the organisation or the repository.
    Custom(Vec<(String, String)>),
}

/// A name, in the immutable form with its id: `octo-org@65890123`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
}

/// What the job runs for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    Environment(String),
    PullRequest,
    Branch(String),
    Tag(String),
    /// A wildcard, or a ref of another kind.
    Other(String),
}

impl Subject {
    pub(crate) fn read(text: &str) -> Self {
        plain(text).unwrap_or_else(|| Self::Custom(pairs(text)))
    }

    /// `octo-org/octo-repo`, without ids.
    pub(crate) fn repository(&self) -> Option<String> {
        match self {
            Self::Plain { owner, repo, .. } => Some(format!("{}/{}", owner.name, repo.name)),
            Self::Custom(_) => None,
        }
    }

    pub(crate) fn is_immutable(&self) -> bool {
        match self {
            Self::Plain { owner, repo, .. } => owner.id.is_some() || repo.id.is_some(),
            Self::Custom(pairs) => pairs
                .iter()
                .any(|(name, value)| name == "repo" && value.contains('@')),
        }
    }

    pub(crate) fn trigger(&self) -> Option<&Trigger> {
        match self {
            Self::Plain { of, .. } => Some(of),
            Self::Custom(_) => None,
        }
    }

    /// The parts of an owner's template, in order.
    pub(crate) fn template(&self) -> Option<Vec<&str>> {
        match self {
            Self::Custom(pairs) => Some(pairs.iter().map(|(name, _)| name.as_str()).collect()),
            Self::Plain { .. } => None,
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "the environment {}", readable(name)),
            Self::PullRequest => f.write_str("a pull request"),
            Self::Branch(name) => write!(f, "the branch {}", readable(name)),
            Self::Tag(name) => write!(f, "the tag {}", readable(name)),
            Self::Other(text) => f.write_str(&super::text::shown(text)),
        }
    }
}

impl Named {
    fn read(text: &str) -> Self {
        match text.split_once('@') {
            Some((name, id)) => Self {
                name: name.to_owned(),
                id: Some(id.to_owned()),
            },
            None => Self {
                name: text.to_owned(),
                id: None,
            },
        }
    }
}

fn plain(text: &str) -> Option<Subject> {
    let rest = text.strip_prefix("repo:")?;
    let (repository, what) = rest.split_once(':')?;
    let (owner, repo) = repository.split_once('/')?;
    let (kind, value) = what.split_once(':').unwrap_or((what, ""));
    // A further colon in it is another part of a template; one in a name is written %3A.
    let of = match (kind, value) {
        (_, value) if value.contains(':') => return None,
        ("environment", name) if !name.is_empty() => Trigger::Environment(name.to_owned()),
        ("pull_request", "") => Trigger::PullRequest,
        ("ref", name) if !name.is_empty() => match name.strip_prefix("refs/heads/") {
            Some(branch) => Trigger::Branch(branch.to_owned()),
            None => match name.strip_prefix("refs/tags/") {
                Some(tag) => Trigger::Tag(tag.to_owned()),
                None => Trigger::Other(what.to_owned()),
            },
        },
        (pattern, _) if pattern.contains('*') || pattern.contains('?') => {
            Trigger::Other(what.to_owned())
        }
        _ => return None,
    };
    Some(Subject::Plain {
        owner: Named::read(owner),
        repo: Named::read(repo),
        of,
    })
}

/// `repository_owner:octo-org:environment:production` as names and values.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut parts = text.split(':').peekable();
    let mut found = Vec::new();
    while let Some(name) = parts.next() {
        // It stands for itself, where the template has `context`.
        let value = if name == "pull_request" {
            ""
        } else {
            parts.next().unwrap_or_default()
        };
        found.push((name.to_owned(), value.to_owned()));
    }
    found
}

/// `%3A` is how a subject writes a colon inside a name.
pub(super) fn readable(name: &str) -> String {
    name.replace("%3A", ":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_github_gives_by_itself() {
        for (text, repository, immutable, of) in [
            (
                "repo:octo-org/octo-repo:ref:refs/heads/feature/a",
                "octo-org/octo-repo",
                false,
                "the branch feature/a",
            ),
            (
                "repo:octo-org/octo-repo:ref:refs/tags/v1.0",
                "octo-org/octo-repo",
                false,
                "the tag v1.0",
            ),
            (
                "repo:octo-org/octo-repo:environment:prod%3Aeu",
                "octo-org/octo-repo",
                false,
                "the environment prod:eu",
            ),
            (
                "repo:octo-org/octo-repo:pull_request",
                "octo-org/octo-repo",
                false,
                "a pull request",
            ),
            (
                "repo:octo-org@65/octo-repo@74:pull_request",
                "octo-org/octo-repo",
                true,
                "a pull request",
            ),
            ("repo:octo-org/*:*", "octo-org/*", false, "`*`"),
            (
                "repo:octo-org/octo-repo:ref:refs/pull/5/merge",
                "octo-org/octo-repo",
                false,
                "`ref:refs/pull/5/merge`",
            ),
        ] {
            let subject = Subject::read(text);
            assert_eq!(subject.repository().as_deref(), Some(repository), "{text}");
            assert_eq!(subject.is_immutable(), immutable, "{text}");
            assert_eq!(
                subject.trigger().map(ToString::to_string).as_deref(),
                Some(of)
            );
            assert_eq!(subject.template(), None);
        }
    }

    #[test]
    fn what_a_template_makes() {
        for (text, names) in [
            (
                "repository_owner:octo-org:environment:production",
                &["repository_owner", "environment"][..],
            ),
            (
                "repo:o/r:pull_request:actor:octocat",
                &["repo", "pull_request", "actor"],
            ),
            (
                "repo:o/r:environment:prod:job_workflow_ref:o/a/.github/workflows/d.yml@refs/heads/main",
                &["repo", "environment", "job_workflow_ref"],
            ),
            ("repository_id:74191729", &["repository_id"]),
            ("repo:o/r", &["repo"]),
        ] {
            assert_eq!(
                Subject::read(text).template().as_deref(),
                Some(names),
                "{text}"
            );
        }
        assert!(Subject::read("repo:o@1/r@2:ref:x:actor:me").is_immutable());
    }
}
