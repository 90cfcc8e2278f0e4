//! Credentials that are renewed: what a step leaves for later ones, what these get, and that nothing of it stays.

#[cfg(unix)]
mod endpoint;
#[cfg(unix)]
mod exec;
#[cfg(unix)]
mod guard;
#[cfg(unix)]
mod job;
mod life;
#[cfg(unix)]
mod mistakes;
#[cfg(unix)]
mod places;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod targets;

use std::collections::BTreeMap;
use std::path::PathBuf;
#[cfg(unix)]
use std::time::{Duration, Instant};

use fake_aws::FakeAws;
#[cfg(unix)]
use fake_aws::World;
use serde_json::Value;

#[cfg(unix)]
use crate::harness::Custody;
use crate::harness::{Outcome, Step};

/// A step with `refresh`, and what it left for those after it.
pub(crate) struct Refreshed<'f> {
    pub(crate) step: Step<'f>,
    pub(crate) main: Outcome,
}

impl<'f> Refreshed<'f> {
    pub(crate) fn new(step: Step<'f>, mode: &str) -> Self {
        let step = step.input("refresh", mode);
        let main = step.run().succeeds();
        Self { step, main }
    }

    pub(crate) fn oidc(fake: &'f FakeAws, mode: &str) -> Self {
        Self::new(Step::oidc(fake), mode)
    }

    /// The words of the profile's line after the program's name.
    pub(crate) fn words(&self) -> Vec<String> {
        words(&self.line())
    }

    pub(crate) fn line(&self) -> String {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.into_values().next().expect("a process")
    }

    /// The lines of all profiles.
    pub(crate) fn lines(&self) -> BTreeMap<String, String> {
        let config = std::fs::read_to_string(self.step.path("home/.aws/config")).expect("a config");
        let mut profile = "";
        let mut lines = BTreeMap::new();
        for line in config.lines() {
            if let Some(name) = line.strip_prefix("[profile ") {
                profile = name.trim_end_matches(']');
            }
            if let Some(line) = line.strip_prefix("credential_process = ") {
                lines.insert(profile.to_owned(), line.to_owned());
            }
        }
        lines
    }

    /// A later step's environment.
    #[cfg(unix)]
    pub(crate) fn later(&self) -> Vec<(String, String)> {
        let mut env = self.step.env.clone();
        env.extend(self.main.env.clone());
        env.into_iter().collect()
    }

    /// What an SDK gets from the process.
    pub(crate) fn ask(&self) -> Outcome {
        let words = self.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.step.hands_on(&words)
    }

    /// What an SDK gets for one of several profiles.
    #[cfg(unix)]
    pub(crate) fn ask_for(&self, profile: &str) -> Outcome {
        let words = words(&self.lines()[profile]);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.step.hands_on(&words)
    }

    pub(crate) fn post(&self) -> Outcome {
        self.step.post(&self.main, &self.main.env)
    }

    /// The private folder.
    pub(crate) fn folder(&self) -> PathBuf {
        let state: Value = serde_json::from_str(&self.main.state["rolehop"]).expect("a journal");
        state["refresh"].as_str().expect("a folder").into()
    }

    /// Every file of the endpoint's folder is for us alone, none has a secret of a session, and one has the bearer.
    #[cfg(unix)]
    pub(crate) fn keeps_no_session(&self, fake: &FakeAws) {
        use std::os::unix::fs::PermissionsExt as _;

        let bearer = std::fs::read_to_string(self.folder().join("bearer")).expect("a bearer");
        for entry in std::fs::read_dir(self.folder()).expect("a folder") {
            let path = entry.expect("a file").path();
            let mode = path.metadata().expect("a mode").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", path.display());
            let text = std::fs::read_to_string(&path).expect("text");
            assert!(
                !text.contains(&bearer) || path.ends_with("bearer"),
                "{text}"
            );
            for session in fake.sessions() {
                for secret in [&session.secret_access_key, &session.session_token] {
                    assert!(!text.contains(secret), "{}", path.display());
                }
            }
        }
    }

    pub(crate) fn endpoint(&self) -> (u16, u32) {
        let text = std::fs::read_to_string(self.folder().join("endpoint.json")).expect("a record");
        let record: Value = serde_json::from_str(&text).expect("JSON");
        let number = |value: &Value| value.as_u64().expect("a number");
        let (port, id) = (number(&record["port"]), number(&record["process"]["id"]));
        (
            port.try_into().expect("a port"),
            id.try_into().expect("an id"),
        )
    }
}

fn words(line: &str) -> Vec<String> {
    let from = line.split_once("--from ").expect("a file").1;
    let from = from.trim_matches(['\'', '"']);
    ["credential-process", "--from", from]
        .map(str::to_owned)
        .to_vec()
}

pub(crate) fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

/// A job on CircleCI, and its start-up file, which is empty.
#[cfg(unix)]
pub(crate) fn on_circleci<'f>(fake: &'f FakeAws, token: &str) -> (Step<'f>, PathBuf) {
    let step = Step::shell()
        .in_custody_of(Custody::Silent)
        .var("CIRCLECI", "true")
        .var("CIRCLE_OIDC_TOKEN_V2", token)
        .sts(fake);
    let bash_env = step.path("bash_env");
    std::fs::write(&bash_env, "").expect("a file");
    let name = bash_env.display().to_string();
    (step.var("BASH_ENV", &name), bash_env)
}

/// A world whose sessions end so soon that a test can wait for it.
#[cfg(unix)]
pub(crate) fn short_lived(seconds: u64) -> FakeAws {
    FakeAws::start(World::demo().session_lifetime(Duration::from_secs(seconds)))
}

#[cfg(unix)]
#[track_caller]
pub(crate) fn wait_until(what: &str, done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_mins(1), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process runs; one that nobody has waited for yet does not.
#[cfg(unix)]
pub(crate) fn runs(id: u32) -> bool {
    let output = std::process::Command::new("ps")
        .args(["-o", "stat=", "-p", &id.to_string()])
        .output()
        .expect("ps starts");
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

#[cfg(unix)]
pub(crate) fn kill(signal: &str, id: u32) {
    let status = std::process::Command::new("kill")
        .args([signal, &id.to_string()])
        .status()
        .expect("kill starts");
    assert!(status.success());
}
