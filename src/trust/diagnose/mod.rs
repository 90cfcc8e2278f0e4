//! Why STS refused: the likely causes in order, from what is known without the trust policy.

mod caller;
mod token;
mod words;

use super::issuer::Issuer;
use super::propose::{self, Proposal, Sends};
use crate::model::{Cause, Claims, Diagnosis, Ready, RoleArn};

/// More than these nobody reads.
const MOST_CAUSES: usize = 4;

/// What was asked, what STS said, and what is known of the job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refusal<'a> {
    /// STS' code and message.
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    pub(crate) role: Option<&'a RoleArn>,
    pub(crate) region: &'a str,
    pub(crate) partition: &'a str,
    pub(crate) seconds: u32,
    /// The caller is itself a role.
    pub(crate) chained: bool,
    /// The MFA code was computed, from `mfa-totp-secret`.
    pub(crate) computed_code: bool,
    pub(crate) sends: Sends,
    pub(crate) claims: Option<&'a Claims>,
    /// `allowed-account-ids`.
    pub(crate) accounts: &'a [String],
    pub(crate) job: Facts,
    /// Seconds since 1970 by this machine's clock.
    pub(crate) now: Option<i64>,
}

/// What the event of the job says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// The fork that a pull request comes from.
    pub(crate) fork: Option<String>,
    pub(crate) default_branch: Option<String>,
    /// When the repository was made, as in `2026-08-01T…`.
    pub(crate) created: Option<String>,
}

/// None, where STS' own words are all that there is to say.
pub(crate) fn diagnose(refusal: &Refusal<'_>) -> Option<Diagnosis> {
    let mut causes = words::causes(refusal);
    // Where STS says what it is, guesses would only hide it.
    let settled = !causes.is_empty();
    if refusal.code.starts_with("AccessDenied") && !settled {
        causes = match refusal.claims {
            Some(claims) => token::causes(refusal, claims),
            None => caller::causes(refusal),
        };
    }
    if causes.is_empty() {
        return None;
    }
    causes.truncate(MOST_CAUSES);
    let about_trust = refusal.code.starts_with("AccessDenied")
        || refusal.code.starts_with("InvalidIdentityToken");
    Some(Diagnosis {
        claims: refusal.claims.map(shown_claims).unwrap_or_default(),
        certain: settled,
        causes,
        policies: if about_trust {
            policies(refusal)
        } else {
            Vec::new()
        },
    })
}

/// The claims that a person compares with a policy.
pub(crate) fn shown_claims(claims: &Claims) -> Vec<(&'static str, String)> {
    const SHOWN: [&str; 8] = [
        "iss",
        "sub",
        "aud",
        "repository",
        "ref",
        "environment",
        "actor",
        "event_name",
    ];
    let mut shown: Vec<(&'static str, String)> = SHOWN
        .into_iter()
        .filter_map(|name| Some((name, claims.get(name).filter(|value| !value.is_empty())?)))
        .collect();
    if let Some(workflow) = token::reused(claims) {
        shown.push(("job_workflow_ref", workflow.to_owned()));
    }
    shown
}

/// The policies that would let this very request through.
fn policies(refusal: &Refusal<'_>) -> Vec<Ready> {
    let place = refusal.role.map(|role| (role.partition(), role.account()));
    if let Some(claims) = refusal.claims {
        let proposal = Proposal::for_token(claims, place);
        let ready = |proposal: Proposal| Ready {
            title: "a trust policy that admits exactly this job".to_owned(),
            text: proposal.json(),
            notes: proposal.notes,
        };
        return proposal.map(ready).into_iter().collect();
    }
    let Some(caller) = words::caller(refusal.message) else {
        return Vec::new();
    };
    let proposal = Proposal::for_caller(&caller, &refusal.sends);
    let mut ready = vec![Ready {
        title: "a trust policy that admits exactly this caller, for the role".to_owned(),
        text: proposal.json(),
        notes: proposal.notes,
    }];
    if let Some(role) = refusal.role {
        ready.push(Ready {
            title: format!(
                "and the policy that the caller {} needs",
                caller.principal()
            ),
            text: propose::identity_policy(role.as_str(), &refusal.sends),
            notes: Vec::new(),
        });
    }
    ready
}

impl Refusal<'_> {
    fn role_text(&self) -> &str {
        self.role.map_or("the role", RoleArn::as_str)
    }

    fn account(&self) -> &str {
        self.role.map_or("the role's account", RoleArn::account)
    }

    fn issuer(&self) -> Option<Issuer> {
        Issuer::of(self.claims?)
    }

    /// The role's account, where the user's own list says that it is not meant.
    fn foreign_account(&self) -> Option<Cause> {
        let account = self.role?.account();
        if self.accounts.is_empty() || self.accounts.iter().any(|own| own == account) {
            return None;
        }
        Some(Cause {
            what: format!(
                "the role is in the account {account}, which is not in allowed-account-ids ({})",
                self.accounts.join(", ")
            ),
            next: "correct the account in role-to-assume".to_owned(),
        })
    }

    /// No caller of one partition can assume a role of another.
    fn foreign_partition(&self) -> Option<Cause> {
        let role = self.role?;
        if self.partition.is_empty() || role.partition() == self.partition {
            return None;
        }
        Some(Cause {
            what: format!(
                "the role {role} is in the partition {}, but STS of {} is in {}",
                role.partition(),
                self.region,
                self.partition
            ),
            next: format!(
                "use a region of {} as aws-region, or the role's ARN in {} as role-to-assume",
                role.partition(),
                self.partition
            ),
        })
    }
}

fn cause(what: impl Into<String>, next: impl Into<String>) -> Cause {
    Cause {
        what: what.into(),
        next: next.into(),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
