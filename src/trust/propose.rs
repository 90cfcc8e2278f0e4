//! The least that a role has to trust: a policy for exactly this job, or for exactly this caller.

use super::context::Caller;
use super::issuer::{Ci, Issuer};
use super::pattern;
use super::subject::{Subject, Trigger};
use super::text::shown;
use crate::model::Claims;

/// A trust policy of one statement, with what belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    /// The provider that has to be in the role's account; none for a caller, and for Google.
    pub(crate) provider: Option<Provider>,
    pub(crate) kind: &'static str,
    pub(crate) principal: String,
    pub(crate) actions: Vec<&'static str>,
    /// Operator, key and value, the operator's pairs together.
    pub(crate) conditions: Vec<(&'static str, String, String)>,
    /// What a reader has to know before using it.
    pub(crate) notes: Vec<String>,
}

/// An OIDC provider of IAM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provider {
    pub(crate) url: String,
    pub(crate) audience: String,
    pub(crate) arn: String,
}

/// What an AssumeRole sends that needs a permission or meets a condition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sends {
    pub(crate) tags: bool,
    pub(crate) source_identity: bool,
    pub(crate) external_id: Option<String>,
    pub(crate) mfa: bool,
}

/// Stands where the account is not known.
pub(crate) const ACCOUNT: &str = "ACCOUNT_ID";

impl Proposal {
    /// For the job of this token; `place` is the partition and account of the role. None for a token without an issuer,
    /// audience or subject, which STS refuses in any case.
    pub(crate) fn for_token(claims: &Claims, place: Option<(&str, &str)>) -> Option<Self> {
        let issuer = Issuer::of(claims)?;
        let (subject, audience) = (claims.text("sub")?, claims.audience()?);
        let (partition, account) = place.unwrap_or(("aws", ACCOUNT));
        let key = |claim: &str| format!("{}:{claim}", issuer.host());
        let mut proposal = Self {
            provider: None,
            kind: "Federated",
            principal: issuer.principal(partition, account),
            actions: vec!["sts:AssumeRoleWithWebIdentity"],
            conditions: vec![("StringEquals", key("aud"), literal(&audience))],
            notes: Vec::new(),
        };
        if issuer.system == Ci::Google {
            // `aud` compares the client; what was asked for is in `oaud`.
            let asked = claims.values("aud");
            let asked = asked.first().map_or(audience.as_str(), String::as_str);
            proposal.equal(key("oaud"), asked);
        } else {
            proposal.provider = Some(Provider {
                url: issuer.url.clone(),
                audience,
                arn: proposal.principal.clone(),
            });
        }
        if !claims.session_tags().is_empty() {
            proposal.actions.push("sts:TagSession");
        }
        if claims
            .text("https://aws.amazon.com/source_identity")
            .is_some()
        {
            proposal.actions.push("sts:SetSourceIdentity");
        }
        match changing(&issuer, subject) {
            Some((pattern, note)) => {
                proposal
                    .conditions
                    .push(("StringLike", key("sub"), pattern));
                proposal.notes.push(note);
            }
            None => proposal.equal(key("sub"), subject),
        }
        if issuer.speaks_github() {
            proposal.narrow(&issuer, claims, &Subject::read(subject));
        }
        if issuer.system == Ci::Terraform {
            proposal.notes.push("plan and apply have subjects of their own (`run_phase`); this one is for the phase of this token".to_owned());
        }
        if place.is_none() {
            proposal.notes.push(format!(
                "put the account of the role in place of {ACCOUNT}, or give --role"
            ));
        }
        Some(proposal)
    }

    /// For a user or a role that assumes the role `role`.
    pub(crate) fn for_caller(caller: &Caller, sends: &Sends) -> Self {
        let mut proposal = Self {
            provider: None,
            kind: "AWS",
            principal: caller.principal().to_owned(),
            actions: actions(sends),
            conditions: Vec::new(),
            notes: Vec::new(),
        };
        if let Some(id) = &sends.external_id {
            proposal.equal("sts:ExternalId".to_owned(), id);
        }
        if sends.mfa {
            proposal.conditions.push((
                "Bool",
                "aws:MultiFactorAuthPresent".to_owned(),
                "true".to_owned(),
            ));
        }
        if caller.arn.contains(":assumed-role/") {
            proposal.notes.push(format!(
                "{} stands behind the session; if the role has a path, put it in",
                shown(&proposal.principal)
            ));
        }
        if caller.arn.ends_with(":root") {
            proposal.notes.push("an account's root user cannot assume roles; with this principal the account's users and roles can, whose own policies allow it".to_owned());
        }
        proposal
    }

    fn equal(&mut self, key: String, value: &str) {
        // Pairs of one operator stand together.
        let after = self
            .conditions
            .iter()
            .rposition(|(operator, ..)| *operator == "StringEquals")
            .map_or(self.conditions.len(), |last| last + 1);
        self.conditions
            .insert(after, ("StringEquals", key, literal(value)));
    }

