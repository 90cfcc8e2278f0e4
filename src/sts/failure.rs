//! What a failed call means: the class that the user acts by, and whether the same call may yet succeed.

use std::time::{Duration, SystemTime};

use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::RequestId;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::error::{Error, FarSide, StsFailure, StsKind, Unanswered};
use crate::model::Invalid;
use crate::system::backoff::Tries;
use crate::system::http::{Fault, retry_after};

/// A failed attempt.
#[derive(Debug)]
pub(super) enum Failure {
    /// STS, or something in its place, said no.
    Answer(Refusal),
    /// There was no answer.
    Broken(Fault),
}

/// When the same call may yet succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passes {
    Never,
    /// With keys of which not all of AWS knows yet.
    WithNewKeys,
    Soon,
}

/// An answer that is not the one that was asked for.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) kind: StsKind,
    passes: Passes,
    after: Option<Duration>,
    /// STS' code and words.
    detail: String,
    request_id: Option<String>,
    server_time: Option<SystemTime>,
}

impl Failure {
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>, now: SystemTime) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match error {
            SdkError::ServiceError(service) => {
                Self::Answer(of_service(service.err(), service.raw(), now))
            }
            SdkError::ResponseError(response) => Self::Answer(of_foreign(response.raw(), now)),
            other => Fault::behind(other).map_or_else(
                || Self::Answer(Refusal::new(StsKind::Refused, Passes::Never, chain(other))),
                |fault| Self::Broken(fault.clone()),
            ),
        }
    }

    /// An answer that looks like STS' but cannot be used.
    pub(super) fn invalid(fault: &Invalid) -> Self {
        Self::Answer(Refusal::new(
            StsKind::AnswerInvalid,
            Passes::Never,
            fault.to_string(),
        ))
    }

    /// How often the same call is worth sending. `with_new_keys`: where AWS may not know the keys yet.
    pub(super) fn most_attempts(&self, with_new_keys: u32) -> u32 {
        match self {
            Self::Answer(refusal) => match refusal.passes {
                Passes::Never => 1,
                Passes::WithNewKeys => with_new_keys,
                Passes::Soon => u32::MAX,
            },
            Self::Broken(fault) => fault.most_attempts(),
        }
    }

    /// Whether it is the keys that AWS does not know.
    pub(super) fn is_of_new_keys(&self) -> bool {
        matches!(self, Self::Answer(refusal) if refusal.passes == Passes::WithNewKeys)
    }

    /// How long STS asks to wait.
    pub(super) fn after(&self) -> Option<Duration> {
        match self {
            Self::Answer(refusal) => refusal.after,
            Self::Broken(_) => None,
        }
    }

    pub(super) fn detail(&self) -> &str {
        match self {
            Self::Answer(refusal) => &refusal.detail,
            Self::Broken(fault) => &fault.text,
        }
    }

    pub(super) fn into_error(self, operation: &'static str, subject: &str, tries: Tries) -> Error {
        match self {
            Self::Answer(refusal) => Error::Sts(Box::new(StsFailure {
                kind: refusal.kind,
                operation,
                subject: subject.to_owned(),
                detail: refusal.detail,
                request_id: refusal.request_id,
                server_time: refusal.server_time,
                tries,
                diagnosis: None,
            })),
            Self::Broken(fault) => Error::Unanswered(Box::new(Unanswered {
                side: FarSide::Sts,
                operation,
                fault,
                tries,
            })),
        }
    }
}

impl Refusal {
    fn new(kind: StsKind, passes: Passes, detail: String) -> Self {
        Self {
            kind,
            passes,
            after: None,
            detail,
            request_id: None,
            server_time: None,
        }
    }
}

fn of_service<E: ProvideErrorMetadata>(error: &E, raw: &HttpResponse, now: SystemTime) -> Refusal {
    let status = raw.status().as_u16();
    let Some(code) = error.meta().code().filter(|code| !code.is_empty()) else {
        return of_foreign(raw, now);
    };
    let message = error.meta().message().unwrap_or_default();
    let (kind, passes) = classify(code, message, status);
    Refusal {
        kind,
        passes,
        after: pause(raw, now),
        detail: format!("{code} (HTTP {status}): {}", cut(message)),
        request_id: error
            .meta()
            .request_id()
            .or_else(|| raw.headers().get("x-amzn-requestid"))
            .map(cut),
        server_time: server_time(raw),
    }
}

fn server_time(raw: &HttpResponse) -> Option<SystemTime> {
    let date = raw.headers().get("date")?;
    let date = DateTime::from_str(date, Format::HttpDate).ok()?;
    date.try_into().ok()
}

