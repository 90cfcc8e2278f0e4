//! Why AssumeRole was denied, where STS does not say.

use super::{Refusal, cause, words};
use crate::model::Cause;

pub(super) fn causes(refusal: &Refusal<'_>) -> Vec<Cause> {
    let Some(caller) = words::caller(refusal.message) else {
        return Vec::new();
    };
    let role = refusal.role_text();
    let who = caller.principal();
    let other_account = refusal
        .role
        .is_some_and(|role| role.account() != caller.account);
    let mut causes: Vec<Cause> = refusal.foreign_account().into_iter().collect();
    if other_account && refusal.sends.external_id.is_none() && !refusal.chained {
        causes.push(cause(
            format!("the trust policy of {role} does not name the caller {who}, or asks for an external ID, and none is sent"),
            "let the trust policy name the caller, as below; if it asks for sts:ExternalId, set role-external-id",
        ));
    } else {
        causes.push(cause(
            format!("the trust policy of {role} does not name the caller {who}"),
            "let the trust policy name it, as below",
        ));
    }
    if let (Some(id), true) = (&refusal.sends.external_id, other_account) {
        causes.push(cause(
            format!(
                "the external ID {} is not the one that the trust policy asks for",
                crate::trust::text::shown(id)
            ),
            "compare role-external-id with sts:ExternalId in the trust policy",
        ));
    }
    causes.push(if other_account {
        cause(
            format!("the caller {who} has no permission of its own: into another account ({}), both sides have to allow it", refusal.account()),
            "add the second policy below to the caller",
        )
    } else {
        cause(
            format!("the caller {who} may not call sts:AssumeRole on {role}, and the trust policy names only its account"),
            "add the second policy below to the caller",
        )
    });
    causes.push(missing(refusal));
    causes
}

/// AWS says the same of a role that is not there.
pub(super) fn missing(refusal: &Refusal<'_>) -> Cause {
    let role = refusal.role_text();
    let next = match refusal.role {
        Some(role) => format!(
            "check the name, its path and the account: aws iam get-role --role-name {} in the account {}",
            role.name(),
            role.account()
        ),
        None => "check role-to-assume".to_owned(),
    };
    cause(
        format!("{role} does not exist; AWS says the same of a role that is not there"),
        next,
    )
}
