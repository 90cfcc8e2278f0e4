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
    let unnamed = if other_account && refusal.sends.external_id.is_none() && !refusal.chained {
        format!("does not name the caller {who}, or asks for an external ID (none is sent)")
    } else {
        format!("does not name the caller {who}")
    };
    causes.push(other(refusal, &unnamed));
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
    causes
}

/// AWS says the same of a policy that does not fit and of a role that is not there.
pub(super) fn other(refusal: &Refusal<'_>, misfit: &str) -> Cause {
    let next = refusal.role.map_or_else(
        || "compare the role's trust policy with what is shown here".to_owned(),
        |role| {
            format!(
                "in the account {}, `aws iam get-role --role-name {}` shows which; compare its trust policy with the one below",
                role.account(),
                role.name()
            )
        },
    );
    cause(
        format!(
            "the trust policy of {} {misfit}, or there is no such role: AWS says the same of both",
            refusal.role_text()
        ),
        next,
    )
}
