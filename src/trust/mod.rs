//! Who may assume a role: trust policies read, judged and written; refusals explained. Pure: no input or output, no clock.

#[cfg(test)]
mod agree_tests;
mod condition;
pub(crate) mod context;
pub(crate) mod diagnose;
mod differ;
mod document;
pub(crate) mod evaluate;
pub(crate) mod forms;
pub(crate) mod issuer;
pub(crate) mod open;
mod operator;
mod pattern;
pub(crate) mod policy;
pub(crate) mod propose;
mod role;
pub(crate) mod subject;
pub(crate) mod text;
