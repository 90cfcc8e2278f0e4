//! Which proxy a request takes: the inputs, then the variables in both cases, less what needs none.

use std::net::IpAddr;

use reqwest::Url;

use crate::model::Invalid;
use crate::system::env::Env;

/// One proxy for each scheme, and the hosts that are reached without.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProxySettings {
    http: Option<String>,
    https: Option<String>,
    direct: Vec<Direct>,
}

/// An entry of a `NO_PROXY` list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Direct {
    Every,
    Host { suffix: String, port: Option<u16> },
    Network { base: IpAddr, bits: u8 },
}

impl ProxySettings {
    /// The inputs win over the variables; `HTTPS_PROXY` serves https, `HTTP_PROXY` whatever has no other.
    pub(crate) fn new(input: Option<&str>, no_proxy: Option<&str>, env: &Env) -> Self {
        let own = |name: &[&str]| env.first(name).map(str::to_owned);
        let given = input.map(str::to_owned);
        let http = given.clone().or_else(|| own(&["http_proxy", "HTTP_PROXY"]));
        let https = given
            .or_else(|| own(&["https_proxy", "HTTPS_PROXY"]))
            .or_else(|| http.clone());
        let list = no_proxy
            .or_else(|| env.first(&["no_proxy", "NO_PROXY"]))
            .unwrap_or_default();
        Self {
            http,
            https,
            direct: list.split([',', ' ']).filter_map(Direct::parse).collect(),
        }
    }

    /// Whether there is a proxy for any request.
    pub(crate) fn is_given(&self) -> bool {
        self.http.is_some() || self.https.is_some()
    }

    /// The proxy's URL for this request; none for this machine, the metadata services and what the list names.
    pub(crate) fn choose(&self, url: &Url) -> Option<String> {
        if self.why_direct(url).is_some() {
            return None;
        }
        let proxy = self.for_scheme(url)?;
        Some(if proxy.contains("://") {
            proxy.to_owned()
        } else {
            format!("http://{proxy}")
        })
    }

    /// Directly or through a proxy, and why; without the proxy's user and password.
    pub(crate) fn reason(&self, url: &Url) -> String {
        match (self.for_scheme(url), self.why_direct(url)) {
            (None, _) => "directly: no proxy is given for it".to_owned(),
            (Some(_), Some(why)) => format!("directly: {why}"),
            (Some(_), None) => {
                let proxy = super::fault::Route::of(url, self).proxy.unwrap_or_default();
                format!("through the proxy {proxy}: no-proxy does not name it")
            }
        }
    }

    fn for_scheme(&self, url: &Url) -> Option<&str> {
        let proxy = if url.scheme() == "https" {
            &self.https
        } else {
            &self.http
        };
        proxy.as_deref()
    }

    fn why_direct(&self, url: &Url) -> Option<&'static str> {
        let host = url
            .host_str()?
            .trim_matches(['[', ']'])
            .to_ascii_lowercase();
        let port = url.port_or_known_default();
        if is_local(&host) {
            return Some("it is this machine or its metadata service");
        }
        let listed = self.direct.iter().any(|entry| entry.covers(&host, port));
        listed.then_some("no-proxy names it")
    }
}

/// Whether this can be a proxy: a host, perhaps with a scheme, port, user and password. The text is not shown.
pub(crate) fn check(text: &str) -> Result<(), Invalid> {
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    match Url::parse(&whole) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        Ok(url) if url.has_host() => Err(Invalid::new(format!(
            "has the scheme `{}`; http and https proxies are supported",
            url.scheme()
        ))),
        _ => Err(Invalid::new(
            "is not a proxy's URL, as in http://proxy.example.com:3128",
        )),
    }
}

/// This machine and the link-local metadata services are never behind a proxy.
fn is_local(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || host == "fd00:ec2::23" || host == "fd00:ec2::254",
        Err(_) => host == "localhost" || host == "metadata.google.internal",
    }
}

