//! The container credentials endpoint (ECS, EKS Pod Identity) and the instance metadata service, version 2 only.

use serde_json::json;

use crate::answer::Answer;
use crate::clock::rfc3339;
use crate::route::Arrived;
use crate::session::Session;
use crate::state::State;
use crate::{arn, credentials};

/// Where the instance metadata service has its role.
pub(crate) const CREDENTIALS: &str = "/latest/meta-data/iam/security-credentials";

const INSTANCE_ID: &str = "i-0123456789abcdef0";

pub(crate) fn container(state: &mut State, arrived: &Arrived) -> Answer {
    if arrived.header("authorization") != Some(state.container_token.as_str()) {
        return Answer::json(
            401,
            json!({"code": "AccessDenied", "message": "the authorization token is not valid"}),
        );
    }
    let Some(role) = state.world.container_role.clone() else {
        return Answer::json(
            404,
            json!({"code": "NotFound", "message": "no role is associated with the container"}),
        );
    };
    let session = issue(
        state,
        "ContainerCredentials",
        &role,
        &credentials::uuid().replace('-', ""),
    );
    Answer::json(
        200,
        json!({
            "RoleArn": role,
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "Token": session.session_token,
            "Expiration": rfc3339(session.expires),
        }),
    )
}

pub(crate) fn instance(state: &mut State, arrived: &Arrived) -> Answer {
    let now = state.now();
    if arrived.operation == "ImdsToken" {
        return token(state, arrived);
    }
    let given = arrived.header("x-aws-ec2-metadata-token");
    if !state
        .imds_tokens
        .iter()
        .any(|(token, expires)| Some(token.as_str()) == given && *expires > now)
    {
        return Answer::text(401, "");
    }
    let name = state
        .world
        .instance_role
        .as_deref()
        .and_then(|r| Some(arn::Arn::parse(r)?.name().to_owned()));
    match (arrived.operation.as_str(), arrived.path.as_str(), name) {
        ("ImdsRole", _, Some(name)) => Answer::text(200, &name),
        ("ImdsCredentials", path, Some(name)) if path.ends_with(&format!("/{name}")) => {
            let role = state.world.instance_role.clone().unwrap_or_default();
            let session = issue(state, "ImdsCredentials", &role, INSTANCE_ID);
            Answer::json(
                200,
                json!({
                    "Code": "Success",
                    "LastUpdated": rfc3339(session.issued),
                    "Type": "AWS-HMAC",
                    "AccessKeyId": session.access_key_id,
                    "SecretAccessKey": session.secret_access_key,
                    "Token": session.session_token,
                    "Expiration": rfc3339(session.expires),
                }),
            )
        }
        (_, "/latest/meta-data/placement/region", _) => {
            Answer::text(200, &state.world.instance_region)
        }
        (_, "/latest/meta-data/instance-id", _) => Answer::text(200, INSTANCE_ID),
        (_, "/latest/dynamic/instance-identity/document", _) => Answer::json(
            200,
            json!({"region": state.world.instance_region, "instanceId": INSTANCE_ID}),
        ),
        _ => Answer::text(404, ""),
    }
}

fn token(state: &mut State, arrived: &Arrived) -> Answer {
    if arrived.method != "PUT" {
        return Answer::text(405, "");
    }
    // The real service refuses requests that came through a proxy.
    if arrived.header("x-forwarded-for").is_some() {
        return Answer::text(403, "");
    }
    let ttl = arrived
        .header("x-aws-ec2-metadata-token-ttl-seconds")
        .and_then(|t| t.parse::<i64>().ok());
    let Some(ttl) = ttl.filter(|t| (1..=21_600).contains(t)) else {
        return Answer::text(400, "");
    };
    let token = format!("AQAE{}==", credentials::uuid().replace('-', ""));
    state.learn(&token);
    let expires = state.now() + ttl;
    state.imds_tokens.push((token.clone(), expires));
    Answer::text(200, &token).header("x-aws-ec2-metadata-token-ttl-seconds", &ttl.to_string())
}

fn issue(state: &mut State, operation: &str, role: &str, name: &str) -> Session {
    let draft = Session::of_role(operation, role, name, 6 * 3600);
    state.issue(draft)
}
