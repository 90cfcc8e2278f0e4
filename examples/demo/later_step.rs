//! A step after ours: a program on the AWS SDK, which knows nothing of rolehop and finds its credentials by itself.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use aws_config::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

/// The argument that makes a copy of the demo be this step.
pub(crate) const WORD: &str = "later-step";

/// What a step could print of its environment.
const PRINTED: [&str; 4] = [
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

pub(crate) fn main() -> ExitCode {
    let (text, status) = match run() {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(why) => (why + "\n", ExitCode::FAILURE),
    };
    let _ = std::io::stdout().write_all(text.as_bytes());
    status
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is another program, which prints its environment carelessly"
)]
fn run() -> Result<String, String> {
    let mut text = String::new();
    for name in PRINTED {
        let value = std::env::var(name).unwrap_or_default();
        let _ = writeln!(text, "{name}={value}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    let who = runtime.block_on(async {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(Plain)
            .load()
            .await;
        aws_sdk_sts::Client::new(&config)
            .get_caller_identity()
            .send()
            .await
    });
    let who = who.map_err(|fault| format!("GetCallerIdentity: {:?}", fault.into_source()))?;
    Ok(text + "GetCallerIdentity: " + who.arn().unwrap_or_default() + "\n")
}

/// The SDK's HTTP client. The far side is on loopback, so it need not speak TLS.
#[derive(Debug, Clone)]
struct Plain;

impl HttpClient for Plain {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Plain {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(send(request))
    }
}

async fn send(request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let user = |fault: Box<dyn std::error::Error + Send + Sync>| ConnectorError::user(fault);
    let request = request
        .try_into_http1x()
        .map_err(|fault| user(fault.into()))?;
    let body = request.body().bytes().unwrap_or_default().to_vec();
    let request = request.map(|_| reqwest::Body::from(body));
    let request = reqwest::Request::try_from(request).map_err(|fault| user(fault.into()))?;
    let tls = rustls::ClientConfig::builder_with_provider(
        rustls::crypto::ring::default_provider().into(),
    )
    .with_safe_default_protocol_versions()
    .map_err(|fault| user(fault.into()))?
    .with_root_certificates(rustls::RootCertStore::empty())
    .with_no_client_auth();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .build();
    let client = client.map_err(|fault| user(fault.into()))?;
    let answer = client
        .execute(request)
        .await
        .map_err(|fault| ConnectorError::io(fault.into()))?;
    let status = answer
        .status()
        .as_u16()
        .try_into()
        .map_err(|_| user("no status".into()))?;
    let body = answer
        .bytes()
        .await
        .map_err(|fault| ConnectorError::io(fault.into()))?;
    Ok(HttpResponse::new(status, SdkBody::from(body.to_vec())))
}
