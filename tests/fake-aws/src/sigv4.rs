//! AWS Signature Version 4: checking what arrived, and signing for tests that need a client of their own.

use std::collections::BTreeMap;

use ring::{digest, hmac};

use crate::credentials::hex;
use crate::{clock, form};

/// The parts of a request that a signature covers.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path as it stood on the request line.
    pub path: &'a str,
    /// The query as it stood on the request line, without the question mark.
    pub query: &'a str,
    /// The headers by lower-case name.
    pub headers: &'a BTreeMap<String, String>,
    /// The body.
    pub body: &'a [u8],
}

/// A parsed Authorization header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub(crate) access_key_id: String,
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
}

impl Authorization {
    /// Reads the header; the error says which component is missing, in AWS's words.
    pub(crate) fn parse(header: &str) -> Result<Self, String> {
        let fields = header.strip_prefix("AWS4-HMAC-SHA256").unwrap_or_default();
        let fields: BTreeMap<&str, &str> = fields
            .split(',')
            .filter_map(|f| f.trim().split_once('='))
            .collect();
        let missing: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
            .iter()
            .filter(|name| !fields.contains_key(*name))
            .map(|name| format!("Authorization header requires '{name}' parameter."))
            .collect();
        let field = |name: &str| fields.get(name).copied().unwrap_or_default();
        let scope: Vec<&str> = field("Credential").split('/').collect();
        match scope.as_slice() {
            [key, date, region, service, "aws4_request"] if missing.is_empty() => Ok(Self {
                access_key_id: (*key).to_owned(),
                date: (*date).to_owned(),
                region: (*region).to_owned(),
                service: (*service).to_owned(),
                signed_headers: field("SignedHeaders")
                    .split(';')
                    .map(str::to_owned)
                    .collect(),
                signature: field("Signature").to_owned(),
            }),
            _ if missing.is_empty() => Err(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{}'",
                field("Credential")
            )),
            _ => Err(format!("{} Authorization={header}", missing.join(" "))),
        }
    }
}

/// The signature that the request should have, given what its Authorization header claims to cover.
pub(crate) fn signature(
    request: Request<'_>,
    auth: &Authorization,
    amz_date: &str,
    secret: &str,
) -> String {
    let canonical = canonical_request(request, &auth.signed_headers);
    let scope = format!(
        "{}/{}/{}/aws4_request",
        auth.date, auth.region, auth.service
    );
    let text = format!(
        "AWS4-HMAC-SHA256\n{amz_date}\n{scope}\n{}",
        sha256_hex(canonical.as_bytes())
    );
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [&auth.date, &auth.region, &auth.service, "aws4_request"] {
        key = mac(&key, part);
    }
    hex(&mac(&key, &text))
}

/// A time as `X-Amz-Date` has it, from seconds since 1970.
pub fn amz_date(unix: i64) -> String {
    clock::amz(unix)
}

/// Signs a request with its `host` and `x-amz-*` headers and gives the Authorization header's value.
pub fn authorize(
    request: Request<'_>,
    access_key_id: &str,
    secret: &str,
    region: &str,
    unix: i64,
) -> String {
    let amz_date = clock::amz(unix);
    let mut auth = Authorization {
        access_key_id: access_key_id.to_owned(),
        date: amz_date.split('T').next().unwrap_or_default().to_owned(),
        region: region.to_owned(),
        service: "sts".to_owned(),
        signed_headers: request
            .headers
            .keys()
            .filter(|h| *h == "host" || h.starts_with("x-amz-"))
            .cloned()
            .collect(),
        signature: String::new(),
    };
    auth.signature = signature(request, &auth, &amz_date, secret);
    format!(
        "AWS4-HMAC-SHA256 Credential={access_key_id}/{}/{region}/sts/aws4_request, SignedHeaders={}, Signature={}",
        auth.date,
        auth.signed_headers.join(";"),
        auth.signature
    )
}

pub(crate) fn canonical_request(request: Request<'_>, signed_headers: &[String]) -> String {
    let path = if request.path.is_empty() {
        "/"
    } else {
        request.path
    };
    let path: Vec<String> = path.split('/').map(form::encode).collect();
    let mut query: Vec<(String, String)> = form::pairs(request.query, false)
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (form::encode(&name), form::encode(&value)))
        .collect();
    query.sort();
    let query: Vec<String> = query
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut headers = String::new();
    for name in signed_headers {
        let value = request.headers.get(name).map_or("", String::as_str);
        headers.extend([
            name,
            ":",
            &value.split_whitespace().collect::<Vec<_>>().join(" "),
            "\n",
        ]);
    }
    format!(
        "{}\n{}\n{}\n{headers}\n{}\n{}",
        request.method,
        path.join("/"),
        query.join("&"),
        signed_headers.join(";"),
        sha256_hex(request.body)
    )
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
        .as_ref()
        .to_vec()
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The vectors of AWS's aws4_testsuite and of the IAM user guide.
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn check(
        service: &str,
        request: (&str, &str, &str),
        headers: &[(&str, &str)],
        body: &str,
        expected: &str,
    ) {
        let mut all: BTreeMap<String, String> = headers
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        all.insert("x-amz-date".into(), "20150830T123600Z".into());
        let signed: Vec<String> = all.keys().cloned().collect();
        let header = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, \
             SignedHeaders={}, Signature=x",
            signed.join(";")
        );
        let auth = Authorization::parse(&header).unwrap();
        let (method, path, query) = request;
        let request = Request {
            method,
            path,
            query,
            headers: &all,
            body: body.as_bytes(),
        };
        assert_eq!(
            signature(request, &auth, "20150830T123600Z", SECRET),
            expected
        );
    }

    #[test]
    fn vectors_of_aws() {
        let host = ("host", "example.amazonaws.com");
        check(
            "service",
            ("GET", "/", ""),
            &[host],
            "",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        );
        check(
            "service",
            ("POST", "/", ""),
            &[host],
            "",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        );
        check(
            "service",
            ("POST", "/", ""),
            &[("content-type", "application/x-www-form-urlencoded"), host],
            "Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        );
        check(
            "service",
            ("GET", "/", "Param2=value2&Param1=value1"),
            &[host],
            "",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        );
        check(
            "service",
            ("GET", "/", ""),
            &[
                host,
                ("my-header1", " value1"),
                ("my-header2", " \"a   b   c\""),
            ],
            "",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        );
        check(
            "iam",
            ("GET", "/", "Action=ListUsers&Version=2010-05-08"),
            &[
                (
                    "content-type",
                    "application/x-www-form-urlencoded; charset=utf-8",
                ),
                ("host", "iam.amazonaws.com"),
            ],
            "",
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        );
    }

    #[test]
    fn incomplete_headers() {
        let parse = |h: &str| Authorization::parse(h).unwrap_err();
        assert!(
            parse("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request")
                .contains("requires 'Signature'")
        );
        assert!(parse("Bearer x").contains("requires 'Credential'"));
        assert!(
            parse("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x")
                .contains("exactly 5")
        );
    }
}
