//! Helper programs that a CI lays beside the job: found on the path, fed on standard input, never waited for without end.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::env::Env;

/// One run of a helper program. No secret is among its words: other processes can read those.
#[derive(Debug, Default)]
pub(crate) struct Tool<'a> {
    pub(crate) program: &'a str,
    pub(crate) words: &'a [&'a str],
    /// What it gets on standard input.
    pub(crate) input: &'a str,
    /// What it gets in its environment, beside ours.
    pub(crate) variables: &'a [(&'a str, &'a str)],
}

/// No helper program of a CI takes this long.
const MOST: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(5);
/// What of its complaint is shown.
const MOST_WORDS: usize = 500;

/// Whether a program of this name is on the path, and where.
pub(crate) fn find(env: &Env, program: &str) -> Option<PathBuf> {
    let names: &[&str] = if cfg!(windows) {
        &[".exe", ".cmd", ".bat"]
    } else {
        &[""]
    };
    std::env::split_paths(env.get("PATH")?)
        .flat_map(|folder| {
            names
                .iter()
                .map(move |end| folder.join(format!("{program}{end}")))
        })
        .find(|file| file.is_file())
}

impl Tool<'_> {
    /// Runs it to its end; what it says is shown to nobody unless it fails.
    pub(crate) fn run(&self) -> Result<(), String> {
        let name = self.name();
        let mut child = Command::new(self.program)
            .args(self.words)
            .envs(self.variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|fault| format!("`{name}` cannot be started: {fault}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            let input = self.input.to_owned();
            // On a thread of its own: a program that does not read must not hold us up.
            std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        }
        let (sender, complaint) = std::sync::mpsc::channel();
        if let Some(mut stderr) = child.stderr.take() {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                let _ = stderr.read_to_end(&mut text);
                let _ = sender.send(String::from_utf8_lossy(&text).into_owned());
            });
        }
        let started = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if started.elapsed() < MOST => std::thread::sleep(STEP),
                Ok(None) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!(
                        "`{name}` had not ended after {} seconds",
                        MOST.as_secs()
                    ));
                }
                Err(fault) => return Err(format!("`{name}` cannot be waited for: {fault}")),
            }
        };
        if status.success() {
            return Ok(());
        }
        let said = complaint
            .recv_timeout(Duration::from_secs(1))
            .unwrap_or_default();
        Err(format!("`{name}` ended with {status}{}", self.shown(&said)))
    }

    /// The program and its first words.
    fn name(&self) -> String {
        let words = self.words.iter().take_while(|word| !word.starts_with('-'));
        let words: Vec<&str> = words.copied().take(2).collect();
        [&[self.program][..], &words].concat().join(" ")
    }

    /// What it said, unless it repeats what it was given.
    fn shown(&self, said: &str) -> String {
        let said = said.trim();
        let given = self.variables.iter().map(|(_, value)| *value);
        let mut given = given.chain([self.input.trim()]);
        let repeats = |value: &str| {
            value
                .split(['"', '\n'])
                .any(|part| part.len() >= 8 && said.contains(part))
        };
        if said.is_empty() || given.any(repeats) {
            return String::new();
        }
        format!(": {}", said.chars().take(MOST_WORDS).collect::<String>())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn sh<'a>(words: &'a [&'a str], input: &'a str) -> Tool<'a> {
        Tool {
            program: "sh",
            words,
            input,
            variables: &[("VALUE", "a-secret-value")],
        }
    }

    #[test]
    fn is_given_its_input_and_its_variables() {
        let check = "read line && test \"$line\" = hello && test \"$VALUE\" = a-secret-value";
        assert_eq!(sh(&["-c", check], "hello\n").run(), Ok(()));
    }

    #[test]
    fn a_failure_tells_what_it_said_but_nothing_that_it_was_given() {
        let fault = sh(&["-c", "echo broken >&2; exit 3"], "").run();
        assert_eq!(
            fault,
            Err("`sh` ended with exit status: 3: broken".to_owned())
        );
        for script in ["echo $VALUE >&2; exit 3", "cat >&2; exit 3"] {
            let fault = sh(&["-c", script], "{\"A\":\"another-secret\"}").run();
            assert_eq!(fault, Err("`sh` ended with exit status: 3".to_owned()));
        }
        let missing = Tool {
            program: "no-such-program-of-anybody",
            ..Tool::default()
        };
        let fault = missing.run().expect_err("missing");
        assert!(fault.contains("cannot be started"), "{fault}");
    }

    #[test]
    fn is_found_on_the_path() {
        let env = Env::from([("PATH", "/nowhere:/usr/bin:/bin")]);
        assert!(find(&env, "sh").is_some());
        assert_eq!(find(&env, "no-such-program-of-anybody"), None);
        assert_eq!(find(&Env::default(), "sh"), None);
    }
}
