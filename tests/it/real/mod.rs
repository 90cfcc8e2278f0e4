//! Real peers: act runs workflows, ministack is the STS, the AWS CLI uses what was handed over.
//!
//! `cargo xtask test` fetches them and says where they are; without it these tests say that they are skipped.

mod act;
mod action;
mod cli;
mod external_id;
mod integrations;
mod jobs;
mod keys;
mod ministack;
mod picture;
mod policies;
mod process;
mod profiles;
mod readme;
mod refresh;
mod tags;
mod targets;
mod tools;
mod totp;
mod trust;
mod web_identity;
