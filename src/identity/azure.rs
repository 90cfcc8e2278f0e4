//! Azure Pipelines' token endpoint. The audience is Azure's own; the subject is the pipeline, or a service connection.
//! <https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create>

use reqwest::Method;

use super::endpoint::{TokenEndpoint, bearer, url};
use crate::error::Error;
use crate::host::Host;
use crate::model::Secret;
use crate::model::request::Ask;
use crate::system::env::Env;

pub(super) fn endpoint(env: &Env, ask: &Ask) -> Result<TokenEndpoint, Error> {
    let name = "SYSTEM_OIDCREQUESTURI";
    let mut url = url(name, env.get(name).unwrap_or_default())?;
    url.query_pairs_mut().append_pair("api-version", "7.1");
    if let Some(connection) = &ask.connection {
        url.query_pairs_mut()
            .append_pair("serviceConnectionId", connection);
    }
    let bearer = bearer(env, Host::Azure, "SYSTEM_ACCESSTOKEN")?;
    Ok(TokenEndpoint {
        host: Host::Azure,
        method: Method::POST,
        url,
        headers: vec![
            ("authorization", Secret::new(format!("Bearer {bearer}"))),
            ("content-type", Secret::new("application/json")),
            // Otherwise a bad access token is answered with a page to sign in.
            ("x-tfs-fedauthredirect", Secret::new("Suppress")),
        ],
        member: Some("oidcToken"),
        five_hundred_is_final: false,
    })
}
