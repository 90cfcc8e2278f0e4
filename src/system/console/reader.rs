//! What reads the log, and how a line has to look to mean something to it. Pure: it returns lines.

use std::time::{SystemTime, UNIX_EPOCH};

use super::github::without_colons;
use super::{azure, github, harmless, teamcity};

/// What reads the log beside people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Nothing.
    #[default]
    People,
    /// A runner that takes workflow commands.
    Github,
    /// One that takes the last `::` of a line for the command's end.
    Act,
    Azure,
    Buildkite,
    /// Its sections; masks only where the user says that the runner has `proxy_exec` on.
    Gitlab {
        masks: bool,
    },
    Spacelift,
    Teamcity,
    Travis,
}

/// The name of what is folded, for the systems that want one.
const FOLD: &str = "rolehop";

impl Reader {
    /// Commands are found on both streams. Of the others only standard output is certain.
    pub(super) fn reads_standard_error(self) -> bool {
        matches!(self, Self::Github | Self::Act | Self::Azure)
    }

    /// The line that makes the system hide a value from now on; none where it cannot.
    pub(crate) fn mask(self, value: &str) -> Option<String> {
        match self {
            Self::Github | Self::Act => Some(github::command("add-mask", &[], value)),
            Self::Azure => Some(azure::command("task.setsecret", &[], value)),
            // A value of several lines would be shown from its second line on; each line is masked by itself.
            Self::Gitlab { masks: true } if !value.contains(['\n', '\r']) => {
                Some(format!("::add-mask::{value}"))
            }
            // White space separates values there, so one with white space cannot be hidden.
            Self::Spacelift if !value.contains(char::is_whitespace) => {
                Some(format!("::add-mask {value}"))
            }
            _ => None,
        }
    }

    pub(super) fn debug(self, text: &str) -> String {
        match self {
            Self::Github => github::command("debug", &[], &harmless(text)),
            Self::Act => github::command("debug", &[], &without_colons(&harmless(text))),
            Self::Azure => format!("##[debug]{}", one_line(text)),
            _ => harmless(&format!("debug: {text}")),
        }
    }

    pub(super) fn warning(self, text: &str) -> String {
        match self {
            Self::Github => github::command("warning", &[("title", "rolehop")], &harmless(text)),
            Self::Act => github::command(
                "warning",
                &[("title", "rolehop")],
                &without_colons(&harmless(text)),
            ),
            Self::Azure => azure::command(
                "task.logissue",
                &[("type", "warning")],
                &harmless(&format!("rolehop: {text}")),
            ),
            Self::Teamcity => teamcity::message(
                "message",
                &[("text", &format!("rolehop: {text}")), ("status", "WARNING")],
            ),
            _ => harmless(&format!("warning: {text}")),
        }
    }

    /// The failure where the system lists failures; none where the log is all there is.
    pub(super) fn failure(self, code: &str, text: &str) -> Option<String> {
        let title = format!("rolehop {code}");
        match self {
            Self::Github => Some(github::command("error", &[("title", &title)], text)),
            Self::Act => Some(github::command(
                "error",
                &[("title", &title)],
                &without_colons(text),
            )),
            Self::Azure => Some(azure::command(
                "task.logissue",
                &[("type", "error"), ("code", code)],
                &format!("{title}: {text}"),
            )),
            Self::Teamcity => Some(teamcity::message(
                "buildProblem",
                &[
                    ("description", &shortened(&format!("{title}: {text}"), 4000)),
                    ("identity", &format!("rolehop-{code}")),
                ],
            )),
            // The group that the job is in was folded; whoever looks for the failure finds it open.
            Self::Buildkite => Some("^^^ +++".to_owned()),
            _ => None,
        }
    }

    /// A part of the log that has an end. Buildkite's groups have none, and would swallow what the job says later.
    pub(super) fn open(self, title: &str, at: SystemTime) -> Option<String> {
        match self {
            Self::Azure => Some(format!("##[group]{}", one_line(title))),
            Self::Gitlab { .. } => Some(format!(
                "\u{1b}[0Ksection_start:{}:{FOLD}\r\u{1b}[0K{}",
                seconds(at),
                one_line(title)
            )),
            Self::Teamcity => Some(teamcity::message("blockOpened", &[("name", title)])),
            Self::Travis => Some(format!(
                "travis_fold:start:{FOLD}\r\u{1b}[0K{}",
                one_line(title)
            )),
            _ => None,
        }
    }

    pub(super) fn close(self, title: &str, at: SystemTime) -> Option<String> {
        match self {
            Self::Azure => Some("##[endgroup]".to_owned()),
            Self::Gitlab { .. } => Some(format!(
                "\u{1b}[0Ksection_end:{}:{FOLD}\r\u{1b}[0K",
                seconds(at)
            )),
            Self::Teamcity => Some(teamcity::message("blockClosed", &[("name", title)])),
            Self::Travis => Some(format!("travis_fold:end:{FOLD}\r\u{1b}[0K")),
            _ => None,
        }
    }
}

fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn one_line(text: &str) -> String {
    harmless(text).replace('\n', " ")
}

fn shortened(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Reader; 10] = [
        Reader::People,
        Reader::Github,
        Reader::Act,
        Reader::Azure,
        Reader::Buildkite,
        Reader::Gitlab { masks: false },
        Reader::Gitlab { masks: true },
        Reader::Spacelift,
        Reader::Teamcity,
        Reader::Travis,
    ];

    #[test]
    fn a_value_is_printed_only_to_a_reader_that_hides_it() {
        let masks: Vec<_> = ALL.iter().map(|reader| reader.mask("s3cret")).collect();
        let expected = [
            None,
            Some("::add-mask::s3cret"),
            Some("::add-mask::s3cret"),
            Some("##vso[task.setsecret]s3cret"),
            None,
            None,
            Some("::add-mask::s3cret"),
            Some("::add-mask s3cret"),
            None,
            None,
        ];
        assert_eq!(masks, expected.map(|line| line.map(str::to_owned)));
        assert_eq!(Reader::Spacelift.mask("two words"), None);
    }

    #[test]
    fn a_warning_is_each_systems_own_and_holds_no_command_of_another() {
        let text = "a\n##vso[task.setvariable variable=X]y\n::set-env name=A::b";
        for reader in ALL {
            let line = reader.warning(text);
            assert!(!line.contains("##vso[task.set"), "{reader:?}: {line}");
            let commands = line.lines().filter(|line| line.starts_with("::"));
            let own = usize::from(matches!(reader, Reader::Github | Reader::Act));
            assert_eq!(commands.count(), own, "{reader:?}: {line}");
        }
        assert_eq!(
            Reader::Teamcity.warning("[x]"),
            "##teamcity[message text='rolehop: |[x|]' status='WARNING']"
        );
        assert_eq!(Reader::People.warning("x"), "warning: x");
    }

    #[test]
    fn what_is_opened_is_closed() {
        let at = UNIX_EPOCH + std::time::Duration::from_secs(7);
        assert_eq!(
            Reader::Gitlab { masks: false }.open("AWS", at).as_deref(),
            Some("\u{1b}[0Ksection_start:7:rolehop\r\u{1b}[0KAWS")
        );
        for reader in ALL {
            assert_eq!(
                reader.open("AWS", at).is_some(),
                reader.close("AWS", at).is_some(),
                "{reader:?}"
            );
        }
    }
}
