//! Evaluating role trust policies, and session policies where they matter to a further hop.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::arn::Arn;
use crate::{condition, pattern};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A user, or a session of a role.
    Aws {
        /// The user's ARN or the assumed role's.
        arn: String,
        /// The role behind a role session.
        role: Option<String>,
        /// The account.
        account: String,
    },
    /// An identity provider, by its ARN.
    Federated(String),
}

/// What a request brings to a policy.
#[derive(Debug, Clone)]
pub struct Context {
    /// The action, such as `sts:AssumeRole`.
    pub action: String,
    /// Who asks.
    pub principal: Principal,
    pub(crate) keys: BTreeMap<String, Vec<String>>,
}

impl Context {
    /// A context without condition keys.
    pub fn new(action: &str, principal: Principal) -> Self {
        Self {
            action: action.to_owned(),
            principal,
            keys: BTreeMap::new(),
        }
    }

    /// Sets a condition key; names are compared without regard to case.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.set(key, [value.to_owned()]);
        self
    }

    /// Sets a condition key to several values, or to none.
    pub fn set(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        self.keys
            .insert(key.to_lowercase(), values.into_iter().collect());
    }

    pub(crate) fn values(&self, key: &str) -> Option<&[String]> {
        self.keys
            .get(&key.to_lowercase())
            .map(Vec::as_slice)
            .filter(|v| !v.is_empty())
    }
}

/// What a policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it.
    Allow {
        /// True when the statement names the principal itself, and not only its account.
        direct: bool,
    },
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it; per statement, why not.
    ImplicitDeny(Vec<String>),
}

impl Decision {
    /// True for [`Decision::Allow`].
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow { .. })
    }
}

/// Evaluates a trust policy, JSON, as IAM does.
pub fn evaluate(policy: &str, context: &Context) -> Decision {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return Decision::ImplicitDeny(vec!["the policy is not JSON".to_owned()]);
    };
    let (mut reasons, mut allowed) = (Vec::new(), None);
    for statement in list(policy.get("Statement")) {
        let deny = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => false,
            Some("Deny") => true,
            _ => {
                reasons.push("Effect is neither Allow nor Deny".to_owned());
                continue;
            }
        };
        match applies(statement, context) {
            Ok(_) if deny => return Decision::ExplicitDeny,
            Ok(direct) => allowed = Some(allowed.unwrap_or(false) || direct),
            Err(reason) if !deny => reasons.push(reason),
            Err(_) => {}
        }
    }
    allowed.map_or(Decision::ImplicitDeny(reasons), |direct| Decision::Allow {
        direct,
    })
}

/// Whether an identity-based or session policy allows an action on a resource; its conditions see `context`.
pub(crate) fn permits(policy: &str, resource: &str, context: &Context) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return false;
    };
    let mut allowed = false;
    for statement in list(policy.get("Statement")) {
        let on_resource = list(statement.get("Resource"))
            .filter_map(Value::as_str)
            .any(|p| pattern::matches(p, resource));
        if !on_resource
            || !action(statement, &context.action)
            || condition::check(statement, context).is_err()
        {
            continue;
        }
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => allowed = true,
            _ => return false,
        }
    }
    allowed
}

/// Whether a statement applies, and if so whether it names the principal itself; else why not.
fn applies(statement: &Value, context: &Context) -> Result<bool, String> {
    if !action(statement, &context.action) {
        return Err(format!("no statement's Action has {}", context.action));
    }
    let direct = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), None) => named(principal, &context.principal),
        (None, Some(others)) => named(others, &context.principal).is_none().then_some(false),
        _ => None,
    };
    let direct = direct.ok_or_else(|| "Principal does not match".to_owned())?;
    condition::check(statement, context)?;
    Ok(direct)
}

fn action(statement: &Value, action: &str) -> bool {
    let any = |value: &Value| {
        list(Some(value))
            .filter_map(Value::as_str)
            .any(|p| pattern::matches_ignoring_case(p, action))
    };
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(actions), None) => any(actions),
        (None, Some(others)) => !any(others),
        _ => false,
    }
}

/// `None` when no entry matches; otherwise whether the best match is the principal itself.
fn named(principals: &Value, principal: &Principal) -> Option<bool> {
    if principals.as_str() == Some("*") {
        return Some(false);
    }
    let kind = match principal {
        Principal::Aws { .. } => "AWS",
        Principal::Federated(_) => "Federated",
    };
    let entries = list(principals.get(kind)).filter_map(Value::as_str);
    entries
        .filter_map(|entry| matches_entry(entry, principal))
        .max()
}

