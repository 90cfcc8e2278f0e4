//! `AssumeRoleWithWebIdentity`: from a token to a role, without a signature.

use serde_json::Value;

use super::{StsError, only};
use crate::answer::Answer;
use crate::arn::Arn;
use crate::jwt::{self, Verified};
use crate::limits::{Charset, Violations};
use crate::packed;
use crate::policy::SessionPolicies;
use crate::route::Arrived;
use crate::session::Session;
use crate::state::{State, credentials_element};
use crate::tags::Requested;
use crate::trust::{self, Context, Decision, Principal};
use crate::world::{Role, issuer_host};
use crate::xml::Element;

/// The claims that IAM lets trust policies test of every issuer. `aud` is set apart.
const ANY_CLAIMS: [&str; 3] = ["amr", "email", "sub"];

/// Beside these, of the issuers that it knows: the host's name, and the claims.
const KNOWN_CLAIMS: [(&str, &[&str]); 4] = [
    (
        "token.actions.githubusercontent.com",
        &[
            "actor",
            "actor_id",
            "repository",
            "repository_id",
            "repository_owner_id",
            "workflow",
            "ref",
            "environment",
            "enterprise_id",
            "job_workflow_ref",
        ],
    ),
    (
        "gitlab.com",
        &[
            "namespace_id",
            "project_id",
            "user_id",
            "user_login",
            "user_email",
            "user_access_level",
            "ref_protected",
            "pipeline_source",
            "runner_environment",
        ],
    ),
    (
        "agent.buildkite.com",
        &[
            "organization_slug",
            "organization_id",
            "pipeline_slug",
            "pipeline_id",
            "cluster_name",
            "cluster_id",
            "build_branch",
        ],
    ),
    ("oidc.circleci.com", &["oidc.circleci.com/project-id"]),
];

const PARAMETERS: [&str; 7] = [
    "RoleArn",
    "RoleSessionName",
    "WebIdentityToken",
    "DurationSeconds",
    "Policy",
    "PolicyArns",
    "ProviderId",
];

/// The parameters, within their limits.
struct Asked {
    role_arn: String,
    account: String,
    name: String,
    token: String,
    duration: i64,
    policies: SessionPolicies,
}

fn parse(arrived: &Arrived) -> Result<Asked, StsError> {
    only(arrived, &PARAMETERS)?;
    let param = |name: &str| arrived.param(name);
    let mut violations = Violations::default();
    for (name, value) in [
        ("roleArn", param("RoleArn")),
        ("roleSessionName", param("RoleSessionName")),
        ("webIdentityToken", param("WebIdentityToken")),
    ] {
        violations.required(name, value);
    }
    violations.text("roleArn", param("RoleArn"), 20..=2048, Charset::Any);
    violations.text(
        "roleSessionName",
        param("RoleSessionName"),
        2..=64,
        Charset::Name,
    );
    violations.text(
        "webIdentityToken",
        param("WebIdentityToken"),
        4..=20_000,
        Charset::Any,
    );
    let duration = violations.number(
        "durationSeconds",
        param("DurationSeconds"),
        &(900..=43_200),
        3600,
    );
    let policies = SessionPolicies::from_params(&arrived.params);
    policies.validate(&mut violations);
    violations.finish()?;
    let text = |name: &str| param(name).unwrap_or_default().to_owned();
    let role_arn = text("RoleArn");
    let account = match Arn::parse(&role_arn) {
        Some(arn) if arn.is_role() => arn.account.to_owned(),
        _ => {
            return Err(StsError::new(
                400,
                "ValidationError",
                "Request ARN is invalid",
            ));
        }
    };
    let (name, token) = (text("RoleSessionName"), text("WebIdentityToken"));
    Ok(Asked {
        role_arn,
        account,
        name,
        token,
        duration,
        policies,
    })
}

