//! One request and its whole answer, inside the time that is left, with a line in the debug log for what came of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::MOST_BYTES;
use super::answer::Answer;
use super::fault::{Fault, Route};
use super::proxy::ProxySettings;
use super::stage::Watch;
use crate::model::time::short;
use crate::system::console::Console;

/// No single attempt takes longer, so that a server that hangs leaves time for another.
const ATTEMPT: Duration = Duration::from_secs(20);

/// Nothing of the answer has come.
const NOTHING: usize = usize::MAX;

/// A reqwest client that knows its proxies and the end of all patience.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(super) inner: reqwest::Client,
    pub(super) proxies: ProxySettings,
    pub(super) connect_limit: Duration,
    pub(super) console: Console,
    pub(super) ends: Option<Instant>,
}

impl Client {
    pub(crate) fn request(
        &self,
        method: reqwest::Method,
        url: reqwest::Url,
    ) -> reqwest::RequestBuilder {
        self.inner.request(method, url)
    }

    /// The whole answer; redirects and refusals are answers too, but for a proxy's that wants a password.
    ///
    /// `what` names the request in the debug log.
    pub(crate) async fn send(
        &self,
        request: reqwest::Request,
        what: &str,
        limit: Option<Duration>,
    ) -> Result<Answer, Fault> {
        let route = Route::of(request.url(), &self.proxies);
        let line = format!("{} {what} at {}", request.method(), route.host);
        let through = route
            .proxy
            .as_ref()
            .map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
        let started = Instant::now();
        let result = self
            .attempt(request, &route, limit.unwrap_or(ATTEMPT))
            .await;
        let took = short(started.elapsed());
        let came = match &result {
            Ok(answer) => {
                let id = answer
                    .header("x-amzn-requestid")
                    .or_else(|| answer.header("x-github-request-id"))
                    .map_or_else(String::new, |id| format!(", request id {id}"));
                format!("HTTP {}{id}", answer.status)
            }
            Err(fault) => fault.to_string(),
        };
        self.console
            .debug(&format!("{line}{through} took {took}: {came}"));
        match result {
            Ok(answer) if answer.status == 407 => Err(Fault::password_wanted(&route)),
            result => result,
        }
    }

    async fn attempt(
        &self,
        request: reqwest::Request,
        route: &Route,
        limit: Duration,
    ) -> Result<Answer, Fault> {
        let left = self
            .ends
            .map_or(limit, |ends| ends.saturating_duration_since(Instant::now()));
        let limit = limit.min(left);
        let watch = Watch::default();
        let received = AtomicUsize::new(NOTHING);
        let exchange = async {
            let broken =
                |error: &reqwest::Error| Fault::of(error, route, watch.stage(), self.connect_limit);
            let mut response = self
                .inner
                .execute(request)
                .await
                .map_err(|error| broken(&error))?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            received.store(0, Ordering::Relaxed);
            let mut body = Vec::new();
            while let Some(part) = response.chunk().await.map_err(|error| broken(&error))? {
                if body.len() + part.len() > MOST_BYTES {
                    return Err(Fault::too_large());
                }
                body.extend_from_slice(&part);
                received.store(body.len(), Ordering::Relaxed);
            }
            Ok(Answer {
                status,
                headers,
                body,
            })
        };
        tokio::time::timeout(limit, watch.over(exchange))
            .await
            .unwrap_or_else(|_| {
                let received = Some(received.load(Ordering::Relaxed)).filter(|n| *n != NOTHING);
                Err(Fault::late(route, watch.stage(), received, limit))
            })
    }
}
