//! `rolehop exec -- COMMAND`: only the command sees the credentials. Nothing is written.

use std::ffi::OsString;

use crate::error::Error;
use crate::frontend::{self, RawInputs};
use crate::host::Host;
use crate::login::lend::Asked;
use crate::sink::environment::Environment;
use crate::system::System;
use crate::system::child::Child;

/// Ends with the command; comes back with why it could not be started.
pub(crate) fn run(system: &System, host: Host, raw: &RawInputs, words: &[OsString]) -> Error {
    match start(system, host, raw, words) {
        Ok(never) => never,
        Err(error) => error,
    }
}

fn start(system: &System, host: Host, raw: &RawInputs, words: &[OsString]) -> Result<Error, Error> {
    let child = Child::find(words, &system.env)?;
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
    Ok(child.start(&unset, &environment.set))
}
