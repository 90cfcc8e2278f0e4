//! The crates among the parts: what cargo knows about them, and the licence files in their folders.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::part::{Id, Part, Text, crate_url};
use super::tree::Tree;
use super::{lock, texts};
use crate::release::PLATFORMS;
use crate::sh::{self, Outcome};

pub(super) fn read(tree: &Tree) -> Outcome<Vec<Part>> {
    let lock = fs::read_to_string(sh::root().join("Cargo.lock"))
        .map_err(|e| format!("Cargo.lock: {e}"))?;
    let sums = lock::checksums(&lock);
    let mut command = sh::cargo();
    command.args(["metadata", "--quiet", "--locked", "--format-version", "1"]);
    for platform in &PLATFORMS {
        command.args(["--filter-platform", platform.triple]);
    }
    let known: Value = serde_json::from_str(&sh::output(&mut command)?)
        .map_err(|e| format!("cargo metadata: {e}"))?;
    let known = known["packages"]
        .as_array()
        .ok_or("cargo metadata: no packages")?;

    let linked = tree.linked();
    let direct = tree.needs.get(&tree.root);
    let mut parts = Vec::new();
    for (id, needs) in tree.needs.iter().filter(|(id, _)| **id != tree.root) {
        let title = format!("{} {}", id.0, id.1);
        let package = known
            .iter()
            .find(|package| package["name"] == id.0 && package["version"] == id.1)
            .ok_or_else(|| format!("{title}: cargo metadata does not know it"))?;
        let mut part = described(id, package)?;
        part.checksum = sums.get(id).cloned();
        if part.checksum.is_none() {
            return Err(format!("{title}: Cargo.lock has no checksum for it"));
        }
        part.linked = linked.contains(id);
        part.direct = direct.is_some_and(|direct| direct.contains(id));
        part.needs = needs.iter().map(crate_url).collect();
        parts.push(part);
    }
    Ok(parts)
}

fn described(id: &Id, package: &Value) -> Outcome<Part> {
    let (name, version) = id;
    let text = |key: &str| package[key].as_str().map(str::to_owned);
    let licence = text("license")
        .ok_or_else(|| format!("{name} {version} names no licence in its Cargo.toml"))?
        // The way to write it before 2018.
        .replace('/', " OR ");
    let manifest = text("manifest_path").ok_or_else(|| format!("{name}: no manifest"))?;
    let folder = Path::new(&manifest)
        .parent()
        .ok_or("a manifest without a folder")?;
    let mut files = Vec::new();
    licence_files(folder, &mut files)?;
    if let Some(named) = text("license_file") {
        files.push(folder.join(named));
    }
    files.sort();
    files.dedup();
    let mut found = Vec::new();
    for path in files {
        let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let inside = path.strip_prefix(folder).unwrap_or(&path);
        found.push(Text {
            file: inside.to_string_lossy().replace('\\', "/"),
            text: texts::clean(&String::from_utf8_lossy(&bytes)),
        });
    }
    let (mut usual, mut note) = (Vec::new(), String::new());
    if found.is_empty() {
        let chosen = texts::chosen(&licence).ok_or_else(|| {
            format!(
                "{name} {version} has no licence file, and there is no usual text for {licence}"
            )
        })?;
        let authors: Vec<&str> = package["authors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|author| author.split('<').next().unwrap_or(author).trim())
            .collect();
        note = format!("It has no licence file; the usual text of {chosen} stands for one.");
        if !authors.is_empty() {
            note = format!("{note} Its authors: {}.", authors.join(", "));
        }
        usual.push(chosen.to_owned());
    }
    Ok(Part {
        name: name.clone(),
        version: version.clone(),
        licence,
        repository: text("repository")
            .unwrap_or_else(|| format!("https://crates.io/crates/{name}")),
        purl: crate_url(id),
        checksum: None,
        linked: false,
        direct: false,
        needs: Vec::new(),
        note,
        usual,
        texts: found,
    })
}

/// Below the folder as well: crates carry code of others in folders of its own.
fn licence_files(folder: &Path, found: &mut Vec<PathBuf>) -> Outcome {
    let wrong = |e: std::io::Error| format!("{}: {e}", folder.display());
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let kind = entry.file_type().map_err(wrong)?;
        if kind.is_dir() {
            licence_files(&entry.path(), found)?;
        } else if kind.is_file() && is_licence(&entry.file_name().to_string_lossy()) {
            found.push(entry.path());
        }
    }
    Ok(())
}

fn is_licence(file: &str) -> bool {
    const STARTS: [&str; 6] = [
        "LICENSE",
        "LICENCE",
        "COPYING",
        "NOTICE",
        "COPYRIGHT",
        "UNLICENSE",
    ];
    const CODE: [&str; 7] = ["rs", "c", "h", "py", "toml", "json", "html"];
    let extension = Path::new(file).extension().unwrap_or_default();
    let code = CODE
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known));
    let upper = file.to_ascii_uppercase();
    !code && STARTS.iter().any(|start| upper.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_by_their_names() {
        for file in [
            "LICENSE",
            "license-mit",
            "LICENSE.md",
            "LICENSE-Apache-2.0_WITH_LLVM-exception",
            "COPYING",
            "NOTICE.txt",
            "COPYRIGHT",
            "UNLICENSE",
        ] {
            assert!(is_licence(file), "{file}");
        }
        for file in [
            "license.rs",
            "README.md",
            "licence.toml",
            "Cargo.toml",
            "copying.rs",
        ] {
            assert!(!is_licence(file), "{file}");
        }
    }
}
