//! Trust policies that admit more than their owner meant, and conditions that do nothing.

use super::evaluate::Finding;
use super::issuer::Issuer;
use super::operator::{Base, Quantifier};
use super::policy::{Condition, Kind, Policy, Statement};
use super::subject::{Subject, Trigger};
use super::text::shown;
use crate::model::Claims;

/// Issuers that serve everybody, so that the subject alone tells whose job it is.
const SHARED: [&str; 7] = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "agent.buildkite.com",
    "app.terraform.io",
    "oidc.codefresh.io",
    "accounts.google.com",
    "vstoken.actions.githubusercontent.com",
];

/// What is too open in a policy, in the order of its lines.
pub(crate) fn warnings(policy: &Policy) -> Vec<Finding> {
    let mut found = Vec::new();
    for statement in policy.statements.iter().filter(|statement| !statement.deny) {
        principals(statement, &mut found);
        for condition in &statement.conditions {
            quantifier(condition, statement, &mut found);
        }
        if statement.actions.cover("sts:AssumeRoleWithWebIdentity") {
            for host in hosts(statement) {
                federated(statement, &host, &mut found);
            }
        }
    }
    found.sort_by_key(|finding| finding.line);
    found.dedup();
    found
}

fn warn(found: &mut Vec<Finding>, line: usize, what: impl Into<String>) {
    found.push(Finding {
        line,
        what: what.into(),
    });
}

fn principals(statement: &Statement, found: &mut Vec<Finding>) {
    let principals = &statement.principals;
    if principals.not {
        warn(
            found,
            principals.line,
            "NotPrincipal with Allow admits everybody else, in every account of AWS; name whom you mean with Principal",
        );
    }
    for entry in &principals.entries {
        let everyone = matches!(entry.kind, Kind::Everyone | Kind::Aws | Kind::Federated);
        if everyone && entry.name == "*" && !principals.not {
            let narrowed = if statement.conditions.is_empty() {
                "nothing narrows it"
            } else {
                "only the conditions narrow it"
            };
            // IAM's reference knows no `*` of providers, so whether it admits anybody is not said.
            let what = if entry.kind == Kind::Federated {
                format!(
                    "\"Federated\": \"*\" names no provider: where AWS takes it, it is every provider, and {narrowed}; name the provider"
                )
            } else {
                format!(
                    "Principal `*` is everybody, in every account of AWS, and {narrowed}; name the provider or the caller"
                )
            };
            warn(found, entry.line, what);
        }
    }
}

/// Operators that hold where the claim is absent.
fn quantifier(condition: &Condition, statement: &Statement, found: &mut Vec<Finding>) {
    let operator = condition.operator;
    let guarded = statement.conditions.iter().any(|other| {
        other.operator.base == Base::Null
            && other.key.eq_ignore_ascii_case(&condition.key)
            && other
                .values
                .iter()
                .all(|value| value.text.eq_ignore_ascii_case("false"))
    });
    if operator.quantifier == Quantifier::AllValues && !guarded {
        warn(
            found,
            condition.line,
            format!(
                "{} also holds where {} is absent or misspelled; use {} without ForAllValues, or add \"Null\": {{{}: \"false\"}}",
                condition.named,
                condition.key,
                condition.named.split_once(':').map_or("", |(_, base)| base),
                super::propose::quoted(&condition.key)
            ),
        );
    } else if operator.if_exists && condition.key.contains('.') && !guarded {
        warn(
            found,
            condition.line,
            format!(
                "{} also holds where {} is absent or misspelled; leave IfExists out",
                condition.named, condition.key
            ),
        );
    }
}

