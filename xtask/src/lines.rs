//! No source file over 400 lines: a file that long has two nouns in it.

use std::fs;
use std::path::Path;

use crate::sh::{self, Outcome};

const LIMIT: usize = 400;

/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];

pub(crate) fn check() -> Outcome {
    println!("==> file lengths");
    let mut wrong = Vec::new();
    let tracked = sh::tracked()?;
    for path in tracked.iter().filter(|path| is_source(path)) {
        // A file that is tracked and was deleted has no length.
        let Ok(text) = fs::read_to_string(sh::root().join(path)) else {
            continue;
        };
        let (name, lines) = (path.display().to_string(), text.lines().count());
        let excused = LONGER.iter().any(|(long, _)| *long == name);
        if lines > LIMIT && !excused {
            wrong.push(format!("{name} has {lines} lines"));
        } else if lines <= LIMIT && excused {
            wrong.push(format!("{name} no longer needs its exception"));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!(
        "at most {LIMIT} lines in a file: {}",
        wrong.join(", ")
    ))
}

fn is_source(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| ["rs", "js", "py"].iter().any(|known| extension == *known))
}
