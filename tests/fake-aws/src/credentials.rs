//! Drawing access key ids, secret keys, session tokens and request ids.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::world::Secrets;

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(crate) fn bytes(n: usize) -> Vec<u8> {
    let mut out = vec![0; n];
    // A failure of the system's random source is not one that a test could be about.
    let _ = SystemRandom::new().fill(&mut out);
    out
}

fn draw(alphabet: &[u8], n: usize) -> String {
    bytes(n)
        .into_iter()
        .filter_map(|b| {
            alphabet
                .get(usize::from(b) % alphabet.len())
                .map(|c| char::from(*c))
        })
        .collect()
}

/// `ASIA` and 16 characters.
pub(crate) fn access_key_id() -> String {
    format!("ASIA{}", draw(BASE32, 16))
}

/// A stable unique id for a user or role: `AROA…` or `AIDA…`.
pub(crate) fn unique_id(prefix: &str, arn: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, arn.as_bytes());
    let tail = digest
        .as_ref()
        .iter()
        .take(17)
        .filter_map(|b| BASE32.get(usize::from(*b) % 32));
    prefix.chars().chain(tail.map(|c| char::from(*c))).collect()
}

/// 40 characters; `issued` sessions came before.
pub(crate) fn secret_key(style: Secrets, issued: usize) -> String {
    let special = match style {
        Secrets::Random => return draw(BASE64, 40),
        Secrets::Special => true,
        Secrets::Plain => false,
        Secrets::PlainAfter(n) => issued < n,
    };
    let plain = |n| draw(BASE64.get(..62).unwrap_or(BASE64), n);
    if special {
        format!("{}+{}/{}", plain(11), draw(BASE64, 13), plain(14))
    } else {
        plain(40)
    }
}

/// Hundreds of characters with `/`, `+` and `=`, as STS has them.
pub(crate) fn session_token() -> String {
    // These three bytes encode to "/++/", so that every token has all three special characters.
    let mut raw = bytes(310);
    raw.splice(60..63, [0xff, 0xef, 0xbf]);
    format!(
        "IQoJb3JpZ2luX2VjE{}",
        STANDARD.encode(raw).trim_start_matches('A')
    )
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// `8-4-4-4-12` hexadecimal digits.
pub(crate) fn uuid() -> String {
    let hex = hex(&bytes(16));
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_like_those_of_aws() {
        assert_eq!(access_key_id().len(), 20);
        assert_eq!(unique_id("AROA", "x").len(), 21);
        assert_eq!(unique_id("AROA", "x"), unique_id("AROA", "x"));
        for style in [Secrets::Random, Secrets::Special, Secrets::Plain] {
            assert_eq!(secret_key(style, 0).len(), 40);
        }
        assert!(secret_key(Secrets::PlainAfter(1), 0).contains(['+', '/']));
        assert!(!secret_key(Secrets::PlainAfter(1), 1).contains(['+', '/']));
        let token = session_token();
        assert!(
            token.len() > 400 && ['/', '+', '='].iter().all(|c| token.contains(*c)),
            "{token}"
        );
        assert_eq!(uuid().len(), 36);
    }
}
