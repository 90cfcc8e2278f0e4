//! The accept loop, on a thread and a runtime of its own.

use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::{HandshakeKind, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::conn::Conn;
use crate::route::{self, Origin};
use crate::state::Shared;

/// How connections are served.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) http2: bool,
    pub(crate) latency: Duration,
    pub(crate) connect_latency: Duration,
}

/// The running thread; it stops when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn spawn(
        listener: StdListener,
        shared: Shared,
        settings: Settings,
    ) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("fake-aws".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    let Ok(listener) = TcpListener::from_std(listener) else {
                        return;
                    };
                    tokio::select! {
                        () = accept(listener, shared, settings) => {}
                        _ = stopped => {}
                    }
                });
                // Dropping the runtime drops every connection.
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed already.
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, shared: Shared, settings: Settings) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let connection = {
            let mut state = shared.lock();
            state.connections += 1;
            state.connections as u64
        };
        tokio::spawn(attend(stream, connection, shared.clone(), settings.clone()));
    }
}

async fn attend(stream: TcpStream, connection: u64, shared: Shared, settings: Settings) {
    let _ = stream.set_nodelay(true);
    if !settings.connect_latency.is_zero() {
        tokio::time::sleep(settings.connect_latency).await;
    }
    let (conn, switch) = Conn::new(stream);
    let origin = Origin {
        connection,
        switch,
        latency: settings.latency,
    };
    match settings.tls {
        Some(tls) => {
            // A client that does not trust the CA leaves here.
            if let Ok(stream) = TlsAcceptor::from(tls).accept(conn).await {
                if stream.get_ref().1.handshake_kind() != Some(HandshakeKind::Resumed) {
                    shared.lock().full_handshakes += 1;
                }
                converse(stream, origin, shared, settings.http2).await;
            }
        }
        None => converse(conn, origin, shared, settings.http2).await,
    }
}

async fn converse<S>(stream: S, origin: Origin, shared: Shared, http2: bool)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| route::serve(shared.clone(), origin.clone(), request));
    let builder = auto::Builder::new(TokioExecutor::new());
    let builder = if http2 { builder } else { builder.http1_only() };
    // Errors here are the client's going away, or a reset that a test asked for.
    let _ = builder
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
