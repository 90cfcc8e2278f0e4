//! `cargo xtask TASK`: every command that CI runs, under the name that a person would use.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task runner reads its environment, writes files and talks to people"
)]

mod apt;
mod bench;
mod check;
mod elf;
mod lines;
mod notices;
mod package;
mod pins;
mod release;
mod sh;
mod test;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask check                   format, lints, documentation, licences, notices, workflows
cargo xtask test [--no-check]       check, then every test; the last line sums up
cargo xtask package [--target P] [--check] [--way rustup|debian]
                                    the release binary of a platform into dist/bin; --check rebuilds and compares
cargo xtask docs [--check]          the generated files; --check fails when they would change
cargo xtask notices [--check]       the licences of what is in the binaries, and their SBOM, into dist/; --check fails when
                                    they would change
cargo xtask bench [--runs N] [--bin PATH] [--peer DIR] [--node PATH] [--latency-ms N] [--only TEXT] [--peer-denied] [--write]
                                    what a step costs, against a fake AWS
cargo xtask bench --instructions [--check] [--write] [--runs N] [--bin PATH] [--only TEXT]
                                    how many instructions the main paths take, beside the baseline; --check fails
                                    where that has grown, --write renews the baseline
cargo xtask compare --peer DIR [--node PATH] [--bin PATH] [--only NAME] [--verbose] [--write]
                                    what another action does in the scenarios of xtask/project/scenarios, and what
                                    ours does; --write writes docs/comparison.md
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["check"] => check::run(),
        ["test"] => test::run(true),
        ["test", "--no-check"] => test::run(false),
        ["package", options @ ..] => package::run(options),
        ["notices"] => notices::run(false),
        ["notices", "--check"] => notices::run(true),
        ["bench", ..] => bench::run(&words),
        ["docs" | "compare", ..] => inside(&words),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("no such task: {}\n\n{HELP}", other.join(" "))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            if !why.is_empty() {
                eprintln!("xtask: {why}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The tasks that need the project's own crates are a program of their own, which cargo compiles when it is asked for.
fn inside(words: &[&str]) -> sh::Outcome {
    let mut cargo = sh::cargo();
    cargo
        .args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "project-tasks",
            "--",
        ])
        .args(words);
    sh::run(&words.join(" "), &mut cargo)
}
