//! `AssumeRole`: from one identity to a role.

use super::{StsError, only};
use crate::answer::Answer;
use crate::arn::Arn;
use crate::caller::{Caller, authenticate, verify_mfa};
use crate::limits::{Charset, Violations};
use crate::packed;
use crate::policy::SessionPolicies;
use crate::route::Arrived;
use crate::session::Session;
use crate::state::{State, credentials_element};
use crate::tags::Requested;
use crate::trust::{self, Context, Decision};
use crate::world::Role;
use crate::xml::Element;

const PARAMETERS: [&str; 11] = [
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "Policy",
    "PolicyArns",
    "Tags",
    "TransitiveTagKeys",
    "ExternalId",
    "SourceIdentity",
    "SerialNumber",
    "TokenCode",
];

/// The parameters, within their limits.
struct Asked {
    role_arn: String,
    name: String,
    duration: i64,
    policies: SessionPolicies,
    tags: Requested,
    external_id: Option<String>,
    /// The source identity of the new session: the one asked for, or the one inherited.
    source_identity: Option<String>,
}

pub(super) fn call(state: &mut State, arrived: &Arrived) -> Result<Answer, StsError> {
    let caller = authenticate(state, arrived)?;
    only(arrived, &PARAMETERS)?;
    let mut asked = parse(arrived)?;
    if caller.is_root() {
        return Err(StsError::denied(
            "Roles may not be assumed by root accounts.",
        ));
    }
    let mfa = verify_mfa(state, &caller, arrived)?;
    let inherited = caller
        .session
        .as_ref()
        .and_then(|s| s.source_identity.clone());
    let changed = inherited.is_some()
        && asked.source_identity.is_some()
        && inherited != asked.source_identity;
    asked.source_identity = asked.source_identity.or(inherited);

    let role = state.world.find_role(&asked.role_arn).cloned();
    let mut context = Context::new("sts:AssumeRole", caller.principal());
    caller.describe(&state.world, mfa, state.now(), &mut context);
    describe(&asked, &mut context);
    let Some(role) = role else {
        state
            .denials
            .push(format!("{} does not exist", asked.role_arn));
        return Err(refused(&caller, "sts:AssumeRole", &asked.role_arn));
    };
    let mut actions = vec!["sts:AssumeRole"];
    // Inherited tags and identities are passed on without being asked for, and need the permission all the same.
    if !asked.tags.tags.is_empty()
        || caller
            .session
            .as_ref()
            .is_some_and(|s| !s.transitive.is_empty())
    {
        actions.push("sts:TagSession");
    }
    if asked.source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    for action in actions {
        action.clone_into(&mut context.action);
        authorize(state, &caller, &role, &context)?;
    }
    if changed {
        // That it cannot change is documented; the wording is not.
        state
            .denials
            .push("a source identity cannot change along a chain".to_owned());
        return Err(refused(&caller, "sts:SetSourceIdentity", &role.arn));
    }
    check_duration(&asked, &role, &caller)?;
    asked.tags.check(caller.session.as_ref())?;
    asked.policies.check(&crate::arn::account(&role.arn))?;
    let (tags, transitive) = asked.tags.merged(caller.session.as_ref());
    let packed = packed::percent(&asked.policies, &tags, state.world.packed_budget)?;
    let session = state.issue(Session {
        tags,
        transitive,
        source_identity: asked.source_identity,
        policy: asked.policies.inline,
        policy_arns: asked.policies.arns,
        external_id: asked.external_id,
        packed,
        chained: caller.role_session().is_some(),
        mfa,
        caller: caller.arn,
        ..Session::of_role("AssumeRole", &role.arn, &asked.name, asked.duration)
    });
    let result = Element::new("AssumeRoleResult")
        .child(
            Element::new("AssumedRoleUser")
                .text("AssumedRoleId", &session.user_id)
                .text("Arn", &session.arn),
        )
        .child(credentials_element(&session))
        .text_if(
            "PackedPolicySize",
            session.packed.map(|p| p.to_string()).as_deref(),
        )
        .text_if("SourceIdentity", session.source_identity.as_deref());
    Ok(Answer::sts("AssumeRole", result))
}

