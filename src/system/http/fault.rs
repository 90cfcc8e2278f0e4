//! Why a request has no whole answer: where on the way it broke, and how. Found by type, never by a message's words.

use std::error::Error;
use std::io;
use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use reqwest::Url;
use rustls::CertificateError;

use super::MOST_BYTES;
use super::proxy::ProxySettings;
use super::stage::Stage;
use crate::model::time::short;

/// The connector's error has no other public name.
type TunnelError = <Tunnel<HttpConnector> as tower::Service<http::Uri>>::Error;

/// Where it broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The host's name has no address.
    NameUnknown,
    /// No connection: refused, no route, or none in time.
    Unreachable,
    /// The TLS handshake failed.
    Tls(TlsFault),
    /// A connection, and then nothing, or not enough in time.
    Silent,
    /// A connection that ended before the answer did.
    Interrupted,
    /// No connection to the proxy, or no word from it.
    ProxyUnreachable,
    /// The proxy wants a password.
    ProxyPassword,
    /// The proxy opens no tunnel to this host.
    ProxyRefused,
    /// An answer without end, or one that is not HTTP.
    Foreign,
    /// The request could not even be built.
    Unsendable,
}

/// What is wrong with TLS, by what the user does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsFault {
    UnknownIssuer,
    /// It has ended, or has not begun.
    Dates,
    WrongName,
    /// What answered does not speak TLS.
    NotTls,
    /// Something else in a certificate, or no version or cipher in common.
    Other,
    /// The other side broke the handshake off; another server of the same name may not.
    Alert,
}

/// A request that came to nothing.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) text: String,
}

impl Fault {
    pub(super) fn new(kind: FaultKind, text: impl AsRef<str>) -> Self {
        // A certificate may be for a hundred names.
        let text = text.as_ref().chars().take(600).collect();
        Self { kind, text }
    }

    pub(super) fn too_large() -> Self {
        Self::new(
            FaultKind::Foreign,
            format!("the answer is larger than {MOST_BYTES} bytes"),
        )
    }

    /// A proxy that answers in the host's place and wants to know who asks.
    pub(super) fn password_wanted(route: &Route) -> Self {
        Self::new(
            FaultKind::ProxyPassword,
            format!(
                "HTTP 407: {} asks for a user name and a password",
                route.proxy_words()
            ),
        )
    }

    /// The fault behind an error of the SDK's, which carries ours inside.
    pub(crate) fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        chain(error).find_map(|error| error.downcast_ref())
    }

    /// How often the same request is worth sending: once, where it would fail the same way at once.
    pub(crate) fn most_attempts(&self) -> u32 {
        /// A proxy that has lost its own way to the host says so as one that forbids it does; which, the connector does not tell.
        const OF_A_REFUSED_TUNNEL: u32 = 3;
        match self.kind {
            FaultKind::Tls(fault) if fault != TlsFault::Alert => 1,
            FaultKind::ProxyPassword | FaultKind::Foreign | FaultKind::Unsendable => 1,
            FaultKind::ProxyRefused => OF_A_REFUSED_TUNNEL,
            FaultKind::Tls(_)
            | FaultKind::NameUnknown
            | FaultKind::Unreachable
            | FaultKind::Silent
            | FaultKind::Interrupted
            | FaultKind::ProxyUnreachable => u32::MAX,
        }
    }

    /// Whether the same request would fail the same way at once.
    pub(super) fn is_lasting(&self) -> bool {
        self.most_attempts() == 1
    }

    /// The time for one attempt, or for everything, has run out.
    pub(super) fn late(
        route: &Route,
        stage: Stage,
        received: Option<usize>,
        waited: Duration,
    ) -> Self {
        let (host, waited) = (route.words(), short(waited));
        let silent = |text: String| Self::new(FaultKind::Silent, text);
        match (stage, received) {
            (Stage::Connecting, _) => no_connection(route, &format!("none within {waited}")),
            (Stage::Handshake, _) => silent(format!(
                "{host} took the connection and did not finish the TLS handshake within {waited}"
            )),
            (Stage::Open, None) => silent(format!(
                "{host} took the request and did not answer within {waited}"
            )),
            (Stage::Open, Some(bytes)) => silent(format!(
                "{host} began to answer and had not ended after {waited} ({bytes} bytes came)"
            )),
        }
    }

    /// No connection, or one that broke before there was an answer.
    pub(super) fn of(
        error: &reqwest::Error,
        route: &Route,
        stage: Stage,
        connect_limit: Duration,
    ) -> Self {
        let (host, words) = (&route.host, route.words());
        if error.is_builder() {
            return Self::new(FaultKind::Unsendable, innermost(error));
        }
        if let Some(fault) = chain(error).find_map(tls) {
            let text = format!("the TLS handshake with {words} failed: {fault}");
            return Self::new(FaultKind::Tls(TlsFault::of(fault)), text);
        }
        if let Some(fault) = chain(error).find_map(|error| error.downcast_ref::<TunnelError>()) {
            return tunnel(fault, route);
        }
        if error.is_dns() && route.proxy.is_none() {
            let text = format!(
                "the name {} has no address: {}",
                bare(host),
                innermost(error)
            );
            return Self::new(FaultKind::NameUnknown, text);
        }
        if error.is_connect() {
            return match (stage, error.is_timeout()) {
                (Stage::Handshake, true) => Self::late(route, stage, None, connect_limit),
                (Stage::Handshake, false) => Self::new(
                    FaultKind::Interrupted,
                    format!("{words} broke the TLS handshake off: {}", innermost(error)),
                ),
                (_, true) => Self::late(route, Stage::Connecting, None, connect_limit),
                (_, false) => no_connection(route, &innermost(error)),
            };
        }
        let hyper = chain(error).find_map(|error| error.downcast_ref::<hyper::Error>());
        if hyper.is_some_and(hyper::Error::is_parse) {
            let text = format!(
                "what answers at {words} does not speak HTTP: {}",
                innermost(error)
            );
            return Self::new(FaultKind::Foreign, text);
        }
        Self::new(
            FaultKind::Interrupted,
            format!("{words} broke the connection off: {}", innermost(error)),
        )
    }
}

