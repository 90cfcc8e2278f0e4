//! Starts other programs: where the project is, what they inherit, how a failure reads.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What a task returns: nothing, or a sentence that says what went wrong.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The folder that cargo builds in.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// A program that starts in the root, without what `cargo run` put into the environment for this one: build scripts
/// that watch those variables (ring's does) would compile their crate again.
pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).stdin(Stdio::null());
    for (key, _) in std::env::vars_os() {
        let text = key.to_string_lossy();
        let ours = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_CRATE_",
            "CARGO_BIN_",
        ];
        if ours.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&key);
        }
    }
    command
}

/// The cargo that started this task.
pub(crate) fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a step under a heading, with its output shown as it comes.
pub(crate) fn run(heading: &str, command: &mut Command) -> Outcome {
    run_watched(heading, command.stdout(Stdio::inherit()), |_| {})
}

/// As [`run`], and `watch` sees each line of standard output when that is a pipe.
pub(crate) fn run_watched(
    heading: &str,
    command: &mut Command,
    mut watch: impl FnMut(&str),
) -> Outcome {
    println!("==> {heading}");
    let start = Instant::now();
    let mut child = command
        .spawn()
        .map_err(|e| format!("{heading}: cannot start {}: {e}", shown(command)))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|e| format!("{heading}: {e}"))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            watch(&line);
        }
    }
    let status = child.wait().map_err(|e| format!("{heading}: {e}"))?;
    if status.success() {
        println!("    {heading}: ok, {:.1} s", start.elapsed().as_secs_f64());
        return Ok(());
    }
    Err(format!(
        "{heading} failed with {status}: {}",
        shown(command)
    ))
}

/// What a program prints on standard output; its errors are shown.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let made = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cannot start {}: {e}", shown(command)))?;
    if !made.status.success() {
        return Err(format!("{} failed with {}", shown(command), made.status));
    }
    Ok(String::from_utf8_lossy(&made.stdout).trim_end().to_owned())
}

/// True when the program starts and succeeds; it prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The paths that git tracks, or that it would track, under the root.
pub(crate) fn tracked() -> Outcome<Vec<PathBuf>> {
    let list = output(program("git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]))?;
    Ok(list
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .collect())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}
