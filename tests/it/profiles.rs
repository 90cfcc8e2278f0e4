//! Named profiles in the AWS config files: written, read by the SDK, taken out again.

use std::fs;

use fake_aws::{FakeAws, World};

use crate::harness::{KEY_ID, Step};

fn files(step: &Step<'_>) -> (String, String) {
    let read = |name: &str| {
        fs::read_to_string(step.path("home").join(".aws").join(name)).unwrap_or_default()
    };
    (read("credentials"), read("config"))
}

#[test]
fn a_profile_instead_of_the_environment_and_gone_after_post() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("aws-profile", "dev");
    let main = step
        .run()
        .succeeds()
        .says("profile: dev in the AWS config files");
    assert!(main.env.is_empty());
    let session = fake.sessions().pop().expect("a session");
    let (credentials, config) = files(&step);
    assert!(
        credentials.contains("[dev]") && credentials.contains(&session.secret_access_key),
        "{credentials}"
    );
    assert!(
        config.contains("[profile dev]\nregion = eu-west-1"),
        "{config}"
    );
    step.post(&main, &main.env).succeeds();
    assert!(!step.path("home").join(".aws").exists());
}

#[test]
fn what_was_in_the_files_survives_and_comes_back() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("aws-profile", "dev")
        .input("overwrite-aws-profile", "true");
    let aws = step.path("home").join(".aws");
    fs::create_dir(&aws).expect("a folder");
    let credentials = format!(
        "# mine\n[dev]\naws_access_key_id = {KEY_ID} \n# why\naws_session_token=old\n\n[other]\nx=1"
    );
    let config = "[profile dev]\nregion=us-east-1\ns3 =\n  max_concurrent_requests = 20\n; end\n";
    fs::write(aws.join("credentials"), &credentials).expect("a file");
    fs::write(aws.join("config"), config).expect("a file");
    let main = step.run().succeeds();
    let (now, region) = files(&step);
    assert!(
        now.starts_with("# mine\n[dev]\n")
            && now.contains("# why\n")
            && now.ends_with("[other]\nx=1"),
        "{now}"
    );
    assert!(!now.contains(KEY_ID) && !now.contains("=old"), "{now}");
    assert!(
        region.contains("eu-west-1") && region.contains("  max_concurrent_requests = 20\n; end\n"),
        "{region}"
    );
    step.post(&main, &main.env).succeeds();
    assert_eq!(files(&step), (credentials, config.to_owned()));
}

#[test]
fn an_existing_profile_is_refused_before_any_request() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("aws-profile", "dev");
    fs::create_dir(step.path("home").join(".aws")).expect("a folder");
    fs::write(
        step.path("home").join(".aws/config"),
        "[profile dev]\nregion=x\n",
    )
    .expect("a file");
    step.run()
        .fails("profile-exists", 3)
        .says("overwrite-aws-profile: true");
    assert_eq!(fake.requests().len(), 0);
    let homeless = Step::oidc(&fake)
        .input("aws-profile", "dev")
        .without("HOME");
    homeless
        .run()
        .fails("invalid-inputs", 3)
        .says("aws-profile: cannot be written");
}

#[test]
fn profile_and_environment_together_also_name_the_profile() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("aws-profile", "dev")
        .input("output-env-credentials", "true");
    let main = step.run().succeeds();
    assert_eq!(main.env["AWS_PROFILE"], "dev");
    assert_eq!(
        step.post(&main, &main.env).succeeds().env["AWS_PROFILE"],
        ""
    );
}

#[test]
fn a_later_step_takes_the_profile_as_its_source() {
    let fake = FakeAws::start(World::demo());
    let step = Step::keys(&fake)
        .input("aws-profile", "hub")
        .input("role-to-assume", "hub");
    step.run().succeeds();
    let home = step.path("home").display().to_string();
    let next = Step::new()
        .sts(&fake)
        .var("HOME", &home)
        .input("source-profile", "hub");
    let next = next
        .input("role-to-assume", "arn:aws:iam::210987654321:role/spoke")
        .run()
        .succeeds();
    assert!(next.arn().contains("assumed-role/spoke"), "{}", next.arn());
}

#[test]
fn a_profile_stays_with_cleanup_none() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("aws-profile", "dev")
        .input("cleanup", "none");
    let main = step.run().succeeds();
    step.post(&main, &main.env).succeeds();
    assert!(files(&step).0.contains("[dev]"));
    let names: Vec<_> = fs::read_dir(step.path("home").join(".aws"))
        .expect("there")
        .flatten()
        .map(|e| e.file_name())
        .collect();
    assert_eq!(names.len(), 2, "no records are left: {names:?}");
}
