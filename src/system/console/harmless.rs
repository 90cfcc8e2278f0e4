//! Text from outside as a log may show it: no line of it is a command to any CI. Pure.

/// Words that mean something anywhere in a line: Travis' folds, GitLab's sections, the masks of GitLab and Spacelift.
const WORDS: [&str; 5] = [
    "travis_fold:",
    "travis_time:",
    "section_start:",
    "section_end:",
    "::add-mask",
];

/// How a line begins that opens one of Buildkite's groups, or that is a command to GitHub's runner.
const BEGINNINGS: [&str; 5] = ["::", "--- ", "+++ ", "~~~ ", "^^^ "];

/// Text that no line of which a CI reads as a command: from AWS, from a token endpoint, from a file.
pub(crate) fn harmless(text: &str) -> String {
    let lines: Vec<String> = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .split('\n')
        .map(line)
        .collect();
    lines.join("\n")
}

fn line(text: &str) -> String {
    let clean = |c: char| {
        if (c.is_control() && c != '\t') || is_invisible(c) {
            ' '
        } else {
            c
        }
    };
    let mut line = split_brackets(&text.chars().map(clean).collect::<String>());
    for word in WORDS {
        if line.contains(word) {
            let (colon, head) = (word.starts_with(':'), word.trim_start_matches(':'));
            let broken = if colon {
                format!(": :{head}")
            } else {
                format!("{} :", word.trim_end_matches(':'))
            };
            line = line.replace(word, &broken);
        }
    }
    let start = line.trim_start();
    if BEGINNINGS
        .iter()
        .any(|beginning| start.starts_with(beginning))
    {
        format!("| {line}")
    } else {
        line
    }
}

/// `##[name]`, `##vso[…]` and `##teamcity[…]` are read anywhere in a line.
fn split_brackets(line: &str) -> String {
    let mut safe = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("##") {
        let (before, from) = rest.split_at(at + 1);
        safe.push_str(before);
        let name = from[1..].trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        rest = from;
        if name.starts_with('[') {
            safe.push_str("# ");
            rest = &from[1..];
        }
    }
    safe.push_str(rest);
    safe
}

/// Characters without a shape: some readers skip them when they look for a command, and people do not see them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_issue_commands() {
        for (text, clean) in [
            ("fine :: text", "fine :: text"),
            ("x\n::set-env name=A::b", "x\n| ::set-env name=A::b"),
            ("x\r  ::stop-commands::t", "x\n|   ::stop-commands::t"),
            ("##[set-env]x ##vso[task]", "## [set-env]x ## vso[task]"),
            ("###vso[task]", "### vso[task]"),
            ("x ##VSO[a] ##teamcity[b]", "x ## VSO[a] ## teamcity[b]"),
            ("##v\u{200b}so[task]", "##v so[task]"),
            ("## heading", "## heading"),
            ("--- title\n+++ t", "| --- title\n| +++ t"),
            ("^^^ +++", "| ^^^ +++"),
            ("~~~ muted", "| ~~~ muted"),
            ("a --- b", "a --- b"),
            ("---", "---"),
            ("travis_fold:start:x", "travis_fold :start:x"),
            (
                "\u{1b}[0Ksection_start:1:x\r\u{1b}[0Ktitle",
                " [0Ksection_start :1:x\n [0Ktitle",
            ),
            ("x ::add-mask::y", "x : :add-mask::y"),
            ("\u{1b}[31mred", " [31mred"),
            ("a\u{202e}b\u{2028}c", "a b c"),
        ] {
            assert_eq!(harmless(text), clean);
        }
    }
}
