//! `cargo xtask docs`: the files that are generated from the tables of settings and commands.

use std::fs;

use crate::{Outcome, at, root};

/// Writes them, or only looks whether they are as they would be written.
pub(crate) fn run(check: bool) -> Outcome {
    let files = [
        ("action.yml", rolehop::docs::action_yaml()),
        ("docs/inputs.md", rolehop::docs::inputs_markdown()),
        ("docs/commands.md", rolehop::docs::commands_markdown()),
        ("docs/ci/README.md", rolehop::docs::hosts_markdown()),
    ];
    let mut old = Vec::new();
    for (name, text) in files {
        let path = root().join(name);
        if fs::read_to_string(&path).is_ok_and(|found| found == text) {
            continue;
        }
        if check {
            old.push(name);
        } else {
            fs::write(&path, text).map_err(at(&path))?;
            println!("wrote {name}");
        }
    }
    if old.is_empty() {
        return Ok(());
    }
    Err(format!(
        "not as the tables have it: {}; run cargo xtask docs",
        old.join(", ")
    ))
}
