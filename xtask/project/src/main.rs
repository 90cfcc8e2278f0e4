//! The tasks that need the project's own crates. `cargo xtask` starts this program for them, so that the other tasks
//! do not wait until those crates are compiled.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task runner reads its environment, writes files and talks to people"
)]

mod bench;
mod compare;
mod docs;
mod measure;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a task returns: nothing, or a sentence that says what went wrong.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["docs"] => docs::run(false),
        ["docs", "--check"] => docs::run(true),
        ["bench", options @ ..] => bench::run(options),
        ["compare", options @ ..] => compare::run(options),
        ["measure", program, arguments @ ..] => measure::report(program, arguments),
        other => Err(format!("no such task: {}", other.join(" "))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the checkout.
fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .unwrap_or(manifest)
        .to_path_buf()
}

/// The folder that cargo builds in.
fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Names the file in an error.
fn at(path: &Path) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}
