//! The one way to the network: roots, proxies, time-outs, no redirects, a cap on the answer's size, the user agent.

mod answer;
mod proxy;
mod roots;
mod sdk;
mod warm;

use std::path::PathBuf;
use std::time::Duration;

use rustls::ClientConfig;

pub(crate) use answer::{Answer, AnswerError, is_lasting};
pub(crate) use proxy::{ProxySettings, check as check_proxy};
pub(crate) use roots::{RootsError, check_ca_file};
pub(crate) use sdk::SdkHttp;
pub(crate) use warm::Warm;

/// No answer that we ask for comes near this.
pub(crate) const MOST_BYTES: usize = 1 << 20;

/// What a connection is made with; both clients share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct HttpSettings {
    pub(crate) proxy: ProxySettings,
    /// PEM files whose certificates are trusted beside Mozilla's.
    pub(crate) ca_files: Vec<PathBuf>,
    /// What the SDK's user agent ends with, and what others see whole.
    pub(crate) user_agent: String,
    pub(crate) connect_timeout: Option<Duration>,
}

/// Makes clients: one for the CI's token endpoint, one for STS.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    tls: ClientConfig,
    settings: HttpSettings,
}

impl Http {
    /// Reads the extra CA files; Mozilla's roots are compiled in.
    pub(crate) fn new(settings: HttpSettings) -> Result<Self, RootsError> {
        let tls = roots::client_config(&settings.ca_files)?;
        Ok(Self { tls, settings })
    }

    /// A client for plain requests.
    pub(crate) fn client(&self) -> Result<reqwest::Client, reqwest::Error> {
        self.builder().build()
    }

    /// A client for the SDK whose first connection can be opened before there is anything to send.
    pub(crate) fn sdk_client(&self) -> Result<SdkHttp, reqwest::Error> {
        let warm = Warm::default();
        let client = self.builder().connector_layer(warm.layer()).build()?;
        Ok(SdkHttp::new(client, warm, &self.settings.user_agent))
    }

    fn builder(&self) -> reqwest::ClientBuilder {
        let proxy = self.settings.proxy.clone();
        reqwest::Client::builder()
            .proxy(reqwest::Proxy::custom(move |url| proxy.choose(url)))
            .tls_backend_preconfigured(self.tls.clone())
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(
                self.settings
                    .connect_timeout
                    .unwrap_or(Duration::from_secs(5)),
            )
            .read_timeout(Duration::from_secs(20))
            .user_agent(&self.settings.user_agent)
            .tcp_nodelay(true)
            .retry(reqwest::retry::never())
    }
}
