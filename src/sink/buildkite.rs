//! Buildkite's job: its environment and its redactor, through the agent's Job API or the agent's own command.

use http::Method;
use serde_json::json;

use super::mask::Masked;
use super::pairs::Pairs;
use crate::error::Error;
use crate::model::Secret;
use crate::system::env::Env;
use crate::system::http::{Local, Reply};
use crate::system::tool::{self, Tool};

/// The way to the agent.
#[derive(Debug)]
pub(crate) enum BuildkiteJob {
    Api(Local),
    Agent,
}

const AGENT: &str = "buildkite-agent";
const ENV: &str = "api/current-job/v0/env";
const REDACTIONS: &str = "api/current-job/v0/redactions";

impl BuildkiteJob {
    /// The Job API, where its socket is; else the agent's command, if it is on the path.
    pub(crate) fn find(env: &Env) -> Option<Self> {
        let socket = env.get("BUILDKITE_AGENT_JOB_API_SOCKET");
        let token = env.get("BUILDKITE_AGENT_JOB_API_TOKEN");
        match (socket, token) {
            (Some(socket), Some(token)) if cfg!(unix) => {
                Some(Self::Api(Local::at_socket(socket, Secret::new(token))))
            }
            _ => tool::find(env, AGENT).map(|_| Self::Agent),
        }
    }

    /// Asks for something that changes nothing.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self {
            Self::Api(api) => expect(api, &Method::GET, ENV, None, 200).map_err(refused),
            Self::Agent => Ok(()),
        }
    }

    /// Hides a value in everything that the job prints from now on.
    pub(crate) fn redact(&self, value: &str) -> Result<(), String> {
        match self {
            Self::Api(api) => {
                let body = json!({ "redact": value });
                expect(api, &Method::POST, REDACTIONS, Some(&body), 201)
            }
            Self::Agent => run(&["redactor", "add"], value),
        }
    }

    /// All variables in one request; those without a value are taken away in another.
    pub(crate) fn write(&self, pairs: &Masked<Pairs>) -> Result<(), Error> {
        let (gone, set) = halves(pairs.get());
        self.set(set)?;
        self.remove(&gone)
    }

    /// Both halves, whatever becomes of the first: the failure that led here is the one that is told.
    pub(crate) fn put_back(&self, earlier: &Masked<Pairs>) {
        let (gone, set) = halves(earlier.get());
        let _ = self.set(set);
        let _ = self.remove(&gone);
    }

    fn set(&self, values: serde_json::Map<String, serde_json::Value>) -> Result<(), Error> {
        if values.is_empty() {
            return Ok(());
        }
        let values = serde_json::Value::Object(values);
        match self {
            Self::Api(api) => {
                let body = json!({ "env": values });
                expect(api, &Method::PATCH, ENV, Some(&body), 200).map_err(refused)
            }
            Self::Agent => {
                let words = [
                    "env",
                    "set",
                    "--input-format=json",
                    "--output-format=quiet",
                    "-",
                ];
                run(&words, &values.to_string()).map_err(refused)
            }
        }
    }

    fn remove(&self, names: &[&str]) -> Result<(), Error> {
        if names.is_empty() {
            return Ok(());
        }
        match self {
            Self::Api(api) => {
                let body = json!({ "keys": names });
                expect(api, &Method::DELETE, ENV, Some(&body), 200).map_err(refused)
            }
            Self::Agent => {
                let words = [&["env", "unset", "--output-format=quiet"], names].concat();
                run(&words, "").map_err(refused)
            }
        }
    }
}

/// The names without a value, and those with one as the agent takes them.
fn halves(pairs: &Pairs) -> (Vec<&str>, serde_json::Map<String, serde_json::Value>) {
    let (gone, set): (Vec<_>, Vec<_>) = pairs.iter().partition(|(_, value)| value.is_empty());
    let set = set
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)));
    (gone.iter().map(|(name, _)| *name).collect(), set.collect())
}

fn run(words: &[&str], input: &str) -> Result<(), String> {
    let tool = Tool {
        program: AGENT,
        words,
        input,
        ..Tool::default()
    };
    tool.run()
}

fn expect(
    api: &Local,
    method: &Method,
    path: &str,
    body: Option<&serde_json::Value>,
    status: u16,
) -> Result<(), String> {
    let reply = api
        .send(method, path, body)
        .map_err(|fault| format!("{method} /{path}: {fault}"))?;
    if reply.status == status {
        return Ok(());
    }
    Err(format!(
        "{method} /{path}: HTTP {}{}",
        reply.status,
        reason(&reply)
    ))
}

/// The agent's own words for what it does not do name variables, never values.
fn reason(reply: &Reply) -> String {
    let answer: Option<serde_json::Value> = serde_json::from_str(&reply.body).ok();
    let words = answer
        .as_ref()
        .and_then(|answer| answer["error"].as_str())
        .filter(|_| reply.status == 422 || reply.status == 401);
    words.map_or_else(String::new, |words| format!(": {words}"))
}

fn refused(fault: String) -> Error {
    Error::Refused {
        what: "the Buildkite agent did not take them".to_owned(),
        fault,
    }
}