pub(super) fn call(state: &mut State, arrived: &Arrived) -> Result<Answer, StsError> {
    let asked = parse(arrived)?;
    let now = state.now();
    let verified = jwt::verify(
        &asked.token,
        &asked.account,
        &state.world,
        &state.issuer,
        now,
    )?;
    let tags = Requested::from_claims(&verified.claims)?;
    let source_identity =
        Some(verified.text("https://aws.amazon.com/source_identity")).filter(|s| !s.is_empty());
    let source_identity = source_identity.map(str::to_owned);

    let mut context = Context::new(
        "sts:AssumeRoleWithWebIdentity",
        Principal::Federated(verified.provider.arn()),
    );
    describe(
        &verified,
        &asked.name,
        source_identity.as_deref(),
        &mut context,
    );
    super::describe_tags(&tags, &mut context);
    let role = authorize(
        state,
        &asked.role_arn,
        &mut context,
        &tags,
        source_identity.is_some(),
    )?;
    if asked.duration > role.max_session {
        let message =
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(StsError::new(400, "ValidationError", message));
    }
    let mut violations = Violations::default();
    tags.validate(&mut violations);
    violations.finish()?;
    tags.check(None)?;
    asked.policies.check(&asked.account)?;
    let (merged, transitive) = tags.merged(None);
    let packed = packed::percent(&asked.policies, &merged, state.world.packed_budget)?;
    let session = state.issue(Session {
        tags: merged,
        transitive,
        source_identity,
        policy: asked.policies.inline,
        policy_arns: asked.policies.arns,
        packed,
        caller: verified.text("sub").to_owned(),
        ..Session::of_role(
            "AssumeRoleWithWebIdentity",
            &role.arn,
            &asked.name,
            asked.duration,
        )
    });
    let result = Element::new("AssumeRoleWithWebIdentityResult")
        .text("Audience", &verified.audience)
        .child(
            Element::new("AssumedRoleUser")
                .text("AssumedRoleId", &session.user_id)
                .text("Arn", &session.arn),
        )
        .text("Provider", &verified.provider.arn())
        .child(credentials_element(&session))
        .text_if(
            "PackedPolicySize",
            session.packed.map(|p| p.to_string()).as_deref(),
        )
        .text("SubjectFromWebIdentityToken", verified.text("sub"))
        .text_if("SourceIdentity", session.source_identity.as_deref());
    Ok(Answer::sts("AssumeRoleWithWebIdentity", result))
}

/// The condition keys that come from the token.
fn describe(verified: &Verified, name: &str, source_identity: Option<&str>, context: &mut Context) {
    let host = issuer_host(&verified.provider.issuer);
    for (claim, value) in &verified.claims {
        if takes(host, claim) {
            context.set(&format!("{host}:{claim}"), texts(value));
        }
    }
    if let Some(all) = verified.claims.get("aud") {
        context.set(&format!("{host}:oaud"), texts(all));
    }
    context.set(&format!("{host}:aud"), [verified.audience.clone()]);
    context.set("aws:FederatedProvider", [verified.provider.arn()]);
    context.set("sts:RoleSessionName", [name.to_owned()]);
    context.set("sts:SourceIdentity", source_identity.map(str::to_owned));
}

/// Whether IAM looks at that claim of that issuer.
fn takes(host: &str, claim: &str) -> bool {
    let own = |(known, claims): &(&str, &[&str])| {
        // ghe.com's claims are GitHub's; an Enterprise Server's are not known to AWS.
        let ghe = host.starts_with("token.actions.") && host.ends_with(".ghe.com");
        let named = if ghe {
            *known == "token.actions.githubusercontent.com"
        } else {
            host.split('/').next() == Some(*known)
        };
        named && claims.contains(&claim)
    };
    ANY_CLAIMS.contains(&claim) || KNOWN_CLAIMS.iter().any(own)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

fn authorize(
    state: &mut State,
    role_arn: &str,
    context: &mut Context,
    tags: &Requested,
    with_identity: bool,
) -> Result<Role, StsError> {
    let refused = |action: &str| StsError::denied(&format!("Not authorized to perform {action}"));
    let Some(role) = state.world.find_role(role_arn).cloned() else {
        state.denials.push(format!("{role_arn} does not exist"));
        return Err(refused(&context.action));
    };
    let mut actions = vec!["sts:AssumeRoleWithWebIdentity"];
    if !tags.tags.is_empty() {
        actions.push("sts:TagSession");
    }
    if with_identity {
        actions.push("sts:SetSourceIdentity");
    }
    for action in actions {
        action.clone_into(&mut context.action);
        let reason = match trust::evaluate(&role.trust, context) {
            Decision::Allow { .. } => continue,
            Decision::ExplicitDeny => "the trust policy denies it".to_owned(),
            Decision::ImplicitDeny(reasons) => reasons.join("; "),
        };
        state
            .denials
            .push(format!("{action} on {role_arn}: {reason}"));
        return Err(refused(action));
    }
    Ok(role)
}
