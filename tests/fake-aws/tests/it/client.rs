//! A small HTTP and STS client, so that the fake is not tested with its own crates.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use fake_aws::{FakeAws, Session, sigv4};

pub(crate) const HOME: &str = "arn:aws:iam::123456789012:role/";
pub(crate) const KEYS: (&str, &str) = (
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
);

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Reply {
    /// The text of an XML element, empty if there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        let after = self
            .body
            .split_once(&format!("<{name}>"))
            .map_or("", |(_, rest)| rest);
        after
            .split_once("</")
            .map_or("", |(text, _)| text)
            .to_owned()
    }

    pub(crate) fn code(&self) -> String {
        format!("{} {}", self.status, self.text("Code"))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Writes a request as it is given.
pub(crate) fn write(
    stream: &mut impl Write,
    method: &str,
    target: &str,
    headers: &BTreeMap<String, String>,
    body: &str,
) {
    let mut text = format!("{method} {target} HTTP/1.1\r\n");
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text.extend([
        "content-length: ",
        &body.len().to_string(),
        "\r\n\r\n",
        body,
    ]);
    stream.write_all(text.as_bytes()).unwrap();
}

/// Reads one answer that has a length.
pub(crate) fn read(stream: &mut impl Read) -> Option<Reply> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: BTreeMap<String, String> = lines
        .filter_map(|l| l.split_once(": "))
        .map(|(k, v)| (k.to_lowercase(), v.to_owned()))
        .collect();
    let mut body = vec![
        0;
        headers
            .get("content-length")
            .map_or(0, |n| n.parse().unwrap())
    ];
    stream.read_exact(&mut body).ok()?;
    Some(Reply {
        status,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

pub(crate) fn connect(fake: &FakeAws) -> TcpStream {
    TcpStream::connect(fake.address()).unwrap()
}

pub(crate) fn headers(fake: &FakeAws, more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let host = ("host", fake.address().to_string());
    [host]
        .into_iter()
        .chain(more.iter().map(|(k, v)| (*k, (*v).to_owned())))
        .map(|(k, v)| (k.to_owned(), v))
        .collect()
}

/// One request on a connection of its own.
pub(crate) fn send(
    fake: &FakeAws,
    method: &str,
    target: &str,
    more: &[(&str, &str)],
    body: &str,
) -> Reply {
    let mut stream = connect(fake);
    write(&mut stream, method, target, &headers(fake, more), body);
    read(&mut stream).expect("an answer")
}

pub(crate) fn encode(params: &[(&str, &str)]) -> String {
    let escape = |text: &str| {
        text.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect::<String>()
    };
    let all = [("Version", "2011-06-15")].iter().chain(params);
    all.map(|(k, v)| format!("{}={}", escape(k), escape(v)))
        .collect::<Vec<_>>()
        .join("&")
}

/// Who signs: keys, and the token of a session.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) region: String,
    /// Seconds that the signer's clock is ahead.
    pub(crate) ahead: i64,
}

pub(crate) fn ci_user() -> Signer {
    Signer {
        key: KEYS.0.into(),
        secret: KEYS.1.into(),
        token: None,
        region: "eu-central-1".into(),
        ahead: 0,
    }
}

pub(crate) fn signer_of(session: &Session) -> Signer {
    Signer {
        key: session.access_key_id.clone(),
        secret: session.secret_access_key.clone(),
        token: Some(session.session_token.clone()),
        ..ci_user()
    }
}

/// A signed call to STS.
pub(crate) fn call(fake: &FakeAws, signer: &Signer, params: &[(&str, &str)]) -> Reply {
    let body = encode(params);
    let unix = real_now() + signer.ahead;
    let date = amz(unix);
    let mut all = headers(
        fake,
        &[
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-amz-date", &date),
        ],
    );
    if let Some(token) = &signer.token {
        all.insert("x-amz-security-token".into(), token.clone());
    }
    let request = sigv4::Request {
        method: "POST",
        path: "/",
        query: "",
        headers: &all,
        body: body.as_bytes(),
    };
    let authorization =
        sigv4::authorize(request, &signer.key, &signer.secret, &signer.region, unix);
    all.insert("authorization".into(), authorization);
    let mut stream = connect(fake);
    write(&mut stream, "POST", "/", &all, &body);
    read(&mut stream).expect("an answer")
}

/// `AssumeRole` with a session name and whatever else is given.
pub(crate) fn assume(fake: &FakeAws, signer: &Signer, role: &str, more: &[(&str, &str)]) -> Reply {
    let mut params = vec![
        ("Action", "AssumeRole"),
        ("RoleArn", role),
        ("RoleSessionName", "test"),
    ];
    params.retain(|(k, _)| !more.iter().any(|(m, _)| m == k));
    params.extend(more);
    call(fake, signer, &params)
}

/// An assumption that must work, and its session.
pub(crate) fn session(
    fake: &FakeAws,
    signer: &Signer,
    role: &str,
    more: &[(&str, &str)],
) -> Session {
    let reply = assume(fake, signer, role, more);
    assert_eq!(reply.status, 200, "{}", reply.body);
    fake.session(&reply.text("AccessKeyId")).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a client has a clock of its own")]
pub(crate) fn real_now() -> i64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

pub(crate) fn amz(unix: i64) -> String {
    sigv4::amz_date(unix)
}
