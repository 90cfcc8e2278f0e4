//! Named profiles in the AWS shared credentials and config files, edited in place.
//!
//! Everything outside the profile survives byte for byte, and what is not ours inside it does too. [`prepare`] proves
//! that it will work, [`write`] does it, [`undo`] takes it back.

mod edit;
mod heading;
mod ini;
mod journal;
mod paths;
mod store;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub(crate) use journal::Journal;
pub(crate) use paths::ProfilePaths;
pub(crate) use store::{
    Outcome, Prepared, ProfileError, Remember, Undone, Values, prepare, undo, write,
};
