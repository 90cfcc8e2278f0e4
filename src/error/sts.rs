//! What a call to STS came to, by what the user does next.

use std::time::SystemTime;

use super::Advice;
use crate::model::{Cause, Diagnosis};
use crate::system::backoff::Tries;

/// What a call to STS came to.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.headline())]
pub(crate) struct StsFailure {
    pub(crate) kind: StsKind,
    /// What was attempted, as in `sts:AssumeRole`.
    pub(crate) operation: &'static str,
    /// The role or the host that it concerns.
    pub(crate) subject: String,
    /// STS' own code and words.
    pub(crate) detail: String,
    pub(crate) request_id: Option<String>,
    pub(crate) tries: Tries,
    /// Why it most likely refused, where more can be said than STS does.
    pub(crate) diagnosis: Option<Diagnosis>,
    /// The server's clock when it answered.
    pub(crate) server_time: Option<SystemTime>,
}

/// The classes of an STS failure, by what the user does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StsKind {
    AccessDenied,
    MfaRefused,
    TokenRejected,
    /// AWS could not ask the issuer for its keys.
    IssuerUnreachable,
    TokenExpired,
    KeysRejected,
    RequestInvalid,
    SessionTooLarge,
    RegionDisabled,
    Refused,
    AnswerInvalid,
    Throttled,
}

impl StsFailure {
    fn headline(&self) -> String {
        let Self {
            operation, subject, ..
        } = self;
        match self.kind {
            StsKind::AccessDenied => format!("STS denied {operation} on {subject}"),
            StsKind::MfaRefused => format!("STS refused MFA for {operation} on {subject}"),
            StsKind::TokenRejected => format!("STS rejected the web identity token for {subject}"),
            StsKind::IssuerUnreachable => {
                format!("AWS could not reach the issuer of the web identity token for {subject}")
            }
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
            StsKind::Throttled => format!("STS could not serve {operation}"),
        }
    }

    pub(super) fn advice(&self) -> Advice {
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
            StsKind::MfaRefused => (
                "sts-mfa-refused",
                5,
                "check that mfa-serial is the ARN of a device of this user, and give a code that was not used before; \
                 AWS takes each code once",
            ),
            StsKind::TokenRejected => (
                "sts-token-rejected",
                5,
                "check the IAM OIDC provider in the role's account: its URL must be the token's iss and its audiences must list the token's aud, as the log has them",
            ),
            StsKind::IssuerUnreachable => (
                "sts-issuer-unreachable",
                6,
                "re-run the job in a minute; an issuer of your own has to be reachable from the internet",
            ),
            StsKind::TokenExpired => (
                "sts-token-expired",
                5,
                "re-run the job; check the clock of a self-hosted runner",
            ),
            StsKind::KeysRejected if self.detail.starts_with("ExpiredToken ") => (
                "sts-keys-rejected",
                5,
                "these credentials have ended: let the step that got them run again right before this one, or give it `refresh`",
            ),
            StsKind::KeysRejected => (
                "sts-keys-rejected",
                5,
                "check the keys: deleted, mistyped, expired, or of another partition",
            ),
            StsKind::RequestInvalid if self.is_inherited_tag() => (
                "sts-request-invalid",
                5,
                "the calling session hands this tag down by itself: set `role-skip-session-tagging: true`, or do not make it \
                 transitive in the step before",
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
            StsKind::Throttled => (
                "sts-throttled",
                6,
                "re-run the job in a minute; many jobs at once share one account's limit",
            ),
        };
        let next = self.first_cause().map(|cause| cause.next.clone());
        Advice::new(code, exit, next.unwrap_or_else(|| usual.to_owned()))
    }

    fn first_cause(&self) -> Option<&Cause> {
        self.diagnosis.as_ref()?.causes.first()
    }

    /// STS' code and message; none where somebody else failed.
    pub(crate) fn wire(&self) -> Option<(&str, &str)> {
        let (code, rest) = self.detail.split_once(" (HTTP ")?;
        Some((code, rest.split_once("): ")?.1))
    }

    /// A tag was sent that the calling session passes on.
    fn is_inherited_tag(&self) -> bool {
        self.detail.contains("conflicts with a transitive tag key")
    }

    /// The caller is itself a role, and more than an hour was asked for.
    pub(crate) fn is_above_the_hour_of_a_chain(&self) -> bool {
        self.kind == StsKind::RequestInvalid && self.detail.contains("1 hour session limit")
    }

    /// The six digits were wrong, of another time, or used before; STS does not tell which.
    pub(crate) fn is_refused_code(&self) -> bool {
        self.kind == StsKind::MfaRefused && self.detail.contains("one time pass code")
    }

    pub(super) fn causes(&self) -> Vec<String> {
        let mut causes = self.tries.causes(&self.detail);
        let certain = self.diagnosis.as_ref().is_some_and(|found| found.certain);
        causes.extend(self.first_cause().map(|cause| {
            if certain {
                cause.what.clone()
            } else {
                format!("most likely: {}", cause.what)
            }
        }));
        causes.extend(
            self.request_id
                .as_ref()
                .map(|id| format!("request id {id}")),
        );
        causes
    }
}
