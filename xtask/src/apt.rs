//! Programs that must be there before a task can fetch the rest: installed on Debian as root, else named.

use crate::sh::{self, Outcome};

/// Makes sure that `works` holds, by installing `packages` where that is possible without asking.
pub(crate) fn need(what: &str, packages: &[&str], works: impl Fn() -> bool) -> Outcome {
    if works() {
        return Ok(());
    }
    let by_hand = format!(
        "{what} is missing: apt-get install -y {}",
        packages.join(" ")
    );
    let root = sh::output(sh::program("id").arg("-u")).is_ok_and(|id| id == "0");
    if !root || !sh::succeeds(sh::program("apt-get").arg("--version")) {
        return Err(by_hand);
    }
    println!("{what} is missing; installing {}", packages.join(", "));
    let apt = || {
        let mut command = sh::program("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        command
    };
    sh::run("apt-get update", apt().arg("update"))?;
    sh::run(
        "apt-get install",
        apt()
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages),
    )?;
    if works() { Ok(()) } else { Err(by_hand) }
}
