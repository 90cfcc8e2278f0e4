//! GitHub's part: a job's environment, the files and variables of a step, and the log with its secrets masked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fake_aws::FakeAws;

use crate::page::{Page, Tone};
use crate::{REGION, runner_file};

pub(crate) type Variables = BTreeMap<String, String>;

/// A job: what its steps share.
#[derive(Debug)]
pub(crate) struct Job {
    /// What every step of the job finds in its environment; steps change it through `GITHUB_ENV`.
    pub(crate) env: Variables,
    /// What the runner sets for each step beside it.
    runner: Variables,
    masks: Vec<String>,
    folder: tempfile::TempDir,
}

/// What a step left.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) status: i32,
    pub(crate) log: Log,
    pub(crate) env: Variables,
    pub(crate) output: Variables,
    pub(crate) state: Variables,
    pub(crate) summary: String,
    pub(crate) took: Duration,
}

/// A log as the job's page shows it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) lines: Vec<String>,
    /// Titles and texts of the annotations on the page.
    pub(crate) errors: Vec<String>,
    /// How many values the step has told the runner to mask.
    pub(crate) masks: usize,
}

const FILES: [(&str, &str); 4] = [
    ("GITHUB_ENV", "env"),
    ("GITHUB_OUTPUT", "output"),
    ("GITHUB_STATE", "state"),
    ("GITHUB_STEP_SUMMARY", "summary"),
];

impl Job {
    /// A push to octo-org/octo-repo, whose job has `id-token: write`.
    pub(crate) fn new(aws: &FakeAws, git_ref: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|fault| format!("no folder: {fault}"))?;
        let path = |name: &str| folder.path().join(name).display().to_string();
        for below in ["home", "temp", "workspace"] {
            fs::create_dir(folder.path().join(below))
                .map_err(|fault| format!("no folder: {fault}"))?;
        }
        let runner = [
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", aws.oidc_request_token()),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", aws.oidc_request_url()),
            ("CI", "true".to_owned()),
            ("GITHUB_ACTION", "__octo-org_rolehop".to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_ACTOR", "octocat".to_owned()),
            ("GITHUB_EVENT_NAME", "push".to_owned()),
            ("GITHUB_JOB", "deploy".to_owned()),
            ("GITHUB_REF", git_ref.to_owned()),
            ("GITHUB_REPOSITORY", "octo-org/octo-repo".to_owned()),
            ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
            ("GITHUB_RUN_ID", "9876543210".to_owned()),
            (
                "GITHUB_SHA",
                "c0ffee254729296a45a3885639ac7e10f9d54979".to_owned(),
            ),
            ("GITHUB_TRIGGERING_ACTOR", "octocat".to_owned()),
            ("GITHUB_WORKFLOW", "deploy".to_owned()),
            ("GITHUB_WORKSPACE", path("workspace")),
            ("HOME", path("home")),
            ("RUNNER_ENVIRONMENT", "github-hosted".to_owned()),
            ("RUNNER_TEMP", path("temp")),
            // Not the runner's: this is what makes the loopback port be STS.
            ("AWS_ENDPOINT_URL_STS", aws.url()),
        ];
        let mut runner: Variables = runner.map(|(name, value)| (name.to_owned(), value)).into();
        runner.extend(system_root());
        Ok(Self {
            env: Variables::new(),
            runner,
            masks: Vec::new(),
            folder,
        })
    }

    /// `uses: OWNER/rolehop@v1` with these inputs.
    pub(crate) fn main(&mut self, inputs: &[(&str, &str)]) -> Result<Step, String> {
        let inputs = inputs.iter().map(|(name, value)| {
            let name = format!("INPUT_{}", name.to_uppercase());
            (name, (*value).to_owned())
        });
        self.run(&["action", "main"], inputs.collect())
    }

    /// The same step's clean-up, when the job ends.
    pub(crate) fn post(&mut self, main: &Step) -> Result<Step, String> {
        let state = main.state.iter();
        let state = state.map(|(name, value)| (format!("STATE_{name}"), value.clone()));
        self.run(&["action", "post"], state.collect())
    }

    /// Any step: a fresh set of files, a process, and what it changed for the steps that follow.
    pub(crate) fn run(&mut self, words: &[&str], of_step: Variables) -> Result<Step, String> {
        let mut files = Variables::new();
        for (variable, name) in FILES {
            let path = self.folder.path().join(name);
            empty(&path)?;
            files.insert(variable.to_owned(), path.display().to_string());
        }
        let program = std::env::current_exe().map_err(|fault| format!("no program: {fault}"))?;
        let started = Instant::now();
        let output = Command::new(program)
            .args(words)
            .env_clear()
            .envs(&self.env)
            .envs(&self.runner)
            .envs(&files)
            .envs(of_step)
            .stdin(Stdio::null())
            .output()
            .map_err(|fault| format!("the step does not start: {fault}"))?;
        let took = started.elapsed();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        let read = |name: &str| {
            fs::read_to_string(self.folder.path().join(name))
                .map_err(|fault| format!("the step's {name}: {fault}"))
        };
        let pairs = |name: &str| {
            runner_file::parse(&read(name)?).map_err(|fault| format!("the step's {name}: {fault}"))
        };
        let (env, output_pairs, state, summary) = (
            pairs("env")?,
            pairs("output")?,
            pairs("state")?,
            read("summary")?,
        );
        self.env.extend(env.clone());
        Ok(Step {
            status: output.status.code().unwrap_or(-1),
            log: self.log(&text),
            env,
            output: output_pairs,
            state,
            summary,
            took,
        })
    }

    /// Commands are obeyed and not shown; masks count from their line on, in this step and in all that follow.
    fn log(&mut self, text: &str) -> Log {
        let mut log = Log::default();
        for line in text.lines() {
            if let Some(value) = line.strip_prefix("::add-mask::") {
                log.masks += 1;
                self.masks.push(unescape(value));
                self.masks.sort_by_key(|mask| std::cmp::Reverse(mask.len()));
            } else if let Some((properties, text)) = line
                .strip_prefix("::error ")
                .and_then(|rest| rest.split_once("::"))
            {
                let title = properties.strip_prefix("title=").unwrap_or(properties);
                log.errors
                    .push(self.masked(&format!("{}: {}", unescape(title), unescape(text))));
            } else {
                log.lines.push(self.masked(line));
            }
        }
        log
    }

    fn masked(&self, text: &str) -> String {
        self.masks.iter().fold(text.to_owned(), |text, mask| {
            text.replace(mask.as_str(), "***")
        })
    }
}

