//! Why a token was denied, where STS does not say: what of the subject a policy is most likely not written for.

use super::{Refusal, caller, cause};
use crate::model::{Cause, Claims};
use crate::trust::issuer::{Ci, Issuer};
use crate::trust::subject::{Subject, Trigger, readable};
use crate::trust::text::shown;

/// Repositories that were made since then have ids in their subjects.
const IMMUTABLE_SINCE: &str = "2026-07-15";

pub(super) fn causes(refusal: &Refusal<'_>, claims: &Claims) -> Vec<Cause> {
    let (Some(issuer), Some(subject)) = (Issuer::of(claims), claims.text("sub")) else {
        return Vec::new();
    };
    let mut causes: Vec<Cause> = refusal.foreign_account().into_iter().collect();
    causes.extend(audience(refusal, claims, &issuer));
    if issuer.speaks_github() {
        causes.extend(github(refusal, claims, subject));
    } else {
        causes.extend(others(claims, &issuer, subject));
    }
    causes.push(caller::other(
        refusal,
        &format!("is for another subject than {}", shown(subject)),
    ));
    causes
}

/// The provider has taken it, or STS would say so; the policy's condition is the other place that names it.
fn audience(refusal: &Refusal<'_>, claims: &Claims, issuer: &Issuer) -> Option<Cause> {
    // Elsewhere everybody has an own one.
    let chosen = issuer.speaks_github() || issuer.system == Ci::Buildkite;
    let audience = claims.audience()?;
    let usual = if refusal.partition == "aws-cn" {
        "sts.amazonaws.com.cn"
    } else {
        "sts.amazonaws.com"
    };
    if !chosen || audience == usual {
        return None;
    }
    Some(cause(
        format!(
            "the token's audience is {}, and the trust policy asks for another one, usually {usual}",
            shown(&audience)
        ),
        format!(
            "set `audience: {usual}`, or write {} in the policy's condition on aud",
            shown(&audience)
        ),
    ))
}

fn github(refusal: &Refusal<'_>, claims: &Claims, text: &str) -> Vec<Cause> {
    let subject = Subject::read(text);
    let mut causes = Vec::new();
    if let Some(template) = subject.template() {
        causes.push(cause(
            format!(
                "the owner's template makes the subject of {}: {}; a policy in GitHub's usual form (repo:OWNER/REPO:…) does not fit",
                template.join(", "),
                shown(text)
            ),
            "write this subject in the trust policy, as below",
        ));
    }
    if subject.is_immutable() {
        causes.push(cause(
            format!(
                "the subject is in the immutable form, {}; the trust policy is probably in the old form, {}",
                shown(text),
                shown(&old_form(text))
            ),
            "write the subject with the ids in the trust policy, as below",
        ));
    } else if let (Some(created), Some(_)) = (
        refusal
            .job
            .created
            .as_deref()
            .filter(|created| *created >= IMMUTABLE_SINCE),
        subject.trigger(),
    ) {
        let day = created.get(..10).unwrap_or(created);
        causes.push(cause(
            format!(
                "the subject is in the old form, {}, though the repository is of {day}; the trust policy is probably in the immutable form, with ids",
                shown(text)
            ),
            "write the subject as the token has it, as below, or let the owner turn immutable subjects on",
        ));
    }
    causes.extend(
        subject
            .trigger()
            .and_then(|of| trigger(refusal, claims, of)),
    );
    if let Some(workflow) = reused(claims) {
        causes.push(cause(
            format!(
                "the job is in the reusable workflow {}; a policy that asks for job_workflow_ref or workflow has to name that one, and \
                 the subject is still the caller's",
                shown(workflow)
            ),
            "compare the conditions on job_workflow_ref and workflow with the token's",
        ));
    }
    if let Some(repository) = subject
        .repository()
        .filter(|name| name.chars().any(char::is_uppercase))
    {
        causes.push(cause(
            format!(
                "the repository is {}: the trust policy has it in other upper and lower case",
                shown(&repository)
            ),
            "write it as the token has it; case counts, with StringLike too",
        ));
    }
    if let (Some(Trigger::Branch(branch)), Some(main)) =
        (subject.trigger(), &refusal.job.default_branch)
        && readable(branch) != *main
    {
        causes.push(cause(
            format!(
                "the job runs on the branch {}; the trust policy is for another one, probably {}",
                shown(&readable(branch)),
                shown(main)
            ),
            "admit this branch in the policy, or run the job on the one that it names",
        ));
    }
    causes
}