/// By the wire code; the tables of STS' API reference, and what its messages add.
fn classify(code: &str, message: &str, status: u16) -> (StsKind, Passes) {
    const THROTTLES: [&str; 8] = [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "SlowDown",
    ];
    match code {
        code if THROTTLES.contains(&code) => (StsKind::Throttled, Passes::Soon),
        "RequestTimeout"
        | "RequestTimeoutException"
        | "InternalFailure"
        | "InternalError"
        | "ServiceUnavailable" => (StsKind::Throttled, Passes::Soon),
        "IDPCommunicationError" | "IDPCommunicationErrorException" => {
            (StsKind::IssuerUnreachable, Passes::Soon)
        }
        "InvalidIdentityToken" | "InvalidIdentityTokenException" => {
            let keys_unreachable = message
                .to_ascii_lowercase()
                .contains("retrieve verification key");
            if keys_unreachable {
                (StsKind::IssuerUnreachable, Passes::Soon)
            } else {
                (StsKind::TokenRejected, Passes::Never)
            }
        }
        "ExpiredTokenException" => (StsKind::TokenExpired, Passes::Never),
        "IDPRejectedClaim" | "IDPRejectedClaimException" => (StsKind::TokenRejected, Passes::Never),
        "AccessDenied" if message.starts_with("MultiFactorAuthentication failed") => {
            (StsKind::MfaRefused, Passes::Never)
        }
        "AccessDenied" | "AccessDeniedException" => (StsKind::AccessDenied, Passes::Never),
        "PackedPolicyTooLarge" | "PackedPolicyTooLargeException" => {
            (StsKind::SessionTooLarge, Passes::Never)
        }
        "RegionDisabledException" => (StsKind::RegionDisabled, Passes::Never),
        "ValidationError"
        | "ValidationException"
        | "MalformedPolicyDocument"
        | "MalformedPolicyDocumentException"
        | "InvalidParameterValue"
        | "InvalidParameterCombination"
        | "MissingParameter" => (StsKind::RequestInvalid, Passes::Never),
        "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" => {
            (StsKind::KeysRejected, Passes::WithNewKeys)
        }
        "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "RequestExpired"
        | "IncompleteSignature"
        | "MissingAuthenticationToken" => (StsKind::KeysRejected, Passes::Never),
        _ if status >= 500 || status == 429 => (StsKind::Throttled, Passes::Soon),
        _ => (StsKind::Refused, Passes::Never),
    }
}

/// Something that is not STS answered: a proxy, a login page, a broken connection.
fn of_foreign(raw: &HttpResponse, now: SystemTime) -> Refusal {
    let status = raw.status().as_u16();
    let kind = raw
        .headers()
        .get("content-type")
        .unwrap_or("no content type");
    let size = raw.body().bytes().map_or(0, <[u8]>::len);
    let detail = match raw
        .headers()
        .get("location")
        .filter(|_| (300..400).contains(&status))
    {
        Some(place) => format!(
            "HTTP {status}: a redirect to {}, which is not followed",
            cut(place)
        ),
        None => format!("HTTP {status} with {size} bytes of {}", cut(kind)),
    };
    let busy = status >= 500 || matches!(status, 408 | 429);
    let (class, passes) = if busy {
        (StsKind::Throttled, Passes::Soon)
    } else {
        (StsKind::AnswerInvalid, Passes::Never)
    };
    Refusal {
        after: pause(raw, now),
        ..Refusal::new(class, passes, detail)
    }
}

/// The innermost reason, which names the fault; those around it only say that there was one.
fn chain(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(deeper) = innermost.source() {
        innermost = deeper;
    }
    cut(&innermost.to_string())
}

fn pause(raw: &HttpResponse, now: SystemTime) -> Option<Duration> {
    let header = |name| raw.headers().get(name);
    retry_after(header("retry-after"), header("date"), now)
}

fn cut(text: &str) -> String {
    text.chars().take(600).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_succeed_is_not_repeated() {
        for (code, message, status, kind, passes) in [
            (
                "AccessDenied",
                "",
                403,
                StsKind::AccessDenied,
                Passes::Never,
            ),
            (
                "AccessDenied",
                "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
                403,
                StsKind::MfaRefused,
                Passes::Never,
            ),
            (
                "Throttling",
                "Rate exceeded",
                400,
                StsKind::Throttled,
                Passes::Soon,
            ),
            (
                "InvalidIdentityToken",
                "No OpenIDConnect provider found in your account",
                400,
                StsKind::TokenRejected,
                Passes::Never,
            ),
            (
                "InvalidIdentityToken",
                "Couldn't retrieve verification key from your identity provider",
                400,
                StsKind::IssuerUnreachable,
                Passes::Soon,
            ),
            (
                "IDPCommunicationError",
                "",
                400,
                StsKind::IssuerUnreachable,
                Passes::Soon,
            ),
            (
                "ExpiredTokenException",
                "",
                400,
                StsKind::TokenExpired,
                Passes::Never,
            ),
            (
                "ExpiredToken",
                "",
                403,
                StsKind::KeysRejected,
                Passes::Never,
            ),
            (
                "InvalidClientTokenId",
                "",
                403,
                StsKind::KeysRejected,
                Passes::WithNewKeys,
            ),
            (
                "SignatureDoesNotMatch",
                "",
                403,
                StsKind::KeysRejected,
                Passes::Never,
            ),
            (
                "PackedPolicyTooLarge",
                "",
                400,
                StsKind::SessionTooLarge,
                Passes::Never,
            ),
            (
                "RegionDisabledException",
                "",
                403,
                StsKind::RegionDisabled,
                Passes::Never,
            ),
            ("SomethingNew", "", 400, StsKind::Refused, Passes::Never),
            ("SomethingNew", "", 503, StsKind::Throttled, Passes::Soon),
        ] {
            assert_eq!(
                classify(code, message, status),
                (kind, passes),
                "{code} {message}"
            );
        }
    }
}
