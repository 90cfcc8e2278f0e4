//! The runner's part: the variables and files that a step gets, and the masks in what it prints.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use fake_aws::FakeAws;

/// A step of a job, with the variables that the runner sets.
pub(crate) struct Runner {
    folder: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

/// Which of the action's two programs is started.
#[derive(Clone, Copy)]
pub(crate) enum Phase {
    Main,
    Post,
}

/// What the step left.
pub(crate) struct Step {
    pub(crate) status: i32,
    pub(crate) log: String,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) output: BTreeMap<String, String>,
    pub(crate) state: BTreeMap<String, String>,
    pub(crate) summary: String,
}

const FILES: [(&str, &str); 4] = [
    ("GITHUB_ENV", "env"),
    ("GITHUB_OUTPUT", "output"),
    ("GITHUB_STATE", "state"),
    ("GITHUB_STEP_SUMMARY", "summary"),
];

impl Runner {
    /// A push to octo-org/octo-repo whose job has `id-token: write`.
    pub(crate) fn new(aws: &FakeAws) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|fault| fault.to_string())?;
        let given = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "octo-org/octo-repo"),
            ("GITHUB_WORKFLOW", "deploy"),
            ("GITHUB_ACTOR", "octocat"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_RUN_ID", "9876543210"),
            ("RUNNER_ENVIRONMENT", "github-hosted"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("INPUT_AWS-REGION", "eu-west-1"),
        ];
        let mut env: BTreeMap<String, String> = given
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        env.insert("AWS_ENDPOINT_URL_STS".into(), aws.url());
        env.insert(
            "ACTIONS_ID_TOKEN_REQUEST_URL".into(),
            aws.oidc_request_url(),
        );
        env.insert(
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN".into(),
            aws.oidc_request_token(),
        );
        // Windows starts no socket without it.
        env.extend(std::env::var("SYSTEMROOT").map(|root| ("SYSTEMROOT".to_owned(), root)));
        Ok(Self { folder, env })
    }

    pub(crate) fn input(mut self, name: &str, value: &str) -> Self {
        self.env
            .insert(format!("INPUT_{}", name.to_uppercase()), value.to_owned());
        self
    }

    /// What earlier steps exported.
    pub(crate) fn environment(mut self, exported: &BTreeMap<String, String>) -> Self {
        self.env.extend(exported.clone());
        self
    }

    /// What main saved for post.
    pub(crate) fn state(mut self, saved: &BTreeMap<String, String>) -> Self {
        self.env.extend(
            saved
                .iter()
                .map(|(name, value)| (format!("STATE_{name}"), value.clone())),
        );
        self
    }

    pub(crate) fn run(&self, phase: Phase) -> Result<Step, String> {
        let phase = match phase {
            Phase::Main => "main",
            Phase::Post => "post",
        };
        let mut env = self.env.clone();
        for (variable, name) in FILES {
            let path = self.folder.path().join(name);
            fs::write(&path, "").map_err(|fault| fault.to_string())?;
            env.insert(variable.to_owned(), path.display().to_string());
        }
        let program = std::env::current_exe().map_err(|fault| fault.to_string())?;
        let output = Command::new(program)
            .args(["action", phase])
            .env_clear()
            .envs(&env)
            .stdin(Stdio::null())
            .output()
            .map_err(|fault| format!("the program does not start: {fault}"))?;
        let read = |name| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        Ok(Step {
            status: output.status.code().unwrap_or(-1),
            log: String::from_utf8_lossy(&output.stdout).into_owned(),
            env: pairs(&read("env")),
            output: pairs(&read("output")),
            state: pairs(&read("state")),
            summary: read("summary"),
        })
    }
}

impl Step {
    /// The log with the masks applied, line by line, as the runner does; commands are taken out.
    pub(crate) fn masked_log(&self) -> String {
        let mut masks: Vec<&str> = Vec::new();
        let mut shown = Vec::new();
        for line in self.log.lines() {
            if let Some(value) = line.strip_prefix("::add-mask::") {
                masks.push(value);
            } else if !line.starts_with("::") {
                shown.push(
                    masks
                        .iter()
                        .fold(line.to_owned(), |text, mask| text.replace(mask, "***")),
                );
            }
        }
        shown.join("\n")
    }
}

/// `NAME<<DELIMITER`, the value, `DELIMITER`.
fn pairs(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some((name, delimiter)) = lines.next().and_then(|line| line.split_once("<<")) {
        let value: Vec<&str> = lines
            .by_ref()
            .take_while(|line| *line != delimiter)
            .collect();
        found.insert(name.to_owned(), value.join("\n"));
    }
    found
}