fn trigger(refusal: &Refusal<'_>, claims: &Claims, of: &Trigger) -> Option<Cause> {
    match of {
        Trigger::Environment(name) => {
            let place = claims.text("ref").unwrap_or("refs/heads/main");
            let name = readable(name);
            Some(cause(
                format!(
                    "the job has `environment: {name}`, so its subject ends in `environment:{name}`; the trust policy is probably for `ref:{place}` or another environment"
                ),
                format!(
                    "put `environment:{name}` in place of `ref:{place}` in the policy's subject, or drop `environment:` from the job"
                ),
            ))
        }
        Trigger::PullRequest => {
            let from = refusal
                .job
                .fork
                .as_ref()
                .map_or_else(String::new, |fork| format!(" from the fork {fork}"));
            Some(cause(
                format!(
                    "the job runs for a pull request{from}, whose subject ends in `pull_request`; the trust policy is probably for a branch"
                ),
                "run this step only on the branch (if: github.event_name != 'pull_request'), or give pull requests a role of their own that can only read",
            ))
        }
        Trigger::Tag(tag) => Some(cause(
            format!(
                "the job runs for the tag {}; the trust policy is probably for a branch",
                shown(&readable(tag))
            ),
            format!(
                "admit `ref:refs/tags/{tag}` in the policy (StringLike and `ref:refs/tags/v*` for all versions)"
            ),
        )),
        Trigger::Branch(_) | Trigger::Other(_) => None,
    }
}

fn others(claims: &Claims, issuer: &Issuer, subject: &str) -> Vec<Cause> {
    let said = match issuer.system {
        Ci::Gitlab if subject.contains(":ref_type:tag:") => Some((
            format!("the job runs for a tag, so the subject is {}; the trust policy is probably for a branch (ref_type:branch)", shown(subject)),
            "admit `ref_type:tag` in the policy, or run the job on the branch".to_owned(),
        )),
        Ci::Gitlab if subject.contains(":ref_type:branch:") => {
            let place = subject.rsplit_once(":ref:").map_or(subject, |(_, branch)| branch);
            Some((
                format!(
                    "the job runs on the branch {} of {}; the trust policy is for another project or branch",
                    shown(place),
                    shown(claims.text("project_path").unwrap_or_default())
                ),
                "admit this subject in the policy, as below, or run the job on the branch that it names".to_owned(),
            ))
        }
        Ci::Gitlab => Some((
            format!("the project has its own parts in the subject: {}", shown(subject)),
            "write this subject in the trust policy, as below".to_owned(),
        )),
        Ci::Buildkite => Some((
            format!("the subject has the commit and the step in it, {}: a policy with a whole subject fits one commit only", shown(subject)),
            "use StringLike with a `*` in place of the commit, as below".to_owned(),
        )),
        Ci::Circle if subject.contains("/vcs-origin/") => Some((
            format!("the subject is that of CIRCLE_OIDC_TOKEN_V2, with origin and ref: {}; the trust policy is probably for the short form, which ends after the user", shown(subject)),
            "add `/*` to the policy's subject or write the origin and ref, as below; or use CIRCLE_OIDC_TOKEN".to_owned(),
        )),
        Ci::Circle => Some((
            format!("the subject has the user in it who triggered the job, {}: a policy with a whole subject fits one user only", shown(subject)),
            "use StringLike with `user/*`, as below".to_owned(),
        )),
        Ci::Bitbucket => Some((
            format!("the subject ends with the step's UUID, {}, another one in each run", shown(subject)),
            "use StringLike with a `*` at the end, as below".to_owned(),
        )),
        Ci::Terraform => Some((
            format!("the subject is for one phase of the run, {}; the trust policy is probably for the other one, or another workspace", shown(subject)),
            "admit `run_phase:plan` and `run_phase:apply` in the policy, or give each a role".to_owned(),
        )),
        _ => None,
    };
    said.map(|(what, next)| cause(what, next))
        .into_iter()
        .collect()
}

/// The reusable workflow that a job is in: its workflow is not the one that was started.
pub(super) fn reused(claims: &Claims) -> Option<&str> {
    let (job, started) = (
        claims.text("job_workflow_ref")?,
        claims.text("workflow_ref")?,
    );
    let path = |text: &str| text.split('@').next().unwrap_or_default().to_owned();
    (path(job) != path(started)).then_some(job)
}

/// `repo:o@1/r@2:…` without its ids.
fn old_form(text: &str) -> String {
    let Some((repository, rest)) = text
        .strip_prefix("repo:")
        .and_then(|rest| rest.split_once(':'))
    else {
        return text.to_owned();
    };
    let names: Vec<&str> = repository
        .split('/')
        .map(|part| part.split('@').next().unwrap_or_default())
        .collect();
    format!("repo:{}:{rest}", names.join("/"))
}
