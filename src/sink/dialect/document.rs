//! JSON documents, in the order and the form of those who print them: the AWS CLI, and `credential_process` programs.

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::error::Error;
use crate::model::time::rfc3339;
use crate::model::{Credentials, Secret, Session};

/// <https://docs.aws.amazon.com/cli/latest/reference/sts/assume-role.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole<'a> {
    credentials: Keys<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed_role_user: Option<AssumedRoleUser<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed_policy_size: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Keys<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser<'a> {
    assumed_role_id: &'a str,
    arn: &'a str,
}

/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CredentialProcess<'a> {
    version: u8,
    #[serde(flatten)]
    keys: Keys<'a>,
    /// For endpoints that have the account in their name; the SDKs that do not know it pass it over.
    account_id: &'a str,
}

impl<'a> Keys<'a> {
    fn of(credentials: &'a Credentials) -> Self {
        let token = credentials.session_token.as_ref();
        Self {
            access_key_id: &credentials.access_key_id,
            secret_access_key: credentials.secret_access_key.reveal(),
            session_token: token.map(Secret::reveal),
            expiration: credentials.expires.map(rfc3339),
        }
    }
}

pub(super) fn assume_role(session: &Session) -> Result<String, Error> {
    let who = &session.identified.who;
    let user = session.role_id.as_deref().map(|id| AssumedRoleUser {
        assumed_role_id: id,
        arn: who.as_str(),
    });
    print(&AssumeRole {
        credentials: Keys::of(&session.identified.credentials),
        assumed_role_user: user,
        packed_policy_size: session.packed_size,
        source_identity: session.source_identity.as_deref(),
    })
}

pub(super) fn credential_process(session: &Session) -> Result<String, Error> {
    print(&CredentialProcess {
        version: 1,
        keys: Keys::of(&session.identified.credentials),
        account_id: session.identified.who.account().as_str(),
    })
}

/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Container<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
    account_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<&'a str>,
}

pub(super) fn container(session: &Session, role: Option<&str>) -> Result<String, Error> {
    let keys = &session.identified.credentials;
    print(&Container {
        access_key_id: &keys.access_key_id,
        secret_access_key: keys.secret_access_key.reveal(),
        token: keys.session_token.as_ref().map(Secret::reveal),
        expiration: keys.expires.map(rfc3339),
        account_id: session.identified.who.account().as_str(),
        role_arn: role,
    })
}

/// Four blanks for each level, as the AWS CLI has them.
fn print(document: &impl Serialize) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let mut serializer =
        Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    document
        .serialize(&mut serializer)
        .map_err(|fault| Error::Internal(fault.to_string()))?;
    String::from_utf8(bytes).map_err(|fault| Error::Internal(fault.to_string()))
}
