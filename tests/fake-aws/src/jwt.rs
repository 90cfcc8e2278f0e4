//! Checking a web identity token the way STS does, up to but not including the trust policy.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature;
use serde_json::{Map, Value};

use crate::issuer::{Issuer, KEY_ID};
use crate::sts::StsError;
use crate::world::{Provider, World};

/// A token whose signature, issuer, audience and times are in order.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) claims: Map<String, Value>,
    pub(crate) provider: Provider,
    pub(crate) audience: String,
}

impl Verified {
    pub(crate) fn text(&self, claim: &str) -> &str {
        self.claims
            .get(claim)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

pub(crate) fn verify(
    token: &str,
    account: &str,
    world: &World,
    issuer: &Issuer,
    now: i64,
) -> Result<Verified, StsError> {
    let invalid = |message: &str| StsError::new(400, "InvalidIdentityToken", message);
    let not_a_jwt = || {
        invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        )
    };
    let (signed, signature) = token.rsplit_once('.').ok_or_else(not_a_jwt)?;
    let (header, payload) = signed.split_once('.').ok_or_else(not_a_jwt)?;
    let header = object(header).ok_or_else(not_a_jwt)?;
    let claims = object(payload).ok_or_else(not_a_jwt)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| not_a_jwt())?;
    let text = |map: &Map<String, Value>, name: &str| {
        map.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    let required = |name: &str| {
        text(&claims, name).ok_or_else(|| invalid(&format!("Missing a required claim: {name}")))
    };

    let iss = required("iss")?;
    required("sub")?;
    let provider = (world
        .providers
        .iter()
        .find(|p| p.account == account && p.issuer == iss))
    .ok_or_else(|| {
        invalid(&format!(
            "No OpenIDConnect provider found in your account for {iss}"
        ))
    })?;
    let algorithm = match text(&header, "alg").as_deref() {
        Some("RS256") => &signature::RSA_PKCS1_2048_8192_SHA256,
        Some("RS384") => &signature::RSA_PKCS1_2048_8192_SHA384,
        Some("RS512") => &signature::RSA_PKCS1_2048_8192_SHA512,
        _ => {
            return Err(invalid(
                "Token algorithm is not supported. Token signature invalid",
            ));
        }
    };
    if text(&header, "kid").as_deref() != Some(KEY_ID) {
        return Err(invalid(
            "Couldn't retrieve verification key from your identity provider,  \
             please reference AssumeRoleWithWebIdentity documentation for requirements",
        ));
    }
    if !issuer.verify(algorithm, signed, &signature) {
        return Err(invalid("Token signature invalid"));
    }
    let audience = audiences(&claims)
        .into_iter()
        .find(|aud| provider.audiences.contains(aud))
        .ok_or_else(|| invalid("Incorrect token audience"))?;
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let exp = time("exp").ok_or_else(|| invalid("Missing a required claim: exp"))?;
    time("iat").ok_or_else(|| invalid("Missing a required claim: iat"))?;
    if now >= exp {
        let message = format!(
            "Token expired: current date/time {now} must be before the expiration date/time {exp}"
        );
        return Err(StsError::new(400, "ExpiredTokenException", &message));
    }
    // STS grants some leeway to issuers whose clocks are ahead.
    if time("nbf")
        .or(time("iat"))
        .is_some_and(|from| from > now + 300)
    {
        return Err(invalid("Token is not yet valid"));
    }
    Ok(Verified {
        provider: provider.clone(),
        audience,
        claims,
    })
}

/// `azp`, where there is one, is the client id that counts.
fn audiences(claims: &Map<String, Value>) -> Vec<String> {
    let texts = |v: &Value| match v {
        Value::String(s) => vec![s.clone()],
        Value::Array(all) => all
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    claims
        .get("azp")
        .or_else(|| claims.get("aud"))
        .map(texts)
        .unwrap_or_default()
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(claims: &Value, edit: impl Fn(String) -> String) -> Result<Verified, StsError> {
        let issuer = Issuer::new();
        verify(
            &edit(issuer.sign(claims)),
            "123456789012",
            &World::demo(),
            &issuer,
            1000,
        )
    }

    fn good() -> Value {
        json!({"iss": crate::demo::GITHUB, "sub": "s", "aud": "sts.amazonaws.com", "iat": 900, "exp": 1100})
    }

    #[test]
    fn accepts_a_good_token() {
        let verified = check(&good(), |t| t).unwrap();
        assert_eq!(
            (verified.text("sub"), verified.audience.as_str()),
            ("s", "sts.amazonaws.com")
        );
        let mut many = good();
        many["aud"] = json!(["x", "sts.amazonaws.com"]);
        assert_eq!(check(&many, |t| t).unwrap().audience, "sts.amazonaws.com");
    }

    #[test]
    fn refuses_the_others() {
        for (claim, value, expected) in [
            (
                "iss",
                json!("https://example.com"),
                "No OpenIDConnect provider found in your account for https://example.com",
            ),
            ("aud", json!("other"), "Incorrect token audience"),
            ("azp", json!("other"), "Incorrect token audience"),
            (
                "exp",
                json!(1000),
                "Token expired: current date/time 1000 must be before the expiration date/time 1000",
            ),
            ("sub", json!(null), "Missing a required claim: sub"),
            ("nbf", json!(1301), "Token is not yet valid"),
        ] {
            let mut claims = good();
            claims[claim] = value;
            assert_eq!(check(&claims, |t| t).unwrap_err().message, expected);
        }
        let swap = |t: String| {
            let (head, signature) = t.rsplit_once('.').unwrap();
            let (header, _) = head.split_once('.').unwrap();
            let mut claims = good();
            claims["sub"] = json!("other");
            format!(
                "{header}.{}.{signature}",
                URL_SAFE_NO_PAD.encode(claims.to_string())
            )
        };
        assert_eq!(
            check(&good(), swap).unwrap_err().message,
            "Token signature invalid"
        );
        let unsigned = |t: String| {
            let payload = t.split('.').nth(1).unwrap().to_owned();
            format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#))
        };
        assert!(
            check(&good(), unsigned)
                .unwrap_err()
                .message
                .contains("not supported")
        );
        assert!(
            check(&good(), |_| "gho_16C7e42F292c6912E7".into())
                .unwrap_err()
                .message
                .contains("not a valid JWT")
        );
    }
}
