//! What is handed over, from a masked session: variables, step outputs, the lines of a profile.

use std::time::SystemTime;

use super::journal::{EXPIRATION, KEYS, OLD_PROFILE, OLD_TOKEN, PROFILE, REGION};
use super::mask::Masked;
use super::pairs::Pairs;
use super::profile;
use crate::model::request::{EnvironmentPlace, HandOver, Place};
use crate::model::time::rfc3339;
use crate::model::{Region, Session};
use crate::system::env::Env;

/// A time that no job sees, for keys without an end.
const NEVER: &str = "2999-12-31T23:59:59Z";

/// What later steps find in their environment.
pub(super) fn variables(
    env: &Env,
    place: &Place,
    hand_over: &HandOver,
    region: &Region,
    session: Masked<&Session>,
) -> Masked<Pairs> {
    session.map(|session| {
        let mut pairs: Pairs = Vec::new();
        if place.environment == EnvironmentPlace::Nothing {
            return pairs;
        }
        pairs.extend(
            REGION
                .iter()
                .map(|name| (*name, region.as_str().to_owned())),
        );
        if place.environment == EnvironmentPlace::Keys {
            let keys = &session.identified.credentials;
            pairs.push(("AWS_ACCESS_KEY_ID", keys.access_key_id.clone()));
            pairs.push((
                "AWS_SECRET_ACCESS_KEY",
                keys.secret_access_key.reveal().to_owned(),
            ));
            match &keys.session_token {
                Some(token) => pairs.push(("AWS_SESSION_TOKEN", token.reveal().to_owned())),
                // A token left over from other keys would make every call fail.
                None if env.has("AWS_SESSION_TOKEN") => {
                    pairs.push(("AWS_SESSION_TOKEN", String::new()));
                }
                None => {}
            }
            pairs.extend(old_token(env));
            // One that is left over from other keys would end these before their time; an empty one breaks boto3.
            if env.has(EXPIRATION) {
                let end = keys.expires.map_or_else(|| NEVER.to_owned(), rfc3339);
                pairs.push((EXPIRATION, end));
            }
            if let Some(profile) = &place.profile {
                pairs.push((PROFILE, profile.name.to_string()));
                if env.has(OLD_PROFILE) || env.is_empty(OLD_PROFILE) {
                    pairs.push((OLD_PROFILE, profile.name.to_string()));
                }
            }
        } else if hand_over.unset_first {
            pairs.extend(forgotten(env));
        }
        pairs
    })
}

/// What takes the keys out of the environment.
pub(super) fn forgotten(env: &Env) -> Pairs {
    let keys = KEYS.iter().map(|name| (*name, String::new()));
    keys.chain(old_token(env)).collect()
}

/// botocore takes a token under its old name first, whatever keys it belongs to.
fn old_token(env: &Env) -> Option<(&'static str, String)> {
    env.has(OLD_TOKEN).then(|| (OLD_TOKEN, String::new()))
}

pub(super) fn outputs(place: &Place, session: Masked<&Session>) -> Masked<Pairs> {
    session.map(|session| {
        let (keys, who) = (&session.identified.credentials, &session.identified.who);
        let mut pairs: Pairs = vec![
            ("aws-account-id", who.account().to_string()),
            ("authenticated-arn", who.as_str().to_owned()),
        ];
        if place.outputs {
            pairs.push(("aws-access-key-id", keys.access_key_id.clone()));
            pairs.push((
                "aws-secret-access-key",
                keys.secret_access_key.reveal().to_owned(),
            ));
            pairs.extend(
                keys.session_token
                    .as_ref()
                    .map(|token| ("aws-session-token", token.reveal().to_owned())),
            );
            pairs.extend(
                keys.expires
                    .map(|at: SystemTime| ("aws-expiration", rfc3339(at))),
            );
        }
        pairs
    })
}

/// The lines of the credentials file and of the config file.
pub(super) fn profile_values(
    region: &Region,
    session: Masked<&Session>,
) -> Masked<profile::Values> {
    session.map(|session| {
        let keys = &session.identified.credentials;
        let mut credentials = vec![
            ("aws_access_key_id", keys.access_key_id.clone()),
            (
                "aws_secret_access_key",
                keys.secret_access_key.reveal().to_owned(),
            ),
        ];
        credentials.extend(
            keys.session_token
                .as_ref()
                .map(|token| ("aws_session_token", token.reveal().to_owned())),
        );
        profile::Values {
            credentials,
            config: vec![("region", region.as_str().to_owned())],
        }
    })
}
