//! A token's claims, read for explanations only, never for trust.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{Invalid, Secret};

/// The payload of a JSON web token.
#[derive(Debug, Clone)]
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// Also the check that a token is one at all: STS takes 4 to 20,000 characters in three parts.
    pub(crate) fn read(token: &Secret) -> Result<Self, Invalid> {
        let text = token.reveal();
        if let Some(fault) = Invalid::length(text, 4, 20_000) {
            return Err(Invalid::new(format!("the token {fault}")));
        }
        let mut parts = text.split('.');
        let (Some(_), Some(payload), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Invalid::new(
                "the token is not a JSON web token: three parts with dots between them",
            ));
        };
        let decoded = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok();
        match decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            Some(Value::Object(claims)) => Ok(Self(claims)),
            _ => Err(Invalid::new(
                "the token's second part is not base64url of a JSON object",
            )),
        }
    }

    /// What is known of any token of this issuer.
    pub(crate) fn of_issuer(url: &str) -> Self {
        Self(Map::from_iter([("iss".to_owned(), Value::from(url))]))
    }

    /// A claim as text; lists are joined.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Array(items) => Some(
                items
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            other => Some(other.to_string()),
        }
    }

    /// Whether the token was made for this audience.
    pub(crate) fn is_for(&self, audience: &str) -> bool {
        match self.0.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(several)) => several.iter().any(|one| one == audience),
            _ => false,
        }
    }

    /// A claim as the values that a policy's condition is compared with; none where it is absent or an object.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::Array(items)) => items.iter().filter_map(scalar).collect(),
            Some(one) => scalar(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// A claim that is one non-empty text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A claim of time, in seconds since 1970.
    pub(crate) fn seconds(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// The audience that STS goes by: `azp` where there is one, else `aud`.
    pub(crate) fn audience(&self) -> Option<String> {
        let of = |name| self.values(name).into_iter().next();
        of("azp").or_else(|| of("aud"))
    }

    /// The session tags that the token carries for AWS: nested, each with a list of one value, or flat.
    pub(crate) fn session_tags(&self) -> Vec<(String, String)> {
        const TAGS: &str = "https://aws.amazon.com/tags";
        let nested = self.0.get(TAGS).and_then(|tags| tags.get("principal_tags"));
        let nested = nested.and_then(Value::as_object).into_iter().flatten();
        let nested = nested.map(|(key, value)| {
            let one = value.as_array().and_then(|values| values.first());
            let text = one.unwrap_or(value).as_str().unwrap_or_default();
            (key.clone(), text.to_owned())
        });
        let flat = self.0.iter().filter_map(|(name, value)| {
            let key = name.strip_prefix(TAGS)?.strip_prefix("/principal_tags/")?;
            Some((key.to_owned(), value.as_str()?.to_owned()))
        });
        nested.chain(flat).collect()
    }

    /// The keys of session tags that the token itself sends along a chain: nested or flat.
    pub(crate) fn transitive_tag_keys(&self) -> Vec<&str> {
        const TAGS: &str = "https://aws.amazon.com/tags";
        let nested = self
            .0
            .get(TAGS)
            .and_then(|tags| tags.get("transitive_tag_keys"));
        let flat = self
            .0
            .get("https://aws.amazon.com/tags/transitive_tag_keys");
        let keys = nested.or(flat).and_then(Value::as_array);
        keys.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// `sub …, aud …, from …`: what a trust policy is compared with.
    pub(crate) fn describe(&self) -> String {
        let claim = |name| self.get(name).unwrap_or_else(|| "(none)".to_owned());
        format!(
            "sub {}, aud {}, iss {}",
            claim("sub"),
            claim("aud"),
            claim("iss")
        )
    }
}

#[cfg(test)]
impl From<Value> for Claims {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(claims) => Self(claims),
            other => panic!("claims are an object, not {other}"),
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_audience_and_tags_are_those_that_sts_goes_by() {
        let claims = Claims::from(serde_json::json!({
            "aud": ["a", "b"], "run": 5, "empty": "",
            "https://aws.amazon.com/tags": {"principal_tags": {"Team": ["web"]}},
            "https://aws.amazon.com/tags/principal_tags/Branch": "main",
        }));
        assert_eq!(claims.values("aud"), ["a", "b"]);
        assert_eq!(claims.values("run"), ["5"]);
        assert_eq!(claims.values("https://aws.amazon.com/tags"), [""; 0]);
        assert_eq!(claims.text("empty"), None);
        assert_eq!(claims.audience().as_deref(), Some("a"));
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            claims.session_tags(),
            [tag("Team", "web"), tag("Branch", "main")]
        );
        let google = Claims::from(serde_json::json!({"aud": "x", "azp": "y"}));
        assert_eq!(google.audience().as_deref(), Some("y"));
    }

    #[test]
    fn reads_the_claims_of_a_token() {
        let payload = URL_SAFE_NO_PAD
            .encode(r#"{"sub":"repo:o/r:ref:refs/heads/main","aud":["a","b"],"exp":5}"#);
        let claims = Claims::read(&Secret::new(format!("h.{payload}.s"))).expect("claims");
        assert_eq!(claims.get("aud").as_deref(), Some("a, b"));
        assert_eq!(claims.get("exp").as_deref(), Some("5"));
        assert_eq!(
            claims.describe(),
            "sub repo:o/r:ref:refs/heads/main, aud a, b, iss (none)"
        );
    }

    #[test]
    fn refuses_what_is_no_token_without_quoting_it() {
        for text in ["x", "secret-text", "a.b", "a.b.c.d", "a.!!.c"] {
            let fault = Claims::read(&Secret::new(text))
                .expect_err(text)
                .to_string();
            assert!(!fault.contains("secret-text"), "{fault}");
        }
    }
}
