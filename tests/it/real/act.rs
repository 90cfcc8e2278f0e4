//! A workflow run by act on this machine, under an environment of its own, and the log of it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fake_aws::FakeAws;

use super::action::Action;
use super::tools::Tools;

const INCUMBENT: &str = "uses: aws-actions/configure-aws-credentials@v6.2.3";
const OURS: &str = "uses: octo-org/rolehop@v1";

/// A workflow of `tests/workflows`, ready to run.
pub(super) struct Workflow<'f> {
    tools: &'f Tools,
    fake: &'f FakeAws,
    action: Action,
    folder: tempfile::TempDir,
    args: Vec<OsString>,
    secrets: Vec<String>,
}

/// What act said.
pub(super) struct Job {
    pub(super) succeeded: bool,
    pub(super) log: String,
}

impl<'f> Workflow<'f> {
    /// The file with only its `uses:` lines changed, in a repository with one commit.
    pub(super) fn new(tools: &'f Tools, fake: &'f FakeAws, name: &str) -> Self {
        let text = fs::read_to_string(workflows().join(name)).expect("a workflow");
        let folder = tempfile::tempdir().expect("a folder");
        for below in ["home", "bin", "repo/.github/workflows"] {
            fs::create_dir_all(folder.path().join(below)).expect("a folder of the job");
        }
        let file = folder.path().join("repo/.github/workflows/deploy.yml");
        fs::write(file, text.replace(INCUMBENT, OURS)).expect("a workflow");
        let bin = folder.path().join("bin");
        for (name, program) in [
            ("node", tools.path("node/bin/node")),
            ("aws", tools.path("bin/aws")),
            ("cdk", workflows().join("bin/cdk")),
        ] {
            symlink(program, bin.join(name)).expect("a link");
        }
        let mut workflow = Self {
            tools,
            fake,
            action: Action::stage(),
            folder,
            args: Vec::new(),
            secrets: Vec::new(),
        };
        for args in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["add", "--all"],
            &["commit", "--quiet", "--message=a job"],
        ] {
            workflow.git(args);
        }
        workflow.env("AWS_ENDPOINT_URL_STS", &fake.url());
        workflow.env("AWS_EC2_METADATA_DISABLED", "true");
        workflow
    }

    /// The runner's part of `id-token: write`, which act leaves to its user.
    pub(super) fn may_request_tokens(mut self) -> Self {
        self.env(
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            &self.fake.oidc_request_url(),
        );
        self.env(
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            &self.fake.oidc_request_token(),
        );
        self
    }

    /// A secret of the repository.
    pub(super) fn secret(mut self, name: &str, value: &str) -> Self {
        self.args
            .extend(["-s".into(), format!("{name}={value}").into()]);
        self.secrets.push(value.to_owned());
        self
    }

    /// Runs it to its end. No secret is in the log, whatever happens.
    pub(super) fn run(self) -> Job {
        let local = |name: &str, path: &Path| {
            let mut arg = OsString::from(format!("octo-org/{name}@v1="));
            arg.push(path);
            ["--local-repository".into(), arg]
        };
        let output = self
            .command(&self.tools.path("bin/act"))
            .args(["push", "-P", "ubuntu-latest=-self-hosted"])
            .args(["--no-cache-server", "--use-gitignore=false"])
            .args(local("rolehop", self.action.path()))
            .args(local("observer", &workflows().join("observer")))
            .args(&self.args)
            .output()
            .expect("act starts");
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        let log = format!("{out}{err}");
        for secret in self.fake.secrets().iter().chain(&self.secrets) {
            assert!(!log.contains(secret.as_str()), "{secret} is in\n{log}");
        }
        Job {
            succeeded: output.status.success(),
            log,
        }
    }

    fn env(&mut self, name: &str, value: &str) {
        self.args
            .extend(["--env".into(), format!("{name}={value}").into()]);
    }

    fn git(&self, args: &[&str]) {
        let done = self
            .command(Path::new("git"))
            .args(["-c", "user.name=octocat"])
            .args(["-c", "user.email=octocat@example.com"])
            .args(args)
            .status();
        assert!(done.is_ok_and(|status| status.success()), "git {args:?}");
    }

    /// A program in the repository, with nothing of this process's environment.
    fn command(&self, program: &Path) -> Command {
        let bin = self.folder.path().join("bin");
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path().join("repo"))
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .env("HOME", self.folder.path().join("home"))
            .stdin(Stdio::null());
        command
    }
}

impl Job {
    #[track_caller]
    pub(super) fn succeeds(self) -> Self {
        assert!(self.succeeded, "{}", self.log);
        self
    }

    #[track_caller]
    pub(super) fn fails(self) -> Self {
        assert!(!self.succeeded, "{}", self.log);
        self
    }

    #[track_caller]
    pub(super) fn says(self, text: &str) -> Self {
        assert!(self.log.contains(text), "no `{text}` in\n{}", self.log);
        self
    }

    #[track_caller]
    pub(super) fn does_not_say(self, text: &str) -> Self {
        assert!(!self.log.contains(text), "`{text}` in\n{}", self.log);
        self
    }

    /// The answers of `aws sts get-caller-identity`, in order.
    pub(super) fn identities(&self) -> Vec<&str> {
        self.log
            .lines()
            .filter_map(|line| {
                line.split_once("\"Arn\": \"")?
                    .1
                    .split_once('"')
                    .map(|(arn, _)| arn)
            })
            .collect()
    }
}

fn workflows() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workflows")
}
