//! Why a condition's value is not the token's: the one difference that a person has to see.

use super::pattern;
use super::subject::{Named, Subject, Trigger};
use super::text::shown;

/// In what a wanted value differs from the actual one, and what to write instead.
pub(super) fn explain(wanted: &str, actual: &str, wildcards: bool, github: bool) -> Option<String> {
    let like = |wanted: &str| {
        if wildcards {
            pattern::matches(wanted, actual)
        } else {
            wanted == actual
        }
    };
    if !wildcards && pattern::matches(wanted, actual) {
        return Some(
            "StringEquals takes `*` and `?` as they are; a wildcard needs StringLike".to_owned(),
        );
    }
    if like(wanted.trim()) {
        return Some("there are blanks around the value in the policy".to_owned());
    }
    if pattern::matches(&wanted.to_lowercase(), &actual.to_lowercase())
        && (wildcards || wanted.eq_ignore_ascii_case(actual))
    {
        return Some(format!(
            "they differ in upper and lower case only, and case counts: write {}",
            shown(actual)
        ));
    }
    if !github {
        return None;
    }
    if like(&escape_names(wanted)) {
        return Some(format!(
            "a colon inside a name is %3A in the subject: write {}",
            shown(actual)
        ));
    }
    subjects(wanted, &Subject::read(actual))
}

/// Differences of two subjects in GitHub's form.
fn subjects(wanted: &str, actual: &Subject) -> Option<String> {
    if let Some(path) = wanted
        .strip_prefix("https://github.com/")
        .or_else(|| wanted.strip_prefix("repo:github.com/"))
        .or_else(|| wanted.strip_prefix("repo:https://github.com/"))
    {
        return Some(format!(
            "a subject has no host: it begins with {}",
            shown(&format!(
                "repo:{}",
                path.split(':').next().unwrap_or_default()
            ))
        ));
    }
    let Subject::Plain { owner, repo, of } = actual else {
        let parts = actual.template()?.join(", ");
        return Some(format!(
            "the owner's template makes the subject of {parts}, so GitHub's usual form cannot match"
        ));
    };
    let (wanted_owner, wanted_repo, wanted_of) = match Subject::read(wanted) {
        Subject::Plain { owner, repo, of } => (owner, repo, of),
        Subject::Custom(pairs) => return Some(unfinished(wanted, &pairs)),
    };
    let same = |wanted: &Named, actual: &Named| pattern::matches(&wanted.name, &actual.name);
    if !same(&wanted_owner, owner) || !same(&wanted_repo, repo) {
        let is = actual.repository().unwrap_or_default();
        return Some(format!("the token is of the repository {}", shown(&is)));
    }
    let ids = |owner: &Named, repo: &Named| owner.id.is_some() || repo.id.is_some();
    match (ids(&wanted_owner, &wanted_repo), ids(owner, repo)) {
        (false, true) => {
            return Some("the token's subject is in the immutable form, with the ids of owner and repository; the policy's is in the old form, without".to_owned());
        }
        (true, false) => {
            return Some("the policy's subject is in the immutable form, with ids; the token's is in the old form, without".to_owned());
        }
        _ => {}
    }
    let id_of = |wanted: &Named, actual: &Named| {
        let pair = wanted.id.as_deref().zip(actual.id.as_deref());
        pair.is_none_or(|(wanted, actual)| pattern::matches(wanted, actual))
    };
    if !id_of(&wanted_owner, owner) || !id_of(&wanted_repo, repo) {
        return Some("the names are the same but the ids are not: this is another owner or repository than the one the policy was written for".to_owned());
    }
    Some(triggers(&wanted_of, of))
}

fn triggers(wanted: &Trigger, actual: &Trigger) -> String {
    match (wanted, actual) {
        (Trigger::Branch(_) | Trigger::Tag(_), Trigger::Environment(name)) => format!(
            "the job has `environment: {}`, which stands in the subject in place of the ref",
            super::subject::readable(name)
        ),
        (Trigger::Environment(_), Trigger::Branch(_) | Trigger::Tag(_)) => {
            format!("the job has no `environment:` and runs for {actual}")
        }
        (_, Trigger::PullRequest) => {
            "the job runs for a pull request, whose subject has no branch in it".to_owned()
        }
        (Trigger::Branch(_), Trigger::Tag(_)) => {
            format!("the job runs for {actual}, not for a branch")
        }
        (Trigger::Tag(_), Trigger::Branch(_)) => {
            format!("the job runs for {actual}, not for a tag")
        }
        _ => format!("the job runs for {actual}"),
    }
}

