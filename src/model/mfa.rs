//! MFA of a user's keys: which device, where its code comes from, and the codes themselves (RFC 6238, as AWS' virtual devices).

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use ring::hmac;
use zeroize::Zeroizing;

use super::invalid::{Invalid, shown};
use super::session::{MfaCode, MfaSerial};

/// MFA as the settings ask for it.
#[derive(Debug, Clone)]
pub(crate) struct Mfa {
    pub(crate) serial: MfaSerial,
    pub(crate) code: CodeFrom,
    /// How long a session lives that is kept for later calls; none: nothing is kept, and the code goes with the role.
    pub(crate) session: Option<MfaSessionLength>,
}

impl Mfa {
    /// What a run would do.
    pub(crate) fn words(&self) -> String {
        let code = match self.code {
            CodeFrom::Given(_) => "the code that is given",
            CodeFrom::Secret(_) => "a computed code",
            CodeFrom::Person => "a code that is asked for in a terminal",
        };
        let kept = self.session.map_or_else(
            || "no session is kept".to_owned(),
            |length| format!("a session of {} s is kept", length.seconds()),
        );
        format!("{}, with {code}; {kept}", self.serial)
    }
}

/// Where the six digits come from.
#[derive(Debug, Clone)]
pub(crate) enum CodeFrom {
    /// A setting.
    Given(MfaCode),
    /// Computed.
    Secret(TotpSecret),
    /// A person at a terminal.
    Person,
}

/// `DurationSeconds` of `GetSessionToken`: 900 to 129,600 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MfaSessionLength(u32);

impl MfaSessionLength {
    /// For one run, and kept nowhere.
    pub(crate) const SHORTEST: Self = Self(900);
    /// A day's work; what STS gives when nothing is asked.
    pub(crate) const DAY: Self = Self(43_200);

    pub(crate) fn seconds(self) -> u32 {
        self.0
    }

    /// The setting's text; 0 means that no session is wanted.
    pub(crate) fn read(text: &str) -> Result<Option<Self>, Invalid> {
        match super::duration::whole_number(text)? {
            0 => Ok(None),
            seconds @ 900..=129_600 => Ok(u32::try_from(seconds).ok().map(Self)),
            _ => Err(Invalid::new(format!(
                "{} is outside 900 to 129600 seconds (15 minutes to 36 hours); 0 keeps no session",
                shown(text)
            ))),
        }
    }
}

/// How long one code is valid.
pub(crate) const WINDOW: Duration = Duration::from_secs(30);

/// The window that a time is in, counted from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step(pub(crate) u64);

