//! The one way to the network: roots, proxies, time-outs, no redirects, a cap on the answer's size, the user agent.

mod answer;
mod client;
mod fault;
mod local;
mod proxy;
mod roots;
mod sdk;
mod stage;
mod warm;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustls::ClientConfig;

pub(crate) use answer::{Answer, retry_after};
pub(crate) use client::Client;
pub(crate) use fault::{Fault, FaultKind, TlsFault};
pub(crate) use local::{Local, Reply};
pub(crate) use proxy::{ProxySettings, check as check_proxy};
pub(crate) use roots::{RootsError, check_ca_file};
pub(crate) use sdk::SdkHttp;
pub(crate) use warm::Warm;

use super::console::Console;
use stage::{Sessions, WatchLayer};

/// No answer that we ask for comes near this.
pub(crate) const MOST_BYTES: usize = 1 << 20;

/// From the look-up of the name to the end of the TLS handshake, the tunnel through a proxy included.
const CONNECT: Duration = Duration::from_secs(5);

/// What a connection is made with; both clients share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct HttpSettings {
    pub(crate) proxy: ProxySettings,
    /// PEM files whose certificates are trusted beside Mozilla's.
    pub(crate) ca_files: Vec<PathBuf>,
    /// What the SDK's user agent ends with, and what others see whole.
    pub(crate) user_agent: String,
    /// When no request may take any longer; without it, each has its own limit only.
    pub(crate) ends: Option<Instant>,
    /// Where each request is told of.
    pub(crate) console: Console,
}

/// Makes clients: one for the CI's token endpoint, one for STS.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    tls: ClientConfig,
    sessions: Sessions,
    settings: HttpSettings,
}

impl Http {
    /// Reads the extra CA files; Mozilla's roots are compiled in.
    pub(crate) fn new(settings: HttpSettings) -> Result<Self, RootsError> {
        let tls = roots::client_config(&settings.ca_files)?;
        Ok(Self {
            tls,
            sessions: Sessions::default(),
            settings,
        })
    }

    /// A client for plain requests.
    pub(crate) fn client(&self) -> Result<Client, reqwest::Error> {
        Ok(self.knowing(self.builder().build()?))
    }

    /// A client for the SDK whose first connection can be opened before there is anything to send.
    pub(crate) fn sdk_client(&self) -> Result<SdkHttp, reqwest::Error> {
        let warm = Warm::default();
        let client = self.knowing(self.builder().connector_layer(warm.layer()).build()?);
        Ok(SdkHttp::new(client, warm, &self.settings.user_agent))
    }

    /// Directly or through which proxy, and why; for the debug log.
    pub(crate) fn way_to(&self, url: &str) -> String {
        reqwest::Url::parse(url).map_or_else(
            |_| "which is no URL".to_owned(),
            |url| self.settings.proxy.reason(&url),
        )
    }

    /// Whose certificates are believed; for the debug log.
    pub(crate) fn trust(&self) -> String {
        let files: Vec<String> = self
            .settings
            .ca_files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        let files = if files.is_empty() {
            "no file of the user's".to_owned()
        } else {
            files.join(", ")
        };
        format!(
            "roots: Mozilla's, compiled in; {files}; the system's store for an issuer that these do not know"
        )
    }

    fn knowing(&self, inner: reqwest::Client) -> Client {
        Client {
            inner,
            proxies: self.settings.proxy.clone(),
            connect_limit: CONNECT,
            console: self.settings.console.clone(),
            ends: self.settings.ends,
        }
    }

    fn builder(&self) -> reqwest::ClientBuilder {
        let proxy = self.settings.proxy.clone();
        let mut tls = self.tls.clone();
        tls.resumption = self.sessions.resumption();
        let builder = reqwest::Client::builder();
        // A proxy that is chosen by a function costs eight parsed URLs in a step, so there is none where none can be chosen.
        let builder = if proxy.is_given() {
            builder.proxy(reqwest::Proxy::custom(move |url| proxy.choose(url)))
        } else {
            builder.no_proxy()
        };
        builder
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .connector_layer(WatchLayer)
            .user_agent(&self.settings.user_agent)
            .tcp_nodelay(true)
            .retry(reqwest::retry::never())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv6Addr, SocketAddr, TcpListener};

    use fake_aws::{Broken, BrokenServer};

    use super::*;

    #[test]
    fn a_dead_ipv6_does_not_hold_up_a_living_ipv4() {
        let living = BrokenServer::start(Broken::Says(b"HTTP/1.1 204 No Content\r\n\r\n"));
        let port = living.address().port();
        let dead = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        // A machine without IPv6 has no route to it, which is a dead address too.
        let has_ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
        let hole = has_ipv6.then(|| BrokenServer::at(dead, Broken::Blocked));
        let http = Http::new(HttpSettings::default()).expect("roots");
        let url = format!("http://both.test:{port}/");
        let get = |addresses: &[SocketAddr]| {
            let builder = http.builder();
            let builder = builder.resolve_to_addrs("both.test", addresses);
            let client = http.knowing(builder.build().expect("a client"));
            let request = client
                .request(reqwest::Method::GET, url.parse().expect("a URL"))
                .build();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            let limit = Some(Duration::from_secs(4));
            runtime.block_on(client.send(request.expect("a request"), "a page", limit))
        };
        let answer = get(&[dead, living.address()]).expect("an answer");
        assert_eq!(answer.status, 204);
        // The first address alone is as dead as it has to be for this test to mean something.
        let alone = get(&[dead]).expect_err("nobody is there");
        assert_eq!(alone.kind, FaultKind::Unreachable, "{alone}");
        drop(hole);
    }
}
