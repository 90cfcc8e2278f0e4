//! One step of a job, built as the runner builds it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use fake_aws::FakeAws;

use super::leak::{Custody, Known};
use super::outcome::Outcome;

/// A role that the demo world's repository may assume with a token.
pub(crate) const DEPLOY: &str = "arn:aws:iam::123456789012:role/deploy";
/// A role that the demo world's user may assume.
pub(crate) const OPS: &str = "arn:aws:iam::123456789012:role/ops";
/// The demo world's user.
pub(crate) const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// No test waits longer; only a hang would.
pub(super) const HANG: Duration = Duration::from_mins(2);

/// A step that uses the action. Its folder is removed when it is dropped.
pub(crate) struct Step<'f> {
    pub(crate) env: BTreeMap<String, String>,
    folder: tempfile::TempDir,
    binary: PathBuf,
    input: Option<String>,
    known: Known<'f>,
    custody: Custody,
    /// What its earlier runs had hidden: a runner keeps masks for the whole job.
    hidden: Mutex<Vec<String>>,
}

impl<'f> Step<'f> {
    /// A step of a push to the demo world's repository, on a runner that GitHub hosts.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        for file in ["env", "output", "state", "summary"] {
            fs::write(folder.path().join(file), "").expect("a file of the runner");
        }
        for below in ["home", "workspace", "temp"] {
            fs::create_dir(folder.path().join(below)).expect("a folder of the runner");
        }
        let env = [
            ("CI", "true".to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_ACTION", "__octo-org_rolehop".to_owned()),
            ("GITHUB_ACTOR", "octocat".to_owned()),
            ("GITHUB_ENV", path("env")),
            ("GITHUB_EVENT_NAME", "push".to_owned()),
            ("GITHUB_JOB", "deploy".to_owned()),
            ("GITHUB_OUTPUT", path("output")),
            ("GITHUB_REF", "refs/heads/main".to_owned()),
            ("GITHUB_REPOSITORY", "octo-org/octo-repo".to_owned()),
            ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
            ("GITHUB_RUN_ID", "9876543210".to_owned()),
            (
                "GITHUB_SHA",
                "c0ffee254729296a45a3885639ac7e10f9d54979".to_owned(),
            ),
            ("GITHUB_STATE", path("state")),
            ("GITHUB_STEP_SUMMARY", path("summary")),
            ("GITHUB_TRIGGERING_ACTOR", "octocat".to_owned()),
            ("GITHUB_WORKFLOW", "deploy".to_owned()),
            ("GITHUB_WORKSPACE", path("workspace")),
            ("HOME", path("home")),
            ("RUNNER_ENVIRONMENT", "github-hosted".to_owned()),
            ("RUNNER_TEMP", path("temp")),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("INPUT_AWS-REGION", "eu-west-1".to_owned()),
        ];
        let env = env
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .chain(of_the_machine())
            .collect();
        Self {
            env,
            folder,
            binary: env!("CARGO_BIN_EXE_rolehop").into(),
            input: None,
            known: Known::default(),
            custody: Custody::Github,
            hidden: Mutex::default(),
        }
    }

    /// A shell on a person's machine: no runner, no inputs.
    pub(crate) fn shell() -> Self {
        let mut step = Self::new();
        step.env.retain(|name, _| {
            !["CI", "GITHUB_", "RUNNER_", "INPUT_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        });
        let temp = step.path("temp").display().to_string();
        step.var("AWS_REGION", "eu-west-1").var("TMPDIR", &temp)
    }

    /// Who takes care of secrets in its log.
    pub(crate) fn in_custody_of(mut self, custody: Custody) -> Self {
        self.custody = custody;
        self
    }

    /// A helper program that the system lays beside the job, on its path; a script of sh.
    #[cfg(unix)]
    pub(crate) fn helper(self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;

        let folder = self.path("bin");
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a program");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("executable");
        let path = format!("{}:/usr/bin:/bin", folder.display());
        self.var("PATH", &path)
    }

    /// The environment of a later step, as the system made it.
    #[cfg(unix)]
    pub(crate) fn later(mut self, set: &BTreeMap<String, String>) -> Self {
        for (name, value) in set {
            self.env.insert(name.clone(), value.clone());
        }
        self
    }

    /// The README's first example: `id-token: write`, a region and a role.
    pub(crate) fn oidc(fake: &'f FakeAws) -> Self {
        Self::new()
            .sts(fake)
            .may_request_tokens(fake)
            .input("role-to-assume", DEPLOY)
    }

    /// Static keys of the demo world's user and a role.
    pub(crate) fn keys(fake: &'f FakeAws) -> Self {
        Self::new()
            .sts(fake)
            .static_keys()
            .input("role-to-assume", OPS)
    }

    pub(crate) fn static_keys(self) -> Self {
        self.input("aws-access-key-id", KEY_ID)
            .input("aws-secret-access-key", SECRET_KEY)
    }

    /// The same keys where a command looks for its settings.
    pub(crate) fn static_keys_as_variables(self) -> Self {
        self.var("ROLEHOP_AWS_ACCESS_KEY_ID", KEY_ID)
            .var("ROLEHOP_AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    }

    /// STS is this fake; what it knows as secret must not get out.
    pub(crate) fn sts(mut self, fake: &'f FakeAws) -> Self {
        if let Some(pem) = fake.ca_pem() {
            let file = self.folder.path().join("ca.pem");
            fs::write(&file, pem).expect("a CA file");
            self = self.var("AWS_CA_BUNDLE", &file.display().to_string());
        }
        let url = fake.url();
        self.known.watch(fake);
        self.var("AWS_ENDPOINT_URL_STS", &url)
    }

    /// The job has `id-token: write`.
    pub(crate) fn may_request_tokens(self, fake: &'f FakeAws) -> Self {
        let (url, bearer) = (fake.oidc_request_url(), fake.oidc_request_token());
        self.var("ACTIONS_ID_TOKEN_REQUEST_URL", &url)
            .var("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &bearer)
    }

    pub(crate) fn input(self, name: &str, value: &str) -> Self {
        self.var(
            &format!("INPUT_{}", name.to_uppercase().replace(' ', "_")),
            value,
        )
    }

    pub(crate) fn var(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.env.remove(name);
        self
    }

    /// A value that must not get out, beside those of the fake.
    pub(crate) fn secret(mut self, value: &str) -> Self {
        self.known.add(value);
        self
    }

    /// The variables that an earlier step exported.
    pub(crate) fn after(mut self, earlier: &Outcome) -> Self {
        self.env.extend(earlier.env.clone());
        self
    }

    /// What is piped in.
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.input = Some(text.to_owned());
        self
    }

    /// A program below the workspace, on the path of the step.
    #[cfg(unix)]
    pub(crate) fn tool(self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = self.path("workspace");
        let path = folder.join(name);
        fs::write(&path, script).expect("a program of the test");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
        self.var("PATH", &folder.display().to_string())
    }

    /// A file below the workspace.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.path("workspace").join(name), text).expect("a file of the test");
        self
    }

    /// A folder of the step: `home`, `workspace`, `temp`; or one of the runner's files.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Another program in the binary's place, to test the harness itself.
    pub(crate) fn program(mut self, path: &Path) -> Self {
        path.clone_into(&mut self.binary);
        self
    }

    /// Runs the main phase.
    pub(crate) fn run(&self) -> Outcome {
        self.run_with(&|_| {})
    }

    /// Runs the main phase, and does something to the process once it has started.
    pub(crate) fn run_with(&self, meddle: &dyn Fn(&mut Child)) -> Outcome {
        self.with_env(&self.env, &["action", "main"], &[], meddle)
    }

    /// Runs the post phase, with the state that main saved and the environment as the job's steps left it.
    pub(crate) fn post(&self, main: &Outcome, job: &BTreeMap<String, String>) -> Outcome {
        self.post_with(main, job, &|_| {})
    }

    /// Runs the post phase, and does something to the process once it has started.
    pub(crate) fn post_with(
        &self,
        main: &Outcome,
        job: &BTreeMap<String, String>,
        meddle: &dyn Fn(&mut Child),
    ) -> Outcome {
        let mut env = self.env.clone();
        env.extend(job.clone());
        env.extend(
            main.state
                .iter()
                .map(|(name, value)| (format!("STATE_{name}"), value.clone())),
        );
        self.with_env(&env, &["action", "post"], &main.masks(), meddle)
    }

    /// Runs a command of the binary.
    pub(crate) fn command(&self, words: &[&str]) -> Outcome {
        self.with_env(&self.env, words, &[], &|_| {})
    }

    /// Runs a command whose standard output is the place for secrets.
    pub(crate) fn hands_on(&self, words: &[&str]) -> Outcome {
        let outcome = self.execute(&self.env, words, &|_| {});
        let (out, log) = (outcome.out.clone(), outcome.log.clone());
        let outcome = self.check(outcome.without_out(), &[]);
        Outcome {
            out,
            log,
            ..outcome
        }
    }

    /// The program that is tested.
    pub(crate) fn binary(&self) -> &Path {
        &self.binary
    }

    /// Runs a command at a terminal, where somebody types the answer to each question; the number says which it is.
    #[cfg(unix)]
    pub(crate) fn at_terminal(
        &self,
        words: &[&str],
        answer: impl Fn(usize) -> String + Send + 'static,
    ) -> Outcome {
        let output = super::terminal::execute(&self.binary, words, &self.env, answer);
        self.check(Outcome::collect(&output, self.folder.path()), &[])
    }

    fn with_env(
        &self,
        env: &BTreeMap<String, String>,
        words: &[&str],
        masked: &[String],
        meddle: &dyn Fn(&mut Child),
    ) -> Outcome {
        self.check(self.execute(env, words, meddle), masked)
    }

    fn execute(
        &self,
        env: &BTreeMap<String, String>,
        words: &[&str],
        meddle: &dyn Fn(&mut Child),
    ) -> Outcome {
        // The runner gives each phase fresh files; one that a test has taken away stays away.
        for file in ["env", "output", "state", "summary"] {
            if self.path(file).exists() {
                fs::write(self.path(file), "").expect("a file of the runner");
            }
        }
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let output = execute(&self.binary, &words, env, self.input.as_deref(), meddle);
        Outcome::collect(&output, self.folder.path())
    }

    fn check(&self, outcome: Outcome, masked: &[String]) -> Outcome {
        let mut hidden = self.hidden.lock().expect("no test has failed");
        hidden.extend_from_slice(masked);
        if let Err(leak) = super::leak::check(
            &outcome,
            &hidden,
            &self.known.all(),
            self.folder.path(),
            self.custody,
        ) {
            panic!("a secret got out: {leak}\n{}", outcome.log);
        }
        hidden.extend(outcome.masks_of(self.custody));
        outcome
    }
}

/// What Windows finds its own parts by, the network's among them.
fn of_the_machine() -> Option<(String, String)> {
    let name = "SystemRoot";
    let root = cfg!(windows).then(|| std::env::var(name))?.ok()?;
    Some((name.to_owned(), root))
}

/// Runs a program to its end, or fails the test when it hangs.
fn execute(
    binary: &Path,
    args: &[OsString],
    env: &BTreeMap<String, String>,
    input: Option<&str>,
    meddle: &dyn Fn(&mut Child),
) -> std::process::Output {
    let mut child = Command::new(binary)
        .args(args)
        .env_clear()
        .envs(env)
        .stdin(input.map_or_else(Stdio::null, |_| Stdio::piped()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    meddle(&mut child);
    if let (Some(mut pipe), Some(text)) = (child.stdin.take(), input) {
        pipe.write_all(text.as_bytes()).expect("its input is read");
    }
    let started = Instant::now();
    let id = child.id();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    if let Ok(output) = receiver.recv_timeout(HANG) {
        output.expect("the output is read")
    } else {
        let _ = Command::new("kill").arg("-9").arg(id.to_string()).status();
        panic!("no end after {:?}", started.elapsed());
    }
}
