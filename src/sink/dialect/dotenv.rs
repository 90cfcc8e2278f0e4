//! Files of `NAME=value`, which docker, compose, systemd, GitLab and the dotenv libraries read each in its own way.
//!
//! What has only letters, digits and a few signs is read alike by all, and needs no quotes (docker would keep them). Single
//! quotes are read alike by the libraries unless a quote, a backslash or a `$` is between them: those are refused.

use super::{Environment, Refusal, Rendered};

pub(super) fn render(environment: &Environment) -> Rendered {
    let mut lines = Vec::new();
    // A file cannot take a variable away; an empty session token counts as none.
    if environment.unset.contains(&"AWS_SESSION_TOKEN") {
        lines.push("AWS_SESSION_TOKEN=".to_owned());
    }
    for (name, value) in &environment.set {
        if value.chars().all(is_plain) {
            lines.push(format!("{name}={value}"));
        } else if value.contains(['\'', '\\', '$', '`']) {
            let why = "it has one of ' \\ $ `, which the readers of such files do not agree about";
            return Err((name, Refusal::Changed(why)));
        } else {
            lines.push(format!("{name}='{value}'"));
        }
    }
    Ok(lines.join("\n"))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+/=.,:@-".contains(c)
}
