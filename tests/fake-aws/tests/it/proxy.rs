//! The proxy in front of a fake.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use fake_aws::{FakeAws, Proxy, World};

use crate::client::read;

fn ask(proxy: &Proxy, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(proxy.address()).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

#[test]
fn plain_requests_keep_their_target() {
    let fake = FakeAws::start(World::demo());
    let proxy = fake.proxy();
    let target = "http://sts.amazonaws.com/.well-known/jwks?a=1";
    let mut stream = ask(
        &proxy,
        &format!("GET {target} HTTP/1.1\r\nhost: sts.amazonaws.com\r\n\r\n"),
    );
    assert_eq!(read(&mut stream).unwrap().status, 200);
    let seen = fake.requests().pop().unwrap();
    assert_eq!(
        (
            seen.operation.as_str(),
            seen.target.as_str(),
            seen.param("a")
        ),
        ("Jwks", target, "1")
    );
    assert_eq!(proxy.seen()[0].target, target);
}

#[test]
fn tunnels_lead_to_the_fake() {
    let fake = FakeAws::start(World::demo());
    let proxy = fake.proxy_with_password("u", "p");
    let connect = "CONNECT sts.eu-central-1.amazonaws.com:443 HTTP/1.1\r\nhost: x\r\n";
    let mut refused = String::new();
    ask(&proxy, &format!("{connect}\r\n"))
        .read_to_string(&mut refused)
        .unwrap();
    assert!(refused.starts_with("HTTP/1.1 407 "), "{refused}");

    let mut stream = ask(
        &proxy,
        &format!("{connect}Proxy-Authorization: Basic dTpw\r\n\r\n"),
    );
    assert_eq!(read(&mut stream).unwrap().status, 200);
    stream
        .write_all(b"GET /.well-known/jwks HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    assert_eq!(read(&mut stream).unwrap().status, 200);
    let seen = proxy.seen();
    assert_eq!(
        seen.iter().map(|s| s.admitted).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(
        (seen[1].method.as_str(), seen[1].target.as_str()),
        ("CONNECT", "sts.eu-central-1.amazonaws.com:443")
    );
    assert_eq!(fake.connections(), 1);
}
