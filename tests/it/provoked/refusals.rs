//! What the token endpoint and STS refuse. Where the fake refuses by itself what AWS refuses, it is not told to.

use fake_aws::{FakeAws, Misbehaviour, World};

use super::Seen;
use crate::harness::{DEPLOY, KEY_ID, OPS, Step};

const STS: &str = "AssumeRoleWithWebIdentity";

fn oidc(fake: &FakeAws) -> Seen {
    Seen::run(&Step::oidc(fake), &[fake])
}

/// The usual step, of whose requests each gets this answer.
fn always(operation: &str, what: Misbehaviour) -> Seen {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(operation, what.always());
    oidc(&fake)
}

fn sts_says(status: u16, code: &str, message: &str) -> Seen {
    always(STS, Misbehaviour::error(status, code, message))
}

fn page() -> Misbehaviour {
    Misbehaviour::Raw {
        status: 200,
        content_type: "text/html".into(),
        body: b"<html>Sign in</html>".to_vec(),
    }
}

pub(super) fn oidc_refused() -> Seen {
    always("GetIdToken", Misbehaviour::error(403, "x", "no"))
}

pub(super) fn oidc_answer_invalid() -> Seen {
    always("GetIdToken", page())
}

pub(super) fn sts_access_denied() -> Seen {
    let subject = serde_json::json!("repo:mallory/other:ref:refs/heads/main");
    oidc(&FakeAws::start(World::demo().claim("sub", subject)))
}

pub(super) fn sts_token_rejected() -> Seen {
    oidc(&FakeAws::start(
        World::demo().issuer("https://ghes.example.com/_services/token"),
    ))
}

pub(super) fn sts_token_expired() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .input("role-to-assume", DEPLOY)
        .file("token", &fake.id_token("sts.amazonaws.com"))
        .input("web-identity-token-file", "token");
    fake.advance_clock(3600);
    Seen::run(&step, &[&fake])
}

pub(super) fn sts_keys_rejected() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .input("aws-access-key-id", KEY_ID)
        .input("aws-secret-access-key", "wJalrXUtnFEMI/K7MDENG/bPxRfi")
        .input("role-to-assume", OPS);
    Seen::run(&step, &[&fake])
}

pub(super) fn sts_request_invalid() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("inline-session-policy", r#"{"Version":"2012-10-17"}"#);
    Seen::run(&step, &[&fake])
}

pub(super) fn sts_session_too_large() -> Seen {
    sts_says(
        400,
        "PackedPolicyTooLarge",
        "Packed size 120% of the allowed",
    )
}

pub(super) fn sts_region_disabled() -> Seen {
    sts_says(403, "RegionDisabledException", "STS is not activated here")
}

pub(super) fn sts_refused() -> Seen {
    sts_says(418, "Teapot", "short and stout")
}

pub(super) fn sts_answer_invalid() -> Seen {
    always(STS, page())
}

pub(super) fn targets_failed() -> Seen {
    let fake = FakeAws::start(World::fleet(2));
    let lost = "arn:aws:iam::123456789012:role/nowhere";
    let line = |n: usize| format!("account-{n} = {lost} > {}\n", World::fleet_role(n));
    let step = Step::oidc(&fake)
        .without("INPUT_ROLE-TO-ASSUME")
        .input("roles", &[line(0), line(1)].concat());
    Seen::run(&step, &[&fake])
}
