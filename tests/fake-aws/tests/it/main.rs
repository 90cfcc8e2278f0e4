//! The fake as its users see it: over a socket.
#![expect(
    clippy::unwrap_used,
    reason = "the client that the tests share is test code too"
)]

mod ci;
mod client;
mod hops;
mod limits;
mod metadata;
mod proxy;
mod signatures;
mod web_identity;
mod wire;
