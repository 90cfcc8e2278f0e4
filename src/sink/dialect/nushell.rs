//! Nushell evaluates no text, so it gets a record for `from json | load-env`. A null keeps a variable from programs.
//! <https://www.nushell.sh/commands/docs/load-env.html>

use super::{Environment, Rendered};

#[expect(clippy::unnecessary_wraps, reason = "of one shape with its siblings")]
pub(super) fn render(environment: &Environment) -> Rendered {
    let unset = environment
        .unset
        .iter()
        .map(|name| format!("\"{name}\":null"));
    let set = environment
        .set
        .iter()
        .map(|(name, value)| format!("\"{name}\":{}", serde_json::Value::from(value.as_str())));
    let members: Vec<String> = unset.chain(set).collect();
    Ok(format!("{{{}}}", members.join(",")))
}
