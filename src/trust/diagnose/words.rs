//! What STS' own words say for certain.

use std::time::{Duration, SystemTime};

use super::{Refusal, cause};
use crate::model::Cause;
use crate::model::time::{rfc3339, span};
use crate::trust::context::Caller;
use crate::trust::forms::shell;
use crate::trust::issuer::{Ci, Issuer};
use crate::trust::text::{all, shown};

/// Empty, if the words leave it open.
pub(super) fn causes(refusal: &Refusal<'_>) -> Vec<Cause> {
    let message = refusal.message;
    match refusal.code.trim_end_matches("Exception") {
        "AccessDenied" => denied(refusal),
        "InvalidIdentityToken" => rejected(refusal),
        "IDPCommunicationError" => refusal
            .issuer()
            .map_or_else(Vec::new, |issuer| vec![unreachable(&issuer)]),
        "ExpiredToken" if refusal.claims.is_some() => expired(refusal),
        "RegionDisabled" => vec![cause(
            format!(
                "STS is not activated in {} for the account {}",
                refusal.region,
                refusal.account()
            ),
            format!(
                "activate {} for STS (IAM, Account settings, Security Token Service), or choose a region that is active as aws-region",
                refusal.region
            ),
        )],
        "ValidationError" | "Validation" => invalid(refusal),
        "InvalidClientTokenId" | "UnrecognizedClient" => {
            refusal.foreign_partition().into_iter().collect()
        }
        "SignatureDoesNotMatch" | "RequestExpired"
            if message.contains("Signature expired")
                || message.contains("Signature not yet current") =>
        {
            vec![cause(
                "the clock of this machine is wrong: AWS takes signatures of the last and next minutes only",
                "set the clock of the runner (NTP), then re-run the job",
            )]
        }
        _ => Vec::new(),
    }
}

/// The caller in `User: ARN is not authorized to perform: …`.
pub(super) fn caller(message: &str) -> Option<Caller> {
    let (_, rest) = message.split_once("User: ")?;
    Caller::read(rest.split_whitespace().next()?)
}

fn denied(refusal: &Refusal<'_>) -> Vec<Cause> {
    let message = refusal.message;
    if let Some(cause) = refusal.foreign_partition() {
        return vec![cause];
    }
    if let Some((_, kind)) = message.split_once("with an explicit deny in ") {
        let kind = kind.trim_end_matches('.');
        return vec![cause(
            format!("{kind} denies it expressly, whatever other policies allow"),
            format!("look for the Deny statement in {kind}"),
        )];
    }
    if message.contains("sts:TagSession") {
        return vec![tags(refusal)];
    }
    if message.contains("sts:SetSourceIdentity") {
        return vec![cause(
            "a source identity is sent or inherited, and sts:SetSourceIdentity is not allowed for it",
            "add \"sts:SetSourceIdentity\" beside \"sts:AssumeRole\" in the role's trust policy and in the caller's policy, or drop source-identity",
        )];
    }
    if message.contains("MultiFactorAuthentication failed") {
        if message.contains("unable to validate") {
            return vec![cause(
                "mfa-serial names no device of the user whose keys these are",
                "correct mfa-serial: `aws iam list-mfa-devices` with the same keys has the user's devices",
            )];
        }
        return vec![cause(
            "the MFA code is too old, was used before, or is of another device than mfa-serial names",
            if refusal.computed_code {
                "compare mfa-totp-secret with the secret of the device that mfa-serial names: the code was computed from it"
            } else {
                "check mfa-serial and give a new code"
            },
        )];
    }
    for (kind, whose) in [
        ("identity-based policy", "policy"),
        ("session policy", "session policy"),
        ("permissions boundary", "permissions boundary"),
    ] {
        if message.contains(&format!("because no {kind} allows")) {
            let who = caller(message).map_or_else(
                || "the caller".to_owned(),
                |caller| caller.principal().to_owned(),
            );
            return vec![cause(
                format!(
                    "the caller {who} may not call sts:AssumeRole on {}: no {kind} of it allows that",
                    refusal.role_text()
                ),
                format!("add the policy below to the caller's {whose}"),
            )];
        }
    }
    if message.contains("because no resource-based policy allows") {
        let who = caller(message).map_or_else(
            || "the caller".to_owned(),
            |caller| caller.principal().to_owned(),
        );
        return vec![cause(
            format!(
                "the trust policy of {} does not name the caller {who}",
                refusal.role_text()
            ),
            "let the trust policy name it, as below",
        )];
    }
    Vec::new()
}

fn tags(refusal: &Refusal<'_>) -> Cause {
    match refusal.claims {
        Some(claims) => cause(
            format!(
                "the token carries session tags ({}), and the role's trust policy does not allow sts:TagSession",
                all(&claims
                    .session_tags()
                    .into_iter()
                    .map(|(key, _)| key)
                    .collect::<Vec<_>>())
            ),
            "add \"sts:TagSession\" to the Action of the trust policy",
        ),
        None => cause(
            "session tags are sent, and sts:TagSession is not allowed for them by the role's trust policy or by the caller's policy",
            "add \"sts:TagSession\" beside \"sts:AssumeRole\" in both, or set `role-skip-session-tagging: true`",
        ),
    }
}

