//! What reached the fake, told without what is secret in it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fake_aws::Recorded;
use serde_json::Value;

use crate::page::Page;

/// Each request with its parameters, and when it arrived after the first.
pub(crate) fn print(page: &mut Page, requests: &[Recorded]) -> Result<(), String> {
    let first = requests.first().map_or(0, |request| request.at_ms);
    for (at, request) in requests.iter().enumerate() {
        let to = if request.operation == "GetIdToken" {
            "GitHub's token endpoint"
        } else {
            "AWS STS"
        };
        let mut outcome = format!("HTTP {}", request.status);
        if at > 0 {
            let after = request.at_ms.saturating_sub(first);
            let _ = write!(outcome, ", {after} ms after the first");
        }
        page.pairs(&[(format!("{:<4} {to:<23}", request.method), outcome)])?;
        page.pairs(&parameters(request)?)?;
    }
    Ok(())
}

fn parameters(request: &Recorded) -> Result<Vec<(String, String)>, String> {
    let mut rows = Vec::new();
    if request.header("authorization").starts_with("Bearer ") {
        rows.push(("  Authorization".to_owned(), "Bearer ***".to_owned()));
    }
    for (name, value) in &request.params {
        if name == "WebIdentityToken" {
            rows.push((
                format!("  {name}"),
                format!("*** ({} characters), which says:", value.len()),
            ));
            rows.extend(claims(value)?);
        } else if name != "Version" && name != "api-version" {
            rows.push((format!("  {name}"), value.clone()));
        }
    }
    Ok(rows)
}

/// What a trust policy is compared with, and how long the token lives.
fn claims(token: &str) -> Result<Vec<(String, String)>, String> {
    let payload = token.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|fault| format!("the token sent: {fault}"))?;
    let claims: Value =
        serde_json::from_slice(&bytes).map_err(|fault| format!("the token sent: {fault}"))?;
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let life =
        claims["exp"].as_i64().unwrap_or_default() - claims["iat"].as_i64().unwrap_or_default();
    Ok(vec![
        ("    iss".to_owned(), text("iss")),
        ("    sub".to_owned(), text("sub")),
        ("    aud".to_owned(), text("aud")),
        (
            "    exp".to_owned(),
            format!("{life} s after it was issued"),
        ),
    ])
}
