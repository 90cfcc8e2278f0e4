//! Parameters of a TeamCity build, set by messages in its log.

use std::io;

use super::mask::Masked;
use super::pairs::Pairs;
use crate::system::console::Console;
use crate::system::console::teamcity::message;

/// Only where the user allows it: the build's page shows these parameters to everybody who may see the build.
pub(crate) fn write(console: &Console, pairs: &Masked<Pairs>) -> io::Result<()> {
    for (name, value) in pairs.get() {
        let name = format!("env.{name}");
        console.command(&message(
            "setParameter",
            &[("name", &name), ("value", value)],
        ))?;
    }
    Ok(())
}
