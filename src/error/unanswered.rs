//! A request to which no usable answer came: whose answer is missing, where on the way it broke, what to do about it.

use super::Advice;
use crate::system::backoff::Tries;
use crate::system::http::{Fault, FaultKind, TlsFault};

/// Who did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FarSide {
    TokenEndpoint,
    Sts,
}

/// A request that broke on its way, after all attempts that could help.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.headline())]
pub(crate) struct Unanswered {
    pub(crate) side: FarSide,
    /// What was attempted, as in `sts:AssumeRole`.
    pub(crate) operation: &'static str,
    pub(crate) fault: Fault,
    pub(crate) tries: Tries,
}

impl FarSide {
    fn name(self) -> &'static str {
        match self {
            Self::TokenEndpoint => "the token endpoint",
            Self::Sts => "STS",
        }
    }

    /// The code for this side: that of the token endpoint, that of STS.
    fn code(self, codes: [&'static str; 2]) -> &'static str {
        let [token_endpoint, sts] = codes;
        match self {
            Self::TokenEndpoint => token_endpoint,
            Self::Sts => sts,
        }
    }
}

impl Unanswered {
    fn headline(&self) -> String {
        let (side, operation) = (self.side.name(), self.operation);
        match self.fault.kind {
            FaultKind::NameUnknown | FaultKind::Unreachable | FaultKind::Unsendable => {
                format!("{side} cannot be reached for {operation}")
            }
            FaultKind::Tls(_) => format!("there is no trusted connection to {side}"),
            FaultKind::Silent => format!("{side} did not answer {operation} in time"),
            FaultKind::Interrupted => format!("the connection to {side} broke off at {operation}"),
            FaultKind::ProxyUnreachable => {
                format!("the proxy gives no connection to {side}")
            }
            FaultKind::ProxyPassword | FaultKind::ProxyRefused => {
                format!("the proxy refuses to connect to {side}")
            }
            FaultKind::Foreign => format!("the answer to {operation} is not one of {side}"),
        }
    }

    pub(super) fn advice(&self) -> Advice {
        let side = self.side;
        let (codes, exit, hint) = match self.fault.kind {
            FaultKind::NameUnknown => (
                ["oidc-unreachable", "sts-unreachable"],
                6,
                match side {
                    FarSide::TokenEndpoint => {
                        "check the runner's DNS; behind a proxy that resolves names, set http-proxy or HTTPS_PROXY"
                    }
                    FarSide::Sts => {
                        "check aws-region and sts-endpoint, then the runner's DNS; behind a proxy that resolves names, set http-proxy or HTTPS_PROXY"
                    }
                },
            ),
            FaultKind::Unreachable | FaultKind::Unsendable => (
                ["oidc-unreachable", "sts-unreachable"],
                6,
                match side {
                    FarSide::TokenEndpoint => {
                        "let the runner connect to this host, or set http-proxy or HTTPS_PROXY; otherwise re-run the job"
                    }
                    FarSide::Sts => {
                        "check aws-region, sts-endpoint and the runner's way out (proxy, firewall, VPC endpoint for STS); then re-run the job"
                    }
                },
            ),
            FaultKind::Tls(fault) => (["oidc-tls", "sts-tls"], 6, tls_hint(fault)),
            FaultKind::Silent => (
                ["oidc-timed-out", "sts-timed-out"],
                6,
                "something takes connections and does not pass them on: check firewall and proxy; otherwise re-run the job",
            ),
            FaultKind::Interrupted => (
                ["oidc-interrupted", "sts-interrupted"],
                6,
                "re-run the job; if it stays, a firewall or a proxy cuts connections to this host",
            ),
            FaultKind::ProxyUnreachable => (
                ["proxy-unreachable"; 2],
                6,
                "check the proxy's address and port in http-proxy, HTTPS_PROXY or HTTP_PROXY; hosts that need none go into no-proxy",
            ),
            FaultKind::ProxyPassword => (
                ["proxy-refused"; 2],
                6,
                "put user and password into the proxy's URL: http://USER:PASSWORD@HOST:PORT, from a secret",
            ),
            FaultKind::ProxyRefused => (
                ["proxy-refused"; 2],
                6,
                "have this host allowed by the proxy, or name it in no-proxy if it can be reached without; \
                 where it is allowed, the proxy may have lost its own way to it: re-run the job",
            ),
            FaultKind::Foreign => (
                ["oidc-answer-invalid", "sts-answer-invalid"],
                match side {
                    FarSide::TokenEndpoint => 4,
                    FarSide::Sts => 5,
                },
                "something else answers in its place: check the endpoint's URL and the proxy settings",
            ),
        };
        Advice::new(side.code(codes), exit, hint)
    }

    pub(super) fn causes(&self) -> Vec<String> {
        self.tries.causes(&self.fault.text)
    }
}

fn tls_hint(fault: TlsFault) -> &'static str {
    match fault {
        TlsFault::UnknownIssuer => {
            "name the CA of the company's TLS proxy, or of this server, with ca-bundle (a PEM file)"
        }
        TlsFault::Dates => {
            "check the runner's clock; if it is right, the server's certificate has to be renewed"
        }
        TlsFault::WrongName => {
            "the certificate is for other names: check the endpoint's host, or what answers in its place"
        }
        TlsFault::NotTls => {
            "what answers does not speak TLS: check scheme and port of the endpoint; a proxy that serves plain HTTP goes into http-proxy"
        }
        TlsFault::Other => {
            "a TLS proxy or an old server may be in between: check what answers, with `openssl s_client -connect HOST:443`"
        }
        TlsFault::Alert => {
            "the server broke the handshake off: a client certificate, an old TLS version or a proxy in between; re-run the job"
        }
    }
}
