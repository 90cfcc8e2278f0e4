//! When the identity has to be had anew before STS is asked once more.

use crate::error::{Error, StsKind};
use crate::host::Host;
use crate::model::request::Source;

/// Why the source is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
    /// The token would end before another attempt does.
    OldToken,
    /// STS says that the token has ended.
    ExpiredToken,
    /// STS says that the machine's keys have ended; it may have others by now.
    ExpiredKeys,
    /// AWS does not take the MFA session of an earlier code.
    KeptSession,
}

impl Renewal {
    /// What a refusal by STS is answered with once; a token that is merely old, whenever it is.
    ///
    /// `kept`: whether the call was made with an MFA session of an earlier code.
    pub(super) fn after(
        error: &Error,
        source: &Source,
        host: Host,
        kept: bool,
        renewed: bool,
    ) -> Option<Self> {
        let of_job = matches!(source, Source::JobToken(_)) && host.facts().token.renews();
        if of_job && error.tries().is_some_and(|tries| tries.token_is_old) {
            return Some(Self::OldToken);
        }
        let Error::Sts(failure) = error else {
            return None;
        };
        let says = |code| failure.detail.starts_with(code);
        // AWS may judge a claim of time by another clock; a new token settles it.
        let token = failure.kind == StsKind::TokenExpired || says("IDPRejectedClaim");
        let keys = failure.kind == StsKind::KeysRejected && says("ExpiredToken");
        let of_machine = matches!(source, Source::Ambient(_) | Source::Profile(_));
        match (token && of_job, keys && of_machine) {
            _ if renewed => None,
            _ if kept && failure.kind == StsKind::KeysRejected => Some(Self::KeptSession),
            (true, _) => Some(Self::ExpiredToken),
            (_, true) => Some(Self::ExpiredKeys),
            _ => None,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::OldToken => "the token has less than a minute left; asking for a new one",
            Self::ExpiredToken => "STS does not take the token any more; asking for a new one",
            Self::ExpiredKeys => {
                "STS says that these keys have expired; looking whether the machine has others by now"
            }
            Self::KeptSession => {
                "AWS does not take the kept MFA session any more; opening a new one"
            }
        }
    }
}
