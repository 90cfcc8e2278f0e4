//! What things are: parsed values and their rules. No input or output, no clock, nothing asynchronous.

pub(crate) mod arn;
pub(crate) mod claims;
pub(crate) mod credentials;
pub(crate) mod diagnosis;
pub(crate) mod duration;
pub(crate) mod invalid;
pub(crate) mod mfa;
pub(crate) mod policy;
mod policy_arn;
pub(crate) mod profile;
pub(crate) mod region;
pub(crate) mod request;
pub(crate) mod secret;
pub(crate) mod session;
pub(crate) mod tags;
pub(crate) mod time;
mod token;
pub(crate) mod tree;

pub(crate) use arn::{AccountId, AssumedRole, RoleArn, RoleRef};
pub(crate) use claims::Claims;
pub(crate) use credentials::{Credentials, Identified, Session};
pub(crate) use diagnosis::{Cause, Diagnosis, Ready};
pub(crate) use duration::SessionDuration;
pub(crate) use invalid::Invalid;
pub(crate) use policy::InlinePolicy;
pub(crate) use policy_arn::PolicyArn;
pub(crate) use region::Region;
pub(crate) use secret::Secret;
pub(crate) use token::Token;
pub(crate) use tree::Tree;
