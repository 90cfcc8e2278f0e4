//! AppVeyor's build agent on the same machine: variables of the build, and messages on its page.

use http::Method;
use serde_json::json;

use super::mask::Masked;
use super::pairs::Pairs;
use crate::error::Error;
use crate::system::env::Env;
use crate::system::http::Local;

/// The agent's own address, which the job is given.
#[derive(Debug)]
pub(crate) struct Appveyor {
    agent: Local,
}

impl Appveyor {
    pub(crate) fn find(env: &Env) -> Option<Self> {
        let url = env.get("APPVEYOR_API_URL")?;
        Some(Self {
            agent: Local::at_url(url)?,
        })
    }

    /// One request for each variable: when one fails, those before it get back what they were.
    pub(crate) fn write(&self, env: &Env, pairs: &Masked<Pairs>) -> Result<(), Error> {
        for (at, (name, value)) in pairs.get().iter().enumerate() {
            let Err(fault) = self.set(name, value) else {
                continue;
            };
            for (name, _) in pairs.get().iter().take(at) {
                // The failure that led here is the one that is reported.
                let _ = self.set(name, env.get(name).unwrap_or_default());
            }
            return Err(Error::Refused {
                what: "AppVeyor's build agent did not take the variables".to_owned(),
                fault: format!("{name}: {fault}"),
            });
        }
        Ok(())
    }

    fn set(&self, name: &str, value: &str) -> Result<(), String> {
        let body = json!({ "name": name, "value": value });
        self.post("api/build/variables", &body)
    }

    /// A line on the build's page.
    pub(crate) fn message(&self, category: &str, text: &str, details: &str) -> Result<(), String> {
        let body = json!({ "message": text, "category": category, "details": details });
        self.post("api/build/messages", &body)
    }

    fn post(&self, path: &str, body: &serde_json::Value) -> Result<(), String> {
        let reply = self.agent.send(&Method::POST, path, Some(body))?;
        match reply.status {
            200..=299 => Ok(()),
            // What it says may repeat the value.
            status => Err(format!("POST /{path}: HTTP {status}")),
        }
    }
}
