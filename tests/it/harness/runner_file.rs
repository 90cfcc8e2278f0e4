//! The runner's parser of `GITHUB_ENV`, `GITHUB_OUTPUT` and `GITHUB_STATE`, as strict as the strictest clone.

use std::collections::BTreeMap;

/// Names and values, or why the runner would fail the step.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    if !text.is_empty() && !text.ends_with('\n') {
        return Err("the file does not end with a line end".to_owned());
    }
    let mut lines = text.split_terminator('\n');
    while let Some(line) = lines.next() {
        let (name, delimiter) = line
            .split_once("<<")
            .ok_or(format!("not a heredoc: {line:?}"))?;
        if name.is_empty() || delimiter.is_empty() || name.contains('=') {
            return Err(format!("not a heredoc: {line:?}"));
        }
        let mut value = Vec::new();
        loop {
            match lines.next() {
                Some(line) if line == delimiter => break,
                Some(line) => value.push(line),
                None => return Err(format!("{name} does not end")),
            }
        }
        let refused =
            name == "NODE_OPTIONS" || name.starts_with("GITHUB_") || name.starts_with("RUNNER_");
        if refused {
            return Err(format!("{name} cannot be set"));
        }
        found.insert(name.to_owned(), value.join("\n"));
    }
    Ok(found)
}

#[test]
fn reads_what_the_runner_reads() {
    let parsed = parse("A<<x\n1\n2\nx\nB<<y\n\ny\n").expect("parsed");
    assert_eq!(parsed["A"], "1\n2");
    assert_eq!(parsed["B"], "");
    for bad in [
        "A=1\n",
        "\n",
        "A<<x\n1\n",
        "A<<x\n1\nx",
        "NODE_OPTIONS<<x\n1\nx\n",
    ] {
        assert!(parse(bad).is_err(), "{bad:?}");
    }
}
