//! Keys, the session that STS issued, and whom they stand for.

use std::time::SystemTime;

use super::arn::AssumedRole;
use super::secret::Secret;

/// A key pair, with a session token when it is temporary.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret,
    pub(crate) session_token: Option<Secret>,
    pub(crate) expires: Option<SystemTime>,
}

impl Credentials {
    /// Every value that a log must not show. The access key id is one only if the user wants it so.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.secret_access_key).chain(self.session_token.as_ref())
    }
}

/// Credentials and whom AWS says that they stand for.
#[derive(Debug, Clone)]
pub(crate) struct Identified {
    pub(crate) credentials: Credentials,
    pub(crate) who: AssumedRole,
}

/// What STS issued for the last hop of a chain.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) identified: Identified,
    /// The role's unique id and the session's name, as in `AROA…:name`; none without a role.
    pub(crate) role_id: Option<String>,
    pub(crate) source_identity: Option<String>,
    /// How much of the room for policies and tags is used, in per cent, where STS said so.
    pub(crate) packed_size: Option<i32>,
    /// Tags that had to go because the room was too small.
    pub(crate) dropped_tags: Vec<String>,
}