/// A wanted value that is no whole subject.
fn unfinished(wanted: &str, pairs: &[(String, String)]) -> String {
    match pairs {
        [(name, _)] if name == "repo" => format!(
            "it ends after the repository; a subject goes on, as in {}",
            shown(&format!("{wanted}:ref:refs/heads/main"))
        ),
        [(name, _), (what, value)]
            if name == "repo" && !["ref", "environment"].contains(&what.as_str()) =>
        {
            format!(
                "after the repository comes `ref:refs/heads/BRANCH`, `ref:refs/tags/TAG`, `environment:NAME` or `pull_request`, not {}",
                shown(&[what.as_str(), value].join(":"))
            )
        }
        [(name, _), ..] if name == "repo" => {
            "it is for a template of the subject that this token does not follow".to_owned()
        }
        _ => "GitHub's subjects begin with `repo:OWNER/REPO:`".to_owned(),
    }
}

/// The policy's value with the colons of an environment's name as GitHub writes them.
fn escape_names(wanted: &str) -> String {
    for kind in [":environment:", ":ref:"] {
        if let Some((before, name)) = wanted.split_once(kind) {
            return format!("{before}{kind}{}", name.replace(':', "%3A"));
        }
    }
    wanted.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_that_matters_is_named() {
        let main = "repo:octo-org/octo-repo:ref:refs/heads/main";
        let prod = "repo:octo-org/octo-repo:environment:prod%3Aeu";
        let ids = "repo:octo-org@65/octo-repo@74:ref:refs/heads/main";
        for (wanted, actual, like, part) in [
            ("repo:octo-org/*", main, false, "needs StringLike"),
            (" repo:octo-org/*", main, true, "blanks around"),
            (
                "repo:Octo-Org/octo-repo:ref:refs/heads/main",
                main,
                false,
                "upper and lower case only",
            ),
            ("repo:Octo-Org/*", main, true, "upper and lower case only"),
            (
                "repo:octo-org/octo-repo:environment:prod:eu",
                prod,
                false,
                "%3A",
            ),
            (main, ids, false, "is in the immutable form"),
            (
                "repo:octo-org/octo-repo:*",
                ids,
                true,
                "is in the immutable form",
            ),
            (ids, main, false, "is in the old form"),
            (
                "repo:octo-org@65/octo-repo@75:*",
                ids,
                true,
                "the ids are not",
            ),
            (
                "repo:octo-org/other:*",
                main,
                true,
                "the repository `octo-org/octo-repo`",
            ),
            (
                main,
                prod,
                false,
                "`environment: prod:eu`, which stands in the subject in place of the ref",
            ),
            (
                prod,
                main,
                false,
                "no `environment:` and runs for the branch main",
            ),
            (
                main,
                "repo:octo-org/octo-repo:pull_request",
                false,
                "a pull request",
            ),
            (
                main,
                "repo:octo-org/octo-repo:ref:refs/tags/v1",
                false,
                "the tag v1, not for a branch",
            ),
            (
                "repo:octo-org/octo-repo:ref:refs/heads/release/*",
                main,
                true,
                "the branch main",
            ),
            (
                "repo:octo-org/octo-repo",
                main,
                false,
                "ends after the repository",
            ),
            ("repo:octo-org/octo-repo:main", main, false, "not `main:`"),
            (
                "repo:octo-org/octo-repo:ref:main",
                main,
                false,
                "the branch main",
            ),
            (
                "https://github.com/octo-org/octo-repo:*",
                main,
                true,
                "begins with `repo:octo-org/octo-repo`",
            ),
            (
                "octo-org/octo-repo",
                main,
                false,
                "begin with `repo:OWNER/REPO:`",
            ),
            (
                main,
                "repository_owner:octo-org:environment:production",
                false,
                "template makes the subject of repository_owner, environment",
            ),
        ] {
            let found = explain(wanted, actual, like, true).unwrap_or_default();
            assert!(found.contains(part), "{wanted} / {actual}: {found}");
        }
        assert_eq!(explain("a", "b", false, false), None);
    }
}
