//! The `fake-aws` program: starts a fake, says where it is on one line of JSON, and stops when stdin closes.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use fake_aws::{FakeAws, World};
use serde_json::json;

const USAGE: &str = "usage: fake-aws [--latency-ms N] [--connect-latency-ms N] [--tls] [--http2]\n";

fn main() -> ExitCode {
    let Some(fake) = start(std::env::args().skip(1)) else {
        let _ = std::io::stderr().write_all(USAGE.as_bytes());
        return ExitCode::from(2);
    };
    let line = json!({
        "url": fake.url(),
        "issuer": fake.issuer(),
        "oidc_request_url": fake.oidc_request_url(),
        "oidc_request_token": fake.oidc_request_token(),
        "container_credentials_url": fake.container_credentials_url(),
        "container_auth_token": fake.container_auth_token(),
        "imds_url": fake.imds_url(),
        "ca_pem": fake.ca_pem(),
    });
    let mut out = std::io::stdout();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        return ExitCode::FAILURE;
    }
    // The parent holds the other end; when it goes, so do we.
    let mut ignored = [0; 256];
    while std::io::stdin().read(&mut ignored).is_ok_and(|n| n > 0) {}
    ExitCode::SUCCESS
}

fn start(mut args: impl Iterator<Item = String>) -> Option<FakeAws> {
    let mut builder = FakeAws::builder(World::demo());
    while let Some(arg) = args.next() {
        let mut millis = || args.next()?.parse().ok().map(Duration::from_millis);
        builder = match arg.as_str() {
            "--latency-ms" => builder.latency(millis()?),
            "--connect-latency-ms" => builder.connect_latency(millis()?),
            "--tls" => builder.tls(),
            "--http2" => builder.http2(),
            _ => return None,
        };
    }
    Some(builder.start())
}
