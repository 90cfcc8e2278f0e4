//! Google's metadata server, which signs tokens for the service account of the build.
//! <https://cloud.google.com/compute/docs/instances/verifying-instance-identity>

use reqwest::Method;

use super::endpoint::{TokenEndpoint, url};
use crate::error::Error;
use crate::host::Host;
use crate::model::Secret;
use crate::model::request::Ask;
use crate::system::env::Env;

/// By its address: a link-local one never goes through a proxy, and needs no name server.
const SERVER: &str = "169.254.169.254";
const PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/identity";

pub(super) fn endpoint(env: &Env, ask: &Ask) -> Result<TokenEndpoint, Error> {
    // Google's own libraries know this variable.
    let name = "GCE_METADATA_HOST";
    let server = env.get(name).unwrap_or(SERVER);
    let mut url = url(name, &format!("http://{server}{PATH}"))?;
    url.query_pairs_mut()
        .append_pair("audience", ask.audience())
        .append_pair("format", "full");
    Ok(TokenEndpoint {
        host: Host::CloudBuild,
        method: Method::GET,
        url,
        headers: vec![("metadata-flavor", Secret::new("Google"))],
        member: None,
        five_hundred_is_final: false,
    })
}
