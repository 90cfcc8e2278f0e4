//! An HTTP proxy whose only destination is one fake: `CONNECT` for HTTPS, absolute targets for HTTP.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const HEAD_LIMIT: usize = 64 * 1024;
const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";
const PASSWORD_WANTED: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\n\
    proxy-authenticate: Basic realm=\"fake\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// What a client asked a [`Proxy`] for, per connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tunnelled {
    /// `CONNECT`, or the method of a request with an absolute target.
    pub method: String,
    /// `host:port`, or the absolute target.
    pub target: String,
    /// The Proxy-Authorization header.
    pub authorization: Option<String>,
    /// False when it was turned away.
    pub admitted: bool,
}

/// A running proxy; it stops when this is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Tunnelled>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    #[expect(clippy::expect_used, reason = "a test without its proxy cannot go on")]
    pub(crate) fn start(upstream: SocketAddr, password: Option<(&str, &str)>) -> Self {
        let listener = StdListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
        let address = listener
            .local_addr()
            .expect("the address of a bound listener");
        listener
            .set_nonblocking(true)
            .expect("a listener for the runtime");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime for the proxy");
        let expected =
            password.map(|(u, p)| format!("Basic {}", STANDARD.encode(format!("{u}:{p}"))));
        let seen = Arc::default();
        let desk = Desk {
            upstream,
            expected,
            seen: Arc::clone(&seen),
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("fake-proxy".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    let Ok(listener) = TcpListener::from_std(listener) else {
                        return;
                    };
                    tokio::select! {
                        () = accept(listener, desk) => {}
                        _ = stopped => {}
                    }
                });
            });
        let thread = thread.expect("a thread for the proxy");
        Self {
            address,
            seen,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// What goes into `HTTPS_PROXY` and the like, without a password.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked for so far, one entry per connection.
    pub fn seen(&self) -> Vec<Tunnelled> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What every connection needs.
#[derive(Debug, Clone)]
struct Desk {
    upstream: SocketAddr,
    expected: Option<String>,
    seen: Arc<Mutex<Vec<Tunnelled>>>,
}

async fn accept(listener: TcpListener, desk: Desk) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        // A client that goes away is no concern of the proxy's.
        let desk = desk.clone();
        tokio::spawn(async move {
            let _ = attend(stream, desk).await;
        });
    }
}

async fn attend(mut client: TcpStream, desk: Desk) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        if head.len() > HEAD_LIMIT || client.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let request = read(&head, desk.expected.as_deref());
    let (admitted, connects) = (request.admitted, request.method == "CONNECT");
    desk.seen
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(request);
    if !admitted {
        return client.write_all(PASSWORD_WANTED).await;
    }
    let mut upstream = TcpStream::connect(desk.upstream).await?;
    upstream.set_nodelay(true)?;
    if connects {
        client.write_all(ESTABLISHED).await?;
    } else {
        // The fake takes absolute targets, so the request goes on as it is.
        upstream.write_all(&head).await?;
    }
    copy_bidirectional(&mut client, &mut upstream)
        .await
        .map(|_| ())
}

fn read(head: &[u8], expected: Option<&str>) -> Tunnelled {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines();
    let mut first = lines
        .next()
        .unwrap_or_default()
        .split(' ')
        .map(str::to_owned);
    let authorization = lines
        .take_while(|l| !l.is_empty())
        .filter_map(|l| l.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
        .map(|(_, value)| value.trim().to_owned());
    Tunnelled {
        method: first.next().unwrap_or_default(),
        target: first.next().unwrap_or_default(),
        admitted: expected.is_none() || authorization.as_deref() == expected,
        authorization,
    }
}
