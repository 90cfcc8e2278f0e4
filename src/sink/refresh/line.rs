//! The line of a profile that starts this program, in quotes that every AWS SDK understands.

use std::path::Path;

/// botocore splits the line as a POSIX shell would and starts the program itself; the SDKs for Rust, Go and JavaScript
/// give it to `sh -c`. Single quotes mean the same to all of them. On Windows botocore knows double quotes only, and
/// `cmd.exe` of the others is best left without any.
pub(crate) fn line(program: &Path, plan: &Path) -> String {
    let quote = if cfg!(windows) { windows } else { posix };
    let [program, plan] = [program, plan].map(|path| quote(&path.display().to_string()));
    format!("{program} credential-process --from {plan}")
}

/// Whether a profile's line is such a one.
pub(crate) fn is_own_line(line: &str) -> bool {
    line.contains(" credential-process --from ")
}

fn posix(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:,=".contains(c);
    if text.chars().all(plain) {
        return text.to_owned();
    }
    let mut quoted = String::from("'");
    let mut after_blank = false;
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str(r"'\''"),
            // A profile's comment would begin here: the quotes end and begin again, which says nothing.
            '#' | ';' if after_blank => quoted.extend(["''", &c.to_string()]),
            _ => quoted.push(c),
        }
        after_blank = c.is_whitespace();
    }
    quoted.push('\'');
    quoted
}

fn windows(text: &str) -> String {
    if text.contains([' ', '\t', '&', '(', ')', '^', ';', ',', '=', '\'']) {
        format!("\"{text}\"")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_what_needs_it() {
        for (text, quoted) in [
            (
                "/opt/rolehop-1.0/bin/rolehop",
                "/opt/rolehop-1.0/bin/rolehop",
            ),
            ("/a b/c", "'/a b/c'"),
            ("/it's", r"'/it'\''s'"),
            ("/$HOME/`x`/\"y\"", "'/$HOME/`x`/\"y\"'"),
            ("/a #b ;c", "'/a ''#b '';c'"),
            ("/é", "'/é'"),
        ] {
            assert_eq!(posix(text), quoted);
        }
        assert_eq!(windows(r"D:\a\_temp\x.json"), r"D:\a\_temp\x.json");
        assert_eq!(windows(r"C:\Program Files\x"), "\"C:\\Program Files\\x\"");
    }

    #[test]
    #[cfg(unix)]
    fn a_shell_reads_the_words_as_they_were() {
        for path in [
            "/a b/c",
            "/it's",
            "/$HOME/`x`/\"y\"",
            "/a #b ;c",
            "/x\\y",
            "/*",
            "/~",
            "/é!",
        ] {
            let output = std::process::Command::new("sh")
                .args(["-c", &format!("printf %s {}", posix(path))])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), path);
        }
    }
}
