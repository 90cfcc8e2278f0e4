//! The released kind of binary in a root with nothing in it: no libc, no CA files, no shell.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use fake_aws::{FakeAws, World};

use crate::harness::DEPLOY;

/// Named by `cargo xtask test`, which builds it from the source under test.
const VARIABLE: &str = "ROLEHOP_STATIC";

#[test]
fn a_static_binary_needs_nothing_but_itself() {
    let Some(binary) = std::env::var_os(VARIABLE) else {
        println!("skipped: run cargo xtask test");
        return;
    };
    let size = fs::metadata(&binary).expect("the static binary").len();
    assert!(size < 4_000_000, "{size} bytes");
    let fake = FakeAws::start_tls(World::demo());
    let root = tempfile::tempdir().expect("a folder");
    fs::copy(&binary, root.path().join("rolehop")).expect("copied");
    fs::create_dir(root.path().join("etc")).expect("a folder");
    fs::write(
        root.path().join("etc/resolv.conf"),
        "nameserver 127.0.0.1\n",
    )
    .expect("a file");
    fs::write(root.path().join("ca.pem"), fake.ca_pem().expect("a CA")).expect("a file");
    for file in ["env", "output", "state", "summary"] {
        fs::write(root.path().join(file), "").expect("a file of the runner");
    }
    let refused = run(root.path(), &fake, "");
    assert!(
        refused.contains("certificate"),
        "without the CA nothing is trusted: {refused}"
    );
    let log = run(root.path(), &fake, "/ca.pem");
    assert!(
        log.contains("assumed: arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions"),
        "{log}"
    );
    let env = fs::read_to_string(root.path().join("env")).expect("read");
    let session = fake.sessions().pop().expect("a session");
    assert!(env.contains(&session.secret_access_key), "{log}");
}

fn run(root: &Path, fake: &FakeAws, ca: &str) -> String {
    let uid = Command::new("id").arg("-u").output().expect("id").stdout;
    let (program, first): (&str, &[&str]) = if uid == b"0\n" {
        ("env", &["-i"])
    } else {
        ("sudo", &["-n", "env", "-i"])
    };
    let variables = [
        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_ENV", "/env"),
        ("GITHUB_OUTPUT", "/output"),
        ("GITHUB_STATE", "/state"),
        ("GITHUB_STEP_SUMMARY", "/summary"),
        ("INPUT_AWS-REGION", "eu-west-1"),
        ("INPUT_ROLE-TO-ASSUME", DEPLOY),
        ("AWS_CA_BUNDLE", ca),
        ("AWS_ENDPOINT_URL_STS", &fake.url()),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", &fake.oidc_request_url()),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &fake.oidc_request_token()),
    ];
    let output = Command::new(program)
        .args(first)
        .args(variables.map(|(name, value)| format!("{name}={value}")))
        .arg("chroot")
        .arg(root)
        .args(["/rolehop", "action", "main"])
        .stdin(Stdio::null())
        .output()
        .expect("chroot, as root");
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
