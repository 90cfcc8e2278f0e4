//! Codes that a person types, and the session that they open.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fake_aws::{FakeAws, World};

use super::{ROLE, SERIAL, kept_files, person};
use crate::harness::{Custody, KEY_ID, SECRET_KEY, Step};

#[test]
fn one_code_in_the_morning_serves_the_day() {
    let fake = Arc::new(FakeAws::start(World::demo()));
    let step = person(&fake);
    let device = Arc::clone(&fake);
    let words = ["whoami", "--json"];
    let typed = move |_| device.mfa_code(SERIAL).expect("a code");
    let done = step.at_terminal(&words, typed).succeeds();
    assert!(done.out.contains(":assumed-role/mfa-only/"), "{}", done.out);
    let done = done.says(&format!("MFA code of {SERIAL}: "));
    done.says("MFA: a session of 12 h is kept for the next calls");
    let folder = step.path("home").join(".cache/rolehop");
    assert_eq!(
        kept_files(folder.clone()),
        [("mfa-session".to_owned(), 0o600)]
    );
    let mode = std::fs::metadata(folder)
        .expect("metadata")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    // An SDK's process has no terminal, and needs none.
    let later = step.command(&words).succeeds();
    assert!(
        later.out.contains(":assumed-role/mfa-only/"),
        "{}",
        later.out
    );
    assert_eq!(fake.count("GetSessionToken"), 1);
    let last = fake.last("AssumeRole").expect("a request");
    assert!(!last.params.contains_key("TokenCode"), "{:?}", last.params);
    let session = fake.sessions().remove(0);
    assert_eq!(session.duration, 43_200);
}

#[test]
fn a_kept_session_that_aws_does_not_take_is_opened_anew() {
    let fake = Arc::new(FakeAws::start(World::demo()));
    let step = person(&fake);
    let device = Arc::clone(&fake);
    let typed = move |_| device.mfa_code(SERIAL).expect("a code");
    step.at_terminal(&["whoami"], typed.clone()).succeeds();
    fake.expire_sessions();
    step.command(&["whoami"])
        .ends("mfa-code-missing", 4)
        .says("AWS does not take the kept MFA session any more");
    // Codes are of the fake's time: the one before was used.
    fake.advance_clock(60);
    step.at_terminal(&["whoami"], typed).succeeds();
    assert_eq!(fake.count("GetSessionToken"), 2);
}

#[test]
fn so_it_is_where_several_roles_begin_with_it() {
    let fake = Arc::new(FakeAws::start(World::demo()));
    let step = person(&fake)
        .in_custody_of(Custody::Silent)
        .without("ROLEHOP_ROLE_TO_ASSUME")
        .var("ROLEHOP_ROLES", "a = ops\nb = mfa-only\nc = long")
        .var("ROLEHOP_OVERWRITE_AWS_PROFILE", "true");
    let device = Arc::clone(&fake);
    let typed = move |_| device.mfa_code(SERIAL).expect("a code");
    step.at_terminal(&[], typed.clone()).succeeds();
    fake.expire_sessions();
    // Codes are of the fake's time: the one before was used.
    fake.advance_clock(60);
    fake.clear();
    let said = "AWS does not take the kept MFA session any more; opening a new one";
    let done = step.at_terminal(&[], typed).succeeds();
    assert_eq!(done.log.matches(said).count(), 1, "{}", done.log);
    assert_eq!(fake.count("GetSessionToken"), 1);
    let later = step.command(&[]).succeeds().does_not_say(said);
    later.says("MFA: the session of an earlier code is used");
    fake.expire_sessions();
    step.command(&[]).ends("mfa-code-missing", 4).says(said);
}

#[test]
fn keys_of_a_profile_open_a_session_too() {
    let fake = Arc::new(FakeAws::start(World::demo()));
    let step = Step::shell()
        .sts(&fake)
        .var("ROLEHOP_MFA_SERIAL", SERIAL)
        .var("ROLEHOP_ROLE_TO_ASSUME", ROLE)
        .var("ROLEHOP_SOURCE_PROFILE", "me");
    let text =
        format!("[me]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n");
    let step = step.file("credentials", &text);
    let file = step.path("workspace").join("credentials");
    let step = step.var("AWS_SHARED_CREDENTIALS_FILE", &file.display().to_string());
    let device = Arc::clone(&fake);
    let typed = move |_| device.mfa_code(SERIAL).expect("a code");
    let done = step.at_terminal(&["whoami"], typed).succeeds();
    done.says("source: the profile `me` (source-profile is set)");
    assert_eq!(fake.count("GetSessionToken"), 1);
    assert_eq!(fake.count("AssumeRole"), 1);
}

