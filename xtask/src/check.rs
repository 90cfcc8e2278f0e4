//! `cargo xtask check`: what a reviewer should not have to look for.

use std::path::{Path, PathBuf};

use crate::sh::{self, Outcome};
use crate::{lines, notices, tools};

/// Runs every check, also after one has failed, and names those that did.
pub(crate) fn run() -> Outcome {
    let mut failures = Vec::new();
    let mut step = |outcome: Outcome| {
        if let Err(why) = outcome {
            eprintln!("    {why}");
            failures.push(why);
        }
    };
    step(lines::check());
    step(sh::run(
        "format",
        sh::cargo().args(["fmt", "--all", "--check"]),
    ));
    step(clippy());
    step(documentation());
    step(dependencies());
    step(notices::run(true));
    step(workflows());
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\n       "))
    }
}

fn clippy() -> Outcome {
    let mut clippy = sh::cargo();
    clippy.args([
        "clippy",
        "--quiet",
        "--locked",
        "--workspace",
        "--all-targets",
        "--keep-going",
        "--",
        "-D",
        "warnings",
    ]);
    sh::run("clippy", &mut clippy)
}

fn documentation() -> Outcome {
    let mut doc = sh::cargo();
    doc.args([
        "doc",
        "--quiet",
        "--locked",
        "--workspace",
        "--no-deps",
        "--keep-going",
        "--document-private-items",
    ]);
    sh::run("documentation", doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Licences, bans and sources. The advisories need the network and change without us: CI has a job for them.
fn dependencies() -> Outcome {
    if !sh::succeeds(sh::cargo().args(["deny", "--version"])) {
        println!(
            "==> dependencies\n    skipped: cargo-deny is not installed (cargo install --locked cargo-deny)"
        );
        return Ok(());
    }
    sh::run(
        "dependencies",
        sh::cargo().args(["deny", "--offline", "check", "bans", "licenses", "sources"]),
    )
}

/// Linters for workflows, `action.yml` and the update bot's settings.
fn workflows() -> Outcome {
    if cfg!(windows) {
        println!("==> workflows\n    skipped: the linters run on Linux and macOS");
        return Ok(());
    }
    let bin = tools::ensure()?.join("bin");
    let tool = |name: &str| sh::program(bin.join(name));
    let tracked = sh::tracked()?;
    let files: Vec<&PathBuf> = tracked
        .iter()
        .filter(|path| path.starts_with(".github/workflows"))
        .collect();
    sh::run(
        "zizmor",
        tool("zizmor").args([
            "--offline",
            "--no-progress",
            "--persona",
            "pedantic",
            ".github",
        ]),
    )?;
    sh::run("actionlint", tool("actionlint").args(&files))?;
    let schema = |name: &str| {
        let mut command = tool("check-jsonschema");
        command
            .arg("--builtin-schema")
            .arg(format!("vendor.{name}"));
        command
    };
    sh::run("workflow schema", schema("github-workflows").args(&files))?;
    sh::run(
        "dependabot schema",
        schema("dependabot").arg(".github/dependabot.yml"),
    )?;
    if Path::new(&sh::root()).join("action.yml").exists() {
        sh::run("action schema", schema("github-actions").arg("action.yml"))?;
        sh::run(
            "zizmor, action",
            tool("zizmor").args(["--offline", "--no-progress", "action.yml"]),
        )?;
    }
    Ok(())
}
