//! The two files of a profile as another program finds them: places, names, links, modes, the exact text.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fake_aws::{FakeAws, World};

use crate::harness::Step;

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn two_profiles_have_the_text_that_the_aws_cli_would_write() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("aws-profile", "dev");
    step.run().succeeds();
    let home = step.path("home");
    let second = Step::oidc(&fake)
        .var("HOME", &home.display().to_string())
        .input("aws-profile", "default")
        .input("aws-region", "us-west-2");
    second.run().succeeds();
    let keys: Vec<String> = fake
        .sessions()
        .iter()
        .map(|session| {
            format!(
                "aws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
                session.access_key_id, session.secret_access_key, session.session_token
            )
        })
        .collect();
    assert_eq!(
        text(&home.join(".aws/credentials")),
        format!("[dev]\n{}\n[default]\n{}", keys[0], keys[1])
    );
    assert_eq!(
        text(&home.join(".aws/config")),
        "[profile dev]\nregion = eu-west-1\n\n[default]\nregion = us-west-2\n"
    );
}

#[test]
fn each_file_may_be_somewhere_else() {
    let fake = FakeAws::start(World::demo());
    for (is_credentials_moved, is_config_moved) in [(true, false), (false, true), (true, true)] {
        let step = Step::oidc(&fake).input("aws-profile", "dev");
        let place = |is_moved: bool, name: &str| {
            let folder = if is_moved {
                "temp/nested/deeper"
            } else {
                "home/.aws"
            };
            step.path(folder).join(name)
        };
        let credentials = place(is_credentials_moved, "credentials");
        let config = place(is_config_moved, "config");
        let given = |is_moved: bool, path: &Path| {
            let path = is_moved.then(|| path.display().to_string());
            path.unwrap_or_default()
        };
        let (first, second) = (
            given(is_credentials_moved, &credentials),
            given(is_config_moved, &config),
        );
        let step = step
            .var("AWS_SHARED_CREDENTIALS_FILE", &first)
            .var("AWS_CONFIG_FILE", &second);
        let main = step.run().succeeds();
        assert!(text(&credentials).starts_with("[dev]\n"));
        assert!(text(&config).starts_with("[profile dev]\n"));
        #[cfg(unix)]
        for (path, mode) in [
            (&*credentials, 0o600),
            (&*config, 0o600),
            (credentials.parent().expect("a folder"), 0o700),
            (config.parent().expect("a folder"), 0o700),
        ] {
            use std::os::unix::fs::PermissionsExt;
            let found = path.metadata().expect("there").permissions().mode() & 0o777;
            assert_eq!(found, mode, "{}", path.display());
        }
        step.post(&main, &BTreeMap::new()).succeeds();
        for place in ["temp/nested", "home/.aws"] {
            assert!(!step.path(place).exists(), "{place} is left");
        }
    }
}

#[test]
fn names_that_a_heading_cannot_hold_are_refused() {
    let fake = FakeAws::start(World::demo());
    for name in [
        "my profile",
        "dev\ntest",
        "prod\tenv",
        "dev[test]",
        "[profile]",
        "dev/test",
        "dev\\test",
        "../etc/passwd",
        // The AWS CLI and boto3 take a heading's words as a shell would, and do not find these.
        "a'b",
        "a\"b",
        "'dev'",
    ] {
        let step = Step::oidc(&fake).input("aws-profile", name);
        step.run().fails("invalid-inputs", 3).says("aws-profile");
        assert!(!step.path("home").join(".aws").exists());
    }
    assert_eq!(fake.requests().len(), 0);
    for name in [
        "dev",
        "production",
        "my-profile-123",
        "default",
        "a.b_c@d",
        "größe",
        "a`$b",
    ] {
        let step = Step::oidc(&fake).input("aws-profile", name);
        step.run().succeeds();
        let credentials = text(&step.path("home").join(".aws/credentials"));
        assert!(
            credentials.starts_with(&format!("[{name}]\n")),
            "{credentials}"
        );
    }
    // No name is no profile.
    let done = Step::oidc(&fake)
        .input("aws-profile", "   ")
        .run()
        .succeeds();
    assert!(done.env.contains_key("AWS_ACCESS_KEY_ID"));
}

#[cfg(unix)]
#[test]
fn links_are_refused_and_what_they_lead_to_is_left_alone() {
    use std::os::unix::fs::symlink;
    let fake = FakeAws::start(World::demo());
    for name in [".aws/credentials", ".aws/config", ".aws"] {
        let step = Step::oidc(&fake)
            .input("aws-profile", "dev")
            .input("overwrite-aws-profile", "true");
        let (link, target) = (
            step.path("home").join(name),
            step.path("temp").join("target"),
        );
        if name == ".aws" {
            fs::create_dir(&target).expect("a folder");
        } else {
            fs::create_dir(step.path("home").join(".aws")).expect("a folder");
            fs::write(&target, "untouched").expect("a file");
        }
        symlink(&target, &link).expect("a link");
        step.run()
            .fails("hand-over-failed", 7)
            .says("symbolic link");
        if name == ".aws" {
            assert_eq!(fs::read_dir(&target).expect("a folder").count(), 0);
        } else {
            assert_eq!(text(&target), "untouched");
        }
    }
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn odd_files_are_kept_as_they_are_around_the_profile() {
    let fake = FakeAws::start(World::demo());
    for before in [
        "",
        "\r\n",
        "[personal]\r\naws_access_key_id=AKIAPERSONAL\r\ncli_pager=\r\n",
        "[__proto__]\n__proto__ = a=b=c\nempty =\n",
        "# a comment only",
        "[dev]\naws_access_key_id = AKIA\naws_secret_access_key = s\naws_session_token = stale\n; mine\n",
    ] {
        let step = Step::keys(&fake)
            .input("aws-profile", "dev")
            .input("overwrite-aws-profile", "true");
        let path = step.path("home").join(".aws/credentials");
        fs::create_dir(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, before).expect("a file");
        let main = step.run().succeeds();
        let session = fake.sessions().pop().expect("a session");
        let now = text(&path);
        assert!(now.contains(&session.secret_access_key), "{now}");
        assert!(!now.contains("stale"), "{now}");
        let kept = before
            .split_once("aws_access_key_id = AKIA")
            .map_or(before, |(kept, _)| kept);
        assert!(now.starts_with(kept), "{now}");
        assert_eq!(before.contains("; mine"), now.contains("; mine"));
        step.post(&main, &BTreeMap::new()).succeeds();
        assert_eq!(text(&path), before);
    }
}
