//! Strings in: settings from inputs and variables become a request, or every mistake at once.

mod hops;
mod raw;
mod request;
mod table;

pub(crate) use raw::RawInputs;
pub(crate) use request::{Network, network, parse};
pub(crate) use table::{Group, OUTPUTS, SETTINGS};
