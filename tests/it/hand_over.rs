//! What later steps get: variables, outputs, masks, the card; and nothing at all when something is wrong.

use std::fs;

use fake_aws::{FakeAws, World};

use crate::harness::Step;

const KEYS: [&str; 3] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

#[test]
fn the_variables_are_the_session_that_sts_issued() {
    let fake = FakeAws::start(World::demo());
    let done = Step::oidc(&fake).run().succeeds();
    let session = fake
        .session(&done.env["AWS_ACCESS_KEY_ID"])
        .expect("a session");
    assert_eq!(done.env["AWS_SECRET_ACCESS_KEY"], session.secret_access_key);
    assert_eq!(done.env["AWS_SESSION_TOKEN"], session.session_token);
    let masks = done.masks();
    for name in KEYS {
        assert!(masks.contains(&done.env[name]), "{name}");
    }
    assert_eq!(
        done.output.keys().collect::<Vec<_>>(),
        ["authenticated-arn", "aws-account-id"]
    );
}

#[test]
fn a_left_over_end_of_other_keys_is_that_of_these_until_post() {
    let fake = FakeAws::start(World::demo());
    let stale = "2020-01-01T00:00:00Z";
    let step = Step::oidc(&fake).var("AWS_CREDENTIAL_EXPIRATION", stale);
    let done = step.input("output-credentials", "true").run().succeeds();
    assert_eq!(
        done.env["AWS_CREDENTIAL_EXPIRATION"],
        done.output["aws-expiration"]
    );
    let post = Step::oidc(&fake).post(&done, &done.env).succeeds();
    assert_eq!(post.env["AWS_CREDENTIAL_EXPIRATION"], stale);
    let keys = Step::new().sts(&fake).static_keys();
    let done = keys
        .var("AWS_CREDENTIAL_EXPIRATION", stale)
        .run()
        .succeeds();
    assert!(done.env["AWS_CREDENTIAL_EXPIRATION"].starts_with("2999-"));
}

#[test]
fn a_profile_in_the_way_of_keys_is_told_with_what_helps() {
    let fake = FakeAws::start(World::demo());
    for (name, value, what) in [
        ("AWS_PROFILE", "left", "AWS_PROFILE is `left` and stays so"),
        ("AWS_PROFILE", "", "AWS_PROFILE is set and empty"),
        (
            "AWS_DEFAULT_PROFILE",
            "left",
            "AWS_DEFAULT_PROFILE is `left` and stays so",
        ),
        (
            "AWS_DEFAULT_PROFILE",
            "",
            "AWS_DEFAULT_PROFILE is set and empty",
        ),
    ] {
        // On Windows a variable that is empty is none.
        if cfg!(windows) && value.is_empty() {
            continue;
        }
        let step = || Step::oidc(&fake).var(name, value);
        let done = step().run().succeeds().says(what);
        done.says(&format!("; begin later steps with `unset {name}`"));
        let named = step()
            .input("aws-profile", "deploy")
            .input("output-env-credentials", "true");
        let done = named.run().succeeds().does_not_say("unset AWS_");
        assert_eq!(
            (&*done.env["AWS_PROFILE"], &*done.env[name]),
            ("deploy", "deploy")
        );
        let post = named.post(&done, &done.env).succeeds();
        assert_eq!(post.env[name], value);
        step()
            .input("output-env-credentials", "false")
            .run()
            .succeeds()
            .does_not_say("unset AWS_");
    }
}

#[test]
fn outputs_when_they_are_asked_for() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("output-credentials", "true")
        .input("output-env-credentials", "false");
    let done = step.run().succeeds();
    assert!(done.env.is_empty());
    let session = fake
        .session(&done.output["aws-access-key-id"])
        .expect("a session");
    assert_eq!(
        done.output["aws-secret-access-key"],
        session.secret_access_key
    );
    assert_eq!(done.output["aws-session-token"], session.session_token);
    let expiry = &done.output["aws-expiration"];
    assert!(
        expiry.len() == 20 && expiry.ends_with('Z') && expiry.contains('T'),
        "{expiry}"
    );
}

#[test]
fn the_account_id_is_masked_on_request() {
    let fake = FakeAws::start(World::demo());
    let done = Step::oidc(&fake)
        .input("mask-aws-account-id", "true")
        .run()
        .succeeds();
    assert!(done.masks().contains(&"123456789012".to_owned()));
    assert!(!done.summary.contains("123456789012"), "{}", done.summary);
    let done = Step::oidc(&fake).run().succeeds();
    assert!(!done.masks().contains(&"123456789012".to_owned()));
}

#[test]
fn the_access_key_id_is_left_unmasked_on_request() {
    let fake = FakeAws::start(World::demo());
    let done = Step::oidc(&fake)
        .input("mask-access-key-id", "false")
        .run()
        .succeeds();
    assert!(!done.masks().contains(&done.env["AWS_ACCESS_KEY_ID"]));
}

#[test]
fn another_account_is_refused_before_anything_is_exported() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("allowed-account-ids", "111111111111, 222222222222");
    let failed = step.run().fails("account-not-allowed", 5);
    let failed = failed
        .says("are of account 123456789012")
        .says("allowed: 111111111111, 222222222222");
    assert_eq!(failed.masks().len(), 1, "the token's, and no key's");
    let step = Step::oidc(&fake).input("allowed-account-ids", "111111111111, 123456789012");
    step.run().succeeds();
    let keys = Step::new()
        .sts(&fake)
        .static_keys()
        .input("allowed-account-ids", "111111111111");
    keys.run().fails("account-not-allowed", 5);
}

