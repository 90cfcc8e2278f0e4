//! Servers that are no servers: they take connections, or not even that, and no good comes of it.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;

const DRIP: Duration = Duration::from_millis(100);
/// More connections than a queue for one holds.
const FILL: usize = 4;

/// What it does with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Takes it and never says a word: a black hole.
    Silent,
    /// Does not take it: its queue is full, so that a connection is neither made nor refused.
    Blocked,
    /// Resets it at the first byte.
    Resets,
    /// Closes it at the first byte.
    Closes,
    /// Sends this at the first byte, whatever was asked, and closes.
    Says(&'static [u8]),
    /// Sends this a byte at a time, ten in a second.
    Drips(&'static [u8]),
    /// Does nothing wrong: hands everything on to a server, and back.
    Relays(SocketAddr),
}

/// A running [`Broken`]; it stops when this is dropped.
#[derive(Debug)]
pub struct BrokenServer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl BrokenServer {
    /// Starts one on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// When there is no port or no thread to be had.
    pub fn start(what: Broken) -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), what)
    }

    /// Starts one at an address.
    ///
    /// # Panics
    /// When the address cannot be had.
    pub fn at(address: SocketAddr, what: Broken) -> Self {
        Self::at_each(address, vec![what])
    }

    /// Starts one on a free port that treats each connection in its own way, and those after the last as the last.
    ///
    /// # Panics
    /// When there is no port or no thread to be had.
    pub fn start_each(ways: &[Broken]) -> Self {
        Self::at_each(SocketAddr::from(([127, 0, 0, 1], 0)), ways.to_vec())
    }

    #[expect(clippy::expect_used, reason = "a test without its server cannot go on")]
    fn at_each(address: SocketAddr, ways: Vec<Broken>) -> Self {
        let connections = Arc::new(AtomicUsize::new(0));
        let (stop, stopped) = oneshot::channel();
        let (ready, address_of) = std::sync::mpsc::channel();
        let counter = Arc::clone(&connections);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for the server");
        let thread = std::thread::Builder::new()
            .name("broken".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    let (listener, full) = listen(address, &ways).await.expect("a listener");
                    let bound = listener
                        .local_addr()
                        .expect("the address of a bound listener");
                    let _ = ready.send(bound);
                    tokio::select! {
                        () = accept(listener, full, ways, counter) => {}
                        _ = stopped => {}
                    }
                });
            })
            .expect("a thread for the server");
        let address = address_of.recv().expect("the listener's address");
        Self {
            address,
            connections,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL for a scheme.
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// How many connections it has taken.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for BrokenServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The listener, and the connections that fill its queue.
async fn listen(
    address: SocketAddr,
    ways: &[Broken],
) -> std::io::Result<(TcpListener, Vec<TcpStream>)> {
    if !ways.contains(&Broken::Blocked) {
        let listener = StdListener::bind(address)?;
        listener.set_nonblocking(true)?;
        return Ok((TcpListener::from_std(listener)?, Vec::new()));
    }
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.bind(address)?;
    let listener = socket.listen(1)?;
    let address = listener.local_addr()?;
    let mut full = Vec::new();
    for _ in 0..FILL {
        let queued = tokio::time::timeout(DRIP, TcpStream::connect(address)).await;
        match queued {
            Ok(stream) => full.push(stream?),
            // The queue is full.
            Err(_) => break,
        }
    }
    Ok((listener, full))
}

async fn accept(
    listener: TcpListener,
    full: Vec<TcpStream>,
    ways: Vec<Broken>,
    connections: Arc<AtomicUsize>,
) {
    if ways.contains(&Broken::Blocked) {
        let _kept = (listener, full);
        return std::future::pending().await;
    }
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let at = connections.fetch_add(1, Ordering::Relaxed);
        let Some(what) = ways.get(at).or(ways.last()).cloned() else {
            continue;
        };
        tokio::spawn(async move {
            // A client that goes away is no concern of ours.
            let _ = attend(stream, what).await;
        });
    }
}

async fn attend(mut stream: TcpStream, what: Broken) -> std::io::Result<()> {
    if let Broken::Relays(to) = what {
        let mut there = TcpStream::connect(to).await?;
        tokio::io::copy_bidirectional(&mut stream, &mut there).await?;
        return Ok(());
    }
    let mut asked = vec![0; 16 * 1024];
    if stream.read(&mut asked).await? == 0 {
        return Ok(());
    }
    match what {
        Broken::Silent | Broken::Blocked => std::future::pending().await,
        Broken::Resets => stream.set_zero_linger(),
        Broken::Closes | Broken::Relays(_) => Ok(()),
        Broken::Says(bytes) => stream.write_all(bytes).await,
        Broken::Drips(bytes) => {
            for byte in bytes {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(DRIP).await;
            }
            Ok(())
        }
    }
}
