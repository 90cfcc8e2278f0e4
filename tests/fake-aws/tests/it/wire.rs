//! Connections and misbehaviours, over a raw socket.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fake_aws::{FakeAws, Misbehaviour, Secrets, World};
use rustls::pki_types::pem::PemObject as _;

use crate::client::{call, ci_user, connect, headers, read, send, write};

const WHO: [(&str, &str); 1] = [("Action", "GetCallerIdentity")];

fn fetch(fake: &FakeAws) -> TcpStream {
    let mut stream = connect(fake);
    stream
        .set_read_timeout(Some(Duration::from_millis(1500)))
        .unwrap();
    write(
        &mut stream,
        "GET",
        "/.well-known/jwks",
        &headers(fake, &[]),
        "",
    );
    stream
}

#[test]
fn connections_are_kept_and_counted() {
    let fake = FakeAws::start(World::demo());
    let mut stream = fetch(&fake);
    read(&mut stream).unwrap();
    write(
        &mut stream,
        "GET",
        "/nope?a=%20b",
        &headers(&fake, &[("X-Two", "2")]),
        "",
    );
    assert_eq!(read(&mut stream).unwrap().status, 404);
    send(&fake, "GET", "/.well-known/jwks", &[], "");
    assert_eq!(fake.connections(), 2);
    let seen = fake.requests();
    assert_eq!(
        seen.iter().map(|r| r.connection).collect::<Vec<_>>(),
        [1, 1, 2]
    );
    assert_eq!(
        seen.iter().map(|r| r.status).collect::<Vec<_>>(),
        [200, 404, 200]
    );
    assert_eq!(
        (seen[1].header("x-two"), seen[1].param("a"), &*seen[1].path),
        ("2", " b", "/nope")
    );
    fake.clear();
    assert!(fake.requests().is_empty());
}

#[test]
fn it_stops_when_dropped() {
    let fake = FakeAws::start(World::demo());
    let address = fake.address();
    let mut stream = fetch(&fake);
    read(&mut stream).unwrap();
    drop(fake);
    assert!(TcpStream::connect(address).is_err());
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn errors_in_the_endpoints_own_form() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(
        "GetCallerIdentity",
        Misbehaviour::error(500, "InternalFailure", "a < b").times(2),
    );
    fake.misbehave("GetCallerIdentity", Misbehaviour::Throttle);
    fake.misbehave("Jwks", Misbehaviour::Throttle);
    fake.misbehave(
        "GetCallerIdentity",
        Misbehaviour::RetryAfter {
            status: 503,
            seconds: 7,
        },
    );
    fake.misbehave("GetCallerIdentity", Misbehaviour::TextInjection);
    fake.misbehave(
        "GetCallerIdentity",
        Misbehaviour::MissingField("Account".into()),
    );
    let who = || call(&fake, &ci_user(), &WHO);
    for _ in 0..2 {
        let reply = who();
        assert_eq!(
            (reply.code().as_str(), reply.text("Type").as_str()),
            ("500 InternalFailure", "Receiver")
        );
        assert!(reply.body.contains("a &lt; b"));
    }
    assert_eq!(who().code(), "400 Throttling");
    assert_eq!(
        send(&fake, "GET", "/.well-known/jwks", &[], "").json()["code"],
        "Throttling"
    );
    assert_eq!(who().headers["retry-after"], "7");
    assert!(who().body.contains("\n::set-env name=INJECTED::yes"));
    let bare = who();
    assert!(
        bare.body.contains("<Arn>") && !bare.body.contains("<Account>"),
        "{}",
        bare.body
    );
    assert!(who().body.contains("<Account>"));
}

