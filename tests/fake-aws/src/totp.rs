//! One-time codes: RFC 6238 with HMAC-SHA-1, 30 seconds and six digits, as AWS's virtual MFA devices use.

use ring::hmac;

/// The code of a base32 secret at a time; `None` when the secret is not base32.
pub fn code(secret: &str, unix: i64) -> Option<String> {
    Some(hotp(&base32(secret)?, counter(unix), 6))
}

pub(crate) fn counter(unix: i64) -> u64 {
    u64::try_from(unix.div_euclid(30)).unwrap_or(0)
}

/// The counter that `code` belongs to, one step either side of now being accepted.
pub(crate) fn verify(secret: &str, code: &str, unix: i64) -> Option<u64> {
    let key = base32(secret)?;
    let now = counter(unix);
    (now.saturating_sub(1)..=now + 1).find(|c| hotp(&key, *c, 6) == code)
}

fn hotp(key: &[u8], counter: u64, digits: u32) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &counter.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or(0) & 0x0f);
    let word = bytes
        .iter()
        .skip(offset)
        .take(4)
        .fold(0_u32, |acc, b| acc << 8 | u32::from(*b))
        & 0x7fff_ffff;
    let width = digits as usize;
    format!("{:0width$}", word % 10_u32.pow(digits))
}

fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut acc, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for c in text.chars().filter(|c| !matches!(c, '=' | ' ' | '-')) {
        let value = match c.to_ascii_uppercase() {
            c @ 'A'..='Z' => u32::from(c) - u32::from('A'),
            c @ '2'..='7' => u32::from(c) - u32::from('2') + 26,
            _ => return None,
        };
        acc = (acc << 5 | value) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(acc >> bits & 0xff).ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_rfc_6238() {
        for (unix, expected) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(hotp(b"12345678901234567890", counter(unix), 8), expected);
        }
    }

    #[test]
    fn reads_base32_secrets() {
        let secret = "gezd gnbv-gy3tqojqgezdgnbvgy3tqojq";
        assert_eq!(code(secret, 59).as_deref(), Some("287082"));
        assert_eq!(verify(secret, "287082", 59 + 30), Some(1));
        assert_eq!(verify(secret, "287082", 59 + 61), None);
        assert_eq!(code("GEZ1", 0), None);
    }
}
