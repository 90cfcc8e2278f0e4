//! Strings in: settings from inputs and variables become a request, or every mistake at once.

mod event;
mod hops;
mod logout;
mod mfa;
mod outline;
mod pairs;
mod plugin;
mod policy;
mod raw;
mod refresh;
mod request;
mod setting;
mod source;
mod table;
mod targets;
mod template;
mod way;

pub(crate) use logout::wanted as wants_logout;
pub(crate) use outline::{Outline, first_source, outline};
pub(crate) use raw::RawInputs;
pub(crate) use refresh::settings as settings_to_keep;
pub(crate) use request::{IDLE_MINIMUM, Network, network, parse};
pub(crate) use setting::{Group, Kind, Setting};
pub(crate) use table::{OUTPUTS, SETTINGS};
pub(crate) use way::{Flags, Way, nearest, secret_variables};
