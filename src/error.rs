//! Every failure that a user can see: what could not be done, why, and the one next step most likely to work.

use crate::model::Invalid;
use crate::system::files::FileError;

/// A failure of the run. Each variant has a code, a hint and an exit class.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Usage(String),
    #[error("{}", count(.0))]
    InvalidInputs(Vec<Mistake>),
    #[error("this process does not run as a step of an action: {0} is not set")]
    HostIncomplete(&'static str),
    #[error("the CA file cannot be used: {0}")]
    CaBundle(String),
    #[error("this job cannot request an OIDC token: {missing} is not set")]
    OidcPermissionMissing {
        missing: &'static str,
        forgejo: bool,
    },
    #[error("this job cannot request an OIDC token: the pull request comes from the fork {head}")]
    OidcForkPullRequest { head: String },
    #[error("the token endpoint refused to issue an OIDC token: HTTP {status}")]
    OidcRefused { status: u16, text: String },
    #[error("the token endpoint's answer has no usable OIDC token")]
    OidcAnswerInvalid { fault: String },
    #[error("the token endpoint cannot be reached")]
    OidcUnreachable { fault: String, attempts: u32 },
    #[error("the web identity token file cannot be used")]
    TokenFile { fault: String },
    #[error("no AWS credentials were found")]
    NoCredentials { fault: String, advice: String },
    #[error("{0}")]
    Sts(Box<StsFailure>),
    #[error("the credentials are of account {found}, which allowed-account-ids does not list")]
    AccountNotAllowed { found: String, allowed: Vec<String> },
    #[error("STS issued {tries} key pairs, and each has a character that is not a letter or digit")]
    SpecialCharacters { tries: u32 },
    #[error("the step was not done after {seconds} seconds")]
    TimedOut { seconds: u64 },
    #[error("the profile `{name}` exists already in {path}")]
    ProfileExists { name: String, path: String },
    #[error("the credentials could not be handed over")]
    HandOver(#[source] FileError),
    #[error("{0}")]
    Internal(String),
}

/// An input that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) input: String,
    pub(crate) fault: Invalid,
}

/// What a call to STS came to.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.headline())]
pub(crate) struct StsFailure {
    pub(crate) kind: StsKind,
    /// What was attempted, as in `sts:AssumeRole`.
    pub(crate) operation: &'static str,
    /// The role or the host that it concerns.
    pub(crate) subject: String,
    /// STS' own code and words, or the transport's.
    pub(crate) detail: String,
    pub(crate) request_id: Option<String>,
    pub(crate) attempts: u32,
}

/// The classes of an STS failure, by what the user does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StsKind {
    AccessDenied,
    TokenRejected,
    TokenExpired,
    KeysRejected,
    RequestInvalid,
    SessionTooLarge,
    RegionDisabled,
    Refused,
    AnswerInvalid,
    Unreachable,
    Throttled,
}

/// What an error tells beside its message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    pub(crate) code: &'static str,
    pub(crate) hint: String,
    pub(crate) exit: u8,
}

impl Advice {
    fn new(code: &'static str, exit: u8, hint: impl Into<String>) -> Self {
        Self {
            code,
            hint: hint.into(),
            exit,
        }
    }
}

/// Every code, from who the job is to what it is handed. `docs/errors.md` has a heading for each.
pub(crate) const CODES: [&str; 29] = [
    "internal",
    "usage",
    "invalid-inputs",
    "host-incomplete",
    "ca-bundle",
    "oidc-permission-missing",
    "oidc-fork-pull-request",
    "oidc-refused",
    "oidc-answer-invalid",
    "oidc-unreachable",
    "token-file",
    "no-credentials",
    "sts-access-denied",
    "sts-token-rejected",
    "sts-token-expired",
    "sts-keys-rejected",
    "sts-request-invalid",
    "sts-session-too-large",
    "sts-region-disabled",
    "sts-refused",
    "sts-answer-invalid",
    "sts-unreachable",
    "sts-throttled",
    "account-not-allowed",
    "special-characters",
    "timed-out",
    "profile-exists",
    "hand-over-failed",
    "file-locked",
];

