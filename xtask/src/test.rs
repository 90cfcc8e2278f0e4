//! `cargo xtask test`: everything that can be tested on one machine, and one line that sums it up.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::release::{self, Platform, Way};
use crate::sh::{self, Outcome};
use crate::{check, tools};

/// What ran so far.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    /// Steps that failed without a failed test to show for it, such as a build.
    broken: Vec<String>,
}

pub(crate) fn run(check_first: bool) -> Outcome {
    let mut tally = Tally::default();
    if check_first {
        tally.add(check::run());
    }
    let peers = peers()?;
    tally.step("launcher", &mut launcher(peers.as_ref()));
    // One build for all: the tests find the binary there. This program is not built again, since Windows does not
    // let a running program be replaced.
    let build = sh::run(
        "build",
        sh::cargo().args([
            "build",
            "--quiet",
            "--locked",
            "--workspace",
            "--exclude",
            "xtask",
        ]),
    );
    if build.is_ok() {
        let mut all = sh::cargo();
        all.args([
            "test",
            "--quiet",
            "--locked",
            "--workspace",
            "--exclude",
            "xtask",
            "--no-fail-fast",
        ]);
        if let Some(tools) = &peers {
            all.env("ROLEHOP_TOOLS", tools);
        }
        match released() {
            Ok(Some(binary)) => {
                all.env("ROLEHOP_STATIC", binary);
            }
            Ok(None) => println!("==> the released kind of binary\n    skipped: tried on Linux"),
            Err(why) => tally.broken.push(why),
        }
        tally.step("tests", &mut all);
    }
    tally.add(build);
    tally.step(
        "tasks' own tests",
        sh::cargo().args(["test", "--quiet", "--locked", "--package", "xtask"]),
    );
    tally.finish()
}

/// The static binary of this machine's kind, from the source under test: the one kind that users get.
fn released() -> Outcome<Option<PathBuf>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let platform = Platform::host()?;
    release::build(
        platform,
        Way::choose(platform),
        &sh::target_dir().join("released"),
    )
    .map(Some)
}

/// The real peers: Linux only, since act's host mode and the stand-in services are.
fn peers() -> Outcome<Option<PathBuf>> {
    if cfg!(target_os = "linux") {
        tools::ensure_shells()?;
        tools::ensure_integrations()?;
        return tools::ensure().map(Some);
    }
    println!("==> real peers\n    skipped: act, the AWS CLI, boto3 and shells are tried on Linux");
    Ok(None)
}

/// The launcher's tests, on the Node that GitHub's runner has when it is there.
fn launcher(peers: Option<&PathBuf>) -> Command {
    let node = peers.map_or_else(
        || "node".into(),
        |tools| tools.join("node/bin/node").into_os_string(),
    );
    let mut command = sh::program(node);
    command.args([
        "--test",
        "--test-reporter=spec",
        "tests/action/launch.test.js",
    ]);
    command
}

impl Tally {
    /// Runs a step and counts the tests that it reports.
    fn step(&mut self, heading: &str, command: &mut Command) {
        let before = self.failed;
        let outcome = sh::run_watched(heading, command.stdout(Stdio::piped()), |line| {
            if let Some((passed, failed)) = counts(line) {
                self.passed += passed;
                self.failed += failed;
            }
        });
        if let Err(why) = outcome {
            eprintln!("    {why}");
            // A failed test is counted already.
            if self.failed == before {
                self.broken.push(why);
            }
        }
    }

    fn add(&mut self, outcome: Outcome) {
        if let Err(why) = outcome {
            self.broken.push(why);
        }
    }

    fn finish(self) -> Outcome {
        for why in &self.broken {
            println!("broken: {why}");
        }
        let failed = self.failed + self.broken.len();
        println!("{} passed, {failed} failed", self.passed);
        // That line is the last one, also when it is bad news.
        if failed == 0 {
            Ok(())
        } else {
            Err(String::new())
        }
    }
}

/// Passed and failed, when the line is a summary of Rust's test harness or of Node's.
fn counts(line: &str) -> Option<(usize, usize)> {
    if let Some(rest) = line.strip_prefix("test result: ") {
        let number = |word: &str| {
            rest.split(['.', ';'])
                .find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
        };
        return Some((number("passed")?, number("failed")?));
    }
    let rest = line
        .strip_prefix("ℹ ")
        .or_else(|| line.strip_prefix("# "))?;
    let (word, number) = rest.split_once(' ')?;
    let number = number.parse().ok()?;
    match word {
        "pass" => Some((number, 0)),
        "fail" | "cancelled" => Some((0, number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn summaries_are_counted() {
        let rust = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s";
        assert_eq!(counts(rust), Some((12, 3)));
        assert_eq!(counts("ℹ pass 19"), Some((19, 0)));
        assert_eq!(counts("ℹ fail 2"), Some((0, 2)));
        assert_eq!(counts("ℹ tests 19"), None);
        assert_eq!(counts("12 passed; 3 failed"), None);
    }
}
