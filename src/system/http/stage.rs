//! How far a connection has come, so that silence can be told apart: of the network, of the TLS handshake, of the server.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use tower::{Layer, Service};

/// Where a client's latest connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A name to resolve, a connection to open, a proxy to ask for a tunnel.
    Connecting,
    /// The host took the connection; TLS has begun.
    Handshake,
    /// Ready for a request.
    Open,
}

/// One client's stage. The client says when it connects; rustls, by asking for an earlier session, when TLS begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Arc<AtomicU8>);

impl Watch {
    pub(super) fn stage(&self) -> Stage {
        match self.0.load(Ordering::Relaxed) {
            0 => Stage::Connecting,
            1 => Stage::Handshake,
            _ => Stage::Open,
        }
    }

    pub(super) fn layer(&self) -> WatchLayer {
        WatchLayer(self.clone())
    }

    /// Sessions are not resumed: a step opens one connection to a host.
    pub(super) fn resumption(&self) -> Resumption {
        Resumption::store(Arc::new(self.clone()))
    }

    fn set(&self, stage: Stage) {
        self.0.store(stage as u8, Ordering::Relaxed);
    }
}

impl ClientSessionStore for Watch {
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.set(Stage::Handshake);
        None
    }

    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

/// Wraps the connector of one client.
#[derive(Debug, Clone)]
pub(super) struct WatchLayer(Watch);

impl<S> Layer<S> for WatchLayer {
    type Service = WatchConnector<S>;

    fn layer(&self, inner: S) -> WatchConnector<S> {
        WatchConnector {
            inner,
            watch: self.0.clone(),
        }
    }
}

/// The connector that notes when it begins and when it is done.
#[derive(Debug, Clone)]
pub(super) struct WatchConnector<S> {
    inner: S,
    watch: Watch,
}

impl<S, R> Service<R> for WatchConnector<S>
where
    S: Service<R> + Clone + Send + 'static,
    S::Future: Send,
    S::Response: Send,
    S::Error: Send,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (mut inner, watch) = (self.inner.clone(), self.watch.clone());
        Box::pin(async move {
            watch.set(Stage::Connecting);
            let connection = inner.call(request).await?;
            watch.set(Stage::Open);
            Ok(connection)
        })
    }
}
