//! fish. Between single quotes it knows two escapes: of the quote and of the backslash.
//! <https://fishshell.com/docs/current/language.html#quotes>

use super::{Environment, Rendered, statements};

#[expect(clippy::unnecessary_wraps, reason = "of one shape with its siblings")]
pub(super) fn render(environment: &Environment) -> Rendered {
    Ok(statements(
        environment,
        // Only the session's: without its scope, `set -e` would take a universal variable away for good.
        |name| format!("set -eg {name}; or true"),
        |name, value| {
            let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
            format!("set -gx {name} '{escaped}'")
        },
    ))
}
