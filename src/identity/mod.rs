//! Who the job is: one file for each source of the first identity.

pub(crate) mod ambient;
pub(crate) mod github;
pub(crate) mod token_file;

use crate::model::{Credentials, Secret};

/// What a source yields.
#[derive(Debug)]
pub(crate) enum Identity {
    /// A web identity token, to be exchanged for a role.
    Token(Secret),
    /// Credentials, which may assume roles or be the result.
    Credentials(Credentials),
}
