//! Lines for `GITHUB_ENV`, `GITHUB_OUTPUT` and the like. The form is the runner's heredoc, as in the action's own hand-over.

use super::{Environment, Refusal, Rendered};
use crate::sink::github;

pub(super) fn render(environment: &Environment) -> Rendered {
    let mut pairs = environment.set.clone();
    // The file cannot take a variable away; empty session tokens count as none.
    for name in ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"] {
        if environment.unset.contains(&name) {
            pairs.push((name, String::new()));
        }
    }
    let delimiter = github::delimiter().map_err(|_| failed(environment))?;
    let text = github::render(&pairs, &delimiter).map_err(|_| failed(environment))?;
    Ok(text.trim_end_matches('\n').to_owned())
}

/// There were no random numbers, or they were guessed.
fn failed(environment: &Environment) -> (&'static str, Refusal) {
    let first = environment.set.first().map_or("", |(name, _)| *name);
    let why = "no delimiter could be made for it";
    (first, Refusal::Changed(why))
}
