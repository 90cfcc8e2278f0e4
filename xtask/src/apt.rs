//! Programs that must be there before a task can fetch the rest: installed on Debian as root or with sudo that asks nothing, else named.

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
    let sudo = !root && sh::succeeds(sh::program("sudo").args(["-n", "true"]));
    if !(root || sudo) || !sh::succeeds(sh::program("apt-get").arg("--version")) {
        return Err(by_hand);
    }
    println!("{what} is missing; installing {}", packages.join(", "));
    let apt = || {
        let call = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"];
        let mut command = sh::program(if sudo { "sudo" } else { call[0] });
        if sudo {
            command.args(["-n", call[0]]);
        }
        command.args(&call[1..]);
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
