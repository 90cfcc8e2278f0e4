//! One scenario: what a step is given, what the far side does, and how the two actions are expected to compare.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use super::aspect::Aspect;
use super::far::Far;
use crate::{Outcome, at, root};

/// A row of the table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// One sentence: why the scenario is in the list.
    pub(crate) why: String,
    /// The job has `id-token: write`.
    #[serde(default)]
    oidc: bool,
    #[serde(default)]
    inputs: BTreeMap<String, String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// Variables and inputs that a step has by default and this one lacks.
    #[serde(default)]
    without: Vec<String>,
    /// Steps before this one that use the same action; their `post` runs after this one's.
    #[serde(default)]
    pub(crate) earlier: Vec<Step>,
    /// What the job's other steps export between main and post.
    #[serde(default)]
    pub(crate) meanwhile: BTreeMap<String, String>,
    /// Files below the step's folder, laid before it starts.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) far: Far,
    /// Inputs for the peer alone, so that it ends before the cap where it would repeat for minutes.
    #[serde(default)]
    pub(crate) peer_inputs: BTreeMap<String, String>,
    /// Seconds after which a phase that still runs is stopped.
    #[serde(default = "default_cap")]
    pub(crate) cap: u64,
    pub(crate) expect: Expect,
    /// One sentence on the differences that are expected.
    pub(crate) because: Option<String>,
    /// Each aspect that differs, and the heading of `docs/migrating.md` that says why.
    #[serde(default)]
    pub(crate) differs: BTreeMap<Aspect, String>,
}

/// What one step of a job is given; the words are those of a scenario.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Step {
    pub(crate) oidc: bool,
    pub(crate) inputs: BTreeMap<String, String>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) without: Vec<String>,
}

impl Scenario {
    /// The step that is compared.
    pub(crate) fn step(&self) -> Step {
        Step {
            oidc: self.oidc,
            inputs: self.inputs.clone(),
            variables: self.variables.clone(),
            without: self.without.clone(),
        }
    }
}

/// How ours compares to the peer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expect {
    Same,
    Better,
    Different,
}

impl Expect {
    pub(crate) const ALL: [Self; 3] = [Self::Same, Self::Better, Self::Different];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Better => "better",
            Self::Different => "different",
        }
    }
}

fn default_cap() -> u64 {
    20
}

/// Scenarios of one subject.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    title: String,
    scenario: Vec<Scenario>,
}

/// A file of scenarios.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) title: String,
    pub(crate) scenarios: Vec<Scenario>,
}

pub(crate) fn folder() -> PathBuf {
    root().join("xtask/project/scenarios")
}

/// Every scenario file, in the order of their names.
pub(crate) fn topics() -> Outcome<Vec<Topic>> {
    let folder = folder();
    let entries = fs::read_dir(&folder).map_err(at(&folder))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .collect();
    files.sort();
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).map_err(at(path))?;
        let wire: Wire =
            toml::from_str(&text).map_err(|fault| format!("{}: {fault}", path.display()))?;
        Ok(Topic {
            title: wire.title,
            scenarios: wire.scenario,
        })
    };
    files.iter().map(read).collect()
}
