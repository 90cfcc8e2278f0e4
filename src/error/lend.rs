//! What keeps credentials from another program: `exec`, `export`, `credential-process`.

use super::Advice;

/// Why a program did not get its credentials, or did not start with them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LendFailure {
    #[error("the secrets would be shown on this terminal")]
    Terminal { usage: &'static str },
    #[error("{name} cannot be written in the format {format}")]
    Format {
        name: String,
        format: &'static str,
        why: &'static str,
    },
    #[error("the profile `{profile}` gets its credentials from this very command")]
    AsksItself { profile: String, command: String },
    #[error("the command `{0}` was not found")]
    NotFound(String),
    #[error("the command `{command}` cannot be started")]
    NotStarted {
        command: String,
        reason: std::io::Error,
    },
}

impl LendFailure {
    pub(super) fn advice(&self) -> Advice {
        match self {
            Self::Terminal { usage } => Advice::new(
                "export-to-terminal",
                2,
                format!("hand them on: {usage}; or give --force"),
            ),
            Self::Format { .. } => Advice::new(
                "export-refused",
                7,
                "choose another --format, or start the program with `rolehop exec -- COMMAND`, which writes no text",
            ),
            Self::AsksItself { .. } => Advice::new(
                "profile-asks-itself",
                4,
                "give the credential_process line another source: --source-profile OTHER or --web-identity-token-file FILE, \
                 or keys as ROLEHOP_ variables",
            ),
            Self::NotFound(_) => Advice::new(
                "command-not-found",
                127,
                "check its spelling and PATH; what follows `--` is one command and its arguments, not a line for a shell",
            ),
            Self::NotStarted { .. } => Advice::new(
                "command-not-started",
                126,
                "make it executable (chmod +x), give a script its `#!` line, or start it with its interpreter",
            ),
        }
    }

    pub(super) fn causes(&self) -> Vec<String> {
        match self {
            Self::Format { why, .. } => vec![(*why).to_owned()],
            Self::AsksItself { command, .. } => {
                vec![format!("its credential_process is {command}")]
            }
            Self::NotStarted { reason, .. } => vec![reason.to_string()],
            Self::Terminal { .. } | Self::NotFound(_) => Vec::new(),
        }
    }
}