fn matches_entry(entry: &str, principal: &Principal) -> Option<bool> {
    match principal {
        Principal::Federated(arn) => (entry == arn).then_some(true),
        Principal::Aws { arn, role, account } => {
            let whole_account = || {
                entry == account
                    || Arn::parse(entry)
                        .is_some_and(|a| a.account == account && a.resource == "root")
            };
            if entry == arn || Some(entry) == role.as_deref() {
                Some(true)
            } else if entry == "*" || whole_account() {
                Some(false)
            } else {
                None
            }
        }
    }
}

/// IAM takes one value where it takes a list.
pub(crate) fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (one, many) = match value {
        Some(Value::Array(all)) => (None, all.as_slice()),
        one => (one, &[][..]),
    };
    one.into_iter().chain(many)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/hub";

    fn session() -> Principal {
        Principal::Aws {
            arn: "arn:aws:sts::123456789012:assumed-role/hub/s".into(),
            role: Some(ROLE.into()),
            account: "123456789012".into(),
        }
    }

    fn decide(statements: &Value, context: &Context) -> Decision {
        evaluate(
            &json!({"Version": "2012-10-17", "Statement": statements}).to_string(),
            context,
        )
    }

    #[test]
    fn principals() {
        let context = Context::new("sts:AssumeRole", session());
        for (principal, expected) in [
            (
                json!({"AWS": "arn:aws:iam::123456789012:root"}),
                Some(false),
            ),
            (json!({"AWS": "123456789012"}), Some(false)),
            (
                json!({"AWS": ["arn:aws:iam::210987654321:root", ROLE]}),
                Some(true),
            ),
            (
                json!({"AWS": "arn:aws:sts::123456789012:assumed-role/hub/s"}),
                Some(true),
            ),
            (
                json!({"AWS": "arn:aws:sts::123456789012:assumed-role/hub/other"}),
                None,
            ),
            (json!({"AWS": "*"}), Some(false)),
            (json!("*"), Some(false)),
            (json!({"AWS": "arn:aws:iam::123456789012:role/*"}), None),
            (json!({"Federated": ROLE}), None),
            (json!({"Service": "ec2.amazonaws.com"}), None),
        ] {
            let decision = decide(
                &json!({"Effect": "Allow", "Principal": principal, "Action": "sts:*"}),
                &context,
            );
            let found = if let Decision::Allow { direct } = decision {
                Some(direct)
            } else {
                None
            };
            assert_eq!(found, expected, "{principal}");
        }
    }

    #[test]
    fn actions_and_denials() {
        let context = Context::new("sts:AssumeRole", session());
        let allow = |action: Value| json!({"Effect": "Allow", "Principal": "*", "Action": action});
        assert!(
            decide(
                &allow(json!(["sts:TagSession", "STS:assumerole"])),
                &context
            )
            .is_allowed()
        );
        assert!(decide(&allow(json!("sts:Assume*")), &context).is_allowed());
        assert!(!decide(&allow(json!("sts:TagSession")), &context).is_allowed());
        assert!(
            decide(
                &json!({"Effect": "Allow", "Principal": "*", "NotAction": "s3:*"}),
                &context
            )
            .is_allowed()
        );
        let denied = json!([allow(json!("*")), {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "*"}]);
        assert_eq!(decide(&denied, &context), Decision::ExplicitDeny);
        let not_principal = json!([allow(json!("*")), {"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "*"}]);
        assert!(decide(&not_principal, &context).is_allowed());
        assert_eq!(
            evaluate("{", &context),
            Decision::ImplicitDeny(vec!["the policy is not JSON".into()])
        );
    }

    #[test]
    fn session_policies() {
        let context = Context::new("sts:AssumeRole", session());
        let policy = |action: &str, resource: &str| {
            json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": resource}})
                .to_string()
        };
        assert!(permits(
            &policy("sts:*", "arn:aws:iam::*:role/spoke"),
            "arn:aws:iam::2:role/spoke",
            &context
        ));
        assert!(!permits(
            &policy("s3:*", "*"),
            "arn:aws:iam::2:role/spoke",
            &context
        ));
        assert!(!permits(
            &policy("*", "arn:aws:s3:::b"),
            "arn:aws:iam::2:role/spoke",
            &context
        ));
    }
}
