//! Fetches the tools that are not Rust, once, in the versions that `xtask/tools/` fixes.
//!
//! `target/tools` is a Python environment: `bin/act`, `bin/aws`, `bin/python`, `bin/ministack`, the workflow linters,
//! and `node/bin/node`. It depends on nothing but its own requirements, so it is made again only when they change.

use std::fs;
use std::path::{Path, PathBuf};

use crate::apt;
use crate::sh::{self, Outcome};

/// The Node that GitHub's runner starts actions with today.
const NODE: &str = "24.21.0";

/// The tools of `check` and `test`, fetched when they are not there yet.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    let place = sh::target_dir().join("tools");
    let python = "xtask/tools/requirements.txt";
    let stamp = format!("{}\nnode {NODE}\n", wanted(python, &place)?);
    if current(&place, &stamp) {
        return Ok(place);
    }
    make_environment(&place, python)?;
    add_node(&place)?;
    finish(&place, &stamp)
}

/// The C compiler and linker of `package`.
pub(crate) fn ensure_linker() -> Outcome<PathBuf> {
    let place = sh::target_dir().join("package-tools");
    let python = "xtask/tools/package-requirements.txt";
    let stamp = wanted(python, &place)?;
    if current(&place, &stamp) {
        return Ok(place);
    }
    make_environment(&place, python)?;
    finish(&place, &stamp)
}

/// What a finished environment says of itself. Its path is part of it: Python's scripts hold it, so a moved one is
/// broken.
fn wanted(requirements: &str, place: &Path) -> Outcome<String> {
    let text = fs::read_to_string(sh::root().join(requirements))
        .map_err(|e| format!("{requirements}: {e}"))?;
    Ok(format!("{}\n{text}", place.display()))
}

fn current(place: &Path, stamp: &str) -> bool {
    fs::read_to_string(place.join("stamp")).is_ok_and(|found| found == stamp)
}

fn finish(place: &Path, stamp: &str) -> Outcome<PathBuf> {
    fs::write(place.join("stamp"), stamp).map_err(|e| format!("{}: {e}", place.display()))?;
    Ok(place.to_path_buf())
}

fn make_environment(place: &Path, requirements: &str) -> Outcome {
    let venv = || sh::succeeds(sh::program("python3").args(["-c", "import venv, ensurepip"]));
    apt::need("Python with venv", &["python3-venv"], venv)?;
    if place.exists() {
        fs::remove_dir_all(place).map_err(|e| format!("{}: {e}", place.display()))?;
    }
    sh::run(
        "python environment",
        sh::program("python3").args(["-m", "venv"]).arg(place),
    )?;
    let mut pip = sh::program(place.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--no-compile",
        "--requirement",
        requirements,
    ]);
    sh::run("python tools", &mut pip)
}

fn add_node(place: &Path) -> Outcome {
    apt::need("npm", &["nodejs", "npm"], || {
        sh::succeeds(sh::program("npm").arg("--version"))
    })?;
    let system = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    let processor = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    };
    let package = format!("node-{system}-{processor}");
    let inside = place.join("npm");
    fs::create_dir_all(&inside).map_err(|e| format!("{}: {e}", inside.display()))?;
    let mut npm = sh::program("npm");
    npm.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--ignore-scripts",
        "--silent",
        "--prefix",
    ])
    .arg(&inside);
    sh::run("node", npm.arg(format!("{package}@{NODE}")))?;
    let (from, to) = (
        inside.join("node_modules").join(package),
        place.join("node"),
    );
    fs::rename(&from, &to).map_err(|e| format!("{}: {e}", from.display()))
}
