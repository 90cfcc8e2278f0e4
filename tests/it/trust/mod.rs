//! Refused tokens and callers: real claim sets against trust policies that refuse them, told by the doctor and by `explain`.

mod asks;
mod doctor;
mod explain;
mod fixture;
mod proposals;
mod situations;

#[cfg(target_os = "linux")]
pub(crate) use fixture::{ROLE, claims};
#[cfg(target_os = "linux")]
pub(crate) use proposals::{neighbours, proposal};

/// The claim sets of which policies are made, for the tests with real peers.
#[cfg(target_os = "linux")]
pub(crate) fn proposed() -> Vec<&'static str> {
    proposals::ALL.to_vec()
}
