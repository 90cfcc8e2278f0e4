//! The AWS SDK's HTTP client, on ours.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::{Response, StatusCode};
use aws_smithy_types::body::SdkBody;

use super::client::Client;
use super::fault::{Fault, FaultKind};
use super::warm::Warm;

/// Our client in the SDK's clothes.
#[derive(Debug, Clone)]
pub(crate) struct SdkHttp {
    client: Client,
    warm: Warm,
    user_agent: String,
    limit: Option<Duration>,
}

impl SdkHttp {
    pub(super) fn new(client: Client, warm: Warm, user_agent: &str) -> Self {
        Self {
            client,
            warm,
            user_agent: user_agent.to_owned(),
            limit: None,
        }
    }

    /// Opens the connection that the first request will use.
    pub(crate) async fn warm_up(&self, url: &str) {
        self.warm.open(&self.client.inner, url).await;
    }

    async fn send(self, request: HttpRequest) -> Result<Response, ConnectorError> {
        let user = |fault: &dyn std::fmt::Display| ConnectorError::user(fault.to_string().into());
        let request = request.try_into_http1x().map_err(|fault| user(&fault))?;
        let (mut parts, body) = request.into_parts();
        self.sign_as_ours(&mut parts.headers);
        let body = body
            .bytes()
            .ok_or_else(|| user(&"a request without a body in memory"))?
            .to_vec();
        let what = operation(&parts, &body);
        let request = http::Request::from_parts(parts, reqwest::Body::from(body));
        let request = reqwest::Request::try_from(request).map_err(|fault| user(&fault))?;
        let answer = self
            .client
            .send(request, &what, self.limit)
            .await
            .map_err(connector_error)?;
        let status = StatusCode::try_from(answer.status).map_err(|fault| user(&fault))?;
        let mut response = Response::new(status, SdkBody::from(answer.body));
        for (name, value) in &answer.headers {
            if let Ok(value) = value.to_str() {
                response
                    .headers_mut()
                    .append(name.as_str().to_owned(), value.to_owned());
            }
        }
        Ok(response)
    }

    /// AWS' logs show who called; the signature does not cover this header.
    fn sign_as_ours(&self, headers: &mut http::HeaderMap) {
        let sdk = headers
            .get(http::header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if let Ok(value) = format!("{} {sdk}", self.user_agent).trim_end().parse() {
            headers.insert(http::header::USER_AGENT, value);
        }
    }
}

/// The name of the operation, which stands in the form. A container's path may be as good as a password.
fn operation(parts: &http::request::Parts, body: &[u8]) -> String {
    let form = std::str::from_utf8(body).unwrap_or_default();
    let action = form
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="));
    let instance = Some(parts.uri.path()).filter(|path| path.starts_with("/latest/"));
    action.or(instance).unwrap_or("credentials").to_owned()
}

/// The SDK's own retries, for the metadata services, go by these classes; ours, by the fault inside.
fn connector_error(fault: Fault) -> ConnectorError {
    match fault.kind {
        FaultKind::Unsendable => ConnectorError::user(fault.into()),
        FaultKind::Silent => ConnectorError::timeout(fault.into()),
        _ if fault.is_lasting() => ConnectorError::other(fault.into(), None),
        _ => ConnectorError::io(fault.into()),
    }
}

impl HttpConnector for SdkHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(this.send(request))
    }
}

impl HttpClient for SdkHttp {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        // The metadata clients of the SDK ask for a second or two; STS has the whole deadline.
        let limit = settings
            .read_timeout()
            .map(|read| read + settings.connect_timeout().unwrap_or_default());
        SharedHttpConnector::new(Self {
            limit,
            ..self.clone()
        })
    }
}
