//! What cargo compiles for the released platforms: neither for tests nor for build scripts.
//!
//! `cargo metadata` unites the features of the whole workspace and so names crates that no binary has; `cargo tree`
//! asks for one package.

use std::collections::{BTreeMap, BTreeSet};

use super::part::Id;
use crate::release::PLATFORMS;
use crate::sh::{self, Outcome};

pub(super) struct Tree {
    pub(super) root: Id,
    /// Each crate with what it needs, the root as well.
    pub(super) needs: BTreeMap<Id, BTreeSet<Id>>,
    macros: BTreeSet<Id>,
}

pub(super) fn read() -> Outcome<Tree> {
    let mut command = sh::cargo();
    command.args(["tree", "--quiet", "--locked", "--package", "rolehop"]);
    command.args(["--edges", "normal", "--prefix", "depth", "--format", " {p}"]);
    command.args(["--charset", "ascii", "--color", "never"]);
    for platform in &PLATFORMS {
        command.args(["--target", platform.triple]);
    }
    parse(&sh::output(&mut command)?)
}

/// Lines of `DEPTH NAME vVERSION`, then perhaps a path, `(proc-macro)` or `(*)`.
fn parse(text: &str) -> Outcome<Tree> {
    let mut needs: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    let (mut macros, mut above) = (BTreeSet::new(), Vec::<Id>::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let strange = || format!("cargo tree printed a line that is not understood: {line}");
        let mut words = line.split(' ');
        let depth: usize = words
            .next()
            .and_then(|word| word.parse().ok())
            .ok_or_else(strange)?;
        let name = words.next().ok_or_else(strange)?;
        let version = words.next().and_then(|word| word.strip_prefix('v'));
        let id = (name.to_owned(), version.ok_or_else(strange)?.to_owned());
        if words.any(|word| word == "(proc-macro)") {
            macros.insert(id.clone());
        }
        if depth > above.len() {
            return Err(strange());
        }
        above.truncate(depth);
        if let Some(parent) = above.last() {
            needs.entry(parent.clone()).or_default().insert(id.clone());
        }
        needs.entry(id.clone()).or_default();
        above.push(id);
    }
    let root = text.lines().next().and_then(|line| {
        let mut words = line.split(' ').skip(1);
        let name = words.next()?.to_owned();
        Some((name, words.next()?.strip_prefix('v')?.to_owned()))
    });
    Ok(Tree {
        root: root.ok_or("cargo tree printed nothing")?,
        needs,
        macros,
    })
}

impl Tree {
    /// What is reached from the root without going through a macro.
    pub(super) fn linked(&self) -> BTreeSet<&Id> {
        let (mut found, mut open) = (BTreeSet::new(), vec![&self.root]);
        while let Some(id) = open.pop() {
            if !self.macros.contains(id) && found.insert(id) {
                open.extend(self.needs.get(id).into_iter().flatten());
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
0 rolehop v0.2.0 (/some/where else)
1 serde v1.0.1
2 serde_derive v1.0.1 (proc-macro)
3 quote v1.0.9
1 tokio v1.5.0
2 serde v1.0.1 (*)
2 serde_derive v1.0.1 (proc-macro) (*)

0 rolehop v0.2.0 (/some/where else)
1 schannel v0.1.0
";

    fn id(name: &str, version: &str) -> Id {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn every_target_adds_to_one_graph() {
        let tree = parse(PRINTED).expect("a tree");
        assert_eq!(tree.root, id("rolehop", "0.2.0"));
        let direct = [
            ("schannel", "0.1.0"),
            ("serde", "1.0.1"),
            ("tokio", "1.5.0"),
        ];
        let direct: BTreeSet<Id> = direct.iter().map(|(n, v)| id(n, v)).collect();
        assert_eq!(tree.needs[&tree.root], direct);
        assert_eq!(tree.needs[&id("tokio", "1.5.0")].len(), 2);
        assert!(tree.needs[&id("quote", "1.0.9")].is_empty());
    }

    #[test]
    fn a_macro_and_what_it_needs_are_not_linked() {
        let tree = parse(PRINTED).expect("a tree");
        let linked: Vec<&str> = tree
            .linked()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(linked, ["rolehop", "schannel", "serde", "tokio"]);
        assert_eq!(tree.needs.len(), 6);
    }

    #[test]
    fn other_lines_are_refused() {
        for text in [
            "",
            "rolehop v0.2.0",
            "0 rolehop",
            "0 rolehop v0.2.0\n2 far v1.0.0",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
