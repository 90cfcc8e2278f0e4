//! What the network, the servers' health and proxies do.

use fake_aws::{Certificate, FakeAws, Misbehaviour, World};

use super::Seen;
use crate::harness::Step;

const STS: &str = "AssumeRoleWithWebIdentity";
const TOKEN: &str = "GetIdToken";
/// A port where nobody listens.
const NOBODY: &str = "http://127.0.0.1:9";

fn usual(fake: &FakeAws) -> Step<'_> {
    Step::oidc(fake).input("retry-max-attempts", "3")
}

fn always(operation: &str, what: Misbehaviour) -> Seen {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(operation, what.always());
    Seen::run(&usual(&fake), &[&fake])
}

fn in_two_seconds(operation: &str, what: Misbehaviour) -> Seen {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(operation, what.always());
    let step = Step::oidc(&fake).input("action-timeout-s", "2");
    Seen::run(&step, &[&fake])
}

pub(super) fn oidc_throttled() -> Seen {
    always(TOKEN, Misbehaviour::Throttle)
}

pub(super) fn oidc_unreachable() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = usual(&fake).var("ACTIONS_ID_TOKEN_REQUEST_URL", NOBODY);
    Seen::run(&step, &[&fake])
}

pub(super) fn oidc_tls() -> Seen {
    let fake = FakeAws::start_tls(World::demo());
    let step = Step::oidc(&fake).without("AWS_CA_BUNDLE");
    Seen::run(&step, &[&fake])
}

pub(super) fn oidc_timed_out() -> Seen {
    in_two_seconds(TOKEN, Misbehaviour::Hang)
}

pub(super) fn oidc_interrupted() -> Seen {
    always(TOKEN, Misbehaviour::Reset)
}

pub(super) fn sts_throttled() -> Seen {
    always(STS, Misbehaviour::Throttle)
}

pub(super) fn sts_issuer_unreachable() -> Seen {
    let message = "Error communicating with the identity provider";
    always(
        STS,
        Misbehaviour::error(400, "IDPCommunicationError", message),
    )
}

pub(super) fn sts_unreachable() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = usual(&fake).var("AWS_ENDPOINT_URL_STS", NOBODY);
    Seen::run(&step, &[&fake])
}

pub(super) fn sts_tls() -> Seen {
    let fake = FakeAws::start(World::demo());
    let old = FakeAws::builder(World::demo())
        .certificate(Certificate::Expired)
        .start();
    let step = Step::oidc(&fake)
        .file("ca.pem", &old.ca_pem().expect("a CA"))
        .input("ca-bundle", "ca.pem")
        .var("AWS_ENDPOINT_URL_STS", &old.url());
    Seen::run(&step, &[&fake, &old])
}

pub(super) fn sts_timed_out() -> Seen {
    in_two_seconds(STS, Misbehaviour::Drip)
}

pub(super) fn sts_interrupted() -> Seen {
    always(STS, Misbehaviour::Truncated)
}

/// Names that only a proxy could resolve.
fn behind<'f>(fake: &'f FakeAws, proxy: &str) -> Step<'f> {
    usual(fake)
        .var("AWS_ENDPOINT_URL_STS", "https://sts.internal.invalid")
        .var(
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "https://token.internal.invalid/x?y=z",
        )
        .input("http-proxy", proxy)
}

pub(super) fn proxy_unreachable() -> Seen {
    let fake = FakeAws::start(World::demo());
    Seen::run(&behind(&fake, NOBODY), &[&fake])
}

pub(super) fn proxy_refused() -> Seen {
    let fake = FakeAws::start(World::demo());
    let proxy = fake.proxy_with_password("user", "password");
    Seen::run(&behind(&fake, &proxy.url()), &[&fake])
}
