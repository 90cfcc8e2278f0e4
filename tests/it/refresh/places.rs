//! Where the profile of `refresh` goes: the config file alone, wherever it is, unless the credentials file has that profile too.

use fake_aws::{FakeAws, World};

use super::Refreshed;
use crate::harness::{DEPLOY, Step};

#[test]
fn a_config_file_is_enough_for_what_is_renewed() {
    let fake = FakeAws::start(World::demo());
    // No home directory, and one where nobody can write.
    for home in [None, cfg!(target_os = "linux").then_some("/proc")] {
        let step = Step::oidc(&fake).input("aws-profile", "dev");
        let config = step.path("workspace/config");
        let step = match home {
            Some(home) => step.var("HOME", home),
            None => step.without("HOME"),
        };
        let step = step.var("AWS_CONFIG_FILE", &config.display().to_string());
        let refreshed = Refreshed::new(step, "process");
        let text = std::fs::read_to_string(&config).expect("a file");
        assert!(text.starts_with("[profile dev]\nregion = "), "{text}");
        let mut later = Step::new().sts(&fake);
        later.env.extend(refreshed.later());
        let later = match home {
            Some(home) => later.var("HOME", home),
            None => later.without("HOME"),
        };
        later
            .command(&["guard", "--min-remaining", "45m"])
            .succeeds()
            .says("renewed by rolehop until the job ends");
        refreshed.post().succeeds();
        assert!(!config.exists());
    }
}

#[test]
fn without_a_place_for_a_profile_the_way_out_is_told() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).without("HOME");
    step.input("refresh", "process").run().fails("invalid-inputs", 3).says(
        "refresh: needs a profile, and there is no home directory to keep it in: set HOME or AWS_CONFIG_FILE, or use `refresh: server`",
    );
    let step = Step::oidc(&fake).without("HOME");
    let refreshed = Refreshed::new(step, "server");
    refreshed.post().succeeds();
    fake.clear();
    let step = Step::oidc(&fake)
        .without("HOME")
        .input("roles", &format!("other = {DEPLOY}"));
    step.input("refresh", "server")
        .run()
        .fails("invalid-inputs", 3)
        .says("roles: needs a profile");
    assert_eq!(fake.count("*"), 0);
}

#[test]
fn keys_of_the_profile_in_the_credentials_file_go_all_the_same() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("aws-profile", "dev")
        .input("overwrite-aws-profile", "true");
    let file = step.path("workspace/keys");
    let old = "[dev]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old\n";
    let step = step.file("keys", old);
    let step = step.var("AWS_SHARED_CREDENTIALS_FILE", &file.display().to_string());
    let refreshed = Refreshed::new(step, "process");
    let text = std::fs::read_to_string(&file).expect("a file");
    assert!(
        !text.contains("AKIAOLD"),
        "they would win over the program: {text}"
    );
    refreshed.post().succeeds();
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), old);
}
