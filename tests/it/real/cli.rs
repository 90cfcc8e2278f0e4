//! The AWS CLI as a later step runs it: with what an earlier one exported and nothing else.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use super::tools::Tools;

/// The AWS CLI, pointed at one endpoint.
pub(super) struct Cli {
    tools: Tools,
    endpoint: String,
    env: BTreeMap<String, String>,
}

impl Cli {
    /// With the variables that a step exported.
    pub(super) fn new(tools: &Tools, endpoint: &str, env: BTreeMap<String, String>) -> Self {
        Self {
            tools: tools.clone(),
            endpoint: endpoint.to_owned(),
            env,
        }
    }

    /// Who AWS says that this is.
    #[track_caller]
    pub(super) fn arn(&self) -> String {
        let query = ["--query", "Arn", "--output", "text"];
        self.succeeds(&[&["sts", "get-caller-identity"], &query[..]].concat())
            .trim()
            .to_owned()
    }

    #[track_caller]
    pub(super) fn succeeds(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Why AWS refused it.
    #[track_caller]
    pub(super) fn fails(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(!output.status.success(), "{args:?} was not refused");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(self.tools.path("bin/aws"))
            .args(args)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .envs(&self.env)
            .output()
            .expect("the AWS CLI starts")
    }
}
