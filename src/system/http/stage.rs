//! How far a connection has come, so that silence can be told apart: of the network, of the TLS handshake, of the server.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use tower::{Layer, Service};

/// Where a request's connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A name to resolve, a connection to open, a proxy to ask for a tunnel.
    Connecting,
    /// The host took the connection; TLS has begun.
    Handshake,
    /// Ready for a request.
    Open,
}

tokio::task_local! {
    /// The request in whose course a connection is made.
    static REQUEST: Watch;
}

/// One request's stage, since several of a client are under way at a time. The connector says when it begins and ends;
/// rustls, by asking for an earlier session, when TLS begins. A connection that was there already is open.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Arc<Known>);

#[derive(Debug)]
struct Known {
    stage: AtomicU8,
    /// The request that opens the connection which this one waits for.
    ahead: Mutex<Option<Watch>>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            stage: AtomicU8::new(Stage::Open as u8),
            ahead: Mutex::default(),
        }
    }
}

impl Watch {
    pub(super) fn stage(&self) -> Stage {
        if let Some(ahead) = &*self.ahead() {
            return ahead.stage();
        }
        match self.0.stage.load(Ordering::Relaxed) {
            0 => Stage::Connecting,
            1 => Stage::Handshake,
            _ => Stage::Open,
        }
    }

    /// Does a request whose stage this is.
    pub(super) async fn over<F: Future>(&self, request: F) -> F::Output {
        REQUEST.scope(self.clone(), request).await
    }

    /// The request that is being done.
    pub(super) fn of_this_request() -> Self {
        REQUEST.try_with(Self::clone).unwrap_or_default()
    }

    /// Is as far as that one, until it has its own connection.
    pub(super) fn waits_for(&self, ahead: &Self) {
        *self.ahead() = Some(ahead.clone());
    }

    pub(super) fn set(&self, stage: Stage) {
        *self.ahead() = None;
        self.0.stage.store(stage as u8, Ordering::Relaxed);
    }

    fn ahead(&self) -> MutexGuard<'_, Option<Self>> {
        self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// TLS sessions of all clients of a run. Targets side by side open up to 32 connections to one host, and a resumed one
/// needs no certificate: with TLS 1.2 that saves a round trip, with TLS 1.3 most of the work.
///
/// Asked for one when TLS begins, so that it tells the request how far its connection came.
#[derive(Debug, Clone)]
pub(super) struct Sessions(Arc<ClientSessionMemoryCache>);

/// Few hosts: the token's, STS', a proxy.
const MOST_HOSTS: usize = 8;

impl Default for Sessions {
    fn default() -> Self {
        Self(Arc::new(ClientSessionMemoryCache::new(MOST_HOSTS)))
    }
}

impl Sessions {
    pub(super) fn resumption(&self) -> Resumption {
        Resumption::store(Arc::new(self.clone()))
    }
}

impl ClientSessionStore for Sessions {
    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        Watch::of_this_request().set(Stage::Handshake);
        self.0.kx_hint(server)
    }

    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server, group);
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.0.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(server, ticket);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.take_tls13_ticket(server)
    }
}

/// Wraps the connector of one client.
#[derive(Debug, Clone)]
pub(super) struct WatchLayer;

impl<S> Layer<S> for WatchLayer {
    type Service = WatchConnector<S>;

    fn layer(&self, inner: S) -> WatchConnector<S> {
        WatchConnector { inner }
    }
}

/// The connector that notes when it begins and when it is done.
#[derive(Debug, Clone)]
pub(super) struct WatchConnector<S> {
    inner: S,
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
        let mut inner = self.inner.clone();
        let watch = Watch::of_this_request();
        Box::pin(async move {
            watch.set(Stage::Connecting);
            // It may go on where nobody asks for it any more.
            let connection = watch.over(async { inner.call(request).await }).await?;
            watch.set(Stage::Open);
            Ok(connection)
        })
    }
}
