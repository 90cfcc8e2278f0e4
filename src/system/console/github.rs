//! Workflow commands of GitHub's runner, and of those that speak its protocol.

/// A workflow command: `::name key=value::message`.
/// <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>
pub(crate) fn command(name: &str, properties: &[(&str, &str)], message: &str) -> String {
    let mut line = format!("::{name}");
    for (at, (key, value)) in properties.iter().enumerate() {
        line.push(if at == 0 { ' ' } else { ',' });
        line.push_str(key);
        line.push('=');
        line.push_str(&escape_property(value));
    }
    line.push_str("::");
    line.push_str(&escape_data(message));
    line
}

/// The text as act takes it, which takes the last `::` of a line for the command's end.
pub(super) fn without_colons(text: &str) -> String {
    text.replace("::", ": :")
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_escaped_as_the_toolkit_escapes() {
        assert_eq!(
            command("error", &[("title", "a:b,c%")], "x%\r\ny::z"),
            "::error title=a%3Ab%2Cc%25::x%25%0D%0Ay::z"
        );
        assert_eq!(command("add-mask", &[], "s"), "::add-mask::s");
    }
}
