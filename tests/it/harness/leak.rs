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

/// Who takes care of secrets in the log: which lines tell a system to hide a value, which it takes and never shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    windows,
    expect(dead_code, reason = "the tests of some systems need sh")
)]
pub(crate) enum Custody {
    /// A runner of GitHub's kind.
    Github,
    Azure,
    Spacelift,
    /// GitLab, where the runner has `proxy_exec` on.
    GitlabProxy,
    /// TeamCity, where the user allows what it shows.
    Teamcity,
    /// A system that is told elsewhere than in the log, or that hides nothing: no line may hold a secret.
    Silent,
}

impl Custody {
    /// Of the system that people call so, with its usual settings.
    pub(crate) fn of(title: &str) -> Self {
        match title {
            "GitHub Actions" | "Gitea Actions" | "Forgejo Actions" | "act" => Self::Github,
            "Azure Pipelines" => Self::Azure,
            "Spacelift" => Self::Spacelift,
            _ => Self::Silent,
        }
    }

    /// The value that a line tells the system to hide.
    pub(crate) fn mask(self, line: &str) -> Option<String> {
        let (prefix, percent) = match self {
            Self::Github => ("::add-mask::", "%25"),
            Self::GitlabProxy => ("::add-mask::", ""),
            Self::Azure => ("##vso[task.setsecret]", "%AZP25"),
            Self::Spacelift => ("::add-mask ", ""),
            Self::Teamcity | Self::Silent => return None,
        };
        let text = line.strip_prefix(prefix)?.to_owned();
        if percent.is_empty() {
            return Some(text);
        }
        let text = text.replace("%0A", "\n").replace("%0D", "\r");
        Some(text.replace(percent, "%"))
    }

    /// A line that the system takes for itself: nobody sees it.
    fn takes(self, line: &str) -> bool {
        let hand_over = match self {
            Self::Azure => "##vso[task.setvariable ",
            Self::Teamcity => "##teamcity[setParameter ",
            _ => return self.mask(line).is_some(),
        };
        line.starts_with(hand_over) || self.mask(line).is_some()
    }

    /// Nothing is written that was not hidden first, where the log is the way to have it hidden.
    fn wants_masks(self) -> bool {
        !matches!(self, Self::Silent | Self::Teamcity)
    }
}

/// The files into which a sink may put secrets, once they are masked.
const SINKS: [&str; 7] = [
    "env",
    "output",
    "state",
    "bash_env",
    "handed_over",
    "secret_outputs",
    "redacted",
];

/// The first secret that is where it must not be.
///
/// `masked` are the masks of an earlier phase of the job.
pub(crate) fn check(
    outcome: &Outcome,
    masked: &[String],
    secrets: &[String],
    folder: &Path,
    custody: Custody,
) -> Result<(), String> {
    for secret in secrets {
        for line in outcome.log.lines().filter(|line| !custody.takes(line)) {
            if line.contains(secret.as_str()) {
                return Err(format!("in the log: {line}"));
            }
        }
        if outcome.summary.contains(secret.as_str()) {
            return Err(format!("in the summary: {}", outcome.summary));
        }
        let masked = outcome
            .masks_of(custody)
            .iter()
            .chain(masked)
            .any(|mask| mask == secret);
        for file in files(folder) {
            let name = below(folder, &file);
            let Ok(bytes) = fs::read(&file) else { continue };
            if !String::from_utf8_lossy(&bytes).contains(secret.as_str()) {
                continue;
            }
            // What the test itself laid there is not ours to judge.
            let sink = SINKS.contains(&name.as_str())
                || name.starts_with("home/.aws")
                || name.starts_with("temp/");
            if is_private(&file, folder) {
                continue;
            }
            if sink && custody.wants_masks() && !masked {
                return Err(format!("in {name} without a mask"));
            }
            // On a person's machine, where there is no log to mask; the test of it looks at the modes.
            if name.starts_with("home/.cache/rolehop/") {
                continue;
            }
            if !sink && !name.starts_with("workspace/") {
                return Err(format!("in {name}"));
            }
        }
    }
    Ok(())
}

/// The folder of credentials that are renewed: no log is read where they are, so nothing masks them; instead nobody else
/// can look into it.
fn is_private(file: &Path, folder: &Path) -> bool {
    let Some(home) = file.parent() else {
        return false;
    };
    let name = home.file_name().unwrap_or_default().to_string_lossy();
    let place = home.strip_prefix(folder.join("temp"));
    place.is_ok_and(|place| place.starts_with(format!("rolehop-{}", user())))
        && name.starts_with("refresh-")
        && is_closed(home, 0o700)
        && is_closed(file, 0o600)
}

#[cfg(unix)]
fn is_closed(path: &Path, mode: u32) -> bool {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o777 == mode)
}

/// Windows has no modes; the folder's rights are those of the one above.
#[cfg(windows)]
fn is_closed(_: &Path, _: u32) -> bool {
    true
}

#[cfg(unix)]
fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

#[cfg(windows)]
fn user() -> &'static str {
    "user"
}

/// With slashes on every system.
fn below(folder: &Path, file: &Path) -> String {
    let rest = file.strip_prefix(folder).unwrap_or(file);
    let parts: Vec<_> = rest.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
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
