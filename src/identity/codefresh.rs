//! Codefresh's token endpoint. <https://codefresh.io/docs/docs/integrations/oidc-pipelines/>

use reqwest::Method;

use super::endpoint::{TokenEndpoint, bearer, url};
use crate::error::Error;
use crate::host::Host;
use crate::model::Secret;
use crate::model::request::Ask;
use crate::system::env::Env;

pub(super) fn endpoint(env: &Env, ask: &Ask) -> Result<TokenEndpoint, Error> {
    let name = "CF_OIDC_REQUEST_URL";
    let mut url = url(name, env.get(name).unwrap_or_default())?;
    url.query_pairs_mut()
        .append_pair("audience", ask.audience());
    let token = bearer(env, Host::Codefresh, "CF_OIDC_REQUEST_TOKEN")?;
    Ok(TokenEndpoint {
        host: Host::Codefresh,
        method: Method::GET,
        url,
        // Without the word Bearer.
        headers: vec![("authorization", Secret::new(token))],
        member: Some("id_token"),
        five_hundred_is_final: false,
    })
}
