//! Who the job is: one file for each source of the first identity.

pub(crate) mod ambient;
pub(crate) mod github;
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
