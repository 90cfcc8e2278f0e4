//! `rolehop exec -- COMMAND`: only the command sees the credentials. Nothing is written.

use std::ffi::OsString;

use crate::error::Error;
use crate::frontend::{self, RawInputs};
use crate::host::Host;
use crate::login::lend::Asked;
use crate::refresh;
use crate::sink::environment::Environment;
use crate::system::System;
use crate::system::child::Child;

/// The status of the command; where it takes this process' place, only a failure comes back.
pub(crate) fn run(
    system: &System,
    host: Host,
    raw: &RawInputs,
    words: &[OsString],
) -> Result<u8, Error> {
    let child = Child::find(words, &system.env)?;
    if raw.has("refresh") {
        return refresh::serve::exec(system, host, raw.clone(), child);
    }
    let lent = Asked::settle(system, host, raw, "exec")?.exchange()?;
    let environment = lent
        .masked(system)
        .map(|session| Environment::of(session, lent.region()));
    let environment = environment.get();
    let ours = frontend::secret_variables(&system.env);
    let unset: Vec<&str> = environment
        .unset
        .iter()
        .copied()
        .chain(ours.iter().map(String::as_str))
        .collect();
    Err(child.start(&unset, &environment.set))
}
