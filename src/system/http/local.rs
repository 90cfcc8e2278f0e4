//! Requests to a service that the CI runs on this machine, for this job: over a Unix socket, or at a loopback address.
//! No proxy, no certificates; short.

use std::path::PathBuf;
use std::time::Duration;

use http::Method;

use super::MOST_BYTES;
use crate::model::Secret;

/// A service of the job's own machine.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    base: String,
    socket: Option<PathBuf>,
    bearer: Option<Secret>,
}

/// What it answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// It is on the same machine: where it does not answer in this time, it does not at all.
const MOST: Duration = Duration::from_secs(10);

impl Local {
    /// One behind a Unix socket, which takes this bearer.
    pub(crate) fn at_socket(path: impl Into<PathBuf>, bearer: Secret) -> Self {
        Self {
            base: "http://localhost/".to_owned(),
            socket: Some(path.into()),
            bearer: Some(bearer),
        }
    }

    /// One at an address of this machine. Another host's would be sent secrets in clear.
    pub(crate) fn at_url(base: &str) -> Option<Self> {
        let url = reqwest::Url::parse(base).ok()?;
        let host = url.host_str()?.trim_matches(['[', ']']);
        let here = host
            .parse::<std::net::IpAddr>()
            .map_or(host == "localhost", |ip| ip.is_loopback());
        here.then(|| Self {
            base: format!("{}/", base.trim_end_matches('/')),
            socket: None,
            bearer: None,
        })
    }

    /// Sends one request and waits for its answer. What the service says on failure may repeat what it was sent.
    pub(crate) fn send(
        &self,
        method: &Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Reply, String> {
        // A thread of its own, since the caller may be at work inside a runtime already.
        std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .map_err(|fault| format!("no runtime: {fault}"))?;
                    let reply = runtime.block_on(async {
                        tokio::time::timeout(MOST, self.exchange(method, path, body)).await
                    });
                    reply.unwrap_or_else(|_| Err(format!("no answer in {} s", MOST.as_secs())))
                })
                .join()
                .unwrap_or_else(|_| Err("the request was given up".to_owned()))
        })
    }

    async fn exchange(
        &self,
        method: &Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Reply, String> {
        let url = format!("{}{path}", self.base);
        let mut request = self.client()?.request(method.clone(), url);
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer.reveal());
        }
        if let Some(body) = body {
            request = request
                .header(http::header::CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let mut response = request.send().await.map_err(|fault| innermost(&fault))?;
        let status = response.status().as_u16();
        let mut text = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|fault| innermost(&fault))? {
            if text.len() + part.len() <= MOST_BYTES {
                text.extend_from_slice(&part);
            }
        }
        Ok(Reply {
            status,
            body: String::from_utf8_lossy(&text).into_owned(),
        })
    }

    fn client(&self) -> Result<reqwest::Client, String> {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|fault| fault.to_string())?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let builder = reqwest::Client::builder()
            .no_proxy()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        let builder = match &self.socket {
            #[cfg(unix)]
            Some(path) => builder.unix_socket(path.as_path()),
            #[cfg(windows)]
            Some(_) => return Err("sockets of this kind are not used on Windows".to_owned()),
            None => builder,
        };
        builder.build().map_err(|fault| innermost(&fault))
    }
}

fn innermost(fault: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = fault;
    while let Some(deeper) = innermost.source() {
        innermost = deeper;
    }
    innermost.to_string()
}
