//! A loopback STS, OIDC issuer and metadata service that verifies what AWS verifies.
//!
//! For tests, the demo and benchmarks; never part of the shipped binary. Start one with [`FakeAws::start`], point
//! the program under test at [`FakeAws::url`] and [`FakeAws::oidc_request_url`], then look at
//! [`FakeAws::requests`] and [`FakeAws::sessions`].
#![expect(
    clippy::must_use_candidate,
    reason = "nearly every function is a getter of a test double; the attribute would be noise"
)]

mod answer;
mod arn;
mod broken;
mod caller;
mod ci;
mod clock;
mod condition;
mod conn;
mod credentials;
mod demo;
mod fake;
mod fleet;
mod form;
mod idtoken;
mod issuer;
mod jwt;
mod limits;
mod mangle;
mod metadata;
mod misbehave;
mod packed;
mod pattern;
mod policy;
mod proxy;
mod record;
mod route;
mod server;
mod session;
mod state;
mod sts;
mod tags;
mod tls;
mod world;
mod xml;

pub mod sigv4;
pub mod totp;
pub mod trust;

pub use broken::{Broken, BrokenServer};
pub use fake::{Builder, FakeAws};
pub use misbehave::{Misbehaviour, Script};
pub use proxy::{Proxy, Tunnelled};
pub use record::Recorded;
pub use session::Session;
pub use tls::Certificate;
pub use world::{Provider, Role, Secrets, User, World};
