//! TLS, private CAs, proxies, endpoints, and how many connections and round trips a run takes.

use std::time::Duration;

use fake_aws::{Broken, BrokenServer, FakeAws, World};

use crate::harness::Step;

#[test]
fn a_private_ca_from_the_variable_and_from_the_input() {
    let fake = FakeAws::start_tls(World::demo());
    let step = Step::oidc(&fake);
    step.run().succeeds();
    let file = step.env["AWS_CA_BUNDLE"].clone();
    let by_input = step.without("AWS_CA_BUNDLE").input("ca-bundle", &file);
    by_input.run().succeeds();
    let by_node = by_input
        .input("ca-bundle", "")
        .var("NODE_EXTRA_CA_CERTS", &file);
    by_node.run().succeeds();
    let none = by_node.without("NODE_EXTRA_CA_CERTS").run();
    none.fails("oidc-tls", 6).says("certificate");
}

#[test]
fn the_system_store_is_read_when_the_others_do_not_know_the_issuer() {
    let fake = FakeAws::start_tls(World::demo());
    let step = Step::oidc(&fake);
    let file = step.env["AWS_CA_BUNDLE"].clone();
    // What rustls-native-certs takes for the system's store.
    step.without("AWS_CA_BUNDLE")
        .var("SSL_CERT_FILE", &file)
        .var("SSL_CERT_DIR", "/nonexistent")
        .run()
        .succeeds();
}

#[test]
fn a_ca_file_that_cannot_be_used() {
    let fake = FakeAws::start(World::demo());
    Step::oidc(&fake)
        .input("ca-bundle", "/nonexistent.pem")
        .run()
        .fails("ca-bundle", 3)
        .says("/nonexistent.pem");
    Step::oidc(&fake)
        .file("empty.pem", "")
        .input("ca-bundle", "empty.pem")
        .run()
        .fails("ca-bundle", 3)
        .says("no certificate");
    let warned = Step::oidc(&fake)
        .var("NODE_EXTRA_CA_CERTS", "/nonexistent.pem")
        .run();
    warned
        .succeeds()
        .says("ignored as a CA file: /nonexistent.pem");
}

#[test]
fn the_connection_to_sts_is_opened_while_the_token_is_fetched() {
    let fake = FakeAws::builder(World::demo())
        .tls()
        .latency(Duration::from_millis(150))
        .connect_latency(Duration::from_millis(150))
        .start();
    let step = Step::oidc(&fake).var("RUNNER_DEBUG", "1");
    step.run().succeeds();
    let requests = fake.requests();
    assert_eq!(
        requests.len(),
        2,
        "nothing but the token and the role: {requests:?}"
    );
    assert_eq!(fake.connections(), 2);
    assert_ne!(requests[0].connection, requests[1].connection);
}

#[test]
fn a_proxy_serves_the_token_request_and_sts() {
    let fake = FakeAws::start(World::demo());
    let proxy = fake.proxy_with_password("user", "pass");
    let url = proxy.url().replace("http://", "http://user:pass@");
    // Names that resolve nowhere: only the proxy can know them.
    let step = || {
        Step::oidc(&fake)
            .var("AWS_ENDPOINT_URL_STS", "http://sts.internal.invalid")
            .var(
                "ACTIONS_ID_TOKEN_REQUEST_URL",
                "http://token.internal.invalid:8080/idtoken?api-version=2.0",
            )
    };
    step().input("http-proxy", &url).run().succeeds();
    let seen = proxy.seen();
    for host in ["token.internal.invalid", "sts.internal.invalid"] {
        assert!(
            seen.iter()
                .any(|request| request.target.contains(host) && request.admitted),
            "{host}: {seen:?}"
        );
    }
    for name in ["HTTP_PROXY", "http_proxy"] {
        step().var(name, &url).run().succeeds();
    }
    step()
        .var("HTTP_PROXY", &proxy.url())
        .run()
        .fails("proxy-refused", 6)
        .says("HTTP 407");
    let direct = step()
        .input("http-proxy", &url)
        .input("no-proxy", "token.internal.invalid");
    direct
        .input("disable-retry", "true")
        .run()
        .fails("oidc-unreachable", 6);
}

