//! A role's trust policy, parsed. Everything in it knows its line.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use super::document::{Fault, Member, Node};
use super::operator::Operator;
use super::pattern;

/// A trust policy.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// Before `2012-10-17`, which is not the default, `${…}` is text like any other.
    pub(super) variables: bool,
    pub(super) statements: Vec<Statement>,
}

#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) line: usize,
    pub(super) deny: bool,
    pub(super) principals: Principals,
    pub(super) actions: Actions,
    pub(super) conditions: Vec<Condition>,
}

/// `Principal`, or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(super) struct Principals {
    pub(super) line: usize,
    pub(super) not: bool,
    pub(super) entries: Vec<Principal>,
}

#[derive(Debug, Clone)]
pub(super) struct Principal {
    pub(super) line: usize,
    pub(super) kind: Kind,
    pub(super) name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `"Principal": "*"`.
    Everyone,
    Aws,
    Federated,
    Service,
    CanonicalUser,
}

/// `Action`, or `NotAction`.
#[derive(Debug, Clone)]
pub(super) struct Actions {
    pub(super) line: usize,
    pub(super) not: bool,
    pub(super) names: Vec<String>,
}

/// One key of the Condition block.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub(super) line: usize,
    pub(super) operator: Operator,
    /// The operator as it is written.
    pub(super) named: String,
    pub(super) key: String,
    pub(super) values: Vec<Wanted>,
}

/// A value that a condition compares with.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) line: usize,
    pub(super) text: String,
}

impl Policy {
    /// A policy document; also what `aws iam get-role` prints, which has one inside.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        let node = Node::read(text)?;
        let document = inside(&node).unwrap_or(&node);
        let top = members(document, "a policy")?;
        for member in top {
            if !["Version", "Id", "Statement"].contains(&member.name.as_str()) {
                return Err(unknown(member, "a policy", "Version, Id and Statement"));
            }
        }
        let version = find(top, "Version");
        let variables = match version.map(|member| (member.line, member.node.text())) {
            Some((_, Some("2012-10-17"))) => true,
            Some((_, Some("2008-10-17"))) | None => false,
            Some((line, _)) => {
                return Err(Fault::new(line, "Version has to be \"2012-10-17\""));
            }
        };
        let statements = find(top, "Statement")
            .ok_or_else(|| Fault::new(document.line, "the policy has no Statement"))?;
        let statements = statements.node.items().iter().map(statement);
        let statements: Vec<Statement> = statements.collect::<Result<_, _>>()?;
        Ok(Self {
            variables,
            statements,
        })
    }
}

impl Actions {
    pub(super) fn cover(&self, action: &str) -> bool {
        let lower = action.to_ascii_lowercase();
        let named = |name: &String| pattern::matches(&name.to_ascii_lowercase(), &lower);
        self.names.iter().any(named) != self.not
    }
}

/// The document in an answer of `aws iam get-role` or `create-role`.
fn inside(node: &Node) -> Option<&Node> {
    let role = &find(node.map()?, "Role")?.node;
    Some(&find(role.map()?, "AssumeRolePolicyDocument")?.node)
}

fn statement(node: &Node) -> Result<Statement, Fault> {
    const KNOWN: [&str; 7] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Condition",
    ];
    let all = members(node, "a statement")?;
    if let Some(member) = find(all, "Resource").or_else(|| find(all, "NotResource")) {
        let what = format!(
            "a trust policy has no {}: the role itself is the resource",
            member.name
        );
        return Err(Fault::new(member.line, what));
    }
    for member in all {
        if !KNOWN.contains(&member.name.as_str()) {
            return Err(unknown(
                member,
                "a statement",
                "Sid, Effect, Principal, Action and Condition",
            ));
        }
    }
    let lacks = |what: &str| Fault::new(node.line, format!("the statement has no {what}"));
    let effect = find(all, "Effect").ok_or_else(|| lacks("Effect"))?;
    let deny = match effect.node.text() {
        Some("Allow") => false,
        Some("Deny") => true,
        _ => return Err(Fault::new(effect.line, "Effect has to be Allow or Deny")),
    };
    let (principal, not) = either(all, "Principal", "NotPrincipal", node.line)?;
    let principals = Principals {
        line: principal.line,
        not,
        entries: principals(principal)?,
    };
    let (action, not) = either(all, "Action", "NotAction", node.line)?;
    let actions = Actions {
        line: action.line,
        not,
        names: texts(action)?.into_iter().map(|(_, text)| text).collect(),
    };
    if let Some(foreign) = actions
        .names
        .iter()
        .find(|name| *name != "*" && !name.to_ascii_lowercase().starts_with("sts:"))
    {
        let what = format!(
            "`{foreign}` has no place in a trust policy, whose actions are those of STS, as in sts:AssumeRole"
        );
        return Err(Fault::new(actions.line, what));
    }
    let conditions = match find(all, "Condition") {
        Some(block) => conditions(block)?,
        None => Vec::new(),
    };
    Ok(Statement {
        line: node.line,
        deny,
        principals,
        actions,
        conditions,
    })
}