impl Error {
    pub(crate) fn advice(&self) -> Advice {
        match self {
            Self::Usage(_) => Advice::new("usage", 2, "see `rolehop --help`"),
            Self::InvalidInputs(_) => Advice::new(
                "invalid-inputs",
                3,
                "correct the inputs named above; no request was sent",
            ),
            Self::HostIncomplete(_) => Advice::new(
                "host-incomplete",
                3,
                "use it in a workflow with `uses:`; the runner then sets the file variables",
            ),
            Self::CaBundle(_) => Advice::new(
                "ca-bundle",
                3,
                "name a readable file with PEM certificates, or drop the setting",
            ),
            Self::OidcPermissionMissing { forgejo, .. } => {
                Advice::new("oidc-permission-missing", 4, permission_hint(*forgejo))
            }
            Self::OidcForkPullRequest { .. } => Advice::new(
                "oidc-fork-pull-request",
                4,
                "GitHub gives no OIDC token to pull requests from forks: skip this step for them, or run it after the merge",
            ),
            Self::OidcRefused { .. } => Advice::new(
                "oidc-refused",
                4,
                "check `permissions: id-token: write` of the job, then re-run it",
            ),
            Self::OidcAnswerInvalid { .. } => Advice::new(
                "oidc-answer-invalid",
                4,
                "re-run the job; if it stays, the runner or a proxy alters answers",
            ),
            Self::OidcUnreachable { .. } => Advice::new(
                "oidc-unreachable",
                6,
                "re-run the job; behind a proxy, set http-proxy or HTTPS_PROXY",
            ),
            Self::TokenFile { .. } => Advice::new(
                "token-file",
                4,
                "check web-identity-token-file: an absolute path, or one relative to the workspace",
            ),
            Self::NoCredentials { advice, .. } => Advice::new("no-credentials", 4, advice.clone()),
            Self::Sts(failure) => failure.advice(),
            Self::AccountNotAllowed { allowed, .. } => Advice::new(
                "account-not-allowed",
                5,
                format!(
                    "use credentials or a role of {}, or add the account to allowed-account-ids; nothing was exported",
                    allowed.join(", ")
                ),
            ),
            Self::SpecialCharacters { .. } => Advice::new(
                "special-characters",
                6,
                "re-run the job, or drop special-characters-workaround",
            ),
            Self::TimedOut { .. } => {
                Advice::new("timed-out", 6, "re-run the job, or raise action-timeout-s")
            }
            Self::ProfileExists { .. } => Advice::new(
                "profile-exists",
                3,
                "choose another aws-profile, or set `overwrite-aws-profile: true`",
            ),
            Self::HandOver(fault) if fault.is_lock_timeout() => Advice::new(
                "file-locked",
                7,
                "another process holds the lock; re-run when it has ended",
            ),
            Self::HandOver(_) => Advice::new(
                "hand-over-failed",
                7,
                "check the file's permissions and the free disk space",
            ),
            Self::Internal(_) => Advice::new(
                "internal",
                1,
                "this is a defect of rolehop: please report it with this log",
            ),
        }
    }

    /// The reasons behind the message, outermost first.
    pub(crate) fn causes(&self) -> Vec<String> {
        match self {
            Self::InvalidInputs(mistakes) => mistakes
                .iter()
                .map(|m| format!("{}: {}", m.input, m.fault))
                .collect(),
            Self::OidcRefused { text, .. } if !text.is_empty() => vec![text.clone()],
            Self::OidcAnswerInvalid { fault }
            | Self::TokenFile { fault }
            | Self::NoCredentials { fault, .. } => vec![fault.clone()],
            Self::OidcUnreachable { fault, attempts } => vec![tried(fault, *attempts)],
            Self::Sts(failure) => failure.causes(),
            Self::AccountNotAllowed { allowed, .. } => {
                vec![format!("allowed: {}", allowed.join(", "))]
            }
            Self::HandOver(fault) => vec![fault.to_string()],
            _ => Vec::new(),
        }
    }
}