impl Direct {
    fn parse(entry: &str) -> Option<Self> {
        let entry = entry.trim().to_ascii_lowercase();
        if entry.is_empty() {
            return None;
        }
        if entry == "*" {
            return Some(Self::Every);
        }
        if let Some((base, bits)) = entry.split_once('/')
            && let (Ok(base), Ok(bits)) = (base.parse(), bits.parse())
        {
            return Some(Self::Network { base, bits });
        }
        let (host, port) = match entry.rsplit_once(':') {
            // More than one colon is an IPv6 address, not a port.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host.to_owned(), port.parse().ok())
            }
            _ => (entry.clone(), None),
        };
        let suffix = host
            .trim_matches(['[', ']'])
            .trim_start_matches('*')
            .trim_start_matches('.')
            .to_owned();
        Some(Self::Host { suffix, port })
    }

    fn covers(&self, host: &str, port: Option<u16>) -> bool {
        match self {
            Self::Every => true,
            Self::Host { suffix, port: only } => {
                let below = host
                    .strip_suffix(suffix)
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                below && (only.is_none() || *only == port)
            }
            Self::Network { base, bits } => {
                host.parse().is_ok_and(|ip| same_network(*base, ip, *bits))
            }
        }
    }
}

fn same_network(base: IpAddr, ip: IpAddr, bits: u8) -> bool {
    match (base, ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let shift = 32 - u32::from(bits.min(32));
            u32::from(a).checked_shr(shift) == u32::from(b).checked_shr(shift)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let shift = 128 - u32::from(bits.min(128));
            u128::from(a).checked_shr(shift) == u128::from(b).checked_shr(shift)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(env: &Env, input: Option<&str>, no_proxy: Option<&str>, url: &str) -> Option<String> {
        ProxySettings::new(input, no_proxy, env).choose(&Url::parse(url).expect("a URL"))
    }

    #[test]
    fn inputs_win_and_each_scheme_has_its_variable() {
        let env = || Env::from([("HTTPS_PROXY", "http://s:1"), ("http_proxy", "p:2")]);
        let sts = "https://sts.eu-west-1.amazonaws.com/";
        assert_eq!(
            choose(&env(), None, None, sts).as_deref(),
            Some("http://s:1")
        );
        assert_eq!(
            choose(&env(), None, None, "http://x.example/").as_deref(),
            Some("http://p:2")
        );
        assert_eq!(
            choose(&env(), Some("http://i:3"), None, sts).as_deref(),
            Some("http://i:3")
        );
        assert_eq!(
            choose(&Env::from([("HTTP_PROXY", "http://p:2")]), None, None, sts).as_deref(),
            Some("http://p:2")
        );
        assert_eq!(choose(&Env::default(), None, None, sts), None);
    }

    #[test]
    fn no_proxy_lists_hosts_suffixes_ports_and_networks() {
        for (list, url, direct) in [
            ("example.com", "https://example.com/", true),
            ("example.com", "https://example.com:8443/", true),
            ("example.com:8443", "https://example.com/", false),
            ("example.com:8443", "https://example.com:8443/", true),
            (".example.com", "https://a.example.com/", true),
            ("*.example.com", "https://a.example.com/", true),
            ("example.com", "https://notexample.com/", false),
            ("a, b ,example.com", "https://example.com/", true),
            ("*", "https://example.com/", true),
            ("10.0.0.0/8", "http://10.2.3.4/", true),
            ("10.0.0.0/8", "http://11.2.3.4/", false),
            ("", "http://127.0.0.1:9/", true),
            ("", "http://localhost/", true),
            ("", "http://169.254.170.23/v1/credentials", true),
            ("", "http://metadata.google.internal/computeMetadata/", true),
            ("", "https://example.com/", false),
        ] {
            let proxy = choose(&Env::default(), Some("http://p:1"), Some(list), url);
            assert_eq!(proxy.is_none(), direct, "{list} {url}");
        }
    }
}
