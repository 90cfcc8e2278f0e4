//! Logging commands of the agent of Azure Pipelines.

/// A logging command: `##vso[area.action key=value;]data`.
/// <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>
pub(crate) fn command(name: &str, properties: &[(&str, &str)], data: &str) -> String {
    let mut line = format!("##vso[{name}");
    for (at, (key, value)) in properties.iter().enumerate() {
        line.push(if at == 0 { ' ' } else { ';' });
        line.push_str(key);
        line.push('=');
        line.push_str(&escape_property(value));
    }
    line.push(']');
    line.push_str(&escape_data(data));
    line
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%AZP25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(']', "%5D").replace(';', "%3B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_escaped_as_the_agent_decodes() {
        assert_eq!(
            command(
                "task.logissue",
                &[("type", "error"), ("code", "a]b;c%")],
                "x%\r\n]y;"
            ),
            "##vso[task.logissue type=error;code=a%5Db%3Bc%AZP25]x%AZP25%0D%0A]y;"
        );
        assert_eq!(
            command("task.setsecret", &[], "s"),
            "##vso[task.setsecret]s"
        );
    }
}