impl Step {
    pub(crate) fn at(time: SystemTime) -> Self {
        let since = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Self(since.as_secs() / WINDOW.as_secs())
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// How long until this window begins; nothing if it has.
    pub(crate) fn after(self, now: SystemTime) -> Duration {
        let begins = Duration::from_secs(self.0.saturating_mul(WINDOW.as_secs()));
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        begins.saturating_sub(now)
    }
}

/// The key that the device shows once, as base32 text.
#[derive(Clone)]
pub(crate) struct TotpSecret {
    key: Zeroizing<Vec<u8>>,
}

impl TotpSecret {
    /// Six digits: HMAC-SHA-1 of the window, dynamically truncated (RFC 4226, section 5.3).
    pub(crate) fn code(&self, step: Step) -> Result<MfaCode, Invalid> {
        digits(&self.key, step.0, 6).parse()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl FromStr for TotpSecret {
    type Err = Invalid;

    /// Blanks and hyphens between groups, lower case and padding are as people copy it. No message shows a part of it.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut key = Zeroizing::new(Vec::with_capacity(text.len()));
        let (mut window, mut bits, mut count) = (0_u32, 0_u32, 0_usize);
        let grouped = text.trim_end_matches(|c: char| c == '=' || c.is_whitespace());
        for (at, c) in grouped.chars().enumerate() {
            let value = match c.to_ascii_uppercase() {
                c @ 'A'..='Z' => u32::from(c) - u32::from('A'),
                c @ '2'..='7' => u32::from(c) - u32::from('2') + 26,
                '-' => continue,
                c if c.is_whitespace() => continue,
                _ => {
                    return Err(Invalid::new(format!(
                        "has a character at position {} that base32 does not have; allowed are A-Z, 2-7, blanks and `=` at the end",
                        at + 1
                    )));
                }
            };
            count += 1;
            window = (window << 5 | value) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                key.extend(u8::try_from(window >> bits & 0xff));
            }
        }
        if count < 16 {
            return Err(Invalid::new(format!(
                "has {count} characters; the secret key of an MFA device has at least 16 (the six digits are mfa-code)"
            )));
        }
        // Bytes end after 2, 4, 5, 7 or 8 characters of a group.
        if matches!(count % 8, 1 | 3 | 6) {
            return Err(Invalid::new(format!(
                "has {count} characters, as no base32 text has; some are missing or too many"
            )));
        }
        Ok(Self { key })
    }
}

fn digits(key: &[u8], counter: u64, count: u32) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &counter.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
    let word = bytes
        .iter()
        .skip(offset)
        .take(4)
        .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
        & 0x7fff_ffff;
    let width = count as usize;
    format!("{:0width$}", word % 10_u32.pow(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the rows of SHA-1: seconds since 1970, the window, eight digits.
    const VECTORS: [(u64, u64, &str); 6] = [
        (59, 0x1, "94287082"),
        (1_111_111_109, 0x0235_23EC, "07081804"),
        (1_111_111_111, 0x0235_23ED, "14050471"),
        (1_234_567_890, 0x0273_EF07, "89005924"),
        (2_000_000_000, 0x03F9_40AA, "69279037"),
        (20_000_000_000, 0x27BC_86AA, "65353130"),
    ];

    #[test]
    fn the_vectors_of_the_rfc() {
        let secret: TotpSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".parse().expect("base32");
        assert_eq!(&*secret.key, b"12345678901234567890");
        for (seconds, window, code) in VECTORS {
            let step = Step::at(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(step, Step(window));
            assert_eq!(digits(&secret.key, step.0, 8), code);
            let short = secret.code(step).expect("six digits");
            assert_eq!(short.as_str(), &code[2..], "the last six of the eight");
        }
    }

    #[test]
    fn a_secret_is_read_as_people_copy_it() {
        let plain: TotpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEH".parse().expect("base32");
        for text in [
            "jbsw y3dp ehpk 3pxp jbsw y3dp eh",
            "JBSWY3DP-EHPK3PXP-JBSWY3DP-EH======",
            " JBSWY3DPEHPK3PXPJBSWY3DPEH== == \n",
        ] {
            assert_eq!(text.parse::<TotpSecret>().expect(text).key, plain.key);
        }
        for (text, part) in [
            ("123456", "has a character at position 1 that base32"),
            ("JBSWY3DPEHPK3PX", "has 15 characters; the secret key"),
            ("JBSWY3DPEHPK3PXPJ", "has 17 characters, as no base32"),
            ("JBSWY3DPEHPK3PXP=JBSWY3DP", "at position 17"),
            ("JBSWY3DPEHPK3PXPJBSWY3D8", "at position 24"),
        ] {
            let fault = text.parse::<TotpSecret>().expect_err(text).to_string();
            assert!(fault.contains(part) && !fault.contains("JBSW"), "{fault}");
        }
    }

    #[test]
    fn a_window_begins_when_the_one_before_ends() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(Step::at(at(59)).next(), Step(2));
        assert_eq!(Step(2).after(at(47)), Duration::from_secs(13));
        assert_eq!(Step(2).after(at(60)), Duration::ZERO);
    }

    #[test]
    fn the_length_of_a_session_has_the_limits_of_sts() {
        assert_eq!(MfaSessionLength::read("0"), Ok(None));
        assert_eq!(
            MfaSessionLength::read("43200"),
            Ok(Some(MfaSessionLength::DAY))
        );
        for text in ["899", "129601", "12h", "-1"] {
            assert!(MfaSessionLength::read(text).is_err(), "{text}");
        }
    }
}
