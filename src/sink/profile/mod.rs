//! Named profiles in the AWS shared credentials and config files, edited in place.
//!
//! Everything outside the profile survives byte for byte, and what is not ours inside it does too. [`prepare`] proves
//! that it will work, [`write()`] does it, [`undo()`] takes it back.

mod edit;
mod guard;
mod heading;
mod ini;
mod journal;
mod paths;
mod process;
mod section;
mod store;
mod trouble;
mod undo;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub(crate) use journal::Journal;
pub(crate) use paths::ProfilePaths;
pub(crate) use process::{Asking, asking, region};
pub(crate) use store::{Prepared, ProfileError, Values, prepare, without_idle_credentials, write};
pub(crate) use trouble::trouble;
pub(crate) use undo::{forget, undo};
