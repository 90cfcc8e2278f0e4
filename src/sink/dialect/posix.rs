//! POSIX shells. Between single quotes every character is itself, so only the quote has to leave them.
//! <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02>

use super::{Environment, Rendered};

#[expect(clippy::unnecessary_wraps, reason = "of one shape with its siblings")]
pub(super) fn render(environment: &Environment) -> Rendered {
    let mut lines = vec![format!("unset {}", environment.unset.join(" "))];
    for (name, value) in &environment.set {
        lines.push(format!("export {name}='{}'", value.replace('\'', "'\\''")));
    }
    Ok(lines.join("\n"))
}
