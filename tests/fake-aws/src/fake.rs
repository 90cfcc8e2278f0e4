//! The handle of a running fake: where it listens, what it saw, how it is told to misbehave.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use serde_json::Value;

use crate::misbehave::Script;
use crate::proxy::Proxy;
use crate::record::Recorded;
use crate::server::{Server, Settings};
use crate::session::Session;
use crate::state::{Shared, State};
use crate::tls::{Certificate, Tls};
use crate::world::World;
use crate::{ci, idtoken, totp};

/// A running fake; it stops when this is dropped.
#[derive(Debug)]
pub struct FakeAws {
    shared: Shared,
    address: SocketAddr,
    url: String,
    ca_pem: Option<String>,
    _server: Server,
}

/// How to start a [`FakeAws`] that is not the plain one.
#[derive(Debug, Clone)]
pub struct Builder {
    world: World,
    tls: bool,
    certificate: Certificate,
    http2: bool,
    latency: Duration,
    connect_latency: Duration,
}

impl Builder {
    /// Speaks HTTPS with a certificate of its own CA.
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Speaks HTTPS with a certificate that has this fault.
    #[must_use]
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = certificate;
        self.tls()
    }

    /// Also speaks HTTP/2: by ALPN over TLS, by prior knowledge without.
    #[must_use]
    pub fn http2(mut self) -> Self {
        self.http2 = true;
        self
    }

    /// Waits that long before it answers a request.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Waits that long before it reads from a new connection.
    #[must_use]
    pub fn connect_latency(mut self, latency: Duration) -> Self {
        self.connect_latency = latency;
        self
    }

    /// Starts it on a free port of the loopback interface.
    ///
    /// # Panics
    /// When there is no port, no thread or no certificate to be had.
    #[expect(clippy::expect_used, reason = "a test without its server cannot go on")]
    pub fn start(self) -> FakeAws {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
        let address = listener
            .local_addr()
            .expect("the address of a bound listener");
        let tls = self
            .tls
            .then(|| Tls::new(self.http2, self.certificate).expect("a certificate"));
        let url = format!("{}://{address}", if self.tls { "https" } else { "http" });
        let shared = Shared::new(State::new(self.world, url.clone()));
        let settings = Settings {
            tls: tls.as_ref().map(|t| t.config.clone()),
            http2: self.http2,
            latency: self.latency,
            connect_latency: self.connect_latency,
        };
        let server =
            Server::spawn(listener, shared.clone(), settings).expect("a thread for the server");
        FakeAws {
            shared,
            address,
            url,
            ca_pem: tls.map(|t| t.ca_pem),
            _server: server,
        }
    }
}

impl FakeAws {
    /// Starts one on plain HTTP.
    pub fn start(world: World) -> Self {
        Self::builder(world).start()
    }

    /// Starts one on HTTPS with its own CA.
    pub fn start_tls(world: World) -> Self {
        Self::builder(world).tls().start()
    }

    /// The long way to start one.
    pub fn builder(world: World) -> Builder {
        Builder {
            world,
            tls: false,
            certificate: Certificate::Good,
            http2: false,
            latency: Duration::ZERO,
            connect_latency: Duration::ZERO,
        }
    }

    /// The base URL, which is the STS endpoint.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The CA certificate, for a fake on HTTPS.
    pub fn ca_pem(&self) -> Option<String> {
        self.ca_pem.clone()
    }

    /// The `iss` of its tokens.
    pub fn issuer(&self) -> String {
        self.shared.lock().world.issuer.clone()
    }

    /// The token endpoint as `ACTIONS_ID_TOKEN_REQUEST_URL` has it: the client appends `&audience=`.
    pub fn oidc_request_url(&self) -> String {
        format!("{}/idtoken?api-version=2.0", self.url)
    }

    /// The bearer of the token endpoint.
    pub fn oidc_request_token(&self) -> String {
        self.shared.lock().world.bearer.clone()
    }

    /// The token endpoint as Azure's `SYSTEM_OIDCREQUESTURI` has it; the bearer is [`FakeAws::oidc_request_token`].
    pub fn azure_request_url(&self) -> String {
        format!("{}{}", self.url, ci::AZURE)
    }

    /// The token endpoint as `CF_OIDC_REQUEST_URL` has it; the request token is [`FakeAws::oidc_request_token`].
    pub fn codefresh_request_url(&self) -> String {
        format!("{}{}", self.url, ci::CODEFRESH)
    }

    /// Google's metadata server, for `GCE_METADATA_HOST`.
    pub fn google_metadata_host(&self) -> String {
        self.address.to_string()
    }

    /// A token signed with the issuer's key; `iss`, `iat`, `nbf`, `exp` and `jti` are added where absent, and a claim
    /// given as null is left out.
    pub fn mint(&self, claims: &Value) -> String {
        self.shared.lock().mint(claims)
    }

