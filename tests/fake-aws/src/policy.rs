//! Session policies: inline documents and managed policy ARNs.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::arn::Arn;
use crate::limits::{Charset, Violations};
use crate::sts::StsError;
use crate::tags::members;
use crate::trust::list;

/// What a request asks the session to be limited to.
#[derive(Debug, Default, Clone)]
pub(crate) struct SessionPolicies {
    pub(crate) inline: Option<String>,
    pub(crate) arns: Vec<String>,
}

impl SessionPolicies {
    pub(crate) fn from_params(params: &BTreeMap<String, String>) -> Self {
        let arns = members(params, "PolicyArns")
            .iter()
            .map(|m| m.get("arn").cloned().unwrap_or_default())
            .collect();
        Self {
            inline: params.get("Policy").cloned(),
            arns,
        }
    }

    pub(crate) fn validate(&self, violations: &mut Violations) {
        violations.text("policy", self.inline.as_deref(), 1..=2048, Charset::Policy);
        violations.at_most("policyArns", &self.arns, 10);
        for (n, arn) in self.arns.iter().enumerate() {
            violations.text(
                &format!("policyArns.{}.member.arn", n + 1),
                Some(arn),
                20..=2048,
                Charset::Any,
            );
        }
    }

    pub(crate) fn check(&self, account: &str) -> Result<(), StsError> {
        for arn in &self.arns {
            let good = Arn::parse(arn).is_some_and(|a| {
                a.service == "iam"
                    && a.resource.starts_with("policy/")
                    && (a.account == "aws" || a.account == account)
            });
            if !good {
                return Err(StsError::new(
                    400,
                    "ValidationError",
                    &format!("ARN {arn} is not valid."),
                ));
            }
        }
        let plain = self.inline.as_ref().map_or(0, |p| p.chars().count())
            + self.arns.iter().map(String::len).sum::<usize>();
        if plain > 2048 {
            let message = "The plaintext of inline and managed session policies can't exceed 2048 characters.";
            return Err(StsError::new(400, "ValidationError", message));
        }
        match self.inline.as_deref().map(document) {
            Some(Err(message)) => Err(StsError::new(400, "MalformedPolicyDocument", message)),
            _ => Ok(()),
        }
    }
}

/// The grammar of an identity-based policy, as far as people get it wrong.
fn document(text: &str) -> Result<(), &'static str> {
    const SYNTAX: &str = "Syntax errors in policy.";
    let policy: Value =
        serde_json::from_str(text).map_err(|_| "This policy contains invalid Json")?;
    let policy = policy.as_object().ok_or(SYNTAX)?;
    if policy
        .keys()
        .any(|k| !matches!(k.as_str(), "Version" | "Id" | "Statement"))
    {
        return Err(SYNTAX);
    }
    if policy
        .get("Version")
        .is_some_and(|v| !matches!(v.as_str(), Some("2012-10-17" | "2008-10-17")))
    {
        return Err("The policy must contain a valid version string");
    }
    if list(policy.get("Statement")).next().is_none() {
        return Err(SYNTAX);
    }
    for statement in list(policy.get("Statement")) {
        let has = |name: &str| statement.get(name).is_some();
        if !matches!(
            statement.get("Effect").and_then(Value::as_str),
            Some("Allow" | "Deny")
        ) {
            return Err(SYNTAX);
        }
        if has("Principal") || has("NotPrincipal") {
            return Err("Policy document should not specify a principal.");
        }
        if has("Action") == has("NotAction") {
            return Err("Policy statement must contain actions.");
        }
        if has("Resource") == has("NotResource") {
            return Err("Policy statement must contain resources.");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        for (text, good) in [
            (
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#,
                true,
            ),
            (
                r#"{"Statement":{"Effect":"Deny","NotAction":["a:b"],"Resource":["*"]}}"#,
                true,
            ),
            ("{", false),
            ("[]", false),
            (r#"{"Version":"2012-10-17","Statement":[]}"#, false),
            (
                r#"{"Version":"2012","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
                false,
            ),
            (
                r#"{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}"#,
                false,
            ),
            (r#"{"Statement":{"Effect":"Allow","Action":"*"}}"#, false),
            (
                r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#,
                false,
            ),
        ] {
            assert_eq!(document(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn arns() {
        let of = |arn: &str| SessionPolicies {
            inline: None,
            arns: vec![arn.to_owned()],
        };
        assert!(
            of("arn:aws:iam::aws:policy/ReadOnlyAccess")
                .check("123456789012")
                .is_ok()
        );
        assert!(
            of("arn:aws:iam::123456789012:policy/x")
                .check("123456789012")
                .is_ok()
        );
        assert!(
            of("arn:aws:iam::210987654321:policy/x")
                .check("123456789012")
                .is_err()
        );
    }
}
