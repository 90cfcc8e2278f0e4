//! The same step in a job that the role does not trust.

use fake_aws::{FakeAws, World};
use serde_json::{Value, json};

use crate::page::Page;
use crate::runner::{Job, deploy};
use crate::{Done, check};

const BRANCH: &str = "refs/heads/feature/login";

pub(crate) fn show(page: &mut Page, aws: &FakeAws) -> Done {
    page.section("The same step on another branch: refused")?;
    let subject = format!("repo:octo-org/octo-repo:ref:{BRANCH}");
    aws.clear();
    let (mut usual, mut trusted) = (Value::Null, String::new());
    aws.edit(|world| {
        trusted = trusted_subject(world).unwrap_or_default();
        usual = world.claims.clone();
        world.claims["sub"] = json!(subject);
        world.claims["ref"] = json!(BRANCH);
    });
    let mut job = Job::new(aws, BRANCH)?;
    let step = job.main(&deploy())?;
    aws.edit(|world| world.claims = usual);
    step.print(page)?;
    step.ends_with(5)?;
    check(
        step.log
            .lines
            .iter()
            .any(|line| line.trim_start().starts_with("hint:")),
        || "the log has no hint".to_owned(),
    )?;
    check(step.log.errors.len() == 1, || {
        format!("{} annotations, not 1", step.log.errors.len())
    })?;
    page.text("What the hint tells you to compare:")?;
    page.pairs(&[("the role trusts", trusted), ("the token says", subject)])?;
    let asked = aws.count("AssumeRoleWithWebIdentity");
    check(asked == 1, || format!("STS was asked {asked} times"))?;
    let nothing = step.env.is_empty()
        && step.output.is_empty()
        && step.state.is_empty()
        && step.summary.is_empty();
    check(nothing, || {
        "the refused step left something behind".to_owned()
    })?;
    page.proved(&format!(
        "STS was asked once: what it denies, it denies again. {} ms, exit status 5, nothing exported; message and \
         hint are also an annotation on the run's page.",
        step.took.as_millis()
    ))
}

/// What the role's trust policy wants in `sub`.
fn trusted_subject(world: &World) -> Option<String> {
    let role = world.roles.iter().find(|role| role.arn == crate::DEPLOY)?;
    let trust: Value = serde_json::from_str(&role.trust).ok()?;
    let like = &trust["Statement"][0]["Condition"]["StringLike"];
    Some(
        like["token.actions.githubusercontent.com:sub"]
            .as_str()?
            .to_owned(),
    )
}