fn rejected(refusal: &Refusal<'_>) -> Vec<Cause> {
    let message = refusal.message.to_ascii_lowercase();
    let Some(issuer) = refusal.issuer() else {
        return vec![cause(
            "the token has no `iss`",
            "check which token is given",
        )];
    };
    let account = refusal.account();
    let aud = refusal
        .claims
        .and_then(crate::model::Claims::audience)
        .unwrap_or_default();
    if message.contains("no openidconnect provider") {
        let mut causes: Vec<Cause> = [refusal.foreign_partition(), refusal.foreign_account()]
            .into_iter()
            .flatten()
            .collect();
        causes.push(cause(
            format!(
                "the account {account} has no OIDC provider for {}",
                issuer.url
            ),
            format!(
                "aws iam create-open-id-connect-provider --url {} --client-id-list {}",
                shell(&issuer.url),
                shell(&aud)
            ),
        ));
        if causes.len() == 1 {
            causes.push(cause(
                format!(
                    "{account} is not the account that is meant: providers are for each account"
                ),
                "check the account in role-to-assume",
            ));
        }
        return causes;
    }
    if message.contains("incorrect token audience") {
        return vec![cause(
            format!(
                "the token's audience is {}, which the OIDC provider {} in the account {account} does not list",
                shown(&aud),
                issuer.host()
            ),
            match refusal.role {
                Some(role) => format!(
                    "aws iam add-client-id-to-open-id-connect-provider --client-id {} --open-id-connect-provider-arn {}; or set `audience` to one that it lists",
                    shell(&aud),
                    shell(&issuer.principal(role.partition(), role.account()))
                ),
                None => "add it to the provider, or set `audience` to one that it lists".to_owned(),
            },
        )];
    }
    if message.contains("verification key") {
        return vec![unreachable(&issuer)];
    }
    if message.contains("not yet valid")
        || message.contains("in the future")
        || message.contains("nbf")
    {
        return vec![skew(refusal)];
    }
    Vec::new()
}

/// AWS asks the issuer for its keys, and needs an answer.
fn unreachable(issuer: &Issuer) -> Cause {
    let own = issuer.system == Ci::GithubServer || issuer.system == Ci::Other;
    cause(
        format!("AWS could not fetch the keys of {}", issuer.url),
        if own {
            format!(
                "{}/.well-known/openid-configuration has to be reachable from the internet",
                issuer.url
            )
        } else {
            "re-run the job; with many parallel jobs this comes and goes".to_owned()
        },
    )
}

fn expired(refusal: &Refusal<'_>) -> Vec<Cause> {
    let end = refusal.claims.and_then(|claims| claims.seconds("exp"));
    match (end, refusal.now) {
        (Some(end), Some(now)) if end <= now => vec![cause(
            format!(
                "the token ended at {}, {} ago",
                instant(end),
                length(now - end)
            ),
            "use a token that was issued for this job: one in a file has to be renewed by whoever writes it",
        )],
        (Some(end), Some(now)) => vec![cause(
            format!(
                "by the clock of this machine ({}) the token lives until {}, but AWS calls it expired: this clock or the issuer's is behind",
                instant(now),
                instant(end)
            ),
            "set the clock of the runner, or of the issuer's server (NTP), then re-run the job",
        )],
        _ => Vec::new(),
    }
}

/// A token that begins in AWS' future.
fn skew(refusal: &Refusal<'_>) -> Cause {
    let from = refusal
        .claims
        .and_then(|claims| claims.seconds("nbf").or_else(|| claims.seconds("iat")));
    let from = from.map_or_else(String::new, |from| format!(" from {} on", instant(from)));
    cause(
        format!(
            "the token is valid{from}, which for AWS is still to come: the issuer's clock is ahead"
        ),
        "set the clock of the issuer's server (NTP)",
    )
}

fn invalid(refusal: &Refusal<'_>) -> Vec<Cause> {
    let message = refusal.message;
    let seconds = refusal.seconds;
    if message.contains("role chaining") {
        return vec![cause(
            format!(
                "{seconds} seconds are asked for, and a role that is assumed by a role has at most 3600"
            ),
            "set role-duration-seconds to 3600 or less; a longer session needs the role as the first of the chain",
        )];
    }
    if message.contains("MaxSessionDuration") {
        let mut causes = vec![cause(
            format!(
                "{seconds} seconds are asked for, which is above the maximum session duration of {}",
                refusal.role_text()
            ),
            match refusal.role {
                Some(role) => format!(
                    "lower role-duration-seconds (3600 is always allowed), or: aws iam update-role --role-name {} --max-session-duration {seconds}",
                    role.name()
                ),
                None => "lower role-duration-seconds; 3600 is always allowed".to_owned(),
            },
        )];
        causes.retain(|_| seconds > 0);
        return causes;
    }
    if message.contains("Request ARN is invalid") || message.ends_with("is invalid") {
        return refusal.foreign_partition().into_iter().collect();
    }
    Vec::new()
}

fn instant(seconds: i64) -> String {
    rfc3339(
        SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default()),
    )
}

fn length(seconds: i64) -> String {
    span(Duration::from_secs(
        u64::try_from(seconds).unwrap_or_default(),
    ))
}
