//! Codes that are given or computed, in CI.

use std::time::{Duration, SystemTime};

use fake_aws::{FakeAws, Secrets, World};

use super::{ROLE, SECRET, SERIAL, codes, computed, kept_files};
use crate::harness::{KEY_ID, Step};

/// Early in a window, so that what follows at once is in the same one.
fn early_in_a_window() {
    let into = || {
        let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
        now.as_secs() % 30
    };
    while into() > 15 {
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_code_is_computed_and_goes_with_the_role() {
    let fake = FakeAws::start(World::demo());
    let step = computed(&fake).input("mfa-totp-secret", "jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp");
    let done = step.run().succeeds();
    assert!(
        done.arn().contains(":assumed-role/mfa-only/"),
        "{}",
        done.arn()
    );
    assert!(
        done.masks()
            .iter()
            .any(|mask| mask.starts_with("jbsw y3dp"))
    );
    assert_eq!(fake.requests().len(), 1, "no further round trip");
    assert_eq!(
        kept_files(step.path("temp").join("rolehop")),
        [
            ("expires".to_owned(), 0o600),
            ("mfa-step".to_owned(), 0o600)
        ],
        "in CI no session is kept"
    );
}

#[test]
fn a_code_that_this_machine_used_is_not_sent_again() {
    let fake = FakeAws::start(World::demo());
    early_in_a_window();
    let step = computed(&fake);
    step.run().succeeds().does_not_say("waiting");
    step.run()
        .succeeds()
        .says("the MFA code of this half minute has been used; waiting");
    let codes = codes(&fake);
    assert_eq!(codes.len(), 2);
    assert_ne!(codes[0], codes[1]);
    assert!(fake.denials().is_empty(), "{:?}", fake.denials());
}

#[test]
fn a_code_that_another_machine_used_is_followed_by_the_next() {
    let fake = FakeAws::start(World::demo());
    early_in_a_window();
    computed(&fake).run().succeeds();
    let elsewhere = computed(&fake);
    elsewhere
        .run()
        .succeeds()
        .says("STS refused the MFA code, as it does with one that was used before");
    let codes = codes(&fake);
    assert_eq!(codes.len(), 3);
    assert_eq!(codes[0], codes[1]);
    assert_ne!(codes[1], codes[2]);
}

#[test]
fn the_clock_of_sts_is_taken_where_it_differs_and_remembered() {
    let with = |skew: i64| {
        let fake = FakeAws::start(World::demo());
        fake.set_clock_skew(skew);
        let step = computed(&fake);
        let word = if skew > 0 { "ahead of" } else { "behind" };
        step.run()
            .succeeds()
            .says("STS refused the MFA code; its clock is 1")
            .says(&format!(
                "s {word} this machine's; trying the code of its time"
            ));
        assert_eq!(codes(&fake).len(), 2);
        // The next one knows, and may have to wait for its window.
        step.run().succeeds().does_not_say("STS refused");
        assert_eq!(codes(&fake).len(), 3);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| with(120));
        scope.spawn(|| with(-120));
    });
}

#[test]
fn a_secret_of_another_device_is_given_up_after_two_codes() {
    let refused = |several: bool| {
        let fake = FakeAws::start(World::demo());
        let mut step = computed(&fake).input("mfa-totp-secret", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        if several {
            // The code is for the session that all of them begin with.
            step = step
                .without("INPUT_ROLE-TO-ASSUME")
                .input("roles", "a = ops\nb = mfa-only");
        }
        step.run()
            .fails("sts-mfa-refused", 5)
            .says("invalid MFA one time pass code")
            .says("hint:  compare mfa-totp-secret with the secret of the device that mfa-serial names");
        assert_eq!(codes(&fake).len(), 2);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| refused(false));
        scope.spawn(|| refused(true));
    });
}

#[test]
fn a_given_code_is_sent_once_and_a_wrong_device_too() {
    let fake = FakeAws::start(World::demo());
    let wrong = Step::keys(&fake)
        .input("role-to-assume", ROLE)
        .input("mfa-serial", SERIAL)
        .input("mfa-code", "000000");
    wrong.run().fails("sts-mfa-refused", 5);
    assert_eq!(codes(&fake).len(), 1);
    let stranger = computed(&fake).input("mfa-serial", "arn:aws:iam::123456789012:mfa/stranger");
    stranger
        .run()
        .fails("sts-mfa-refused", 5)
        .says("unable to validate MFA code")
        .says("hint:  correct mfa-serial: `aws iam list-mfa-devices`")
        .does_not_say("compare mfa-totp-secret");
    assert_eq!(codes(&fake).len(), 2);
}

#[test]
fn what_does_not_go_together_is_refused_before_any_request() {
    let fake = FakeAws::start(World::demo());
    computed(&fake)
        .input("mfa-code", "123456")
        .run()
        .fails("invalid-inputs", 3)
        .says("mfa-code: cannot be combined with mfa-totp-secret");
    Step::keys(&fake)
        .input("mfa-serial", SERIAL)
        .run()
        .fails("invalid-inputs", 3)
        .says("mfa-code: is missing; mfa-serial is given");
    Step::keys(&fake)
        .input("mfa-totp-secret", SECRET)
        .run()
        .fails("invalid-inputs", 3)
        .says("mfa-serial: is missing; mfa-totp-secret is given");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn ci_keeps_a_session_only_if_it_is_asked_to() {
    let fake = FakeAws::start(World::demo());
    let step = computed(&fake).input("mfa-session-seconds", "900");
    step.run().succeeds();
    let first = fake.last("AssumeRole").expect("a request");
    assert!(
        !first.params.contains_key("SerialNumber"),
        "{:?}",
        first.params
    );
    let session = fake.sessions().remove(0);
    assert_eq!(
        (session.operation.as_str(), session.duration),
        ("GetSessionToken", 900)
    );
    step.run()
        .succeeds()
        .says("MFA: the session of an earlier code is used, valid until");
    assert_eq!(fake.count("GetSessionToken"), 1);
    assert_eq!(fake.count("AssumeRole"), 2);
}

#[test]
fn a_session_serves_where_one_code_is_not_enough() {
    let fake = FakeAws::start(World::demo().secrets(Secrets::PlainAfter(3)));
    computed(&fake)
        .input("special-characters-workaround", "true")
        .run()
        .succeeds();
    assert_eq!(fake.count("GetSessionToken"), 1);
    assert_eq!(
        fake.count("AssumeRole"),
        3,
        "the first three of all sessions have special characters"
    );
}

#[test]
fn without_a_role_the_session_with_mfa_is_the_result() {
    let fake = FakeAws::start(World::demo());
    let done = computed(&fake)
        .without("INPUT_ROLE-TO-ASSUME")
        .run()
        .succeeds();
    assert_eq!(done.arn(), "arn:aws:iam::123456789012:user/ci-user");
    let session = fake
        .session(&done.env["AWS_ACCESS_KEY_ID"])
        .expect("a session");
    assert!(session.mfa.is_some() && session.operation == "GetSessionToken");
    assert_ne!(done.env["AWS_ACCESS_KEY_ID"], KEY_ID);
}
