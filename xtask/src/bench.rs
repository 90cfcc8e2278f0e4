//! `cargo xtask bench`: has the kind of binary built that users get, and the program behind it measure that.

use crate::release::{self, Platform, Way};
use crate::sh::{self, Outcome};
use crate::{apt, inside};

pub(crate) fn run(words: &[&str]) -> Outcome {
    let counts = words.contains(&"--instructions");
    if counts && !cfg!(target_os = "linux") {
        return Err("instructions are counted by valgrind, on Linux only".to_owned());
    }
    if counts {
        apt::need("valgrind", &["valgrind"], || {
            sh::succeeds(sh::program("valgrind").arg("--version"))
        })?;
    }
    if words.contains(&"--bin") || !cfg!(target_os = "linux") {
        return inside(words);
    }
    let platform = Platform::host()?;
    let way = Way::choose(platform);
    // Where `cargo xtask test` has it built too.
    let binary = release::build(platform, way, &sh::target_dir().join("released"))?;
    let binary = binary.display().to_string();
    let built_with = way.described(platform)?;
    let built = ["--bin", &binary, "--built-with", &built_with];
    inside(&[words, &built].concat())
}