#[test]
fn whole_answers_of_the_wrong_kind() {
    let fake = FakeAws::start(World::demo());
    let ask = |what: Misbehaviour| {
        fake.misbehave("*", what);
        send(&fake, "GET", "/.well-known/jwks", &[], "")
    };
    let raw = Misbehaviour::Raw {
        status: 418,
        content_type: "x/y".into(),
        body: b"tea".to_vec(),
    };
    let reply = ask(raw);
    assert_eq!(
        (
            reply.status,
            reply.headers["content-type"].as_str(),
            reply.body.as_str()
        ),
        (418, "x/y", "tea")
    );
    assert!(ask(Misbehaviour::Html).body.starts_with("<!DOCTYPE html>"));
    assert_eq!(ask(Misbehaviour::Empty).body, "");
    let reply = ask(Misbehaviour::Redirect("https://example.com/".into()));
    assert_eq!(
        (reply.status, reply.headers["location"].as_str()),
        (307, "https://example.com/")
    );
    let start = Instant::now();
    assert_eq!(
        ask(Misbehaviour::Delay(Duration::from_millis(150))).status,
        200
    );
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[test]
fn truncated_answers_end_early() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave("Jwks", Misbehaviour::Truncated);
    let mut text = Vec::new();
    let _ = fetch(&fake).read_to_end(&mut text);
    let text = String::from_utf8(text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length: usize = head
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "))
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        !body.is_empty() && body.len() < length,
        "{} of {length}",
        body.len()
    );
}

#[test]
fn huge_answers_stream() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave("Jwks", Misbehaviour::Huge(5_000_000));
    let mut stream = fetch(&fake);
    let (mut total, mut buffer) = (0, vec![0; 65_536]);
    while total < 5_000_000 {
        let n = stream.read(&mut buffer).unwrap();
        assert!(n > 0);
        total += n;
    }
}

#[test]
fn hanging_dripping_and_resetting() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave("Jwks", Misbehaviour::Hang);
    let mut stream = fetch(&fake);
    stream
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    assert!(stream.read(&mut [0]).is_err(), "a read that times out");
    assert_eq!(fake.requests()[0].status, 0);

    fake.misbehave("Jwks", Misbehaviour::Drip);
    let mut stream = fetch(&fake);
    let mut buffer = vec![0; 65_536];
    let head = stream.read(&mut buffer).unwrap();
    assert!(buffer[..head].ends_with(b"\r\n\r\n"));
    assert_eq!(stream.read(&mut buffer).unwrap(), 1);
    assert_eq!(stream.read(&mut buffer).unwrap(), 1);

    fake.misbehave("Jwks", Misbehaviour::Reset);
    let error = fetch(&fake).read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn latencies() {
    let ms = Duration::from_millis;
    let fake = FakeAws::builder(World::demo())
        .latency(ms(50))
        .connect_latency(ms(200))
        .start();
    let start = Instant::now();
    let mut stream = fetch(&fake);
    read(&mut stream).unwrap();
    assert!(start.elapsed() >= ms(250));
    let start = Instant::now();
    write(&mut stream, "GET", "/", &headers(&fake, &[]), "");
    read(&mut stream).unwrap();
    assert!(start.elapsed() >= ms(50) && start.elapsed() < ms(200));
}

#[test]
fn tls_by_its_own_authority() {
    let fake = FakeAws::start_tls(World::demo());
    assert!(fake.url().starts_with("https://127.0.0.1:"));
    let get = |roots: rustls::RootCertStore| -> std::io::Result<String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
        let tls = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = rustls::StreamOwned::new(tls, connect(&fake));
        stream
            .write_all(b"GET /.well-known/jwks HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    };
    let mut roots = rustls::RootCertStore::empty();
    let ca = fake.ca_pem().unwrap();
    roots
        .add(rustls::pki_types::CertificateDer::from_pem_slice(ca.as_bytes()).unwrap())
        .unwrap();
    assert!(get(roots).unwrap().starts_with("HTTP/1.1 200 OK"));
    assert!(get(rustls::RootCertStore::empty()).is_err());
    assert_eq!((fake.connections(), fake.requests().len()), (2, 1));
}

#[test]
fn the_world_can_change_while_it_runs() {
    let fake = FakeAws::start(World::demo().secrets(Secrets::PlainAfter(2)));
    for special in [true, true, false] {
        let session = crate::client::session(
            &fake,
            &ci_user(),
            &format!("{}ops", crate::client::HOME),
            &[],
        );
        assert_eq!(session.secret_access_key.contains(['+', '/']), special);
    }
    fake.edit(|world| world.users.clear());
    assert_eq!(
        call(&fake, &ci_user(), &WHO).code(),
        "403 InvalidClientTokenId"
    );
}