impl TlsFault {
    fn of(fault: &rustls::Error) -> Self {
        use rustls::Error;
        match fault {
            Error::InvalidCertificate(fault) => match fault {
                CertificateError::UnknownIssuer => Self::UnknownIssuer,
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Self::Dates,
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => Self::WrongName,
                _ => Self::Other,
            },
            Error::InvalidMessage(_) => Self::NotTls,
            Error::AlertReceived(_) => Self::Alert,
            _ => Self::Other,
        }
    }
}

/// Whom a request goes to, and through whom; for messages, so without user and password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) host: String,
    pub(crate) proxy: Option<String>,
}

impl Route {
    pub(super) fn of(url: &Url, proxies: &ProxySettings) -> Self {
        let proxy = proxies
            .choose(url)
            .map(|proxy| Url::parse(&proxy).map_or_else(|_| "(no URL)".to_owned(), |p| place(&p)));
        Self {
            host: place(url),
            proxy,
        }
    }

    /// The host, and the proxy in between, which may be the one that fails.
    fn words(&self) -> String {
        match &self.proxy {
            Some(proxy) => format!("{} (through the proxy {proxy})", self.host),
            None => self.host.clone(),
        }
    }

    fn proxy_words(&self) -> String {
        self.proxy.as_ref().map_or_else(
            || "a proxy".to_owned(),
            |proxy| format!("the proxy {proxy}"),
        )
    }
}

/// `host`, or `host:port` where the port is not the scheme's.
fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn bare(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

fn no_connection(route: &Route, why: &str) -> Fault {
    match &route.proxy {
        Some(proxy) => Fault::new(
            FaultKind::ProxyUnreachable,
            format!(
                "no connection to {} through the proxy {proxy}: {why}",
                route.host
            ),
        ),
        None => Fault::new(
            FaultKind::Unreachable,
            format!("no connection to {}: {why}", route.host),
        ),
    }
}

fn tunnel(fault: &TunnelError, route: &Route) -> Fault {
    match fault {
        TunnelError::ProxyAuthRequired => Fault::password_wanted(route),
        TunnelError::TunnelUnsuccessful => Fault::new(
            FaultKind::ProxyRefused,
            format!("{} opens no tunnel to {}", route.proxy_words(), route.host),
        ),
        other => no_connection(route, &innermost(other)),
    }
}

/// An error and the reasons behind it. What an I/O error was made of is not among its own sources.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        let inside = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inner| inner as &(dyn Error + 'static));
        inside.or_else(|| error.source())
    })
}

fn tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    error.downcast_ref()
}

/// The reason that names the fault; those around it only say that there was one, and may show the URL.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let last = chain(error).last();
    last.filter(|last| !last.is::<reqwest::Error>())
        .map_or_else(|| "no reason given".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rustls_error_is_found_behind_io_errors_and_judged_by_its_type() {
        let expired = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let deep = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, expired));
        let found = chain(&deep).find_map(tls).expect("the rustls error");
        assert_eq!(TlsFault::of(found), TlsFault::Dates);
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::HandshakeFailure);
        for (fault, lasting) in [(TlsFault::of(&alert), false), (TlsFault::WrongName, true)] {
            assert_eq!(Fault::new(FaultKind::Tls(fault), "").is_lasting(), lasting);
        }
    }

    #[test]
    fn silence_is_told_by_how_far_it_came() {
        let route = Route {
            host: "h".into(),
            proxy: None,
        };
        let second = Duration::from_secs(1);
        for (stage, received, kind, part) in [
            (
                Stage::Connecting,
                None,
                FaultKind::Unreachable,
                "none within 1.0 s",
            ),
            (Stage::Handshake, None, FaultKind::Silent, "TLS handshake"),
            (Stage::Open, None, FaultKind::Silent, "did not answer"),
            (Stage::Open, Some(7), FaultKind::Silent, "7 bytes came"),
        ] {
            let fault = Fault::late(&route, stage, received, second);
            assert_eq!(fault.kind, kind);
            assert!(fault.text.contains(part), "{}", fault.text);
        }
    }
}
