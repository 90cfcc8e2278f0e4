//! Credentials that are there and valid, but not those that were asked for.

use super::Advice;

/// Why they will not do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("the credentials are of {found}, not of the role {wanted}")]
    OtherRole { found: String, wanted: String },
    #[error("the credentials do not live for {asked}: {left}")]
    TooSoon {
        left: String,
        asked: String,
        /// When they end is known.
        known: bool,
    },
}

impl Unfit {
    pub(super) fn advice(&self) -> Advice {
        match self {
            Self::OtherRole { .. } => Advice::new(
                "other-role",
                5,
                "assume the role before this step, or drop role-to-assume here to accept any",
            ),
            Self::TooSoon { known: true, .. } => Advice::new(
                "expires-too-soon",
                4,
                "get new credentials right before this step, or longer ones with role-duration-seconds",
            ),
            Self::TooSoon { known: false, .. } => Advice::new(
                "expires-too-soon",
                4,
                "get them with rolehop in this job, which remembers it; or set AWS_CREDENTIAL_EXPIRATION beside the keys",
            ),
        }
    }
}
