//! Strings in: settings from inputs and variables become a request, or every mistake at once.

mod hops;
mod raw;
mod request;
mod table;
mod way;

pub(crate) use raw::RawInputs;
pub(crate) use request::{Network, network, parse};
pub(crate) use table::{Group, Kind, OUTPUTS, SETTINGS, Setting};
pub(crate) use way::{Flags, Way, nearest};
