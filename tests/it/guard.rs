//! Guards: credentials that are kept only if they will do, `rolehop guard`, and what post says of those that ended early.

use std::time::Duration;

use fake_aws::{FakeAws, World};

use crate::harness::{DEPLOY, KEY_ID, OPS, Outcome, SECRET_KEY, Step};

const DEPLOYED: &str = "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions";

/// A later step that uses the action, in the same job: the runner's temporary folder is the first one's.
fn later<'f>(first: &Step<'f>, fake: &'f FakeAws, done: &Outcome) -> Step<'f> {
    let temp = first.path("temp").display().to_string();
    let step = Step::oidc(fake).after(done).var("RUNNER_TEMP", &temp);
    step.input("use-existing-credentials", "true")
}

/// A `run:` step of that job.
fn shell_step<'f>(first: &Step<'f>, fake: &'f FakeAws, done: &Outcome) -> Step<'f> {
    let temp = first.path("temp").display().to_string();
    Step::new().sts(fake).after(done).var("RUNNER_TEMP", &temp)
}

#[test]
fn existing_credentials_are_kept_if_they_live_long_enough() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake);
    let done = first.run().succeeds();
    let step = later(&first, &fake, &done).input("min-remaining", "45m");
    let kept = step.run().succeeds();
    assert!(!kept.env.contains_key("AWS_ACCESS_KEY_ID"));
    kept.says("are valid and kept (use-existing-credentials is true), valid until");
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1);
    fake.clear();
    let renewed = step.input("min-remaining", "1h30m").run().succeeds();
    assert_eq!(renewed.arn(), DEPLOYED);
    renewed
        .says("are not kept: the credentials do not live for 1 h 30 min: they expire in 1 h, at ");
    assert_eq!(
        fake.count("GetCallerIdentity"),
        0,
        "what is too short is not verified"
    );
}

#[test]
fn existing_credentials_of_unknown_life_are_kept_only_if_nothing_is_asked() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake);
    let done = first.run().succeeds();
    // On another machine nothing is recorded.
    let step = Step::oidc(&fake)
        .after(&done)
        .input("use-existing-credentials", "true");
    step.run().succeeds().says("are valid and kept");
    let step = step.input("min-remaining", "60");
    let renewed = step.run().succeeds().says(
        "are not kept: the credentials do not live for 1 min: it is not known when they expire",
    );
    assert_eq!(renewed.arn(), DEPLOYED);
    let step = step.var("AWS_CREDENTIAL_EXPIRATION", "2999-01-01T00:00:00Z");
    assert!(
        !step
            .run()
            .succeeds()
            .says("are valid and kept")
            .env
            .contains_key("AWS_ACCESS_KEY_ID")
    );
    let step = step.var("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00+00:00");
    step.run()
        .succeeds()
        .says("they expired at 2020-01-01T00:00:00Z");
}

#[test]
fn what_is_known_of_the_keys_wins_over_a_variable_of_others() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake);
    let done = first.run().succeeds();
    for other in ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"] {
        let step = later(&first, &fake, &done).var("AWS_CREDENTIAL_EXPIRATION", other);
        let step = step.input("min-remaining", "45m");
        step.run().succeeds().says("are valid and kept");
        let step = step.input("min-remaining", "2h");
        step.run().succeeds().says("they expire in 1 h, at ");
    }
}

#[test]
fn existing_keys_of_a_user_do_not_expire() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .input("use-existing-credentials", "true")
        .input("min-remaining", "12h");
    step.run()
        .succeeds()
        .says("are valid and kept (use-existing-credentials is true), and do not expire");
    // They are nobody's session.
    let step = step.input("role-to-assume", OPS);
    let done = step.run().succeeds().says(
        "are not kept: the credentials are of arn:aws:iam::123456789012:user/ci-user, not of the role",
    );
    assert!(done.arn().contains("assumed-role/ops/"));
}

#[test]
fn existing_credentials_of_another_role_are_kept_as_the_incumbent_does_unless_a_minimum_is_asked() {
    let hub = "arn:aws:iam::123456789012:role/hub";
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake).input("role-to-assume", hub);
    let done = first.run().succeeds();
    let said = "the credentials are of arn:aws:sts::123456789012:assumed-role/hub/GitHubActions, not of the role arn:aws:iam::123456789012:role/deploy";
    let step = later(&first, &fake, &done);
    step.run()
        .succeeds()
        .says(&format!("{said}; min-remaining keeps only those"))
        .says("are valid and kept");
    let step = step.input("min-remaining", "1s");
    let renewed = step
        .run()
        .succeeds()
        .says(&format!("are not kept: {said}; getting new ones"));
    assert_eq!(renewed.arn(), DEPLOYED);
    // A role of the same name in another account is another; of a chain the last role counts, and a path is no matter.
    let step = step.input("role-to-assume", "arn:aws:iam::210987654321:role/hub");
    step.run().fails("sts-token-rejected", 5);
    let chain = "arn:aws:iam::999999999999:role/x > arn:aws:iam::123456789012:role/path/hub";
    let step = step.input("role-to-assume", chain);
    let kept = step.run().succeeds().says("are valid and kept");
    assert!(!kept.env.contains_key("AWS_ACCESS_KEY_ID"));
}