fn parse(arrived: &Arrived) -> Result<Asked, StsError> {
    let param = |name: &str| arrived.param(name);
    let mut violations = Violations::default();
    violations.required("roleArn", param("RoleArn"));
    violations.required("roleSessionName", param("RoleSessionName"));
    violations.text("roleArn", param("RoleArn"), 20..=2048, Charset::Any);
    violations.text(
        "roleSessionName",
        param("RoleSessionName"),
        2..=64,
        Charset::Name,
    );
    violations.text(
        "externalId",
        param("ExternalId"),
        2..=1224,
        Charset::ExternalId,
    );
    violations.text(
        "sourceIdentity",
        param("SourceIdentity"),
        2..=64,
        Charset::Name,
    );
    violations.text(
        "serialNumber",
        param("SerialNumber"),
        9..=256,
        Charset::Serial,
    );
    violations.text("tokenCode", param("TokenCode"), 6..=6, Charset::Digits);
    let duration = violations.number(
        "durationSeconds",
        param("DurationSeconds"),
        &(900..=43_200),
        3600,
    );
    let policies = SessionPolicies::from_params(&arrived.params);
    let tags = Requested::from_params(&arrived.params);
    policies.validate(&mut violations);
    tags.validate(&mut violations);
    violations.finish()?;
    let role_arn = param("RoleArn").unwrap_or_default().to_owned();
    let invalid = |message: &str| Err(StsError::new(400, "ValidationError", message));
    if !Arn::parse(&role_arn).is_some_and(|a| a.is_role()) {
        return invalid(&format!("{role_arn} is invalid"));
    }
    if param("SourceIdentity").is_some_and(|s| s.to_lowercase().starts_with("aws:")) {
        return invalid("SourceIdentity must not begin with 'aws:'");
    }
    Ok(Asked {
        role_arn,
        name: param("RoleSessionName").unwrap_or_default().to_owned(),
        duration,
        policies,
        tags,
        external_id: param("ExternalId").map(str::to_owned),
        source_identity: param("SourceIdentity").map(str::to_owned),
    })
}

/// The condition keys that come from the parameters.
fn describe(asked: &Asked, context: &mut Context) {
    context.set("sts:RoleSessionName", [asked.name.clone()]);
    context.set("sts:ExternalId", asked.external_id.clone());
    context.set("sts:SourceIdentity", asked.source_identity.clone());
    super::describe_tags(&asked.tags, context);
}

fn authorize(
    state: &mut State,
    caller: &Caller,
    role: &Role,
    context: &Context,
) -> Result<(), StsError> {
    let decision = trust::evaluate(&role.trust, context);
    let same_account = crate::arn::account(&role.arn) == caller.account;
    let reason = match &decision {
        // In one account, a trust policy that names the principal itself is enough.
        Decision::Allow { direct: true }
            if same_account && caller.session_allows(&role.arn, context) =>
        {
            return Ok(());
        }
        Decision::Allow { .. } if caller.may(&state.world, &role.arn, context) => return Ok(()),
        Decision::Allow { .. } => "the caller's own policies do not allow it".to_owned(),
        Decision::ExplicitDeny => "the trust policy denies it".to_owned(),
        Decision::ImplicitDeny(reasons) => reasons.join("; "),
    };
    state
        .denials
        .push(format!("{} on {}: {reason}", context.action, role.arn));
    let mut error = refused(caller, &context.action, &role.arn);
    if decision == Decision::ExplicitDeny {
        error.message += " with an explicit deny in a resource-based policy";
    }
    if same_account && decision.is_allowed() {
        error.message += " because no identity-based policy allows the ";
        error.message += &context.action;
        error.message += " action";
    }
    Err(error)
}

fn refused(caller: &Caller, action: &str, role: &str) -> StsError {
    StsError::denied(&format!(
        "User: {} is not authorized to perform: {action} on resource: {role}",
        caller.arn
    ))
}

fn check_duration(asked: &Asked, role: &Role, caller: &Caller) -> Result<(), StsError> {
    let invalid = |message: &str| Err(StsError::new(400, "ValidationError", message));
    if caller.role_session().is_some() && asked.duration > 3600 {
        return invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        );
    }
    if asked.duration > role.max_session {
        return invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        );
    }
    Ok(())
}
