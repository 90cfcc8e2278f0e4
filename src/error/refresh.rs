//! Failures of credentials that are renewed, which a later process meets.

use super::Advice;

/// Why there is no new session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefreshFailure {
    #[error("these credentials are not renewed any more: {path} is not there")]
    Ended { path: String },
    #[error("the session cannot be renewed here: {kind} is not to be had in this process")]
    SourceGone {
        kind: String,
        lacking: Option<String>,
    },
    #[error("these credentials are not renewed any more: their endpoint does not answer")]
    Silent { fault: std::io::Error },
    #[error("the credentials endpoint has no valid session: [{code}] {words}")]
    Told {
        /// That of the renewal's own failure.
        code: String,
        words: String,
        /// Whether another attempt may do better.
        passes: bool,
    },
}

impl RefreshFailure {
    pub(super) fn advice(&self) -> Advice {
        match self {
            Self::Ended { .. } => Advice::new(
                "refresh-ended",
                4,
                "the job's clean-up or `rolehop post` has ended them: run the step again; in a container, give it the folder that is named above",
            ),
            Self::Silent { .. } => Advice::new(
                "refresh-ended",
                4,
                "the endpoint's process was ended or killed: run the step again; in a container, use the host's network",
            ),
            Self::Told { passes, .. } => Advice::new(
                "refresh-failed",
                if *passes { 6 } else { 5 },
                "docs/errors.md says what the code in brackets means; the endpoint asks again with every call",
            ),
            Self::SourceGone { .. } => Advice::new(
                "refresh-source-gone",
                4,
                "the step that set this up had more variables than this process: pass them on, where a container or sudo takes them away",
            ),
        }
    }

    pub(super) fn causes(&self) -> Vec<String> {
        match self {
            Self::SourceGone {
                lacking: Some(lacking),
                ..
            } => vec![lacking.clone()],
            Self::Silent { fault } => vec![fault.to_string()],
            _ => Vec::new(),
        }
    }
}
