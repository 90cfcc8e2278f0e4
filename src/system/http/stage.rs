//! How far a connection has come, so that silence can be told apart: of the network, of the TLS handshake, of the server.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
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

/// TLS sessions of all clients of a run. Targets side by side open up to 32 connections to one host, and a resumed one
/// needs no certificate: with TLS 1.2 that saves a round trip, with TLS 1.3 most of the work.
#[derive(Debug, Clone)]
pub(super) struct Sessions(Arc<ClientSessionMemoryCache>);

/// Few hosts: the token's, STS', a proxy.
const MOST_HOSTS: usize = 8;

impl Default for Sessions {
    fn default() -> Self {
        Self(Arc::new(ClientSessionMemoryCache::new(MOST_HOSTS)))
    }
}

/// One client's stage. The client says when it connects; rustls, by asking for an earlier session, when TLS begins.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch {
    stage: Arc<AtomicU8>,
    sessions: Sessions,
}

impl Watch {
    pub(super) fn new(sessions: &Sessions) -> Self {
        Self {
            stage: Arc::default(),
            sessions: sessions.clone(),
        }
    }

    pub(super) fn stage(&self) -> Stage {
        match self.stage.load(Ordering::Relaxed) {
            0 => Stage::Connecting,
            1 => Stage::Handshake,
            _ => Stage::Open,
        }
    }

    pub(super) fn layer(&self) -> WatchLayer {
        WatchLayer(self.clone())
    }

    pub(super) fn resumption(&self) -> Resumption {
        Resumption::store(Arc::new(self.clone()))
    }

    fn set(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
    }
}

impl ClientSessionStore for Watch {
    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.set(Stage::Handshake);
        self.sessions.0.kx_hint(server)
    }

    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.sessions.0.set_kx_hint(server, group);
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.sessions.0.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.sessions.0.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.sessions.0.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.sessions.0.insert_tls13_ticket(server, ticket);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.sessions.0.take_tls13_ticket(server)
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
