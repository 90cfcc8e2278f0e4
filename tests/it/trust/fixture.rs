//! Claim sets as the CI systems issue them, and trust policies of which every line has a fixed place.

use std::fs;
use std::path::Path;

use fake_aws::{FakeAws, Provider, Role, World};
use serde_json::Value;

/// The role that every policy here is of.
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/teams/web-deploy";

/// The lines of [`trust`].
pub(super) const PRINCIPAL: usize = 6;
pub(super) const ACTION: usize = 7;
pub(super) const AUD: usize = 10;
pub(super) const SUB: usize = 13;

/// A claim set of `tests/it/claims`.
pub(crate) fn claims(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/claims/{name}.json"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

pub(super) fn text<'c>(claims: &'c Value, name: &str) -> &'c str {
    claims[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} is a text"))
}

/// A trust policy for the issuer of these claims.
pub(super) struct Trust {
    pub(super) account: &'static str,
    pub(super) action: &'static str,
    pub(super) aud: String,
    pub(super) operator: &'static str,
    pub(super) key: &'static str,
    pub(super) value: String,
}

impl Trust {
    /// Asks for this subject, and for the audience that the token has.
    pub(super) fn of_subject(claims: &Value, subject: &str) -> Self {
        Self {
            account: "123456789012",
            action: "sts:AssumeRoleWithWebIdentity",
            aud: text(claims, "aud").to_owned(),
            operator: "StringLike",
            key: "sub",
            value: subject.to_owned(),
        }
    }

    pub(super) fn json(&self, claims: &Value) -> String {
        let host = text(claims, "iss").trim_start_matches("https://");
        let Self {
            account,
            action,
            aud,
            operator,
            key,
            value,
        } = self;
        format!(
            r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Effect": "Allow",
      "Principal": {{ "Federated": "arn:aws:iam::{account}:oidc-provider/{host}" }},
      "Action": "{action}",
      "Condition": {{
        "StringEquals": {{
          "{host}:aud": "{aud}"
        }},
        "{operator}": {{
          "{host}:{key}": "{value}"
        }}
      }}
    }}
  ]
}}
"#
        )
    }
}

/// A world in which only that role is, with the provider of the token's issuer.
pub(super) fn world(claims: &Value, trust: &str) -> World {
    let issuer = text(claims, "iss");
    let mut world = World::demo();
    world.providers.clear();
    world.claims = claims.clone();
    world
        .issuer(issuer)
        .provider(Provider::new("123456789012", issuer, text(claims, "aud")))
        .role(Role::new(ROLE, trust))
}

/// As [`world`], running.
pub(super) fn fake(claims: &Value, trust: &str) -> FakeAws {
    FakeAws::start(world(claims, trust))
}
