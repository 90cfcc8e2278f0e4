//! The runner's part of a test: what a step is given, what it left, and whether a secret got out.

mod dice;
mod leak;
mod outcome;
mod runner_file;
mod step;
#[cfg(unix)]
mod terminal;

pub(crate) use dice::Dice;
pub(crate) use leak::Custody;
#[cfg(unix)]
pub(crate) use leak::check as check_leaks;
pub(crate) use outcome::Outcome;
pub(crate) use runner_file::parse as parse_runner_file;
pub(crate) use step::{DEPLOY, KEY_ID, OPS, SECRET_KEY, Step};
