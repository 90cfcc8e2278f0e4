//! Why there is no MFA code to begin with. What STS says of one is in `sts`.

use super::Advice;
use crate::system::files::FileError;

/// What keeps a code from being had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoCode {
    #[error("the MFA device {serial} has to give a code, and there is nobody who types it")]
    Missing { serial: String },
    #[error("no code of the MFA device {serial}: {why}")]
    NoDigits { serial: String, why: &'static str },
    #[error("another process is asking for a code of the MFA device {serial}")]
    Busy { serial: String, fault: FileError },
}

impl NoCode {
    pub(super) fn advice(&self) -> Advice {
        match self {
            Self::Missing { .. } => Advice::new(
                "mfa-code-missing",
                4,
                "run `rolehop whoami` with the same settings in a terminal once, which keeps a session; or set mfa-totp-secret",
            ),
            Self::NoDigits { .. } => Advice::new(
                "mfa-code-missing",
                4,
                "run it again and type the six digits that the device shows",
            ),
            Self::Busy { .. } => Advice::new(
                "file-locked",
                7,
                "answer or end the other process; then run this one again",
            ),
        }
    }

    pub(super) fn causes(&self) -> Vec<String> {
        match self {
            Self::Missing { .. } | Self::NoDigits { .. } => Vec::new(),
            Self::Busy { fault, .. } => vec![fault.to_string()],
        }
    }
}