#[test]
fn a_role_that_wants_a_fresh_code_is_told_of() {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},
        "Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}}]}"#;
    let world = World::demo().role(fake_aws::Role::new(ROLE, trust));
    let fake = Arc::new(FakeAws::start(world));
    let step = person(&fake);
    let device = Arc::clone(&fake);
    let typed = move |_| device.mfa_code(SERIAL).expect("a code");
    step.at_terminal(&["whoami"], typed.clone()).succeeds();
    fake.advance_clock(120);
    let hint = "if the role wants a fresh code, set mfa-session-seconds to 0";
    step.command(&["whoami"])
        .ends("sts-access-denied", 5)
        .says(hint);
    let step = step.without("ROLEHOP_ROLE_TO_ASSUME");
    let several = step.command(&["--roles", "a = ops\nb = mfa-only"]);
    let several = several.ends("targets-failed", 5);
    assert_eq!(several.log.matches(hint).count(), 1, "{}", several.log);
    let step = step.var("ROLEHOP_ROLE_TO_ASSUME", ROLE);
    let step = step.var("ROLEHOP_MFA_SESSION_SECONDS", "0");
    step.at_terminal(&["whoami"], typed).succeeds();
    assert_eq!(fake.count("GetSessionToken"), 1);
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let fake = FakeAws::start(World::demo());
    person(&fake)
        .command(&["whoami"])
        .ends("mfa-code-missing", 4)
        .says("run `rolehop whoami` with the same settings in a terminal once");
    let in_ci = person(&fake).var("CI", "true");
    let never = |_| panic!("asked in CI");
    in_ci
        .at_terminal(&["whoami"], never)
        .ends("invalid-inputs", 3)
        .says("mfa-code: is missing");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn a_typing_error_and_a_refused_code_are_asked_again_three_times_in_all() {
    let fake = Arc::new(FakeAws::start(World::demo()));
    let device = Arc::clone(&fake);
    let typed = move |question| match question {
        0 => "12 34".to_owned(),
        1 => "000 000".to_owned(),
        _ => device.mfa_code(SERIAL).expect("a code"),
    };
    let done = person(&fake).at_terminal(&["whoami"], typed).succeeds();
    let done = done.says("that has 4 characters; a code is exactly 6 digits");
    done.says("STS refused this code; a code serves once");
    let hopeless = person(&fake).at_terminal(&["whoami"], |_| "no".to_owned());
    hopeless
        .ends("mfa-code-missing", 4)
        .says(&format!(
            "no code of the MFA device {SERIAL}: the last of three answers is no code of six digits"
        ))
        .says("hint:  run it again and type the six digits that the device shows");
    // Ctrl-D at the question.
    let ended = person(&fake).at_terminal(&["whoami"], |_| "\u{4}".to_owned());
    ended
        .ends("mfa-code-missing", 4)
        .says("the input ended at the question")
        .does_not_say("nobody");
    let refused = person(&fake).at_terminal(&["whoami"], |_| "000000".to_owned());
    refused.ends("sts-mfa-refused", 5);
}

#[test]
fn two_terminals_ask_once() {
    let fake = Arc::new(FakeAws::start(World::demo()));
    let step = person(&fake);
    let asked = Arc::new(AtomicUsize::new(0));
    let run = || {
        let (device, asked) = (Arc::clone(&fake), Arc::clone(&asked));
        let typed = move |_| {
            asked.fetch_add(1, Ordering::SeqCst);
            // The other one finds the lock held meanwhile, or the session when it comes later.
            std::thread::sleep(Duration::from_millis(1500));
            device.mfa_code(SERIAL).expect("a code")
        };
        step.at_terminal(&["whoami"], typed).succeeds();
    };
    std::thread::scope(|scope| {
        scope.spawn(run);
        scope.spawn(run);
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(fake.count("GetSessionToken"), 1);
    assert_eq!(fake.count("AssumeRole"), 2);
}

#[test]
fn the_time_that_a_person_takes_is_on_no_deadline() {
    let fake = Arc::new(FakeAws::start(World::demo()));
    let device = Arc::clone(&fake);
    let typed = move |_| {
        std::thread::sleep(Duration::from_secs(6));
        device.mfa_code(SERIAL).expect("a code")
    };
    person(&fake)
        .at_terminal(&["whoami", "--action-timeout-s", "5"], typed)
        .succeeds();
}

#[test]
fn mfa_with_keys_that_are_a_session_is_left_out_and_said() {
    let fake = FakeAws::start(World::demo());
    let first = Step::keys(&fake)
        .input("role-to-assume", "hub")
        .run()
        .succeeds();
    let step = Step::shell()
        .sts(&fake)
        .after(&first)
        .var("ROLEHOP_MFA_SERIAL", SERIAL);
    step.command(&[
        "whoami",
        "--role-to-assume",
        "arn:aws:iam::210987654321:role/spoke",
    ])
    .succeeds()
    .says("the first credentials are a session already: no MFA code is used");
}
