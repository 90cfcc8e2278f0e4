//! The runner's side of its protocol: the files with names and values, and the commands in the log.

use std::collections::BTreeMap;

/// Names and values of `GITHUB_ENV` and the like, as the runner reads them; the last of a name wins.
pub(crate) fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let heredoc = line
            .split_once("<<")
            .filter(|(name, _)| !name.contains('='));
        if let Some((name, delimiter)) = heredoc {
            let mut value = Vec::new();
            loop {
                match lines.next() {
                    Some(line) if line == delimiter => break,
                    Some(line) => value.push(line),
                    None => return Err(format!("{name} does not end")),
                }
            }
            found.insert(name.to_owned(), value.join("\n"));
        } else if let Some((name, value)) = line.split_once('=') {
            found.insert(name.to_owned(), value.to_owned());
        } else {
            return Err(format!("neither a heredoc nor NAME=value: {line}"));
        }
    }
    Ok(found)
}

/// A workflow command in the log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Command<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: String,
}

/// The commands that a runner acts on: at the start of a line, after blanks.
pub(crate) fn commands(log: &str) -> Vec<Command<'_>> {
    log.lines().filter_map(command).collect()
}

fn command(line: &str) -> Option<Command<'_>> {
    let (head, value) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    Some(Command {
        name: head.split(' ').next().unwrap_or(head),
        value: unescape(value),
    })
}

fn unescape(text: &str) -> String {
    text.replace("%0A", "\n")
        .replace("%0D", "\r")
        .replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_of_a_runner_file() {
        let found = pairs("A<<x\n1\n2\nx\n\nB=3\nA<<y\n\ny\n").expect("parsed");
        assert_eq!(found.get("A").map(String::as_str), Some(""));
        assert_eq!(found.get("B").map(String::as_str), Some("3"));
        assert!(pairs("A<<x\n1\n").is_err());
    }

    #[test]
    fn reads_commands_where_a_runner_does() {
        let log = "::add-mask::a%0Ab\n  ::error title=x::no\nsays ::set-env::\n::debug::\n";
        let found = commands(log);
        let names: Vec<&str> = found.iter().map(|command| command.name).collect();
        assert_eq!(names, ["add-mask", "error", "debug"]);
        assert_eq!(found[0].value, "a\nb");
    }
}
