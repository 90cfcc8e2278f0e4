//! One ministack for all tests of the process: an STS that checks signatures, trust and session policies.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::cli::Cli;
use super::tools::Tools;
use crate::harness::{Custody, Step, check_leaks};

/// A running ministack, with the world of `world.py`.
pub(super) struct Ministack {
    tools: Tools,
    url: String,
    /// Access key id and secret by the user's name.
    keys: BTreeMap<String, (String, String)>,
    /// Its standard input closes when this process ends, whichever way, and then it ends, too.
    _guard: Child,
}

impl Ministack {
    /// The one of this process; none when the tools are not there.
    pub(super) fn find() -> Option<&'static Self> {
        static ONE: OnceLock<Option<Ministack>> = OnceLock::new();
        ONE.get_or_init(|| Tools::find().map(Self::start)).as_ref()
    }

    fn start(tools: Tools) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let url = format!("http://127.0.0.1:{port}");
        let guard = python(&tools, "guard.py")
            .arg(tools.path("bin/ministack"))
            .envs([
                ("AUTH", "true"),
                ("BIND_HOST", "127.0.0.1"),
                ("GATEWAY_PORT", &port.to_string()),
                ("IOT_MTLS_ENABLED", "0"),
                ("SFTP_ENABLED", "0"),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ministack starts");
        let made = python(&tools, "world.py")
            .arg(&url)
            .output()
            .expect("python starts");
        let errors = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{errors}");
        Self {
            tools,
            url,
            keys: serde_json::from_slice(&made.stdout).expect("the users' keys"),
            _guard: guard,
        }
    }

    /// Its address.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn tools(&self) -> &Tools {
        &self.tools
    }

    /// A step whose STS this is.
    pub(super) fn step<'f>(&self) -> Step<'f> {
        Step::new().var("AWS_ENDPOINT_URL_STS", &self.url)
    }

    /// Runs a script in which `aws` is the AWS CLI of the account's root, with this as its endpoint.
    #[track_caller]
    pub(super) fn shell(&self, folder: &Path, script: &str) {
        let output = Command::new("/bin/sh")
            .args(["-c", script])
            .current_dir(folder)
            .env_clear()
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.tools.path("bin").display()),
            )
            .env("HOME", folder)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", &self.url)
            .stdin(Stdio::null())
            .output()
            .expect("a shell starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}\n{errors}");
    }

    /// A step with the static keys of a user.
    pub(super) fn step_of<'f>(&self, user: &str) -> Step<'f> {
        let (id, secret) = &self.keys[user];
        self.step()
            .secret(secret)
            .input("aws-access-key-id", id)
            .input("aws-secret-access-key", secret)
    }

    /// Runs the step, makes sure that no secret of it got out, and gives the AWS CLI what it exported.
    #[track_caller]
    pub(super) fn cli_after(&self, step: &Step<'_>) -> Cli {
        let outcome = step.run().succeeds();
        let secrets: Vec<String> = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
            .iter()
            .filter_map(|name| outcome.env.get(*name).cloned())
            .filter(|value| !value.is_empty())
            .collect();
        if let Err(leak) = check_leaks(&outcome, &[], &secrets, &step.path(""), Custody::Github) {
            panic!("a secret got out: {leak}");
        }
        Cli::new(&self.tools, &self.url, outcome.env)
    }

    /// Runs the step and asks AWS who the later steps are.
    #[track_caller]
    pub(super) fn arn_after(&self, step: &Step<'_>) -> String {
        self.cli_after(step).arn()
    }
}

fn python(tools: &Tools, script: &str) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/real/ministack");
    let python: PathBuf = tools.path("bin/python");
    let mut command = Command::new(python);
    command
        .arg(folder.join(script))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null());
    command
}