#[test]
fn guard_passes_what_lives_long_enough() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake);
    let done = first.run().succeeds();
    let step = shell_step(&first, &fake, &done);
    let outcome = step
        .command(&[
            "guard",
            "--min-remaining",
            "45m",
            "--role-to-assume",
            DEPLOY,
        ])
        .succeeds();
    assert!(
        outcome
            .out
            .starts_with(&format!("ok: {DEPLOYED}, valid until ")),
        "{}",
        outcome.out
    );
    assert!(
        outcome.out.ends_with("; 45 min were asked for\n"),
        "{}",
        outcome.out
    );
    assert_eq!(outcome.out.lines().count(), 1);
}

#[test]
fn guard_stops_what_does_not() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake);
    let done = first.run().succeeds();
    let step = shell_step(&first, &fake, &done);
    step.command(&["guard", "--min-remaining", "2h"])
        .ends("expires-too-soon", 4)
        .says("the credentials do not live for 2 h: they expire in 1 h, at ")
        .says("longer ones with role-duration-seconds");
    step.command(&["guard", "--min-remaining", "1s", "--role-to-assume", OPS])
        .ends("other-role", 5)
        .says(&format!(
            "the credentials are of {DEPLOYED}, not of the role {OPS}"
        ));
    step.command(&[
        "guard",
        "--min-remaining",
        "1s",
        "--allowed-account-ids",
        "999999999999",
    ])
    .ends("account-not-allowed", 5);
    step.command(&["guard"])
        .ends("invalid-inputs", 3)
        .says("min-remaining: is missing; say how long the work may take");
    let elsewhere = Step::new().sts(&fake).after(&done);
    elsewhere
        .command(&["guard", "--min-remaining", "1s"])
        .ends("expires-too-soon", 4)
        .says("it is not known when they expire")
        .says("set AWS_CREDENTIAL_EXPIRATION beside the keys");
    fake.expire_sessions();
    step.command(&["guard", "--min-remaining", "1s"])
        .ends("sts-keys-rejected", 5)
        .says("hint:  these credentials have ended: let the step that got them run again");
    Step::shell()
        .command(&["guard", "--min-remaining", "1s"])
        .ends("no-credentials", 4);
}

#[test]
fn guard_compares_with_the_role_of_the_environment_not_of_a_profile() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake);
    let done = first.run().succeeds();
    let step = shell_step(&first, &fake, &done);
    let guard = |roles: &str| step.command(&["guard", "--min-remaining", "1s", "--roles", roles]);
    guard(&format!("ops = {OPS}")).succeeds();
    guard(&format!("ops = {OPS}\nenv = {DEPLOY}")).succeeds();
    guard(&format!("deploy = {DEPLOY}\nenv = {OPS}"))
        .ends("other-role", 5)
        .says(&format!("not of the role {OPS}"));
}

#[test]
fn post_tells_of_credentials_that_ended_before_the_job() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    let mut done = step.run().succeeds();
    step.post(&done, &done.env)
        .succeeds()
        .does_not_say("expired at");
    let folder = step.path("temp").join("rolehop");
    assert!(!folder.exists(), "nothing is left behind");
    // The session ended a quarter of an hour ago.
    let state: serde_json::Value = serde_json::from_str(&done.state["rolehop"]).expect("JSON");
    let ends = state["expires"][1].as_u64().expect("a time");
    let ago = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .saturating_sub(Duration::from_mins(15));
    let state = done.state["rolehop"].replace(&ends.to_string(), &ago.as_secs().to_string());
    done.state.insert("rolehop".to_owned(), state);
    let post = step.post(&done, &done.env).succeeds();
    assert_eq!(post.env["AWS_ACCESS_KEY_ID"], "", "restored all the same");
    post.says("::warning title=rolehop::the credentials of this step expired at ")
        .says(", 15 min before the job ended at ")
        .says("raise role-duration-seconds");
}

#[test]
fn a_minimum_of_nothing_is_told() {
    let fake = FakeAws::start(World::demo());
    let said =
        "::warning title=rolehop::min-remaining not used: use-existing-credentials is not true";
    let first = Step::oidc(&fake).input("min-remaining", "45m");
    let done = first.run().succeeds().says(said);
    first
        .input("use-existing-credentials", "true")
        .run()
        .succeeds()
        .does_not_say("not used");
    let first = Step::oidc(&fake).after(&done);
    first
        .command(&["check", "--min-remaining", "45m"])
        .says("min-remaining not used");
    let step = Step::new()
        .sts(&fake)
        .after(&done)
        .var("AWS_CREDENTIAL_EXPIRATION", "2999-01-01T00:00:00Z");
    step.command(&["guard", "--min-remaining", "45m"])
        .succeeds()
        .does_not_say("not used");
}
