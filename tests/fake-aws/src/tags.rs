//! Session tags: reading them off a request, their limits, and what a session inherits.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::limits::{Charset, Violations};
use crate::session::Session;
use crate::sts::StsError;

const CLAIM: &str = "https://aws.amazon.com/tags";

/// The tags that a request passes, in its order, and which of them are transitive.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Requested {
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) transitive: Vec<String>,
}

/// The entries of `NAME.member.N[.FIELD]`, in order of N.
pub(crate) fn members(
    params: &BTreeMap<String, String>,
    name: &str,
) -> Vec<BTreeMap<String, String>> {
    let mut found: BTreeMap<usize, BTreeMap<String, String>> = BTreeMap::new();
    for (key, value) in params {
        let Some(rest) = key
            .strip_prefix(name)
            .and_then(|r| r.strip_prefix(".member."))
        else {
            continue;
        };
        let (index, field) = rest.split_once('.').unwrap_or((rest, ""));
        if let Ok(index) = index.parse() {
            found
                .entry(index)
                .or_default()
                .insert(field.to_owned(), value.clone());
        }
    }
    found.into_values().collect()
}

impl Requested {
    pub(crate) fn from_params(params: &BTreeMap<String, String>) -> Self {
        let field = |m: &BTreeMap<String, String>, f: &str| m.get(f).cloned().unwrap_or_default();
        Self {
            tags: members(params, "Tags")
                .iter()
                .map(|m| (field(m, "Key"), field(m, "Value")))
                .collect(),
            transitive: members(params, "TransitiveTagKeys")
                .iter()
                .map(|m| field(m, ""))
                .collect(),
        }
    }

    /// The tags in a web identity token.
    pub(crate) fn from_claims(claims: &Map<String, Value>) -> Result<Self, StsError> {
        let Some(claim) = claims.get(CLAIM) else {
            return Ok(Self::default());
        };
        let bad = || {
            StsError::new(
                400,
                "InvalidIdentityToken",
                "The web identity token's session tags are malformed",
            )
        };
        let first = |v: &Value| {
            v.as_array()
                .and_then(|a| a.first())
                .unwrap_or(v)
                .as_str()
                .map(str::to_owned)
        };
        let tags = claim
            .get("principal_tags")
            .and_then(Value::as_object)
            .ok_or_else(bad)?;
        let tags = tags
            .iter()
            .map(|(k, v)| Some((k.clone(), first(v)?)))
            .collect::<Option<_>>()
            .ok_or_else(bad)?;
        let transitive = claim
            .get("transitive_tag_keys")
            .and_then(Value::as_array)
            .map(Vec::as_slice);
        let transitive = transitive
            .unwrap_or_default()
            .iter()
            .filter_map(|k| k.as_str().map(str::to_owned))
            .collect();
        Ok(Self { tags, transitive })
    }

    pub(crate) fn validate(&self, violations: &mut Violations) {
        let keys: Vec<String> = self.tags.iter().map(|(k, _)| k.clone()).collect();
        violations.at_most("tags", &keys, 50);
        violations.at_most("transitiveTagKeys", &self.transitive, 50);
        for (n, (key, value)) in self.tags.iter().enumerate() {
            let n = n + 1;
            violations.text(
                &format!("tags.{n}.member.key"),
                Some(key),
                1..=128,
                Charset::Tag,
            );
            violations.text(
                &format!("tags.{n}.member.value"),
                Some(value),
                0..=256,
                Charset::Tag,
            );
        }
        for key in &self.transitive {
            violations.text("transitiveTagKeys", Some(key), 1..=128, Charset::Tag);
        }
    }

