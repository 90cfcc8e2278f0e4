//! The Jenkins shared library under Groovy 2.4, which is Jenkins' version, with stand-ins for its steps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use fake_aws::{FakeAws, World};

use super::staged::{Staged, fails, sha256, succeeds};
use super::{program, root};
use crate::real::tools::Tools;

/// The home of the Java that is on the path, which Groovy's starter asks for.
fn java() -> PathBuf {
    let java = program("java").expect("java is not there");
    let java = fs::canonicalize(java).expect("a path");
    let home = java.parent().and_then(Path::parent);
    home.expect("a home").to_owned()
}

fn run(fake: &FakeAws, staged: &Staged, sum: &str, end: &str) -> Output {
    let groovy = program("groovy").expect("groovy is not there");
    staged
        .command(groovy)
        .arg(root().join("tests/it/real/integrations/jenkins.groovy"))
        .arg(staged.path("integrations/jenkins"))
        .arg(staged.path("temp"))
        .args([
            &format!("file://{}", env!("CARGO_BIN_EXE_rolehop")),
            sum,
            &fake.id_token("sts.amazonaws.com"),
            end,
        ])
        .env("JAVA_HOME", java())
        .env("KEPT", staged.path("kept"))
        .output()
        .expect("groovy starts")
}

fn job(fake: &FakeAws) -> Staged {
    Staged::new()
        .var("AWS_ENDPOINT_URL_STS", &fake.url())
        .var("JENKINS_URL", "https://jenkins.example.com/")
        .var("BUILD_ID", "42")
        .var("BUILD_NUMBER", "42")
        .var("JOB_NAME", "shop/deploy")
}

#[test]
fn the_block_has_a_profile_and_nothing_is_left_behind() {
    let Some(_) = Tools::find() else { return };
    let sum = sha256(Path::new(env!("CARGO_BIN_EXE_rolehop")));
    for end in ["succeed", "fail"] {
        let fake = FakeAws::start(World::demo());
        let staged = job(&fake);
        let output = run(&fake, &staged, &sum, end);
        let log = if end == "fail" {
            fails(&fake, &output)
        } else {
            succeeds(&fake, &output)
        };
        let session = fake.sessions().pop().expect("a session");
        assert_eq!(
            (session.name.as_str(), session.duration),
            ("shop-deploy-42", 900)
        );
        let kept = fs::read_to_string(staged.path("kept")).expect("what the block saw");
        assert!(kept.contains("[rolehop]") && kept.contains(&session.secret_access_key));
        assert!(
            log.contains("profile rolehop\n") && log.contains("-rw-------"),
            "{log}"
        );
        let left: Vec<_> = fs::read_dir(staged.path("temp"))
            .expect("the folder")
            .flatten()
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn another_binary_is_not_run() {
    let Some(_) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let staged = job(&fake);
    let log = fails(&fake, &run(&fake, &staged, &"0".repeat(64), "succeed"));
    assert!(log.contains("has not the SHA-256 000000"), "{log}");
    assert_eq!(fake.requests().len(), 0);
}
