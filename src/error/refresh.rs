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
}

impl RefreshFailure {
    pub(super) fn advice(&self) -> Advice {
        match self {
            Self::Ended { .. } => Advice::new(
                "refresh-ended",
                4,
                "the job's clean-up or `rolehop post` has ended them: run the step again; in a container, give it the folder that is named above",
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
            _ => Vec::new(),
        }
    }
}