    /// The rules between tags, and between them and what the calling session hands down.
    pub(crate) fn check(&self, caller: Option<&Session>) -> Result<(), StsError> {
        let invalid = |message: &str| Err(StsError::new(400, "InvalidParameterValue", message));
        let mut seen = BTreeSet::new();
        for (key, _) in &self.tags {
            if key.to_lowercase().starts_with("aws:") {
                return invalid("Tag keys beginning with 'aws:' are reserved for system use.");
            }
            if !seen.insert(key.to_lowercase()) {
                return invalid(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                );
            }
        }
        if self
            .transitive
            .iter()
            .any(|k| !seen.contains(&k.to_lowercase()))
        {
            return invalid(
                "The specified transitive tag key must be included in the requested tags.",
            );
        }
        let inherited: BTreeSet<String> = caller
            .iter()
            .flat_map(|s| s.transitive.iter())
            .map(|k| k.to_lowercase())
            .collect();
        if self
            .transitive
            .iter()
            .any(|k| inherited.contains(&k.to_lowercase()))
        {
            return invalid(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
                 from the calling session.",
            );
        }
        if seen.iter().any(|k| inherited.contains(k)) {
            return invalid(
                "One of the specified tag keys can't be set because it conflicts with a transitive tag key from the \
                 calling session.",
            );
        }
        Ok(())
    }

    /// The new session's tags and transitive keys.
    pub(crate) fn merged(
        &self,
        caller: Option<&Session>,
    ) -> (BTreeMap<String, String>, Vec<String>) {
        let mut tags: BTreeMap<String, String> = self.tags.iter().cloned().collect();
        let mut transitive = self.transitive.clone();
        if let Some(caller) = caller {
            for key in &caller.transitive {
                if let Some(value) = caller.tags.get(key) {
                    tags.insert(key.clone(), value.clone());
                    transitive.push(key.clone());
                }
            }
        }
        (tags, transitive)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn requested(tags: &[(&str, &str)], transitive: &[&str]) -> Requested {
        Requested {
            tags: tags
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            transitive: transitive.iter().map(|k| (*k).to_owned()).collect(),
        }
    }

    #[test]
    fn reads_members_in_order() {
        let params: BTreeMap<String, String> = (1..=11)
            .flat_map(|n| {
                [
                    (format!("Tags.member.{n}.Key"), format!("k{n}")),
                    (format!("Tags.member.{n}.Value"), "v".into()),
                ]
            })
            .chain([("TransitiveTagKeys.member.1".to_owned(), "k2".to_owned())])
            .collect();
        let got = Requested::from_params(&params);
        assert_eq!(got.tags.len(), 11);
        assert_eq!(got.tags[10].0, "k11");
        assert_eq!(got.transitive, ["k2"]);
    }

    #[test]
    fn reads_the_claim() {
        let claims = json!({CLAIM: {"principal_tags": {"Project": ["Blue"]}, "transitive_tag_keys": ["Project"]}});
        let got = Requested::from_claims(claims.as_object().unwrap()).unwrap();
        assert_eq!(got, requested(&[("Project", "Blue")], &["Project"]));
        assert!(Requested::from_claims(json!({CLAIM: 1}).as_object().unwrap()).is_err());
    }

    #[test]
    fn rules_between_tags() {
        let mut caller = Session::of_role(
            "AssumeRole",
            "arn:aws:iam::123456789012:role/hub",
            "s",
            3600,
        );
        caller.tags = [("Team".to_owned(), "x".to_owned())].into();
        caller.transitive = vec!["Team".to_owned()];
        for (tags, expected) in [
            (requested(&[("A", "1"), ("a", "2")], &[]), "Duplicate"),
            (requested(&[("A", "1")], &["B"]), "must be included"),
            (requested(&[("aws:x", "1")], &[]), "reserved"),
            (
                requested(&[("team", "1")], &["team"]),
                "transitive tag keys can't be set",
            ),
            (
                requested(&[("team", "1")], &[]),
                "specified tag keys can't be set",
            ),
        ] {
            assert!(
                tags.check(Some(&caller))
                    .unwrap_err()
                    .message
                    .contains(expected),
                "{expected}"
            );
        }
        let ok = requested(&[("A", "1")], &["A"]);
        ok.check(Some(&caller)).unwrap();
        let (tags, transitive) = ok.merged(Some(&caller));
        assert_eq!(tags.len(), 2);
        assert_eq!(transitive, ["A", "Team"]);
    }
}