/// The issuers whose tokens a statement is about.
fn hosts(statement: &Statement) -> Vec<String> {
    let providers = statement.principals.entries.iter().filter_map(|entry| {
        let (_, host) = entry.name.split_once(":oidc-provider/")?;
        (entry.kind == Kind::Federated).then(|| host.to_owned())
    });
    let mut hosts: Vec<String> = providers.collect();
    let open = statement
        .principals
        .entries
        .iter()
        .any(|entry| entry.name == "*");
    if open {
        let keys = statement.conditions.iter();
        let named = keys.filter_map(|condition| condition.key.rsplit_once(':'));
        hosts.extend(
            named
                .map(|(host, _)| host.to_owned())
                .filter(|host| host.contains('.')),
        );
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

/// A condition that lets through only tokens with one of its values.
fn restricts(condition: &Condition) -> bool {
    let operator = condition.operator;
    let compares = matches!(
        operator.base,
        Base::Equals | Base::EqualsIgnoreCase | Base::Like | Base::Arn
    );
    let all = |text: &str| text.chars().all(|c| c == '*') && operator.has_wildcards();
    compares
        && !operator.negated
        && !operator.if_exists
        && operator.quantifier != Quantifier::AllValues
        && !condition.values.iter().any(|value| all(&value.text))
}

fn federated(statement: &Statement, host: &str, found: &mut Vec<Finding>) {
    let of = |claim: &str| {
        let key = format!("{host}:{claim}");
        statement
            .conditions
            .iter()
            .filter(move |condition| condition.key.eq_ignore_ascii_case(&key))
            .collect::<Vec<_>>()
    };
    let any = |claim: &str| of(claim).into_iter().any(restricts);
    let line = statement.line;
    if !any("sub") {
        // Claims of GitHub's that tell the repository as well.
        let other = ["repository", "repository_id", "job_workflow_ref"]
            .iter()
            .find(|claim| any(claim));
        let whose = if SHARED.contains(&host) {
            format!("every job of every customer of {host} can assume the role")
        } else {
            format!("every job that {host} knows can assume the role")
        };
        let what = match other {
            None => format!("no condition on {host}:sub, so {whose}"),
            Some(claim) => format!(
                "no condition on {host}:sub; {claim} alone admits every branch, pull request and environment, and IAM refuses new policies \
                 without sub for the issuers that all customers share"
            ),
        };
        warn(found, line, what);
    }
    if !any("aud") && !any("oaud") {
        warn(
            found,
            line,
            format!(
                "no condition on {host}:aud, so a token that was made for another service is taken too, if the provider lists its audience"
            ),
        );
    }
    let issuer = Issuer::of(&Claims::of_issuer(&format!("https://{host}")));
    for condition in &statement.conditions {
        if let Some((prefix, claim)) = condition.key.rsplit_once(':')
            && prefix.eq_ignore_ascii_case(host)
            && let Some(issuer) = &issuer
            && !issuer.takes(claim)
        {
            let effect = if condition.operator.negated || condition.operator.if_exists {
                "so this condition always holds"
            } else {
                "so this condition never holds"
            };
            warn(
                found,
                condition.line,
                format!(
                    "AWS does not look at the claim {} of {host}, {effect}",
                    shown(claim)
                ),
            );
        }
    }
    if issuer.is_some_and(|issuer| issuer.speaks_github()) {
        for condition in of("sub")
            .into_iter()
            .filter(|condition| restricts(condition))
        {
            for value in &condition.values {
                if let Some(what) = wide(&value.text, condition.operator.has_wildcards()) {
                    warn(found, value.line, format!("{} {what}", shown(&value.text)));
                }
            }
        }
    }
}

/// What a pattern of GitHub's subjects lets in beside what it seems to mean.
fn wide(pattern: &str, wildcards: bool) -> Option<String> {
    let has = |text: &str| wildcards && (text.contains('*') || text.contains('?'));
    let Some(rest) = pattern.strip_prefix("repo:") else {
        return has(pattern.split(':').next().unwrap_or_default())
            .then(|| "admits every repository on GitHub".to_owned());
    };
    let repository = rest.split(':').next().unwrap_or_default();
    let (owner, repo) = repository.split_once('/').unwrap_or((repository, ""));
    if has(owner) {
        return Some(if owner.trim_matches('*').is_empty() {
            "admits every repository on GitHub".to_owned()
        } else {
            "also admits other owners: anybody can register a name that fits".to_owned()
        });
    }
    if has(repo) {
        if repo.trim_matches('*').is_empty() {
            return Some(format!(
                "admits every repository of {owner}, new ones too, and every branch, pull request and environment: `*` runs across `:`"
            ));
        }
        return Some(format!(
            "also admits other repositories of {owner}: `*` runs across names and `:`"
        ));
    }
    match Subject::read(pattern).trigger() {
        Some(Trigger::PullRequest) => {
            Some("admits every pull request, with code that nobody has reviewed yet".to_owned())
        }
        Some(Trigger::Branch(branch)) if has(branch) => Some(
            "admits every branch that fits, for everybody who may push to the repository"
                .to_owned(),
        ),
        Some(Trigger::Other(_)) if has(pattern) => Some(
            "admits every branch, tag, pull request and environment of the repository that fits"
                .to_owned(),
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "token.actions.githubusercontent.com";

    fn policy(principal: &str, condition: &str) -> Vec<(usize, String)> {
        let text = format!(
            "{{\n\"Version\": \"2012-10-17\",\n\"Statement\": [{{\n\"Effect\": \"Allow\",\n\"Principal\": {principal},\n\"Action\": \"sts:AssumeRoleWithWebIdentity\",\n\"Condition\": {{{condition}}}\n}}]\n}}"
        );
        let policy = Policy::read(&text.replace("HOST", HOST))
            .unwrap_or_else(|fault| panic!("{fault:?} {text}"));
        warnings(&policy)
            .into_iter()
            .map(|finding| (finding.line, finding.what))
            .collect()
    }

    const PROVIDER: &str = r#"{"Federated": "arn:aws:iam::123456789012:oidc-provider/HOST"}"#;

    #[test]
    fn each_opening_is_told_with_its_line() {
        let sub = |operator: &str, value: &str| {
            format!(
                "\"StringEquals\": {{\"HOST:aud\": \"a\"}},\n\"{operator}\": {{\n\"HOST:sub\": \"{value}\"}}"
            )
        };
        for (condition, line, part) in [
            (sub("StringLike", "repo:*"), 9, "every repository on GitHub"),
            (sub("StringLike", "*"), 3, "every job of every customer"),
            (sub("StringLike", "*:environment:production"), 9, "every repository on GitHub"),
            (sub("StringLike", "repo:octo*/x:ref:refs/heads/main"), 9, "anybody can register"),
            (sub("StringLike", "repo:octo-org/*"), 9, "every repository of octo-org"),
            (sub("StringLike", "repo:octo-org/*:ref:refs/heads/main"), 9, "`*` runs across `:`"),
            (sub("StringLike", "repo:octo-org/octo*"), 9, "other repositories of octo-org"),
            (sub("StringLike", "repo:octo-org/octo-repo:*"), 9, "every branch, tag, pull request"),
            (sub("StringLike", "repo:octo-org/octo-repo:ref:refs/heads/*"), 9, "everybody who may push"),
            (sub("StringEquals", "repo:octo-org/octo-repo:pull_request").replacen("\"StringEquals\": {\"HOST:aud\": \"a\"},\n", "", 1), 8, "every pull request"),
            (sub("StringNotLike", "repo:evil/*"), 3, "no condition on"),
            (sub("StringLikeIfExists", "repo:octo-org/x:pull_request"), 9, "leave IfExists out"),
            (sub("ForAllValues:StringLike", "repo:octo-org/x:pull_request"), 9, "StringLike without ForAllValues"),
            ("\"StringEquals\": {\"HOST:sub\": \"x\"}".to_owned(), 3, ":aud, so a token"),
            ("\"StringEquals\": {\"HOST:aud\": \"x\", \"HOST:repository_id\": \"7\"}".to_owned(), 3, "repository_id alone admits"),
            ("\"StringEquals\": {\"HOST:aud\": \"x\", \"HOST:sub\": \"repo:o/r:environment:e\",\n\"HOST:sha\": \"7\"}".to_owned(), 8, "never holds"),
            ("\"StringEquals\": {\"HOST:aud\": \"x\", \"HOST:sub\": \"repo:o/r:environment:e\"},\n\"StringNotEquals\": {\"HOST:actor_name\": \"7\"}".to_owned(), 8, "always holds"),
        ] {
            let found = policy(PROVIDER, &condition);
            assert!(found.iter().any(|(at, what)| *at == line && what.contains(part)), "{condition}: {found:?}");
        }
        let everyone = policy("\"*\"", "");
        assert!(everyone[0].1.contains("nothing narrows it"), "{everyone:?}");
        let providers = policy(r#"{"Federated": "*"}"#, "");
        assert!(
            providers[0].1.contains("where AWS takes it"),
            "{providers:?}"
        );
        let not = policy(
            r#"{"AWS": "*"}"#,
            "\"StringEquals\": {\"sts:ExternalId\": \"x\"}",
        );
        assert!(
            not[0].1.contains("only the conditions narrow it"),
            "{not:?}"
        );
    }

    #[test]
    fn a_tight_policy_is_not_warned_of() {
        for condition in [
            r#""StringEquals": {"HOST:aud": "sts.amazonaws.com", "HOST:sub": "repo:octo-org/octo-repo:ref:refs/heads/main"}"#,
            r#""StringEquals": {"HOST:aud": "sts.amazonaws.com"}, "StringLike": {"HOST:sub": "repo:octo-org/octo-repo:ref:refs/heads/main"}"#,
            r#""StringEquals": {"HOST:aud": "sts.amazonaws.com", "HOST:sub": ["repo:octo-org/octo-repo:environment:a*b", "repo:o@1/r@2:ref:refs/tags/v1"]}"#,
            r#""StringEquals": {"HOST:aud": "sts.amazonaws.com"}, "ForAllValues:StringEquals": {"aws:TagKeys": "x"}, "Null": {"aws:TagKeys": "false"}, "ForAnyValue:StringLike": {"HOST:sub": "repo:o/r:ref:refs/tags/v*"}"#,
        ] {
            assert_eq!(policy(PROVIDER, condition), [], "{condition}");
        }
    }
}
