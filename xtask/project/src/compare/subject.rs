//! One of the two actions under comparison: how it is started, and which inputs its `action.yml` declares.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, at, root};

/// An action, as its manifest describes it to a runner.
pub(crate) struct Subject {
    pub(crate) label: String,
    pub(crate) version: String,
    pub(crate) inputs: BTreeMap<String, String>,
    main: Vec<String>,
    post: Vec<String>,
    /// The variable and the value with which `post-if` leaves post out.
    skip: Option<(String, String)>,
    pub(crate) is_peer: bool,
}

/// The two phases that a runner starts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Main,
    Post,
}

impl Subject {
    /// Ours: the binary under test, as the launcher starts it.
    pub(crate) fn ours(binary: &Path) -> Outcome<Self> {
        let manifest = Manifest::read(&root())?;
        let program = binary.display().to_string();
        let command = |phase: &str| vec![program.clone(), "action".to_owned(), phase.to_owned()];
        Ok(Self {
            label: "rolehop".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            inputs: manifest.inputs()?,
            main: command("main"),
            post: command("post"),
            skip: manifest.skip(),
            is_peer: false,
        })
    }

    /// The peer: what `main` and `post` of its manifest name, under Node.
    pub(crate) fn peer(folder: &Path, node: &Path) -> Outcome<Self> {
        let manifest = Manifest::read(folder)?;
        let command = |key: &str| {
            let script = manifest.value(key)?;
            Ok::<_, String>(vec![
                node.display().to_string(),
                folder.join(script).display().to_string(),
            ])
        };
        let path = folder.join("package.json");
        let package = fs::read_to_string(&path).map_err(at(&path))?;
        let package: serde_json::Value = serde_json::from_str(&package)
            .map_err(|fault| format!("{}: {fault}", path.display()))?;
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            label: text("name"),
            version: text("version"),
            inputs: manifest.inputs()?,
            main: command("main")?,
            post: command("post")?,
            skip: manifest.skip(),
            is_peer: true,
        })
    }

    pub(crate) fn command(&self, phase: Phase) -> Command {
        let words = match phase {
            Phase::Main => &self.main,
            Phase::Post => &self.post,
        };
        let mut command = Command::new(words.first().map_or("", String::as_str));
        command.args(words.iter().skip(1));
        command
    }

    /// What the runner decides from `post-if`.
    pub(crate) fn skips_post(&self, job: &BTreeMap<String, String>) -> bool {
        self.skip
            .as_ref()
            .is_some_and(|(name, value)| job.get(name) == Some(value))
    }
}

/// The lines of an `action.yml` that matter to a runner.
struct Manifest {
    path: PathBuf,
    text: String,
}

impl Manifest {
    fn read(folder: &Path) -> Outcome<Self> {
        let path = folder.join("action.yml");
        let text = fs::read_to_string(&path).map_err(at(&path))?;
        Ok(Self { path, text })
    }

    fn value(&self, key: &str) -> Outcome<String> {
        let line = self
            .text
            .lines()
            .find_map(|line| line.trim().strip_prefix(&format!("{key}:")));
        line.map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
            .ok_or_else(|| format!("{} has no {key}", self.path.display()))
    }

    /// Every declared input with its default, which is empty when there is none: the runner sets them all.
    fn inputs(&self) -> Outcome<BTreeMap<String, String>> {
        let none = || format!("{} has no inputs", self.path.display());
        let below = self.text.split("\ninputs:\n").nth(1).ok_or_else(none)?;
        let mut found = BTreeMap::new();
        let mut current = String::new();
        for line in below
            .lines()
            .take_while(|line| line.is_empty() || line.starts_with(' '))
        {
            let inside = line.strip_prefix("  ").unwrap_or_default();
            if let Some(name) = inside
                .strip_suffix(':')
                .filter(|name| !name.starts_with(' '))
            {
                name.clone_into(&mut current);
                found.insert(current.clone(), String::new());
            } else if let Some(default) = inside.trim().strip_prefix("default:") {
                let default = default.trim().trim_matches(['"', '\'']);
                found.insert(current.clone(), default.to_owned());
            }
        }
        if found.is_empty() {
            Err(none())
        } else {
            Ok(found)
        }
    }

    /// `post-if: env.NAME != 'VALUE'`, the one form that the two have.
    fn skip(&self) -> Option<(String, String)> {
        let condition = self.value("post-if").ok()?;
        let (name, value) = condition.strip_prefix("env.")?.split_once("!=")?;
        let value = value.trim().trim_matches('\'');
        Some((name.trim().to_owned(), value.to_owned()))
    }
}