fn principals(member: &Member) -> Result<Vec<Principal>, Fault> {
    if member.node.text() == Some("*") {
        return Ok(vec![Principal {
            line: member.line,
            kind: Kind::Everyone,
            name: "*".to_owned(),
        }]);
    }
    let mut entries = Vec::new();
    let kinds = member.node.map().ok_or_else(|| {
        let what = format!("{} has to be an object, as in {{\"Federated\": \"arn:aws:iam::ACCOUNT:oidc-provider/HOST\"}}", member.name);
        Fault::new(member.line, what)
    })?;
    for group in kinds {
        let kind = match group.name.as_str() {
            "AWS" => Kind::Aws,
            "Federated" => Kind::Federated,
            "Service" => Kind::Service,
            "CanonicalUser" => Kind::CanonicalUser,
            _ => {
                return Err(unknown(
                    group,
                    "Principal",
                    "AWS, Federated, Service and CanonicalUser",
                ));
            }
        };
        let names = texts(group)?.into_iter();
        entries.extend(names.map(|(line, name)| Principal { line, kind, name }));
    }
    Ok(entries)
}

fn conditions(block: &Member) -> Result<Vec<Condition>, Fault> {
    let mut found = Vec::new();
    for group in members(&block.node, "Condition")? {
        let operator = Operator::read(&group.name).map_err(|what| Fault::new(group.line, what))?;
        for member in members(&group.node, &group.name)? {
            found.push(Condition {
                line: member.line,
                operator,
                named: group.name.clone(),
                key: member.name.clone(),
                values: wanted(member)?,
            });
        }
    }
    Ok(found)
}

fn wanted(member: &Member) -> Result<Vec<Wanted>, Fault> {
    let one = |node: &Node| {
        let text = node.scalar().map(str::to_owned);
        text.map(|text| Wanted {
            line: node.line,
            text,
        })
        .ok_or_else(|| {
            let what = format!("{} has to be a text or a list of texts", member.name);
            Fault::new(node.line, what)
        })
    };
    member.node.items().iter().map(one).collect()
}

fn texts(member: &Member) -> Result<Vec<(usize, String)>, Fault> {
    let one = |node: &Node| match node.text() {
        Some(text) => Ok((node.line, text.to_owned())),
        None => Err(Fault::new(
            node.line,
            format!("{} has to be a text or a list of texts", member.name),
        )),
    };
    member.node.items().iter().map(one).collect()
}

/// An object's members, each of them once: IAM refuses a repeated name, and other readers drop the first.
fn members<'a>(node: &'a Node, what: &str) -> Result<&'a [Member], Fault> {
    let all = node
        .map()
        .ok_or_else(|| Fault::new(node.line, format!("{what} has to be an object")))?;
    for (at, member) in all.iter().enumerate() {
        let earlier = all.iter().take(at).find(|other| other.name == member.name);
        if let Some(earlier) = earlier {
            let what = format!(
                "{} is there twice, also on line {}: IAM takes each name once, with all its members in it",
                member.name, earlier.line
            );
            return Err(Fault::new(member.line, what));
        }
    }
    Ok(all)
}

fn either<'a>(
    all: &'a [Member],
    plain: &str,
    negated: &str,
    line: usize,
) -> Result<(&'a Member, bool), Fault> {
    match (find(all, plain), find(all, negated)) {
        (Some(member), None) => Ok((member, false)),
        (None, Some(member)) => Ok((member, true)),
        (Some(_), Some(member)) => Err(Fault::new(
            member.line,
            format!("{plain} and {negated} exclude each other"),
        )),
        (None, None) => Err(Fault::new(line, format!("the statement has no {plain}"))),
    }
}

fn find<'a>(all: &'a [Member], name: &str) -> Option<&'a Member> {
    all.iter().find(|member| member.name == name)
}

fn unknown(member: &Member, place: &str, known: &str) -> Fault {
    let name = super::text::shown(&member.name);
    Fault::new(
        member.line,
        format!("{name} has no place in {place}, which has {known}"),
    )
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
