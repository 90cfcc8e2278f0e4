//! No secret reaches the log but in a mask, and none a file but where a sink puts it, masked first. Every run is checked.

use std::fs;
use std::path::Path;

use fake_aws::FakeAws;

use super::outcome::Outcome;

/// The values that are secret in a test, asked for when the step has ended: the fake makes some meanwhile.
#[derive(Default)]
pub(super) struct Known<'f> {
    values: Vec<String>,
    fakes: Vec<&'f FakeAws>,
}

impl<'f> Known<'f> {
    pub(super) fn add(&mut self, value: &str) {
        self.values.push(value.to_owned());
    }

    pub(super) fn watch(&mut self, fake: &'f FakeAws) {
        self.fakes.push(fake);
    }

    pub(super) fn all(&self) -> Vec<String> {
        let made = self.fakes.iter().flat_map(|fake| fake.secrets());
        self.values
            .iter()
            .cloned()
            .chain(made)
            .filter(|value| value.len() >= 8)
            .collect()
    }
}

/// The files into which a sink may put secrets, once they are masked.
const SINKS: [&str; 3] = ["env", "output", "state"];

/// The first secret that is where it must not be.
///
/// `masked` are the masks of an earlier phase of the job.
pub(crate) fn check(
    outcome: &Outcome,
    masked: &[String],
    secrets: &[String],
    folder: &Path,
) -> Result<(), String> {
    for secret in secrets {
        for line in outcome
            .log
            .lines()
            .filter(|line| !line.starts_with("::add-mask::"))
        {
            if line.contains(secret.as_str()) {
                return Err(format!("in the log: {line}"));
            }
        }
        if outcome.summary.contains(secret.as_str()) {
            return Err(format!("in the summary: {}", outcome.summary));
        }
        let masked = outcome
            .masks()
            .iter()
            .chain(masked)
            .any(|mask| mask == secret);
        for file in files(folder) {
            let name = file
                .strip_prefix(folder)
                .unwrap_or(&file)
                .display()
                .to_string();
            let Ok(bytes) = fs::read(&file) else { continue };
            if !String::from_utf8_lossy(&bytes).contains(secret.as_str()) {
                continue;
            }
            // What the test itself laid there is not ours to judge.
            let sink = SINKS.contains(&name.as_str())
                || name.starts_with("home/.aws")
                || name.starts_with("temp/");
            if sink && !masked {
                return Err(format!("in {name} without a mask"));
            }
            if !sink && !name.starts_with("workspace/") {
                return Err(format!("in {name}"));
            }
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            _ => found.push(entry.path()),
        }
    }
    found
}
