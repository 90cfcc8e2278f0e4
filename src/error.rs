//! Every failure that a user can see: what could not be done, why, and the one next step most likely to work.

mod lend;
mod mfa;
mod refresh;
mod sts;
mod targets;
mod unanswered;
mod unfit;

pub(crate) use lend::LendFailure;
pub(crate) use mfa::NoCode;
pub(crate) use refresh::RefreshFailure;
pub(crate) use sts::{StsFailure, StsKind};
pub(crate) use targets::{TargetsFailed, Verdict};
pub(crate) use unanswered::{FarSide, Unanswered};
pub(crate) use unfit::Unfit;

use crate::model::{Diagnosis, Invalid};
use crate::system::backoff::Tries;
use crate::system::files::FileError;

/// A failure of the run. Each variant has a code, a hint and an exit class.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Usage(String),
    /// The same of a command that is known, whose own help is shorter.
    #[error("{fault}")]
    UsageOf {
        command: &'static str,
        fault: String,
    },
    #[error("{}", count(.0))]
    InvalidInputs(Vec<Mistake>),
    #[error("this process does not run as a step of an action: {0} is not set")]
    HostIncomplete(&'static str),
    #[error("the CA file cannot be used: {0}")]
    CaBundle(String),
    #[error("this job cannot get an OIDC token: {fault}")]
    OidcPermissionMissing { fault: String, grant: &'static str },
    #[error("this job cannot request an OIDC token: the pull request comes from the fork {head}")]
    OidcForkPullRequest { head: String },
    #[error("the token service refused to issue an OIDC token: {how}")]
    OidcRefused {
        how: String,
        text: String,
        /// What the job needs, by the facts of the CI system.
        grant: &'static str,
    },
    #[error("the token service's answer has no usable OIDC token")]
    OidcAnswerInvalid { fault: String },
    #[error("the token service could not issue an OIDC token")]
    OidcThrottled { fault: String, tries: Tries },
    #[error("{0}")]
    Unanswered(Box<Unanswered>),
    #[error("the web identity token cannot be used")]
    TokenFile { fault: String },
    #[error("the trust policy in {file} cannot be used")]
    TrustPolicy { file: String, fault: String },
    #[error("the trust policy in {file} does not admit {who}")]
    TrustRefuses {
        file: String,
        who: &'static str,
        reason: String,
    },
    #[error("no AWS credentials were found")]
    NoCredentials { fault: String, advice: String },
    #[error("{0}")]
    Sts(Box<StsFailure>),
    /// Several targets were asked for, and not all could be had.
    #[error("{0}")]
    Targets(TargetsFailed),
    #[error("the credentials are of account {found}, which allowed-account-ids does not list")]
    AccountNotAllowed { found: String, allowed: Vec<String> },
    #[error(transparent)]
    Unfit(#[from] Unfit),
    #[error(transparent)]
    NoMfaCode(#[from] NoCode),
    #[error("STS issued {tries} key pairs, and each has a character that is not a letter or digit")]
    SpecialCharacters { tries: u32 },
    #[error("the step was not done after {seconds} seconds")]
    TimedOut { seconds: u64, causes: Vec<String> },
    #[error("the profile `{name}` exists already in {path}")]
    ProfileExists { name: String, path: String },
    #[error("{title} has no private way to hand variables to later steps here")]
    NoPrivateHandOver {
        title: &'static str,
        page: &'static str,
        why: String,
        ways: Vec<String>,
    },
    #[error("the credentials could not be handed over")]
    HandOver(#[source] FileError),
    #[error("what an earlier step handed over could not be taken back everywhere")]
    NotUndone(#[source] FileError),
    #[error("{what}")]
    Refused { what: String, fault: String },
    #[error("{0}")]
    Lend(#[from] LendFailure),
    #[error("{0}")]
    Refresh(#[from] RefreshFailure),
    #[error("{0}")]
    Internal(String),
}

/// An input that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) input: String,
    pub(crate) fault: Invalid,
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

    /// Whether it is worth another attempt unchanged.
    pub(crate) fn passes(&self) -> bool {
        self.exit == 6
    }
}

/// Every code, from who the job is to what it is handed. `docs/errors.md` has a heading for each.
pub(crate) const CODES: &[&str] = &[
    "internal",
    "usage",
    "invalid-inputs",
    "host-incomplete",
    "ca-bundle",
    "oidc-permission-missing",
    "oidc-fork-pull-request",
    "oidc-refused",
    "oidc-answer-invalid",
    "oidc-throttled",
    "oidc-unreachable",
    "oidc-tls",
    "oidc-timed-out",
    "oidc-interrupted",
    "token-file",
    "no-credentials",
    "mfa-code-missing",
    "sts-access-denied",
    "sts-mfa-refused",
    "sts-token-rejected",
    "sts-issuer-unreachable",
    "sts-token-expired",
    "sts-keys-rejected",
    "sts-request-invalid",
    "sts-session-too-large",
    "sts-region-disabled",
    "sts-refused",
    "sts-answer-invalid",
    "sts-throttled",
    "sts-unreachable",
    "sts-tls",
    "sts-timed-out",
    "sts-interrupted",
    "proxy-unreachable",
    "proxy-refused",
    "trust-policy-invalid",
    "trust-policy-refuses",
    "account-not-allowed",
    "other-role",
    "expires-too-soon",
    "special-characters",
    "targets-failed",
    "timed-out",
    "profile-exists",
    "no-private-hand-over",
    "hand-over-failed",
    "file-locked",
    "export-to-terminal",
    "export-refused",
    "profile-asks-itself",
    "command-not-found",
    "command-not-started",
    "refresh-ended",
    "refresh-source-gone",
    "refresh-failed",
];

impl Error {
    #[expect(clippy::too_many_lines, reason = "a table: one arm for each failure")]
    pub(crate) fn advice(&self) -> Advice {
        match self {
            Self::Usage(_) => Advice::new("usage", 2, "see `rolehop --help`"),
            Self::UsageOf { command, .. } => {
                Advice::new("usage", 2, format!("see `rolehop help {command}`"))
            }
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
            Self::OidcPermissionMissing { grant, .. } => {
                Advice::new("oidc-permission-missing", 4, *grant)
            }
            Self::OidcForkPullRequest { .. } => Advice::new(
                "oidc-fork-pull-request",
                4,
                "GitHub gives no OIDC token to pull requests from forks: skip this step for them, or run it after the merge",
            ),
            Self::OidcRefused { grant, .. } => {
                Advice::new("oidc-refused", 4, format!("{grant}; then re-run the job"))
            }
            Self::OidcAnswerInvalid { .. } => Advice::new(
                "oidc-answer-invalid",
                4,
                "re-run the job; if it stays, the runner or a proxy alters answers",
            ),
            Self::OidcThrottled { .. } => Advice::new(
                "oidc-throttled",
                6,
                "re-run the job in a minute; the status page of the CI system tells of outages",
            ),
            Self::Unanswered(unanswered) => unanswered.advice(),
            Self::TokenFile { .. } => Advice::new(
                "token-file",
                4,
                "check the file or the variable that is named above; a relative path is one below the workspace",
            ),
            Self::TrustPolicy { .. } => Advice::new(
                "trust-policy-invalid",
                3,
                "correct the line; `rolehop explain --write-policy` prints a policy that is whole",
            ),
            Self::TrustRefuses { .. } => Advice::new(
                "trust-policy-refuses",
                5,
                "correct the line, or take the policy of `rolehop explain --write-policy`",
            ),
            Self::NoCredentials { advice, .. } => Advice::new("no-credentials", 4, advice.clone()),
            Self::Sts(failure) => failure.advice(),
            Self::Targets(failed) => failed.advice(),
            Self::AccountNotAllowed { allowed, .. } => Advice::new(
                "account-not-allowed",
                5,
                format!(
                    "use credentials or a role of {}, or add the account to allowed-account-ids; nothing was exported",
                    allowed.join(", ")
                ),
            ),
            Self::Unfit(unfit) => unfit.advice(),
            Self::NoMfaCode(why) => why.advice(),
            Self::SpecialCharacters { .. } => Advice::new(
                "special-characters",
                6,
                "re-run the job, or drop special-characters-workaround",
            ),
            Self::TimedOut { .. } => Advice::new(
                "timed-out",
                6,
                "see what it was waiting for; mend that, or raise action-timeout-s",
            ),
            Self::ProfileExists { .. } => Advice::new(
                "profile-exists",
                3,
                "choose another aws-profile, or set `overwrite-aws-profile: true`",
            ),
            Self::HandOver(fault) | Self::NotUndone(fault) if fault.is_lock_timeout() => {
                Advice::new(
                    "file-locked",
                    7,
                    "another process holds the lock; re-run when it has ended",
                )
            }
            Self::NoPrivateHandOver { ways, page, .. } => Advice::new(
                "no-private-hand-over",
                3,
                format!(
                    "no request was sent; what works here, more in {page}:\n{}",
                    ways.join("\n")
                ),
            ),
            Self::Refused { .. } => Advice::new(
                "hand-over-failed",
                7,
                "see the cause; `rolehop exec -- COMMAND` needs no help of the CI",
            ),
            Self::HandOver(_) => Advice::new(
                "hand-over-failed",
                7,
                "check the file's permissions and the free disk space",
            ),
            Self::NotUndone(_) => Advice::new(
                "hand-over-failed",
                7,
                "remove what is in the way, and run the logout (`rolehop post`) again; until then other steps may see the credentials",
            ),
            Self::Lend(failure) => failure.advice(),
            Self::Refresh(failure) => failure.advice(),
            Self::Internal(_) => Advice::new(
                "internal",
                1,
                "this is a defect of rolehop: please report it with this log",
            ),
        }
    }

    /// How often the far side was asked, where that can be more than once.
    pub(crate) fn tries(&self) -> Option<&Tries> {
        match self {
            Self::OidcThrottled { tries, .. } => Some(tries),
            Self::Unanswered(unanswered) => Some(&unanswered.tries),
            Self::Sts(failure) => Some(&failure.tries),
            _ => None,
        }
    }

    /// What was found out about a refusal of STS'.
    pub(crate) fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            Self::Sts(failure) => failure.diagnosis.as_ref(),
            Self::Targets(failed) => failed.diagnosis(),
            _ => None,
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
            | Self::TrustPolicy { fault, .. }
            | Self::NoCredentials { fault, .. }
            | Self::Refused { fault, .. } => vec![fault.clone()],
            Self::TrustRefuses { reason, .. } => vec![reason.clone()],
            Self::OidcThrottled { fault, tries } => tries.causes(fault),
            Self::Unanswered(unanswered) => unanswered.causes(),
            Self::TimedOut { causes, .. } => causes.clone(),
            Self::Sts(failure) => failure.causes(),
            Self::Targets(failed) => failed.causes(),
            Self::AccountNotAllowed { allowed, .. } => {
                vec![format!("allowed: {}", allowed.join(", "))]
            }
            Self::NoPrivateHandOver { why, .. } => vec![why.clone()],
            Self::HandOver(fault) | Self::NotUndone(fault) => vec![fault.to_string()],
            Self::Lend(failure) => failure.causes(),
            Self::NoMfaCode(why) => why.causes(),
            Self::Refresh(failure) => failure.causes(),
            _ => Vec::new(),
        }
    }
}

fn count(mistakes: &[Mistake]) -> String {
    match mistakes {
        [one] => format!("the input {} was refused", one.input),
        many => format!("{} inputs were refused", many.len()),
    }
}
