//! The token endpoint of GitHub's runner, and of those that speak its protocol.

use reqwest::Method;

use super::endpoint::{TokenEndpoint, bearer, url};
use crate::error::Error;
use crate::host::Host;
use crate::host::token::{REQUEST_TOKEN, REQUEST_URL};
use crate::model::Secret;
use crate::model::request::Ask;
use crate::system::env::Env;

pub(super) fn endpoint(env: &Env, host: Host, ask: &Ask) -> Result<TokenEndpoint, Error> {
    let mut url = url(REQUEST_URL, env.get(REQUEST_URL).unwrap_or_default())?;
    // The URL already carries a query, so the audience is appended, not set.
    url.query_pairs_mut()
        .append_pair("audience", ask.audience());
    let bearer = bearer(env, host, REQUEST_TOKEN)?;
    Ok(TokenEndpoint {
        host,
        method: Method::GET,
        url,
        headers: vec![("authorization", Secret::new(format!("Bearer {bearer}")))],
        member: Some("value"),
        five_hundred_is_final: host == Host::Forgejo,
    })
}