#[test]
fn the_card_tells_who_until_when_and_why() {
    let fake = FakeAws::start(World::demo());
    let card = Step::oidc(&fake).run().succeeds().summary;
    for row in [
        "| Account | <code>123456789012</code> |",
        "| Role | <code>arn:aws:iam::123456789012:role/deploy</code> |",
        "| Session | <code>GitHubActions</code> |",
        "| Token | subject <code>repo:octo-org/octo-repo:ref:refs/heads/main</code>, issuer <code>https://token.actions.githubusercontent.com</code> |",
        "| Region | <code>eu-west-1</code> |",
        "(1 h after this step)",
    ] {
        assert!(card.contains(row), "no {row} in\n{card}");
    }
    assert_eq!(
        Step::oidc(&fake)
            .input("summary", "false")
            .run()
            .succeeds()
            .summary,
        ""
    );
    let tagged = Step::keys(&fake)
        .input("custom-tags", "Team=a@b")
        .run()
        .succeeds()
        .summary;
    assert!(tagged.contains("<code>Team=a&#64;b</code>"), "{tagged}");
}

#[test]
fn a_summary_that_cannot_be_written_is_only_a_warning() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    fs::remove_file(step.path("summary")).expect("removed");
    step.run()
        .succeeds()
        .says("::warning title=rolehop::no step summary");
}

#[test]
fn an_unwritable_file_of_the_runner_fails_before_any_request() {
    let fake = FakeAws::start(World::demo());
    for file in ["env", "output", "state"] {
        let step = Step::oidc(&fake);
        fs::remove_file(step.path(file)).expect("removed");
        step.run()
            .fails("hand-over-failed", 7)
            .says(&format!("{}{file}", std::path::MAIN_SEPARATOR));
    }
    Step::oidc(&fake)
        .without("GITHUB_ENV")
        .run()
        .fails("host-incomplete", 3)
        .says("GITHUB_ENV is not set");
    assert_eq!(fake.requests().len(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_half_written() {
    // A file system of one page for one file: what is appended to the other files must be taken back.
    let fake = FakeAws::start(World::demo());
    for file in ["env", "output", "state"] {
        let step = Step::oidc(&fake)
            .input("output-credentials", "true")
            .input("output-env-credentials", "true")
            .input("aws-profile", "dev");
        let small = tempfile::tempdir().expect("a folder");
        let mount = |args: &[&str]| {
            std::process::Command::new(args[0])
                .args(&args[1..])
                .status()
                .is_ok_and(|s| s.success())
        };
        let place = small.path().display().to_string();
        if !mount(&[
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=4k,nr_inodes=4",
            "none",
            &place,
        ]) {
            eprintln!("skipped: mounting a small file system needs root");
            return;
        }
        let full = small.path().join("full");
        fs::write(&full, "x\n".repeat(2040)).expect("a nearly full file");
        let name = format!("GITHUB_{}", file.to_uppercase());
        let step_home = step.path("home").join(".aws");
        let outcome = step.var(&name, &full.display().to_string()).run();
        let left = fs::read_to_string(&full).expect("read");
        assert!(mount(&["umount", &place]));
        outcome.fails("hand-over-failed", 7).says("no space left");
        assert!(!step_home.exists(), "the profile is taken out again");
        assert_eq!(left, "x\n".repeat(2040), "{file}");
    }
}

#[test]
fn current_credentials_are_unset_even_when_the_step_fails() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake).run().succeeds();
    let step = Step::oidc(&fake)
        .after(&first)
        .input("unset-current-credentials", "true");
    step.run().succeeds();
    let role = "arn:aws:iam::123456789012:role/nowhere";
    let failed = Step::oidc(&fake)
        .after(&first)
        .input("unset-current-credentials", "true")
        .input("role-to-assume", role)
        .run();
    assert_eq!(failed.status, 5);
    for name in KEYS.into_iter().chain(["AWS_REGION", "AWS_DEFAULT_REGION"]) {
        assert_eq!(failed.env[name], "", "{name}");
    }
    let chained = Step::oidc(&fake)
        .after(&first)
        .input("unset-current-credentials", "true")
        .input("role-chaining", "true");
    assert_eq!(
        chained.run().status,
        4,
        "what is to be forgotten is not used either"
    );
}

#[test]
fn current_credentials_are_unset_when_the_job_may_not_request_a_token() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .input("role-to-assume", crate::harness::DEPLOY)
        .input("unset-current-credentials", "true");
    let failed = step.run();
    assert_eq!(failed.status, 4, "{}", failed.log);
    assert_eq!(failed.env["AWS_SECRET_ACCESS_KEY"], "");
}

#[test]
fn what_cannot_be_unset_does_not_hide_why_the_step_failed() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .input("role-to-assume", crate::harness::DEPLOY)
        .input("unset-current-credentials", "true");
    fs::remove_file(step.path("env")).expect("removed");
    let failed = step.run();
    assert_eq!(failed.status, 4, "{}", failed.log);
    failed
        .says("[oidc-permission-missing]")
        .says("the credentials in the environment could not be emptied");
}

#[test]
fn every_account_of_a_chain_is_masked_before_anything_is_said() {
    let fake = FakeAws::start(World::demo());
    let chain = "arn:aws:iam::123456789012:role/hub > arn:aws:iam::210987654321:role/spoke";
    let step = Step::oidc(&fake)
        .input("mask-aws-account-id", "true")
        .input("role-to-assume", chain);
    let done = step.run().succeeds();
    assert!(
        done.log
            .starts_with("::add-mask::123456789012\n::add-mask::210987654321\n"),
        "{}",
        done.log
    );
    for account in ["123456789012", "210987654321"] {
        assert!(!done.summary.contains(account), "{}", done.summary);
    }
}