    /// A token of the world's claims, as the token endpoint would give it.
    pub fn id_token(&self, audience: &str) -> String {
        idtoken::token(&mut self.shared.lock(), audience)
    }

    /// The container credentials endpoint, for `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub fn container_credentials_url(&self) -> String {
        format!("{}{}", self.url, self.shared.lock().container_path)
    }

    /// What the container credentials endpoint wants in `Authorization`.
    pub fn container_auth_token(&self) -> String {
        self.shared.lock().container_token.clone()
    }

    /// The instance metadata service, for `AWS_EC2_METADATA_SERVICE_ENDPOINT`.
    pub fn imds_url(&self) -> String {
        self.url.clone()
    }

    /// What arrived so far, in order.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.lock().records().cloned().collect()
    }

    /// How many requests of that operation arrived; the name may have wildcards.
    pub fn count(&self, operation: &str) -> usize {
        self.shared
            .lock()
            .records()
            .filter(|r| crate::pattern::matches(operation, &r.operation))
            .count()
    }

    /// The last request of that operation.
    pub fn last(&self, operation: &str) -> Option<Recorded> {
        self.shared
            .lock()
            .records()
            .filter(|r| r.operation == operation)
            .last()
            .cloned()
    }

    /// How many connections were accepted, those without a request included.
    pub fn connections(&self) -> usize {
        self.shared.lock().connections
    }

    /// How many of them came to TLS by showing the certificate, rather than by resuming an earlier session.
    pub fn full_handshakes(&self) -> usize {
        self.shared.lock().full_handshakes
    }

    /// Forgets the record of requests and denials; sessions and secrets stay.
    pub fn clear(&self) {
        self.shared.lock().forget();
    }

    /// Queues a misbehaviour for the next request, or requests, of an operation; the name may have wildcards.
    pub fn misbehave(&self, operation: &str, what: impl Into<Script>) {
        self.shared.lock().queue.push(operation, what.into());
    }

    /// Forgets the misbehaviours that are still queued.
    pub fn behave(&self) {
        self.shared.lock().queue.clear();
    }

    /// Moves the clock for all that expires: sessions, tokens, codes. Signatures are still judged by the real time.
    pub fn advance_clock(&self, seconds: i64) {
        self.shared.lock().clock.offset += seconds;
    }

    /// Sets how far the clock of [`FakeAws::advance_clock`] is ahead.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.shared.lock().clock.offset = seconds;
    }

    /// Sets how wrong the server's clock is altogether: signature window and Date header included.
    pub fn set_clock_skew(&self, seconds: i64) {
        self.shared.lock().clock.skew = seconds;
    }

    /// The fake's time, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.shared.lock().now()
    }

    /// Lets every session issued so far be expired.
    pub fn expire_sessions(&self) {
        let mut state = self.shared.lock();
        let now = state.now();
        state
            .sessions
            .iter_mut()
            .for_each(|s| s.expires = s.expires.min(now));
    }

    /// Every session issued so far, in order.
    pub fn sessions(&self) -> Vec<Session> {
        self.shared.lock().sessions.clone()
    }

    /// The session of an access key id.
    pub fn session(&self, access_key_id: &str) -> Option<Session> {
        self.shared
            .lock()
            .sessions
            .iter()
            .find(|s| s.access_key_id == access_key_id)
            .cloned()
    }

    /// Why requests were refused: more than AWS tells, one line each.
    pub fn denials(&self) -> Vec<String> {
        self.shared.lock().denials.clone()
    }

    /// The current code of the MFA device of that serial number.
    pub fn mfa_code(&self, serial: &str) -> Option<String> {
        let state = self.shared.lock();
        let device = state
            .world
            .users
            .iter()
            .filter_map(|u| u.mfa.as_ref())
            .find(|(s, _)| s == serial)?;
        totp::code(&device.1, state.now())
    }

    /// Every secret it has ever issued or knows, for a check that none leaked.
    pub fn secrets(&self) -> Vec<String> {
        self.shared.lock().secrets()
    }

    /// Starts an HTTP proxy in front of it: whatever host a client asks for, it reaches this fake.
    ///
    /// # Panics
    /// When there is no port or no thread to be had.
    pub fn proxy(&self) -> Proxy {
        Proxy::start(self.address, None)
    }

    /// As [`FakeAws::proxy`], for clients that give this user and password.
    ///
    /// # Panics
    /// When there is no port or no thread to be had.
    pub fn proxy_with_password(&self, user: &str, password: &str) -> Proxy {
        Proxy::start(self.address, Some((user, password)))
    }

    /// Changes the world while it runs.
    pub fn edit(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.shared.lock().world);
    }
}
