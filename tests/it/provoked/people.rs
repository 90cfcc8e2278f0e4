//! What goes wrong with MFA, and with credentials that are there but will not do.

use fake_aws::{FakeAws, World};

use super::Seen;
use crate::harness::{KEY_ID, OPS, SECRET_KEY, Step};

const SERIAL: &str = "arn:aws:iam::123456789012:mfa/ci-user";

pub(super) fn mfa_code_missing() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::shell()
        .sts(&fake)
        .static_keys_as_variables()
        .var("ROLEHOP_MFA_SERIAL", SERIAL);
    Seen::of(&[&fake], || step.command(&["whoami"]))
}

pub(super) fn sts_mfa_refused() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::keys(&fake)
        .input("mfa-serial", SERIAL)
        .input("mfa-code", "000000");
    Seen::run(&step, &[&fake])
}

/// A shell with a user's keys.
fn with_keys(fake: &FakeAws) -> Step<'_> {
    Step::shell()
        .sts(fake)
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
}

pub(super) fn other_role() -> Seen {
    let fake = FakeAws::start(World::demo());
    let words = ["guard", "--min-remaining", "45m", "--role-to-assume", OPS];
    Seen::of(&[&fake], || with_keys(&fake).command(&words))
}

pub(super) fn expires_too_soon() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = with_keys(&fake)
        .var("AWS_SESSION_TOKEN", "a-session-of-unknown-end")
        .var("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z");
    let words = ["guard", "--min-remaining", "45m"];
    Seen::of(&[&fake], || step.command(&words))
}