impl StsFailure {
    fn headline(&self) -> String {
        let Self {
            operation, subject, ..
        } = self;
        match self.kind {
            StsKind::AccessDenied => format!("STS denied {operation} on {subject}"),
            StsKind::TokenRejected => format!("STS rejected the web identity token for {subject}"),
            StsKind::TokenExpired => format!("the web identity token for {subject} has expired"),
            StsKind::KeysRejected => {
                format!("AWS does not accept the credentials that called {operation}")
            }
            StsKind::RequestInvalid => {
                format!("STS finds a fault in the {operation} request for {subject}")
            }
            StsKind::SessionTooLarge => {
                format!("the session policies and tags for {subject} are too large")
            }
            StsKind::RegionDisabled => {
                format!("STS is not activated in this region for the account of {subject}")
            }
            StsKind::Refused => format!("STS refused {operation} on {subject}"),
            StsKind::AnswerInvalid => format!("the answer to {operation} is not one of STS"),
            StsKind::Unreachable => format!("STS cannot be reached for {operation}"),
            StsKind::Throttled => format!("STS could not serve {operation}"),
        }
    }

    fn advice(&self) -> Advice {
        let (code, exit, usual) = match self.kind {
            StsKind::AccessDenied if self.operation.ends_with("WebIdentity") => (
                "sts-access-denied",
                5,
                "compare the role's trust policy with the token's sub and aud above: they must match to the letter; \
                 a job with an `environment` has it in its sub, not the branch",
            ),
            StsKind::AccessDenied => (
                "sts-access-denied",
                5,
                "check that the role exists, that its trust policy names this caller, and that the caller may call sts:AssumeRole on it",
            ),
            StsKind::TokenRejected => (
                "sts-token-rejected",
                5,
                "check the IAM OIDC provider in the role's account: its URL must be the token's issuer and its audiences must list `audience`",
            ),
            StsKind::TokenExpired => (
                "sts-token-expired",
                5,
                "re-run the job; check the clock of a self-hosted runner",
            ),
            StsKind::KeysRejected => (
                "sts-keys-rejected",
                5,
                "check the keys: deleted, mistyped, expired, or of another partition",
            ),
            StsKind::RequestInvalid => (
                "sts-request-invalid",
                5,
                "correct what STS names; a repeat of the same request cannot succeed",
            ),
            StsKind::SessionTooLarge => (
                "sts-session-too-large",
                5,
                "shorten the policy or the tags, or set `role-skip-session-tagging: true`",
            ),
            StsKind::RegionDisabled => (
                "sts-region-disabled",
                5,
                "activate the region for STS in IAM's account settings, or choose another aws-region",
            ),
            StsKind::Refused => (
                "sts-refused",
                5,
                "look STS' code up in its API reference; a repeat is unlikely to help",
            ),
            StsKind::AnswerInvalid => (
                "sts-answer-invalid",
                5,
                "a proxy or a wrong sts-endpoint may have answered: check both",
            ),
            StsKind::Unreachable => (
                "sts-unreachable",
                6,
                "check aws-region, sts-endpoint and the proxy settings; then re-run the job",
            ),
            StsKind::Throttled => (
                "sts-throttled",
                6,
                "re-run the job in a minute; many jobs at once share one account's limit",
            ),
        };
        Advice::new(code, exit, usual)
    }

    fn causes(&self) -> Vec<String> {
        let mut causes = vec![tried(&self.detail, self.attempts)];
        causes.extend(
            self.request_id
                .as_ref()
                .map(|id| format!("request id {id}")),
        );
        causes
    }
}

fn tried(fault: &str, attempts: u32) -> String {
    if attempts > 1 {
        format!("{fault} (tried {attempts} times)")
    } else {
        fault.to_owned()
    }
}

fn count(mistakes: &[Mistake]) -> String {
    match mistakes {
        [one] => format!("the input {} was refused", one.input),
        many => format!("{} inputs were refused", many.len()),
    }
}

fn permission_hint(forgejo: bool) -> &'static str {
    if forgejo {
        "add `enable-openid-connect: true` to the job"
    } else {
        "add `permissions: { id-token: write, contents: read }` to the job, and to the job that calls a reusable workflow; \
         or give keys, role-chaining or web-identity-token-file"
    }
}
