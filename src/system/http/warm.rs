//! A connection that is opened while the token is still being fetched, and taken by the first real request.
//!
//! It is a layer around reqwest's connector. The warm-up request gets as far as an open, encrypted connection, which is
//! kept here; then that request is given up, so that nothing of it is ever sent.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::sync::Mutex;
use tower::{Layer, Service};

use super::stage::{Stage, Watch};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// The connector's connection type cannot be named outside reqwest.
type AnyConnection = Box<dyn Any + Send>;

/// The place where an open connection waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Warm {
    warming: Arc<AtomicBool>,
    /// A client that has connections takes one of them, and would send the warm-up request.
    begun: Arc<AtomicBool>,
    kept: Arc<Mutex<Option<AnyConnection>>>,
    /// How far it has come, for those who wait for it.
    watch: Watch,
}

impl Warm {
    /// Opens a connection to the URL's host and keeps it, once. Failing is fine: the real request will say why.
    pub(crate) async fn open(&self, client: &reqwest::Client, url: &str) {
        if self.begun.swap(true, Ordering::SeqCst) {
            return;
        }
        self.warming.store(true, Ordering::SeqCst);
        let _ = self.watch.over(client.get(url).send()).await;
    }

    pub(super) fn layer(&self) -> WarmLayer {
        WarmLayer(self.clone())
    }
}

/// Wraps the connector of one client.
#[derive(Debug, Clone)]
pub(super) struct WarmLayer(Warm);

impl<S> Layer<S> for WarmLayer {
    type Service = WarmConnector<S>;

    fn layer(&self, inner: S) -> WarmConnector<S> {
        WarmConnector {
            inner,
            warm: self.0.clone(),
        }
    }
}

/// The connector that keeps the first connection, and gives it to the next caller.
#[derive(Debug, Clone)]
pub(super) struct WarmConnector<S> {
    inner: S,
    warm: Warm,
}

impl<S, R> Service<R> for WarmConnector<S>
where
    S: Service<R, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send,
    S::Response: Send + 'static,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (mut inner, warm) = (self.inner.clone(), self.warm.clone());
        Box::pin(async move {
            let watch = Watch::of_this_request();
            if !warm.warming.load(Ordering::SeqCst) {
                watch.waits_for(&warm.watch);
            }
            let mut kept = warm.kept.lock().await;
            if warm.warming.swap(false, Ordering::SeqCst) {
                let connection = inner.call(request).await?;
                *kept = Some(Box::new(connection));
                return Err("kept for the request to come".into());
            }
            // Waited for the lock, and so for a connection that was still being opened.
            let connection = kept.take().map(AnyConnection::downcast::<S::Response>);
            if let Some(Ok(connection)) = connection {
                watch.set(Stage::Open);
                return Ok(*connection);
            }
            drop(kept);
            inner.call(request).await
        })
    }
}
