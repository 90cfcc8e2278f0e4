//! A service on the job's own machine: one request for each connection, over a Unix socket or a loopback address.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;

/// What arrived.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) authorization: String,
    pub(super) body: serde_json::Value,
}

type Handler = dyn Fn(Request) -> (u16, String) + Send + Sync;

/// Answers until the test ends.
pub(super) fn on_socket(path: &Path, handler: Arc<Handler>) {
    let listener = UnixListener::bind(path).expect("a socket");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &*handler);
        }
    });
}

/// The same at an address, which it tells.
pub(super) fn on_loopback(handler: Arc<Handler>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &*handler);
        }
    });
    url
}

fn answer(mut stream: impl Read + Write, handler: &Handler) {
    let mut reader = BufReader::new(&mut stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let header = |name: &str| {
        let named = |line: &&String| line.to_ascii_lowercase().starts_with(name);
        let line = lines.iter().find(named)?;
        Some(line[name.len()..].trim().to_owned())
    };
    let length = header("content-length:").map_or(0, |text| text.parse().expect("a number"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a whole body");
    let Some(first) = lines.first() else { return };
    let mut words = first.split(' ').map(str::to_owned);
    let request = Request {
        method: words.next().expect("a method"),
        path: words.next().expect("a path"),
        authorization: header("authorization:").unwrap_or_default(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let (status, text) = handler(request);
    let _ = write!(
        stream,
        "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
}