    /// What the subject leaves open, said or closed.
    fn narrow(&mut self, issuer: &Issuer, claims: &Claims, subject: &Subject) {
        match subject {
            Subject::Plain { of: Trigger::PullRequest, .. } => self.notes.push(
                "it admits EVERY pull request of the repository, with code that nobody has reviewed yet: give such a role read-only \
                 permissions, or use an `environment:` with required reviewers".to_owned(),
            ),
            Subject::Plain { of: Trigger::Environment(_), .. } => self.notes.push(
                "it admits every branch and tag that the environment's deployment rules let in".to_owned(),
            ),
            Subject::Plain { .. } => {}
            Subject::Custom(pairs) => {
                let has = |names: &[&str]| pairs.iter().any(|(name, _)| names.contains(&name.as_str()));
                if !has(&["repo", "repository", "repository_id"]) {
                    self.close(issuer, claims, "repository_id", "every repository that the template serves");
                }
                if !has(&["context", "environment", "ref", "pull_request"]) {
                    let claim = if claims.text("environment").is_some() { "environment" } else { "ref" };
                    self.close(issuer, claims, claim, "every branch, tag and environment");
                }
            }
        }
    }

    fn close(&mut self, issuer: &Issuer, claims: &Claims, claim: &str, open: &str) {
        match claims.values(claim).first() {
            Some(value) if issuer.takes(claim) => {
                self.equal(format!("{}:{claim}", issuer.host()), value);
            }
            _ => self.notes.push(format!(
                "the subject does not say which {}, and AWS does not look at that claim of {}: it admits {open}; add the claim to the subject's template",
                claim.trim_end_matches("_id"),
                issuer.name()
            )),
        }
    }

    /// The policy document.
    pub(crate) fn json(&self) -> String {
        let actions: Vec<String> = self.actions.iter().map(|action| quoted(action)).collect();
        let actions = match actions.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let mut lines = vec![
            "{".to_owned(),
            "  \"Version\": \"2012-10-17\",".to_owned(),
            "  \"Statement\": [".to_owned(),
            "    {".to_owned(),
            "      \"Effect\": \"Allow\",".to_owned(),
            format!(
                "      \"Principal\": {{ {}: {} }},",
                quoted(self.kind),
                quoted(&self.principal)
            ),
            format!(
                "      \"Action\": {actions}{}",
                if self.conditions.is_empty() { "" } else { "," }
            ),
        ];
        if !self.conditions.is_empty() {
            lines.push("      \"Condition\": {".to_owned());
            lines.extend(self.blocks());
            lines.push("      }".to_owned());
        }
        lines.extend(["    }", "  ]", "}"].map(str::to_owned));
        lines.join("\n")
    }

    fn blocks(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut rest = self.conditions.as_slice();
        while let Some((operator, ..)) = rest.first() {
            let same = rest
                .iter()
                .take_while(|(other, ..)| other == operator)
                .count();
            let (group, others) = rest.split_at(same);
            lines.push(format!("        {}: {{", quoted(operator)));
            for (at, (_, key, value)) in group.iter().enumerate() {
                let comma = if at + 1 < group.len() { "," } else { "" };
                lines.push(format!(
                    "          {}: {}{comma}",
                    quoted(key),
                    quoted(value)
                ));
            }
            lines.push(format!(
                "        }}{}",
                if others.is_empty() { "" } else { "," }
            ));
            rest = others;
        }
        lines
    }
}

/// The identity policy that lets the caller assume the role; in another account both are needed.
pub(crate) fn identity_policy(role: &str, sends: &Sends) -> String {
    let actions: Vec<String> = actions(sends).iter().map(|action| quoted(action)).collect();
    let actions = match actions.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\n      \"Effect\": \"Allow\",\n      \"Action\": {actions},\n      \"Resource\": {}\n    }}\n  ]\n}}",
        quoted(role)
    )
}

fn actions(sends: &Sends) -> Vec<&'static str> {
    let mut actions = vec!["sts:AssumeRole"];
    if sends.tags {
        actions.push("sts:TagSession");
    }
    if sends.source_identity {
        actions.push("sts:SetSourceIdentity");
    }
    actions
}

/// A subject of which a part is another one in each run, as a pattern, and what that part is.
fn changing(issuer: &Issuer, subject: &str) -> Option<(String, String)> {
    let after = |mark: &str, end: char| {
        let (before, rest) = subject.split_once(mark)?;
        let tail = rest
            .find(end)
            .and_then(|at| rest.get(at..))
            .unwrap_or_default();
        Some(format!(
            "{}*{}",
            pattern::escaped(&format!("{before}{mark}")),
            pattern::escaped(tail)
        ))
    };
    match issuer.system {
        Ci::Buildkite => Some((
            after(":commit:", ':')?,
            "the subject has the commit in it, so a `*` stands there".to_owned(),
        )),
        Ci::Circle => Some((
            after("/user/", '/')?,
            "the subject has the user in it who triggered the job, so a `*` stands there"
                .to_owned(),
        )),
        Ci::Bitbucket => {
            let (before, _) = subject.rsplit_once(':')?;
            let pattern = format!("{}:*", pattern::escaped(before));
            Some((pattern, "the subject ends with the step's UUID, another one in each run, so a `*` stands there".to_owned()))
        }
        _ => None,
    }
}

/// A value as it is: `${` would begin a variable.
fn literal(value: &str) -> String {
    value.replace("${", "${$}{")
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
#[path = "propose_tests.rs"]
mod tests;
