//! The STS API over the AWS Query protocol.

mod assume_role;
mod identity;
mod session_token;
mod web_identity;

use crate::answer::Answer;
use crate::route::Arrived;
use crate::state::State;
use crate::tags::Requested;
use crate::trust::Context;

const VERSION: &str = "2011-06-15";

/// An error of STS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StsError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl StsError {
    pub(crate) fn new(status: u16, code: &str, message: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    pub(crate) fn denied(message: &str) -> Self {
        Self::new(403, "AccessDenied", message)
    }
}

pub(crate) fn answer(state: &mut State, arrived: &Arrived) -> Answer {
    let result = call(state, arrived);
    result.unwrap_or_else(|error| {
        state.denials.push(format!(
            "{}: {} {}",
            arrived.operation, error.code, error.message
        ));
        Answer::sts_error(&error)
    })
}

fn call(state: &mut State, arrived: &Arrived) -> Result<Answer, StsError> {
    let action = arrived.operation.as_str();
    let version = arrived.param("Version").unwrap_or_default();
    let unknown = || {
        StsError::new(
            400,
            "InvalidAction",
            &format!("Could not find operation {action} for version {version}"),
        )
    };
    if !arrived.decodable {
        return Err(StsError::new(
            400,
            "MalformedQueryString",
            "Keys may not contain invalid percent-encoding",
        ));
    }
    if version != VERSION || !matches!(arrived.method.as_str(), "GET" | "POST") {
        return Err(unknown());
    }
    match action {
        "AssumeRole" => assume_role::call(state, arrived),
        "AssumeRoleWithWebIdentity" => web_identity::call(state, arrived),
        "GetCallerIdentity" => identity::call(state, arrived),
        "GetSessionToken" => session_token::call(state, arrived),
        _ => Err(unknown()),
    }
}

/// Refuses parameters that the operation does not have. AWS ignores some of them; a client that sends them is wrong.
fn only(arrived: &Arrived, names: &[&str]) -> Result<(), StsError> {
    let known = |key: &str| {
        let name = key.split('.').next().unwrap_or(key);
        matches!(name, "Action" | "Version") || names.contains(&name)
    };
    match arrived.params.keys().find(|k| !known(k)) {
        None => Ok(()),
        Some(key) => {
            let message = format!(
                "1 validation error detected: {} has no parameter '{key}'",
                arrived.operation
            );
            Err(StsError::new(400, "ValidationError", &message))
        }
    }
}

/// The condition keys that come from session tags.
fn describe_tags(requested: &Requested, context: &mut Context) {
    for (key, value) in &requested.tags {
        context.set(&format!("aws:RequestTag/{key}"), [value.clone()]);
    }
    context.set(
        "aws:TagKeys",
        requested.tags.iter().map(|(key, _)| key.clone()),
    );
    context.set(
        "sts:TransitiveTagKeys",
        requested.transitive.iter().cloned(),
    );
}
