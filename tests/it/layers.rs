//! The arrows of ARCHITECTURE.md: which folder may use which. A new arrow is a decision, made here.

use std::fs;
use std::path::Path;

/// Folder or file of `src/`, and what it may name after `crate::`.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &["model"]),
    ("system", &["model", "system", "error"]),
    ("error", &["model", "system"]),
    ("host", &["model", "system"]),
    ("trust", &["model", "trust"]),
    ("report", &["error", "model", "system"]),
    (
        "frontend",
        &["error", "frontend", "host", "model", "system"],
    ),
    (
        "identity",
        &["error", "host", "identity", "model", "system"],
    ),
    ("sts", &["error", "identity", "model", "sts", "system"]),
    ("sink", &["error", "host", "model", "sink", "system"]),
    ("cleanup", &["error", "host", "model", "sink", "system"]),
    ("docs", &["cli", "error", "frontend", "host"]),
    ("cli", &["cli", "error", "frontend"]),
    (
        "check",
        &[
            "cli", "error", "frontend", "host", "identity", "login", "model", "report", "sink",
            "system",
        ],
    ),
    (
        "credential_process",
        &[
            "cli", "error", "export", "frontend", "host", "login", "model", "refresh", "sink",
            "system",
        ],
    ),
    (
        "exec",
        &[
            "error", "frontend", "host", "login", "refresh", "sink", "system",
        ],
    ),
    (
        "export",
        &[
            "cli", "error", "frontend", "host", "login", "sink", "system",
        ],
    ),
    (
        "explain",
        &[
            "cli", "error", "frontend", "host", "identity", "login", "model", "system", "trust",
        ],
    ),
    (
        "guard",
        &["error", "frontend", "host", "login", "model", "system"],
    ),
    (
        "refresh",
        &[
            "cli", "error", "export", "frontend", "host", "login", "model", "refresh", "sink",
            "system",
        ],
    ),
    (
        "whoami",
        &["cli", "error", "frontend", "host", "login", "sts", "system"],
    ),
];

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            if entry.path().is_dir() {
                files(&entry.path())
            } else {
                vec![entry.path()]
            }
        })
        .collect()
}

#[test]
fn every_arrow_is_one_of_the_architecture() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for file in files(&src) {
        let text = fs::read_to_string(&file).expect("a source file");
        let relative = file
            .strip_prefix(&src)
            .expect("below src")
            .with_extension("");
        let top = relative
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == top) else {
            assert!(
                ["lib", "main", "login"].contains(&top.as_str()),
                "{top} is not in the table"
            );
            continue;
        };
        for used in text.split("crate::").skip(1) {
            let name: String = used
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            assert!(
                name.is_empty() || allowed.contains(&name.as_str()),
                "{} uses crate::{name}",
                file.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 50, "the test reads the sources");
}

#[test]
fn the_environment_and_the_clock_are_read_in_one_place() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in files(&src) {
        let text = fs::read_to_string(&file).expect("a source file");
        for call in ["std::env::vars_os", "SystemTime::now()", "std::env::var("] {
            let home = file.ends_with("system/env.rs") || file.ends_with("system/clock.rs");
            assert!(
                home || !text.contains(call),
                "{} calls {call}",
                file.display()
            );
        }
    }
}
