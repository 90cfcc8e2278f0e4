//! What lies on disk for credentials that are renewed, and how it goes again. Who renews them is the business of others.

mod endpoint;
mod folder;
mod held;
mod line;
mod plan;
mod promise;
mod share;
mod way;

pub(crate) use endpoint::{Answer, Endpoint, Form, PATH, path};
pub(crate) use folder::Folder;
pub(crate) use folder::is_own_endpoint;
pub(crate) use held::Held;
pub(crate) use line::is_own_line;
pub(crate) use plan::Plan;
pub(crate) use promise::{Promise, Renewed, State, renewed};
pub(crate) use share::{Door, Share};
pub(crate) use way::{Way, refuse_rivals};
