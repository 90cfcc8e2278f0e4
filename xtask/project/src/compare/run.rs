//! Runs one scenario with one action, as a runner does: fresh files for each phase, a cleared environment, posts in reverse.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use fake_aws::{FakeAws, Proxy};

use super::protocol;
use super::scenario::{Scenario, Step};
use super::subject::{Phase, Subject};
use crate::{Outcome, at};

/// How a phase ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Succeeded,
    Failed,
    Stopped,
}

/// One phase of one step.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) end: End,
    pub(crate) log: String,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) output: BTreeMap<String, String>,
    pub(crate) state: BTreeMap<String, String>,
    pub(crate) took: Duration,
}

/// What the job has, and where.
pub(crate) struct Job<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) fake: &'a FakeAws,
    pub(crate) proxy: Option<&'a Proxy>,
    pub(crate) folder: &'a Path,
    /// Variables that steps have exported.
    pub(crate) exported: BTreeMap<String, String>,
}

/// A step that has run, with what its post needs.
pub(crate) struct Stepped {
    env: BTreeMap<String, String>,
    pub(crate) main: Ran,
}

const RUNNER_FILES: [&str; 4] = ["env", "output", "state", "summary"];

impl<'a> Job<'a> {
    /// Lays the folders of a runner and the files of the scenario.
    pub(crate) fn prepare(
        scenario: &Scenario,
        subject: &'a Subject,
        fake: &'a FakeAws,
        proxy: Option<&'a Proxy>,
        folder: &'a Path,
    ) -> Outcome<Self> {
        for below in ["home", "workspace", "temp"] {
            let path = folder.join(below);
            fs::create_dir_all(&path).map_err(at(&path))?;
        }
        let this = Self {
            subject,
            fake,
            proxy,
            folder,
            exported: BTreeMap::new(),
        };
        for (name, text) in &scenario.files {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(at(parent))?;
            }
            fs::write(&path, this.fill(text)).map_err(at(&path))?;
        }
        Ok(this)
    }

    /// Runs main of a step; what it exports is there for the steps after it.
    pub(crate) fn main(
        &mut self,
        step: &Step,
        further: &BTreeMap<String, String>,
        cap: Duration,
    ) -> Outcome<Stepped> {
        let env = self.environment(step, further);
        let main = self.phase(Phase::Main, &env, cap)?;
        self.exported.extend(main.env.clone());
        Ok(Stepped { env, main })
    }

    /// Runs post of a step, unless the action says that it is left out.
    pub(crate) fn post(&mut self, step: &Stepped, cap: Duration) -> Outcome<Option<Ran>> {
        let mut env = step.env.clone();
        env.extend(self.exported.clone());
        if self.subject.skips_post(&env) {
            return Ok(None);
        }
        let state = step.main.state.iter();
        env.extend(state.map(|(name, value)| (format!("STATE_{name}"), value.clone())));
        let post = self.phase(Phase::Post, &env, cap)?;
        self.exported.extend(post.env.clone());
        Ok(Some(post))
    }

    /// What a runner that GitHub hosts sets for a push to the demo world's repository.
    fn environment(
        &self,
        step: &Step,
        further: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let path = |name: &str| self.folder.join(name).display().to_string();
        let fixed = [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTION", "__octo-org_aws"),
            ("GITHUB_ACTOR", "octocat"),
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_JOB", "deploy"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_REPOSITORY", "octo-org/octo-repo"),
            ("GITHUB_RUN_ATTEMPT", "1"),
            ("GITHUB_RUN_ID", "9876543210"),
            ("GITHUB_SHA", "c0ffee254729296a45a3885639ac7e10f9d54979"),
            ("GITHUB_TRIGGERING_ACTOR", "octocat"),
            ("GITHUB_WORKFLOW", "deploy"),
            ("RUNNER_ENVIRONMENT", "github-hosted"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let mut env: BTreeMap<String, String> = fixed
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut set = |name: &str, value: String| env.insert(name.to_owned(), value);
        for (name, file) in [
            ("GITHUB_ENV", "env"),
            ("GITHUB_OUTPUT", "output"),
            ("GITHUB_STATE", "state"),
            ("GITHUB_STEP_SUMMARY", "summary"),
            ("GITHUB_WORKSPACE", "workspace"),
            ("HOME", "home"),
            ("RUNNER_TEMP", "temp"),
        ] {
            set(name, path(file));
        }
        set("AWS_ENDPOINT_URL_STS", self.fake.url());
        if step.oidc {
            set("ACTIONS_ID_TOKEN_REQUEST_URL", self.fake.oidc_request_url());
            set(
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                self.fake.oidc_request_token(),
            );
        }
        env.extend(self.exported.clone());
        for (name, value) in &step.variables {
            env.insert(name.clone(), self.fill(value));
        }
        let mut inputs = self.subject.inputs.clone();
        inputs.insert("aws-region".to_owned(), "eu-west-1".to_owned());
        for (name, value) in step.inputs.iter().chain(further) {
            inputs.insert(name.clone(), self.fill(value));
        }
        for (name, value) in inputs {
            let name = format!("INPUT_{}", name.to_uppercase().replace(' ', "_"));
            env.insert(name, value);
        }
        for name in &step.without {
            env.remove(name);
            if let Some(input) = env.get_mut(&format!("INPUT_{}", name.to_uppercase())) {
                input.clear();
            }
        }
        env
    }

    /// Replaces `${fake}` and the like, and `${env.NAME}` by what an earlier step exported.
    fn fill(&self, text: &str) -> String {
        let mut text = text
            .replace("${fake}", &self.fake.url())
            .replace("${folder}", &self.folder.display().to_string())
            .replace("${ca}", &self.fake.ca_pem().unwrap_or_default())
            .replace("${container}", &self.fake.container_credentials_url())
            .replace("${container-token}", &self.fake.container_auth_token());
        if text.contains("${token}") {
            text = text.replace("${token}", &self.fake.id_token("sts.amazonaws.com"));
        }
        if let Some(proxy) = self.proxy {
            text = text
                .replace("${proxy}", &proxy.url())
                .replace("${proxy-address}", &proxy.address().to_string());
        }
        for (name, value) in &self.exported {
            text = text.replace(&format!("${{env.{name}}}"), value);
        }
        text
    }

    fn phase(&self, phase: Phase, env: &BTreeMap<String, String>, cap: Duration) -> Outcome<Ran> {
        for name in RUNNER_FILES {
            let path = self.folder.join(name);
            fs::write(&path, "").map_err(at(&path))?;
        }
        let log = self.folder.join("log");
        let (end, took) = self.execute(phase, env, cap, &log)?;
        let read = |name: &str| fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        let pairs = |name: &str| {
            protocol::pairs(&read(name))
                .map_err(|fault| format!("{}: {name}: {fault}", self.subject.label))
        };
        Ok(Ran {
            end,
            log: read("log"),
            env: pairs("env")?,
            output: pairs("output")?,
            state: pairs("state")?,
            took,
        })
    }

    fn execute(
        &self,
        phase: Phase,
        env: &BTreeMap<String, String>,
        cap: Duration,
        log: &Path,
    ) -> Outcome<(End, Duration)> {
        let out = File::create(log).map_err(at(log))?;
        let err = out.try_clone().map_err(at(log))?;
        let mut command = self.subject.command(phase);
        command
            .env_clear()
            .envs(env)
            .current_dir(self.folder.join("workspace"))
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        let start = Instant::now();
        let mut child = command
            .spawn()
            .map_err(|fault| format!("{} does not start: {fault}", self.subject.label))?;
        loop {
            let status = child.try_wait().map_err(|fault| fault.to_string())?;
            if let Some(status) = status {
                let end = if status.success() {
                    End::Succeeded
                } else {
                    End::Failed
                };
                return Ok((end, start.elapsed()));
            }
            if start.elapsed() > cap {
                // It may have ended in the meantime.
                let _ = child.kill();
                let _ = child.wait();
                return Ok((End::Stopped, start.elapsed()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A folder that goes when this does.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Outcome<Self> {
        let place =
            std::env::temp_dir().join(format!("rolehop-compare-{}-{name}", std::process::id()));
        fs::create_dir_all(&place).map_err(at(&place))?;
        Ok(Self(place))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder left in the temporary place harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
