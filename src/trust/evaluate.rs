//! A trust policy against a request, as IAM evaluates it; and if it refuses, which line does and why.

use super::condition::{self, Outcome};
use super::context::{Asker, Caller, Context};
use super::policy::{Kind, Policy, Principal, Statement};
use super::text::shown;

/// What a policy says to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The statement on this line admits it, provided that what only AWS can see is so.
    Admits { line: usize, provided: Vec<Finding> },
    /// A Deny statement applies.
    Denied(Finding),
    /// No statement admits it: for each, why. The one that lacks least comes first.
    Refuses(Vec<Unmet>),
}

/// A line of the policy, and what there is to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) line: usize,
    pub(crate) what: String,
}

/// A statement that does not admit the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unmet {
    pub(crate) line: usize,
    pub(crate) reasons: Vec<Finding>,
}

/// Each action that the request needs has to be admitted.
pub(crate) fn evaluate(policy: &Policy, context: &Context) -> Verdict {
    let mut line = 0;
    let mut conditions = Vec::new();
    for action in &context.actions {
        match decide(policy, context, action) {
            Verdict::Admits { line: at, provided } => {
                if line == 0 {
                    line = at;
                }
                conditions.extend(provided);
            }
            other => return other,
        }
    }
    conditions.dedup();
    Verdict::Admits {
        line,
        provided: conditions,
    }
}

fn decide(policy: &Policy, context: &Context, action: &str) -> Verdict {
    let mut provided = Vec::new();
    for statement in policy.statements.iter().filter(|statement| statement.deny) {
        let (reasons, unknown) = weigh(statement, context, action, policy.variables);
        if !reasons.is_empty() {
            continue;
        }
        if unknown.is_empty() {
            return Verdict::Denied(Finding {
                line: statement.line,
                what: format!("this statement denies {action}, whatever the others allow"),
            });
        }
        provided.extend(unknown.into_iter().map(|finding| Finding {
            what: format!("{}; if so, the statement denies", finding.what),
            ..finding
        }));
    }
    let mut unmet = Vec::new();
    let mut perhaps: Option<(usize, Vec<Finding>)> = None;
    for statement in policy.statements.iter().filter(|statement| !statement.deny) {
        let (reasons, unknown) = weigh(statement, context, action, policy.variables);
        if !reasons.is_empty() {
            unmet.push(Unmet {
                line: statement.line,
                reasons,
            });
        } else if perhaps
            .as_ref()
            .is_none_or(|(_, other)| unknown.len() < other.len())
        {
            perhaps = Some((statement.line, unknown));
        }
    }
    if let Some((line, unknown)) = perhaps {
        provided.extend(unknown);
        return Verdict::Admits { line, provided };
    }
    // A statement for another action or principal is far from what was meant.
    unmet.sort_by_key(|unmet| unmet.reasons.len());
    Verdict::Refuses(unmet)
}

/// Why a statement does not apply, and what of it only AWS can tell.
fn weigh(
    statement: &Statement,
    context: &Context,
    action: &str,
    variables: bool,
) -> (Vec<Finding>, Vec<Finding>) {
    let (mut reasons, mut unknown) = (Vec::new(), Vec::new());
    match principal(statement, context) {
        Named::Yes => {}
        Named::Not(reason) => reasons.push(reason),
        Named::Unknown(finding) => unknown.push(finding),
    }
    if !statement.actions.cover(action) {
        let names: Vec<String> = statement
            .actions
            .names
            .iter()
            .map(|name| shown(name))
            .collect();
        let what = if statement.actions.not {
            format!("NotAction leaves {action} out")
        } else {
            format!(
                "Action is {}, and {action} is needed",
                super::text::all(&names)
            )
        };
        reasons.push(Finding {
            line: statement.actions.line,
            what,
        });
    }
    for condition in &statement.conditions {
        // Where one value is wanted, its own line is the one to change.
        let line = match condition.values.as_slice() {
            [only] => only.line,
            _ => condition.line,
        };
        match condition::check(condition, context, variables) {
            Outcome::Holds => {}
            Outcome::Fails(what) => reasons.push(Finding { line, what }),
            Outcome::Unknown(why) => unknown.push(Finding {
                line,
                what: format!(
                    "only AWS can tell whether {} of {} holds{}",
                    condition.named,
                    condition.key,
                    why.map_or_else(String::new, |why| format!(": {why}"))
                ),
            }),
        }
    }
    (reasons, unknown)
}

