//! The program as a whole: the real binary, a cleared environment, AWS' far side on loopback.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests lay files and folders as a runner does"
)]

mod chains;
mod commands;
mod contract;
mod credential_process;
mod debug;
mod drop_in;
mod empty_root;
mod events;
mod exec;
mod existing;
mod export;
mod failures;
mod faults;
mod guard;
mod hand_over;
mod harness;
mod hosts;
mod incumbent;
mod incumbent_page;
mod inputs;
mod integrations;
mod layers;
mod leaks;
#[cfg(unix)]
mod logout;
mod masks;
#[cfg(unix)]
mod mfa;
mod migrating;
mod networks;
mod parallel;
mod post;
mod profile_files;
mod profiles;
mod provoked;
#[cfg(target_os = "linux")]
mod real;
mod refresh;
mod regions;
mod retries;
mod sessions;
mod shells;
#[cfg(unix)]
mod sinks;
mod source_profiles;
mod sources;
mod targets;
mod trust;
