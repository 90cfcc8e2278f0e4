//! Variables of a Codefresh build, through the script `cf_export` that it lays into every freestyle step.

use std::path::Path;

use super::journal::is_secret;
use super::mask::Masked;
use super::pairs::Pairs;
use crate::error::Error;
use crate::system::env::Env;
use crate::system::tool::{self, Tool};

/// Where the script is.
#[derive(Debug)]
pub(crate) struct CodefreshExport {
    program: String,
}

const SCRIPT: &str = "cf_export";

impl CodefreshExport {
    pub(crate) fn find(env: &Env) -> Option<Self> {
        let on_path = tool::find(env, SCRIPT);
        let on_volume = || Some(Path::new(env.get("CF_VOLUME_PATH")?).join(SCRIPT));
        let program = on_path.or_else(|| on_volume().filter(|file| file.is_file()))?;
        let program = program.to_str()?.to_owned();
        Some(Self { program })
    }

    /// Given a bare name, the script takes the value from its environment, so that no value is on a command line.
    pub(crate) fn write(&self, env: &Env, pairs: &Masked<Pairs>) -> Result<(), Error> {
        let written = self.write_each(pairs.get());
        if written.is_err() {
            // The script's environment is ours, which has the values from before.
            let names = pairs.get().iter().map(|(name, _)| *name);
            let (old, new): (Vec<&str>, Vec<&str>) = names.partition(|name| env.has(name));
            // The failure that led here is the one that is reported.
            let (secret, open): (Vec<&str>, Vec<&str>) =
                old.iter().partition(|name| is_secret(name));
            let masked = secret
                .iter()
                .copied()
                .chain((!secret.is_empty()).then_some("--mask"));
            let _ = self.run(&masked.collect::<Vec<_>>(), &[]);
            let _ = self.run(&open, &[]);
            let _ = self.empty(&new);
        }
        written
    }

    fn write_each(&self, pairs: &Pairs) -> Result<(), Error> {
        let (set, gone): (Vec<_>, Vec<_>) = pairs.iter().partition(|(_, value)| !value.is_empty());
        let set = set.iter().map(|(name, value)| (*name, value.as_str()));
        let (secret, open): (Vec<_>, Vec<_>) = set.partition(|(name, _)| is_secret(name));
        let mut words = names(&secret);
        if !words.is_empty() {
            words.push("--mask");
        }
        self.run(&words, &secret)?;
        self.run(&names(&open), &open)?;
        let gone: Vec<&str> = gone.iter().map(|(name, _)| *name).collect();
        self.empty(&gone)
    }

    fn empty(&self, names: &[&str]) -> Result<(), Error> {
        let words: Vec<String> = names.iter().map(|name| format!("{name}=")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.run(&words, &[])
    }

    fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Result<(), Error> {
        if words.is_empty() {
            return Ok(());
        }
        let tool = Tool {
            program: &self.program,
            words,
            input: "",
            variables,
        };
        tool.run().map_err(|fault| Error::Refused {
            what: "Codefresh did not take the variables".to_owned(),
            fault,
        })
    }
}

fn names<'a>(pairs: &[(&'a str, &str)]) -> Vec<&'a str> {
    pairs.iter().map(|(name, _)| *name).collect()
}
