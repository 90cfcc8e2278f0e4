//! Where the region comes from when nobody gives one: the profile in which the first credentials are looked for.

use fake_aws::{FakeAws, World};

use crate::harness::{DEPLOY, KEY_ID, OPS, SECRET_KEY, Step};

/// A person's shell without a region, with two profiles of whom one has it.
fn shell(fake: &FakeAws) -> Step<'_> {
    let step = Step::shell().sts(fake).without("AWS_REGION");
    let home = step.path("home/.aws");
    std::fs::create_dir_all(&home).expect("a folder");
    let keys = format!("aws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n");
    std::fs::write(
        home.join("config"),
        "[profile me]\nregion = eu-central-1\n[profile odd]\nregion = Europe\n",
    )
    .expect("a file");
    let file = step.path("workspace/keys").display().to_string();
    step.file(
        "keys",
        &format!("[me]\n{keys}[bare]\n{keys}[default]\n{keys}"),
    )
    .var("AWS_SHARED_CREDENTIALS_FILE", &file)
}

#[test]
fn a_source_profile_brings_its_region() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake).var("ROLEHOP_SOURCE_PROFILE", "me");
    let whoami = ["whoami", "--role-to-assume", OPS];
    step.command(&whoami).succeeds().says("assumed-role/ops/");
    let step = step.var("RUNNER_DEBUG", "1");
    step.command(&whoami)
        .succeeds()
        .says("region: eu-central-1 in the partition aws, given by the profile `me`");
    let exec = ["exec", "--role-to-assume", OPS, "--", "/usr/bin/env"];
    let outcome = step.hands_on(&exec).succeeds();
    assert!(
        outcome.out.contains("AWS_REGION=eu-central-1\n"),
        "{}",
        outcome.out
    );
    step.command(&["check", "--role-to-assume", OPS])
        .succeeds()
        .says("region     eu-central-1 (of the profile `me`)");
}

#[test]
fn what_is_given_wins_over_the_profile() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake).var("ROLEHOP_SOURCE_PROFILE", "me");
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION", "ROLEHOP_AWS_REGION"] {
        let step = shell(&fake)
            .var("ROLEHOP_SOURCE_PROFILE", "me")
            .var(variable, "us-east-2");
        step.command(&["check", "--role-to-assume", OPS])
            .succeeds()
            .says("region     us-east-2\n");
    }
    step.command(&[
        "check",
        "--role-to-assume",
        OPS,
        "--aws-region",
        "us-west-2",
    ])
    .succeeds()
    .says("region     us-west-2\n");
}

#[test]
fn the_machines_profile_brings_its_region_where_it_is_the_source() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake).var("AWS_PROFILE", "me");
    step.command(&["whoami"]).succeeds().says("user/ci-user");
    step.command(&["check"])
        .succeeds()
        .says("region     eu-central-1 (of the profile `me`)");
    // Whoever is not asked for credentials says nothing of the region either.
    let token = fake.id_token("sts.amazonaws.com");
    let step = step.file("token", &token).secret(&token);
    let file = step.path("workspace/token").display().to_string();
    step.command(&[
        "whoami",
        "--role-to-assume",
        DEPLOY,
        "--web-identity-token-file",
        &file,
    ])
    .ends("invalid-inputs", 3)
    .says("aws-region: is missing");
}

#[test]
fn a_profile_without_a_region_leaves_it_missing_and_a_wrong_one_is_told() {
    let fake = FakeAws::start(World::demo());
    for profile in ["bare", "absent", "no name"] {
        let step = shell(&fake).var("ROLEHOP_SOURCE_PROFILE", profile);
        step.command(&["whoami"])
            .ends("invalid-inputs", 3)
            .says("aws-region: is missing");
    }
    let step = shell(&fake).var("ROLEHOP_SOURCE_PROFILE", "odd");
    step.command(&["whoami"])
        .ends("invalid-inputs", 3)
        .says("aws-region: comes from the profile `odd` and has `E` at position 1");
    assert_eq!(fake.count("*"), 0);
}

#[test]
fn a_renewal_has_the_region_of_the_step() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake)
        .var("GITLAB_CI", "true")
        .var("ROLEHOP_SOURCE_PROFILE", "me")
        .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
        .in_custody_of(crate::harness::Custody::Silent);
    step.command(&["--refresh", "process", "--aws-profile", "deploy"])
        .succeeds();
    // The profile's region is another by now, or it has none.
    let config = step.path("home/.aws/config");
    let text = std::fs::read_to_string(&config).expect("a file");
    assert!(
        text.contains("[profile deploy]\nregion = eu-central-1\n"),
        "{text}"
    );
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("credential_process = "))
        .expect("a program");
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    let settings = std::path::Path::new(words[2]);
    std::fs::remove_file(settings.with_file_name("session.json")).expect("it was there");
    std::fs::write(&config, text.replace("region = eu-central-1", "")).expect("a file");
    step.hands_on(&words).succeeds();
    assert_eq!(fake.count("AssumeRole"), 2);
}