impl Step {
    /// The step ended as it should; if not, its log says why.
    pub(crate) fn ends_with(&self, status: i32) -> Result<(), String> {
        crate::check(self.status == status, || {
            let log = self.log.lines.join("\n");
            format!(
                "a step ended with status {}, not {status}; its log:\n{log}",
                self.status
            )
        })
    }

    pub(crate) fn print(&self, page: &mut Page) -> Result<(), String> {
        for line in &self.log.lines {
            let tone = if line.starts_with("error[") {
                Tone::Bad
            } else {
                Tone::Plain
            };
            page.log(line, tone)?;
        }
        Ok(())
    }
}

/// The step of a workflow file, from the inputs that the demo gives.
pub(crate) fn uses(inputs: &[(&str, &str)]) -> String {
    let mut yaml = "- uses: OWNER/rolehop@v1\n  with:\n".to_owned();
    for (name, value) in inputs {
        // Writing to a string cannot fail.
        let _ = if value.contains('\n') {
            let lines = value.replace('\n', "\n      ");
            writeln!(yaml, "    {name}: |\n      {lines}")
        } else {
            writeln!(yaml, "    {name}: {value}")
        };
    }
    yaml
}

/// The inputs of a step that asks for the role `deploy`.
pub(crate) fn deploy() -> [(&'static str, &'static str); 2] {
    [("aws-region", REGION), ("role-to-assume", crate::DEPLOY)]
}

fn unescape(text: &str) -> String {
    let text = text.replace("%0A", "\n").replace("%0D", "\r");
    text.replace("%3A", ":")
        .replace("%2C", ",")
        .replace("%25", "%")
}

#[expect(
    clippy::disallowed_methods,
    reason = "the demo plays the runner, which lays empty files"
)]
fn empty(path: &Path) -> Result<(), String> {
    fs::write(path, "").map_err(|fault| format!("{}: {fault}", path.display()))
}

/// Windows opens no socket without it.
#[expect(
    clippy::disallowed_methods,
    reason = "the demo plays the runner, which passes it on"
)]
fn system_root() -> Option<(String, String)> {
    let root = std::env::var_os("SystemRoot")?.into_string().ok()?;
    Some(("SystemRoot".to_owned(), root))
}
