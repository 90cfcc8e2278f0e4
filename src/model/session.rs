//! What names a session: its name, the external id that opens the door, the source identity, the MFA device and code.

use std::fmt;
use std::str::FromStr;

use super::invalid::Invalid;

/// A value whose form is a length and a set of characters, both STS'.
macro_rules! sts_word {
    ($(#[$doc:meta])* $name:ident, $least:literal, $most:literal, $also:literal, $set:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $name(String);

        impl $name {
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let allowed = |c: char| c.is_ascii_alphanumeric() || $also.contains(c);
                match Invalid::length(text, $least, $most).or_else(|| Invalid::character(text, $set, allowed)) {
                    Some(fault) => Err(fault),
                    None => Ok(Self(text.to_owned())),
                }
            }
        }
    };
}

sts_word!(
    /// The session's name in CloudTrail: 2 to 64 characters.
    SessionName, 2, 64, "_+=,.@-", "A-Z a-z 0-9 _ + = , . @ -"
);
sts_word!(
    /// The word that a partner's trust policy asks for: 2 to 1,224 characters.
    ExternalId, 2, 1224, "_+=,.@:/-", "A-Z a-z 0-9 _ + = , . @ : / -"
);
sts_word!(
    /// The serial number or ARN of an MFA device: 9 to 256 characters.
    MfaSerial, 9, 256, "_+=/:,.@-", "A-Z a-z 0-9 _ + = / : , . @ -"
);

impl SessionName {
    /// Where nothing is known of the job.
    pub(crate) fn of_nobody() -> Self {
        Self("rolehop".to_owned())
    }
}

/// Who is behind the session, for good: it cannot change along a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceIdentity(String);

impl SourceIdentity {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceIdentity {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.starts_with("aws:") {
            return Err(Invalid::new(
                "begins with `aws:`, which AWS keeps for itself",
            ));
        }
        let SessionName(text) = text.parse()?;
        Ok(Self(text))
    }
}

/// The six digits that an MFA device shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MfaCode(String);

impl MfaCode {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MfaCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new(format!(
            "has {} characters; a code is exactly 6 digits",
            text.chars().count()
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_the_limits_of_sts() {
        let long = |n: usize| "x".repeat(n);
        assert!(long(64).parse::<SessionName>().is_ok());
        assert!(long(65).parse::<SessionName>().is_err());
        assert!("x".parse::<SessionName>().is_err());
        assert!("a/b".parse::<SessionName>().is_err());
        assert!("a:/b".parse::<ExternalId>().is_ok());
        assert!(long(1224).parse::<ExternalId>().is_ok());
        assert!(long(1225).parse::<ExternalId>().is_err());
        assert!(
            "arn:aws:iam::123456789012:mfa/alice"
                .parse::<MfaSerial>()
                .is_ok()
        );
        assert!("short".parse::<MfaSerial>().is_err());
        assert!("aws:me".parse::<SourceIdentity>().is_err());
        assert!("alice".parse::<SourceIdentity>().is_ok());
        assert!("123456".parse::<MfaCode>().is_ok());
        assert!("12345".parse::<MfaCode>().is_err());
        assert!("12345a".parse::<MfaCode>().is_err());
    }
}
