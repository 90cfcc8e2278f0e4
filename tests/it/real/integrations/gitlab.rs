//! The GitLab component in a job of gitlab-ci-local, whose later lines use the AWS CLI at ministack's STS.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use fake_aws::{FakeAws, World};
use serde_json::json;

use super::program;
use super::staged::Staged;
use crate::real::ministack::Ministack;

const JOBS: &str = r#"
include:
  - local: templates/rolehop.yml
    inputs:
      aws-region: eu-west-1
      role-to-assume: arn:aws:iam::000000000000:role/pipeline
stages: [deploy, after]
deploy:
  extends: .rolehop
  stage: deploy
  script:
    - echo "a line in between"
    - aws sts get-caller-identity --query Arn --output text
    - bash -c 'aws sts get-caller-identity --query Account --output text'
    - printf '%s\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN" > "$TMPDIR/seen"
    - ls "$TMPDIR"/*/rolehop
after:
  stage: after
  script:
    - echo "later jobs have ${AWS_SECRET_ACCESS_KEY:-nothing}"
"#;

/// What the pipeline printed, and whether it succeeded.
fn pipeline(sts: &Ministack, staged: &Staged, subject: &str) -> (bool, String, String) {
    let issuer = FakeAws::start(World::demo());
    let token = issuer.mint(&json!({
        "iss": "https://gitlab.com",
        "aud": "sts.amazonaws.com",
        "sub": subject,
    }));
    let repo = staged.path("integrations/gitlab");
    fs::write(repo.join(".gitlab-ci.yml"), JOBS).expect("the pipeline");
    for args in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &[
            "remote",
            "add",
            "origin",
            "git@gitlab.com:octo-org/shop.git",
        ],
        &["add", "--all"],
        &[
            "-c",
            "user.name=octocat",
            "-c",
            "user.email=octocat@example.com",
            "commit",
            "--quiet",
            "--message=a pipeline",
        ],
    ] {
        let done = staged.command("git").args(args).current_dir(&repo).status();
        assert!(done.expect("git").success(), "{args:?}");
    }
    let bin = staged.path("bin");
    fs::create_dir_all(&bin).expect("a folder");
    for (name, path) in [
        ("aws", sts.tools().path("bin/aws")),
        ("node", sts.tools().path("node/bin/node")),
    ] {
        let link = bin.join(name);
        if !link.exists() {
            symlink(path, link).expect("a link");
        }
    }
    let output = runner(sts, staged, &repo)
        // It says `false` here by default, so that pipelines can tell it from the real one.
        .args(["--variable", "GITLAB_CI=true"])
        .args(["--ignore-predefined-vars", "GITLAB_CI", "--variable"])
        .arg(format!("GITLAB_OIDC_TOKEN={token}"))
        .output()
        .expect("gitlab-ci-local starts");
    let log = [output.stdout, output.stderr].concat();
    let log = String::from_utf8_lossy(&log).into_owned();
    assert!(!log.contains(&token), "the token is in the log:\n{log}");
    (output.status.success(), log, token)
}

fn runner(sts: &Ministack, staged: &Staged, repo: &Path) -> Command {
    assert!(program("rsync").is_some(), "rsync is not there");
    let path = format!("{}:/usr/bin:/bin", staged.path("bin").display());
    let mut command = staged.command(sts.tools().path("node/bin/node"));
    command
        .arg(sts.tools().path("gitlab-ci-local/dist/index.js"))
        .arg("--force-shell-executor")
        .current_dir(repo)
        .env("PATH", path)
        .env("GCL_HOME", staged.path("home"))
        .env("AWS_ENDPOINT_URL", sts.url());
    command
}

#[test]
fn the_lines_of_a_script_have_the_role_and_later_jobs_have_nothing() {
    let Some(sts) = Ministack::find() else { return };
    let staged = Staged::new();
    let subject = "project_path:octo-org/shop:ref_type:branch:ref:main";
    let (succeeded, log, _) = pipeline(sts, &staged, subject);
    assert!(succeeded, "{log}");
    let session = "arn:aws:sts::000000000000:assumed-role/pipeline/";
    for line in [
        "source: OIDC token of this GitLab CI job",
        &*format!("token: sub {subject}, aud sts.amazonaws.com"),
        &*format!("assumed: {session}"),
        &*format!("> {session}octo-org-shop-"),
        "> 000000000000",
        "later jobs have nothing",
    ] {
        assert!(log.contains(line), "no `{line}` in\n{log}");
    }
    let seen = fs::read_to_string(staged.path("temp/seen")).expect("what the script had");
    let secrets: Vec<&str> = seen.lines().collect();
    assert!(secrets.len() == 3 && secrets.iter().all(|secret| secret.len() >= 16));
    for secret in secrets {
        assert!(!log.contains(secret), "a secret is in\n{log}");
    }
    let left: Vec<_> = fs::read_dir(staged.path("temp"))
        .expect("the folder")
        .flatten()
        .filter(|entry| entry.path().join("rolehop").exists())
        .collect();
    assert!(left.is_empty(), "the binary is still there: {left:?}");
}

#[test]
fn a_refused_role_ends_the_job_before_its_first_line() {
    let Some(sts) = Ministack::find() else { return };
    let staged = Staged::new();
    let (succeeded, log, _) = pipeline(
        sts,
        &staged,
        "project_path:octo-org/fork:ref_type:branch:ref:main",
    );
    assert!(!succeeded, "{log}");
    assert!(log.contains("error[sts-access-denied]"), "{log}");
    assert!(log.contains("octo-org/fork"), "{log}");
    assert!(!log.contains("> a line in between"), "{log}");
}

#[test]
fn another_binary_than_the_pinned_one_is_not_run() {
    let Some(sts) = Ministack::find() else { return };
    let staged = Staged::new();
    staged.distrust("gitlab/templates/rolehop.yml");
    let subject = "project_path:octo-org/shop:ref_type:branch:ref:main";
    let (succeeded, log, _) = pipeline(sts, &staged, subject);
    assert!(!succeeded, "{log}");
    assert!(log.contains("has not the SHA-256 000000"), "{log}");
    assert!(!log.contains("assumed:"), "{log}");
}
