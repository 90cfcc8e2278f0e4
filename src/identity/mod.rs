//! Who the job is: one file for each source of the first identity.

mod agent;
pub(crate) mod ambient;
mod azure;
mod codefresh;
mod endpoint;
mod github;
mod google;
pub(crate) mod job_token;
pub(crate) mod token_file;

use crate::model::{Credentials, Token};

/// What a source yields.
#[derive(Debug)]
pub(crate) enum Identity {
    /// A web identity token, to be exchanged for a role.
    Token(Token),
    /// Credentials, which may assume roles or be the result.
    Credentials(Credentials),
}

impl Identity {
    /// Whether asking for these keys again has brought nothing new.
    pub(crate) fn has_the_keys_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Credentials(own), Self::Credentials(other)) => {
                own.access_key_id == other.access_key_id
            }
            _ => false,
        }
    }
}
