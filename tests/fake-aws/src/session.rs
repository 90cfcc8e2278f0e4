//! A session that STS has issued, with everything it carries on to the next hop.

use std::collections::BTreeMap;

use crate::{arn, credentials};

/// One set of temporary credentials and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The operation that issued it: `AssumeRole`, `AssumeRoleWithWebIdentity`, `GetSessionToken`,
    /// `ContainerCredentials`, `ImdsCredentials`.
    pub operation: String,
    /// The access key id, `ASIA…`.
    pub access_key_id: String,
    /// The secret key.
    pub secret_access_key: String,
    /// The session token.
    pub session_token: String,
    /// What `GetCallerIdentity` says: the assumed role's ARN, or the user's for `GetSessionToken`.
    pub arn: String,
    /// The role's own ARN, for role sessions.
    pub role_arn: Option<String>,
    /// `AROA…:NAME` or `AIDA…`.
    pub user_id: String,
    /// The account.
    pub account: String,
    /// The session's name.
    pub name: String,
    /// The session tags, those passed and those inherited.
    pub tags: BTreeMap<String, String>,
    /// The keys of the tags that go on to the next session.
    pub transitive: Vec<String>,
    /// The source identity.
    pub source_identity: Option<String>,
    /// The inline session policy.
    pub policy: Option<String>,
    /// The managed session policies.
    pub policy_arns: Vec<String>,
    /// The external id that was given.
    pub external_id: Option<String>,
    /// The packed size in percent, if there was a policy or a tag.
    pub packed: Option<usize>,
    /// The `DurationSeconds` that were granted.
    pub duration: i64,
    /// When it was issued, in seconds since 1970.
    pub issued: i64,
    /// When it expires, in seconds since 1970.
    pub expires: i64,
    /// True when a role session asked for it.
    pub chained: bool,
    /// When MFA was passed for it; `None` without MFA.
    pub mfa: Option<i64>,
    /// Who asked: an ARN, or the token's subject.
    pub caller: String,
}

impl Session {
    /// A role session that has no keys yet and carries nothing.
    pub(crate) fn of_role(operation: &str, role: &str, name: &str, duration: i64) -> Self {
        Self {
            operation: operation.to_owned(),
            access_key_id: String::new(),
            secret_access_key: String::new(),
            session_token: String::new(),
            arn: arn::assumed_role(role, name),
            role_arn: Some(role.to_owned()),
            user_id: format!("{}:{name}", credentials::unique_id("AROA", role)),
            account: arn::account(role),
            name: name.to_owned(),
            tags: BTreeMap::new(),
            transitive: Vec::new(),
            source_identity: None,
            policy: None,
            policy_arns: Vec::new(),
            external_id: None,
            packed: None,
            duration,
            issued: 0,
            expires: 0,
            chained: false,
            mfa: None,
            caller: String::new(),
        }
    }
}
