//! `cargo xtask notices`: the licences of what is compiled into the binaries, and the list of it that machines read.

mod crates;
mod lock;
mod part;
mod runtime;
mod sbom;
mod texts;
mod tree;

use std::fs;

use crate::sh::{self, Outcome};

/// Writes both files, or only looks whether they are as they would be written.
pub(crate) fn run(check: bool) -> Outcome {
    println!("==> notices");
    let tree = tree::read()?;
    let mut parts = crates::read(&tree)?;
    parts.extend(runtime::parts()?);
    parts.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    texts::stand_in(&mut parts)?;
    let files = [
        ("dist/THIRD-PARTY-LICENSES.txt", texts::page(&parts)),
        ("dist/sbom.cdx.json", sbom::document(&tree.root, &parts)?),
    ];
    let mut old = Vec::new();
    for (name, text) in files {
        let path = sh::root().join(name);
        if fs::read_to_string(&path).is_ok_and(|found| found == text) {
            continue;
        }
        if check {
            old.push(name);
        } else {
            fs::write(&path, text).map_err(|e| format!("{name}: {e}"))?;
            println!("wrote {name}");
        }
    }
    if old.is_empty() {
        println!("    notices: {} parts", parts.len());
        return Ok(());
    }
    Err(format!(
        "{} would change: run `cargo xtask notices`",
        old.join(" and ")
    ))
}
