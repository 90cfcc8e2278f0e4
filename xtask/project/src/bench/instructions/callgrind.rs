//! Valgrind's callgrind: where it is, how it is started, and the number that it leaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, at};

/// The program, and what it says it is.
pub(super) struct Callgrind {
    program: &'static str,
    pub(super) version: String,
}

pub(super) const MISSING: &str = "instructions are counted by valgrind, which is not here: apt-get install -y valgrind; \
     or let `cargo xtask bench --instructions` install it, as root or with a sudo that asks nothing";

/// Debian's `valgrind` is a script for a shell that drops variables like `INPUT_AWS-REGION`; this is the program behind it.
const PROGRAMS: [&str; 2] = ["valgrind.bin", "valgrind"];

impl Callgrind {
    pub(super) fn find() -> Option<Self> {
        PROGRAMS.iter().find_map(|program| {
            let said = Command::new(program).arg("--version").output().ok()?;
            let version = String::from_utf8(said.stdout).ok()?.trim().to_owned();
            said.status.success().then_some(Self { program, version })
        })
    }

    /// What stands before the words of a command.
    pub(super) fn command(&self, place: &Path) -> Vec<String> {
        vec![
            self.program.to_owned(),
            "--quiet".to_owned(),
            "--tool=callgrind".to_owned(),
            format!("--callgrind-out-file={}", left(place).display()),
        ]
    }
}

/// The number of the run before; the file goes, so that none is read twice.
pub(super) fn total(place: &Path) -> Outcome<u64> {
    let path = left(place);
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    fs::remove_file(&path).map_err(at(&path))?;
    instructions(&text).ok_or_else(|| format!("{}: has no number of instructions", path.display()))
}

fn left(place: &Path) -> PathBuf {
    place.join("callgrind.out")
}

/// Of all functions and threads. A file of several parts has a line `totals:` for the whole of them at the end of each.
fn instructions(text: &str) -> Option<u64> {
    let counts_instructions = text.lines().any(|line| line.trim_end() == "events: Ir");
    let mut totals = text.lines().filter_map(|line| line.strip_prefix("totals:"));
    let last = totals.next_back()?.trim().parse().ok()?;
    counts_instructions.then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: &str = "version: 1\ncreator: callgrind-3.19.0\npid: 7\ncmd:  rolehop check\npart: 1\n\n\
         positions: line\nevents: Ir\nsummary: 151366\n\nfl=(1)\nfn=(1) main\n16 400\n\ntotals: 151366\n";

    #[test]
    fn the_number_is_that_of_all_functions() {
        assert_eq!(instructions(LEFT), Some(151_366));
    }

    #[test]
    fn what_is_no_count_of_instructions_is_refused() {
        for text in [
            String::new(),
            LEFT.replace("totals:", "total:"),
            LEFT.replace("totals: 151366", "totals: many"),
            LEFT.replace("events: Ir", "events: Ir Dr Dw"),
        ] {
            assert_eq!(instructions(&text), None, "{text}");
        }
    }
}