/// Whether a statement is about whoever asks.
enum Named {
    Yes,
    Not(Finding),
    /// What only AWS can tell.
    Unknown(Finding),
}

fn principal(statement: &Statement, context: &Context) -> Named {
    let principals = &statement.principals;
    let denies = statement.deny && !principals.not;
    let named = principals.entries.iter().any(|entry| {
        is_named(entry, context)
            // A statement that denies everybody of AWS' denies tokens too.
            || denies && entry.kind == Kind::Aws && is_star_for_a_token(entry, context)
    });
    let doubt = if named {
        half_excepted(statement, context)
    } else {
        let mut doubts = principals.entries.iter();
        doubts.find_map(|entry| doubt(entry, principals.not, context))
    };
    if let Some(finding) = doubt {
        return Named::Unknown(finding);
    }
    if named != principals.not {
        return Named::Yes;
    }
    let line = match principals.entries.as_slice() {
        [only] => only.line,
        _ => principals.line,
    };
    let what = if principals.not {
        "NotPrincipal leaves this one out".to_owned()
    } else {
        match &context.asker {
            Asker::Token { account } => no_provider(&principals.entries, context, account.as_ref()),
            Asker::Caller(caller) => format!(
                "Principal does not name the caller {}",
                shown(caller.principal())
            ),
        }
    };
    Named::Not(Finding { line, what })
}

/// Why it is not known whether an entry names whoever asks.
fn doubt(entry: &Principal, not: bool, context: &Context) -> Option<Finding> {
    let what = match &context.asker {
        Asker::Token { .. } if is_star_for_a_token(entry, context) => {
            let name = if not { "NotPrincipal" } else { "Principal" };
            let kind = match entry.kind {
                Kind::Aws => "AWS",
                _ => "Federated",
            };
            format!(
                "only AWS can tell whether {name} {{\"{kind}\": \"*\"}} makes this a statement for tokens"
            )
        }
        Asker::Caller(caller) if entry.kind == Kind::Aws => {
            // A role was given, and one of its sessions is named.
            let (own, named) = (caller.role.as_deref()?, Caller::read(&entry.name)?);
            if caller.arn != own || without_path(own) != named.role? || named.arn == own {
                return None;
            }
            format!(
                "only AWS can tell whether the session of the role is {}; give the session's ARN as --caller",
                shown(&entry.name)
            )
        }
        _ => return None,
    };
    let line = entry.line;
    Some(Finding { line, what })
}

/// `*` for a kind of principals. IAM's reference calls `{"AWS": "*"}` the same as `*`, and knows no `*` of providers.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous>
fn is_star_for_a_token(entry: &Principal, context: &Context) -> bool {
    matches!(context.asker, Asker::Token { .. })
        && entry.name == "*"
        && matches!(entry.kind, Kind::Aws | Kind::Federated)
}

/// A caller whom `NotPrincipal` excepts from a denial. AWS may look at the account first, then the role, then the session.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
fn half_excepted(statement: &Statement, context: &Context) -> Option<Finding> {
    let (Asker::Caller(caller), true) =
        (&context.asker, statement.deny && statement.principals.not)
    else {
        return None;
    };
    let entries = &statement.principals.entries;
    let has = |wanted: &dyn Fn(&str) -> bool| {
        let mut names = entries.iter().map(|entry| entry.name.as_str());
        names.any(|name| name == "*" || wanted(name))
    };
    let root = format!("arn:{}:iam::{}:root", caller.partition, caller.account);
    let whole = has(&|name| name == caller.account || name == root)
        && has(&|name| name == caller.arn)
        && has(&|name| without_path(name) == without_path(caller.principal()));
    (!whole).then(|| Finding {
        line: statement.principals.line,
        what: "only AWS can tell whether NotPrincipal excepts the caller: it may want the account, the role and the session, and not all of them are named".to_owned(),
    })
}

