//! The first cause of each situation, from STS' words and the claims alone.

use serde_json::json;

use super::*;

const ROLE: &str = "arn:aws:iam::123456789012:role/teams/deploy";

fn first(refusal: &Refusal<'_>) -> Cause {
    diagnose(refusal).expect("a diagnosis").causes.remove(0)
}

fn role() -> RoleArn {
    ROLE.parse().expect("a role")
}

#[test]
fn the_words_of_sts_come_before_every_guess() {
    let role = role();
    let claims = Claims::from(json!({
        "iss": "https://ghe.example.com/_services/token", "sub": "repo:o/r:environment:prod", "aud": "sts.amazonaws.com",
        "exp": 1000, "iat": 700, "https://aws.amazon.com/tags": {"principal_tags": {"Team": ["web"]}},
    }));
    let of_token = |code, message, now| Refusal {
        code,
        message,
        role: Some(&role),
        region: "ap-east-1",
        partition: "aws",
        seconds: 7200,
        claims: Some(&claims),
        now: Some(now),
        ..Refusal::default()
    };
    for (code, message, now, what, next) in [
        (
            "AccessDenied",
            "Not authorized to perform sts:TagSession",
            0,
            "session tags (Team)",
            "sts:TagSession",
        ),
        (
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity with an explicit deny in a service control policy",
            0,
            "a service control policy denies it expressly",
            "Deny statement",
        ),
        (
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://x",
            0,
            "123456789012 has no OIDC provider for https://ghe.example.com/_services/token",
            "--url https://ghe.example.com/_services/token --client-id-list sts.amazonaws.com",
        ),
        (
            "InvalidIdentityToken",
            "Incorrect token audience",
            0,
            "audience is `sts.amazonaws.com`",
            "oidc-provider/ghe.example.com/_services/token",
        ),
        (
            "InvalidIdentityToken",
            "Couldn't retrieve verification key from your identity provider",
            0,
            "could not fetch the keys",
            "reachable from the internet",
        ),
        (
            "IDPCommunicationError",
            "",
            0,
            "could not fetch the keys",
            "reachable from the internet",
        ),
        (
            "InvalidIdentityToken",
            "Token is not yet valid",
            0,
            "issuer's clock is ahead",
            "NTP",
        ),
        (
            "ExpiredTokenException",
            "Token expired",
            1090,
            "ended at 1970-01-01T00:16:40Z, 1 min 30 s ago",
            "renewed",
        ),
        (
            "ExpiredTokenException",
            "Token expired",
            900,
            "this clock or the issuer's is behind",
            "NTP",
        ),
        (
            "RegionDisabledException",
            "STS is not activated",
            0,
            "ap-east-1 for the account 123456789012",
            "activate ap-east-1",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            0,
            "7200 seconds",
            "--role-name deploy --max-session-duration 7200",
        ),
    ] {
        let cause = first(&of_token(code, message, now));
        assert!(cause.what.contains(what), "{message}: {cause:?}");
        assert!(cause.next.contains(next), "{message}: {cause:?}");
    }
}

#[test]
fn callers() {
    let role = role();
    let said = |user: &str, action: &str, rest: &str| {
        format!("User: {user} is not authorized to perform: sts:{action} on resource: {ROLE}{rest}")
    };
    let user = "arn:aws:iam::123456789012:user/ci";
    let stranger = "arn:aws:sts::210987654321:assumed-role/hub/s";
    for (message, what) in [
        (
            said(user, "AssumeRole", ""),
            "does not name the caller arn:aws:iam::123456789012:user/ci",
        ),
        (
            said(
                user,
                "AssumeRole",
                " because no identity-based policy allows the sts:AssumeRole action",
            ),
            "no identity-based policy of it allows",
        ),
        (
            said(
                user,
                "AssumeRole",
                " because no resource-based policy allows the sts:AssumeRole action",
            ),
            "does not name the caller",
        ),
        (
            said(user, "TagSession", ""),
            "sts:TagSession is not allowed",
        ),
        (
            said(user, "SetSourceIdentity", ""),
            "sts:SetSourceIdentity is not allowed",
        ),
        (
            said(stranger, "AssumeRole", ""),
            "arn:aws:iam::210987654321:role/hub, or asks for an external ID",
        ),
    ] {
        let refusal = Refusal {
            code: "AccessDenied",
            message: &message,
            role: Some(&role),
            partition: "aws",
            ..Refusal::default()
        };
        let diagnosis = diagnose(&refusal).expect("a diagnosis");
        assert!(
            diagnosis.causes[0].what.contains(what),
            "{message}: {diagnosis:?}"
        );
        assert_eq!(diagnosis.policies.len(), 2, "both sides");
    }
}

#[test]
fn what_nothing_is_known_of_is_left_to_the_words_of_sts() {
    for code in [
        "PackedPolicyTooLarge",
        "SomethingNew",
        "InvalidClientTokenId",
    ] {
        assert_eq!(
            diagnose(&Refusal {
                code,
                message: "?",
                ..Refusal::default()
            }),
            None
        );
    }
}
