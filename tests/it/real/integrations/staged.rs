//! A copy of `integrations/` in which the binary under test stands for the released one: its URL, and its SHA-256.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fake_aws::FakeAws;

use super::root;
use crate::harness::{KEY_ID, OPS, SECRET_KEY};

/// The copy, and a job's home and temporary folder beside it.
pub(super) struct Staged {
    folder: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

impl Staged {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for below in ["home", "temp", "work"] {
            fs::create_dir(folder.path().join(below)).expect("a folder of the job");
        }
        let binary = env!("CARGO_BIN_EXE_rolehop");
        let (url, sum) = released();
        let ours = sha256(Path::new(binary));
        copy(
            &root().join("integrations"),
            &folder.path().join("integrations"),
            &|text| {
                text.replace(&url, &format!("file://{binary}"))
                    .replace(&sum, &ours)
            },
        );
        let path = |name: &str| folder.path().join(name).display().to_string();
        let env = [
            ("PATH", "/usr/bin:/bin".to_owned()),
            ("HOME", path("home")),
            ("TMPDIR", path("temp")),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value));
        Self {
            env: env.into(),
            folder,
        }
    }

    /// With an STS, and the keys of a user that may assume a role there.
    pub(super) fn with(fake: &FakeAws) -> Self {
        Self::new()
            .var("AWS_ENDPOINT_URL_STS", &fake.url())
            .var("ROLEHOP_AWS_REGION", "eu-west-1")
            .var("ROLEHOP_AWS_ACCESS_KEY_ID", KEY_ID)
            .var("ROLEHOP_AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
    }

    pub(super) fn var(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file with another SHA-256 in it, as when somebody has changed the binary at its URL.
    pub(super) fn distrust(&self, name: &str) {
        let file = self.path("integrations").join(name);
        let text = fs::read_to_string(&file).expect("a file");
        let ours = sha256(Path::new(env!("CARGO_BIN_EXE_rolehop")));
        assert!(text.contains(&ours), "{name} pins the binary");
        fs::write(file, text.replace(&ours, &"0".repeat(64))).expect("a file");
    }

    /// A command of the job, in its work folder.
    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(&self.env)
            .current_dir(self.path("work"));
        command
    }

    /// Runs a script of the integrations.
    #[track_caller]
    pub(super) fn run(&self, script: &str) -> Output {
        self.command(self.path("integrations").join(script))
            .output()
            .expect("the script starts")
    }
}

/// What it said. No secret of the far side is in there.
#[track_caller]
pub(super) fn said(fake: &FakeAws, output: &Output) -> String {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    for secret in fake.secrets() {
        assert!(!text.contains(&secret), "a secret is in the log:\n{text}");
    }
    assert!(!text.contains(SECRET_KEY), "{text}");
    text
}

#[track_caller]
pub(super) fn succeeds(fake: &FakeAws, output: &Output) -> String {
    let text = said(fake, output);
    assert!(output.status.success(), "{text}");
    text
}

#[track_caller]
pub(super) fn fails(fake: &FakeAws, output: &Output) -> String {
    let text = said(fake, output);
    assert!(!output.status.success(), "{text}");
    text
}

/// The URL and the SHA-256 that the integrations have.
pub(crate) fn released() -> (String, String) {
    let sums = fs::read_to_string(root().join("dist/bin/SHA256SUMS")).expect("the sums");
    let line = sums
        .lines()
        .find_map(|line| line.strip_suffix("  linux-x64/rolehop"))
        .expect("the sum of linux-x64");
    let url = format!(
        "https://raw.githubusercontent.com/OWNER/rolehop/v{}/dist/bin/linux-x64/rolehop",
        env!("CARGO_PKG_VERSION")
    );
    (url, line.to_owned())
}

pub(super) fn sha256(file: &Path) -> String {
    let output = Command::new("sha256sum")
        .arg(file)
        .output()
        .expect("sha256sum");
    let text = String::from_utf8(output.stdout).expect("text");
    text.split(' ').next().expect("a sum").to_owned()
}

/// Copies a folder, its texts changed on the way.
pub(super) fn copy(from: &Path, to: &Path, change: &dyn Fn(String) -> String) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target, change);
            continue;
        }
        // The mode comes along: hooks are programs.
        fs::copy(entry.path(), &target).expect("a copy");
        let text = fs::read_to_string(&target).expect("a text");
        fs::write(&target, change(text)).expect("a file");
    }
}