fn is_named(entry: &Principal, context: &Context) -> bool {
    match (&context.asker, entry.kind) {
        (_, Kind::Everyone) => true,
        (Asker::Token { account }, Kind::Federated) => match (context.issuer(), account) {
            (Some(issuer), Some((partition, account))) => {
                entry.name == issuer.principal(partition, account)
            }
            // Which account it is, nobody said.
            (Some(issuer), None) => {
                let wanted = issuer.principal("aws", "");
                let host = wanted.rsplit_once(":oidc-provider/").map(|(_, host)| host);
                host.is_some()
                    && entry
                        .name
                        .split_once(":oidc-provider/")
                        .map(|(_, host)| host)
                        == host
                    || host.is_none() && entry.name == wanted
            }
            (None, _) => false,
        },
        (Asker::Caller(caller), Kind::Aws) => {
            entry.name == "*"
                || entry.name == caller.arn
                || Some(entry.name.as_str()) == caller.role.as_deref()
                || entry.name == caller.account
                || entry.name == format!("arn:{}:iam::{}:root", caller.partition, caller.account)
                // A session's ARN leaves the path of its role out.
                || caller.role.as_deref().is_some_and(|role| without_path(&entry.name) == role)
        }
        _ => false,
    }
}

/// `arn:…:role/team/web/deploy` as `arn:…:role/deploy`.
fn without_path(arn: &str) -> String {
    match arn.split_once(":role/") {
        Some((account, path)) => {
            let name = path.rsplit('/').next().unwrap_or_default();
            format!("{account}:role/{name}")
        }
        None => arn.to_owned(),
    }
}

/// What is wrong with a principal that is not the token's provider.
fn no_provider(
    entries: &[Principal],
    context: &Context,
    account: Option<&(String, String)>,
) -> String {
    let Some(issuer) = context.issuer() else {
        return "the token has no issuer".to_owned();
    };
    let (partition, own) = account.map_or(("aws", "ACCOUNT"), |(partition, account)| {
        (partition.as_str(), account.as_str())
    });
    let wanted = issuer.principal(partition, own);
    let wrong = entries.iter().find(|entry| entry.kind == Kind::Federated);
    let Some(entry) = wrong else {
        return format!(
            "Principal has no provider; write \"Federated\": {}",
            shown(&wanted)
        );
    };
    let host = entry
        .name
        .split_once(":oidc-provider/")
        .map(|(_, host)| host);
    let of = entry.name.splitn(6, ':').collect::<Vec<_>>();
    let why = match host {
        None if entry.name.starts_with("http") => "a provider is named by its ARN, not by its URL",
        None => "this is not an OIDC provider",
        Some(host) if host.eq_ignore_ascii_case(issuer.host()) && host != issuer.host() => {
            "case counts"
        }
        Some(host)
            if host.trim_end_matches('/') == issuer.host().trim_end_matches('/')
                && host != issuer.host() =>
        {
            "the slash at the end counts"
        }
        Some(host) if host.strip_prefix("https://") == Some(issuer.host()) => {
            "the ARN has no `https://` in it"
        }
        Some(host) if host != issuer.host() => {
            "it is the provider of another issuer than the token's"
        }
        Some(_) if of.get(1) != Some(&partition) => "it is of another partition than the role",
        Some(_) => {
            "it is in another account than the role, and a role trusts the providers of its own account only"
        }
    };
    format!(
        "Principal is {}: {why}; write {}",
        shown(&entry.name),
        shown(&wanted)
    )
}

#[cfg(test)]
#[path = "evaluate_tests.rs"]
mod tests;