#[test]
fn a_proxy_that_has_lost_its_way_for_a_moment_is_asked_again() {
    let fake = FakeAws::start_tls(World::demo());
    let proxy = fake.proxy();
    let address = proxy.url().replace("http://", "");
    let lost = Broken::Says(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    let relays = Broken::Relays(address.parse().expect("an address"));
    // The first may be the connection that is opened ahead.
    let front = BrokenServer::start_each(&[lost.clone(), lost, relays]);
    let step = Step::new()
        .sts(&fake)
        .without("AWS_ENDPOINT_URL_STS")
        .static_keys()
        .var("HTTPS_PROXY", &front.url("http"));
    step.run()
        .succeeds()
        .says("opens no tunnel to sts.eu-west-1.amazonaws.com; trying again in");
    let forbids = Broken::Says(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    step.var("HTTPS_PROXY", &BrokenServer::start(forbids).url("http"))
        .run()
        .fails("proxy-refused", 6)
        .says("(tried 3 times)")
        .says("have this host allowed by the proxy")
        .says("where it is allowed, the proxy may have lost its own way to it: re-run the job");
}

#[test]
fn a_proxy_tunnels_tls_to_the_endpoint_of_region_partition_and_flags() {
    for (region, flag, host) in [
        ("eu-west-1", None, "sts.eu-west-1.amazonaws.com"),
        ("aws-global", None, "sts.amazonaws.com"),
        ("us-east-1", None, "sts.us-east-1.amazonaws.com"),
        ("us-gov-west-1", None, "sts.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", None, "sts.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", None, "sts.eusc-de-east-1.amazonaws.eu"),
        (
            "us-east-1",
            Some("use-fips-endpoint"),
            "sts-fips.us-east-1.amazonaws.com",
        ),
    ] {
        let fake = FakeAws::start_tls(World::demo());
        let proxy = fake.proxy();
        let mut step = Step::new()
            .sts(&fake)
            .without("AWS_ENDPOINT_URL_STS")
            .static_keys();
        step = step
            .input("aws-region", region)
            .var("HTTPS_PROXY", &proxy.url());
        if let Some(flag) = flag {
            step = step.input(flag, "true");
        }
        let outcome = step.input("disable-retry", "true").run();
        let targets: Vec<String> = proxy
            .seen()
            .into_iter()
            .map(|request| request.target)
            .collect();
        assert_eq!(targets, [format!("{host}:443")], "{}", outcome.log);
        let signed = fake.last("GetCallerIdentity").expect("a request");
        let scope = match region {
            "aws-global" => "/us-east-1/sts/",
            region => &format!("/{region}/sts/"),
        };
        assert!(signed.header("authorization").contains(scope), "{scope}");
        outcome.succeeds();
    }
}

#[test]
fn the_dual_stack_endpoint_has_a_name_of_its_own() {
    let fake = FakeAws::start_tls(World::demo());
    let proxy = fake.proxy();
    let step = Step::new()
        .sts(&fake)
        .without("AWS_ENDPOINT_URL_STS")
        .static_keys()
        .var("https_proxy", &proxy.url());
    step.input("use-dualstack-endpoint", "true")
        .input("disable-retry", "true")
        .run();
    assert_eq!(proxy.seen()[0].target, "sts.eu-west-1.api.aws:443");
}

#[test]
fn the_whole_of_the_real_names_through_a_proxy() {
    let fake = FakeAws::start_tls(World::demo());
    let proxy = fake.proxy();
    let step = Step::oidc(&fake)
        .without("AWS_ENDPOINT_URL_STS")
        .var(
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "https://pipelines.githubusercontent.com/idtoken?api-version=2.0",
        )
        .var("HTTPS_PROXY", &proxy.url());
    step.run().succeeds();
}

#[test]
fn the_endpoint_may_be_given() {
    let fake = FakeAws::start(World::demo());
    let url = fake.url();
    let input = Step::oidc(&fake)
        .var("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
        .input("sts-endpoint", &url);
    input.run().succeeds();
    let general = Step::oidc(&fake)
        .without("AWS_ENDPOINT_URL_STS")
        .var("AWS_ENDPOINT_URL", &url);
    general.run().succeeds();
}
