//! The heading of a profile's section, which the two AWS files spell differently.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>

use super::section::BLANK;
use crate::model::profile::ProfileName;
use serde::{Deserialize, Serialize};

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Credentials,
    Config,
}

/// A profile in one of the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Heading {
    kind: Kind,
    profile: String,
}

/// How a heading that belongs to the profile is written.
///
/// The config file takes `[default]` and `[profile default]`, and where it has both, SDKs read only one of them (most
/// the second, the CLI the last). So the two are told apart, and an edit makes each of them say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Plain,
    Prefixed,
}

impl Heading {
    pub(super) fn new(kind: Kind, profile: &ProfileName) -> Self {
        Self {
            kind,
            profile: profile.as_str().to_owned(),
        }
    }

    /// How `inside`, the text between the brackets, names this profile; `None` if it does not.
    pub(super) fn spelling(&self, inside: &str) -> Option<Spelling> {
        let inside = inside.trim_matches(BLANK);
        // `[dev]` in the config file and `[profile dev]` in the credentials file name no profile for any SDK.
        match (self.kind, inside.split_once(BLANK)) {
            (Kind::Config, Some(("profile", name))) => {
                let name = name.trim_matches(BLANK);
                // The CLI splits this as a shell would.
                let unquoted = ['"', '\'']
                    .into_iter()
                    .find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote));
                (name == self.profile || unquoted == Some(&self.profile))
                    .then_some(Spelling::Prefixed)
            }
            (Kind::Config, None) if self.profile != "default" => None,
            (Kind::Credentials | Kind::Config, None) => {
                (inside == self.profile).then_some(Spelling::Plain)
            }
            (Kind::Credentials | Kind::Config, Some(_)) => None,
        }
    }

    /// The profile that `inside` names, if it names one.
    pub(super) fn profile_in(kind: Kind, inside: &str) -> Option<&str> {
        let inside = inside.trim_matches(BLANK);
        match (kind, inside.split_once(BLANK)) {
            (Kind::Config, Some(("profile", name))) => Some(name.trim_matches(BLANK)),
            (Kind::Config, None) => Some(inside).filter(|name| *name == "default"),
            (Kind::Credentials, None) => Some(inside),
            (Kind::Credentials | Kind::Config, Some(_)) => None,
        }
    }

    pub(super) fn profile(&self) -> &str {
        &self.profile
    }

    /// The heading as we write it.
    pub(super) fn line(&self) -> String {
        match self.kind {
            Kind::Config if self.profile != "default" => format!("[profile {}]", self.profile),
            Kind::Credentials | Kind::Config => format!("[{}]", self.profile),
        }
    }

    /// How the line has to be for every reader to find the profile under it; `None` if it is so.
    ///
    /// For the CLI, blanks behind the first bracket (in the credentials file, before the last one too) are a part of
    /// the name, and so is everything up to the line's last bracket; for the SDKs, quotes are. A comment that has one
    /// gets a line of its own.
    pub(super) fn readable(&self, line: &str, newline: &str) -> Option<String> {
        let body = line.trim_end_matches(['\r', '\n']);
        let (indentation, (inside, rest)) = body
            .split_once('[')
            .and_then(|(indentation, rest)| Some((indentation, rest.split_once(']')?)))?;
        let spelling = self.spelling(inside)?;
        let name = match (spelling, inside.split_once(BLANK)) {
            (Spelling::Prefixed, Some(("profile", name))) => name.trim_matches(BLANK),
            _ => inside,
        };
        if name == self.profile && !rest.contains(']') {
            return None;
        }
        let prefix = match spelling {
            Spelling::Prefixed => "profile ",
            Spelling::Plain => "",
        };
        let comment = match rest.trim_matches(BLANK) {
            "" => String::new(),
            comment if !comment.contains(']') => rest.to_owned(),
            comment if comment.starts_with(['#', ';']) => {
                format!("{newline}{indentation}{comment}")
            }
            // No reader but ours has an idea what this is.
            _ => return None,
        };
        let ending = line.strip_prefix(body).unwrap_or_default();
        let profile = &self.profile;
        Some(format!("{indentation}[{prefix}{profile}]{comment}{ending}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_spellings() {
        use Kind::{Config, Credentials};
        use Spelling::{Plain, Prefixed};
        for (kind, profile, inside, expected) in [
            (Credentials, "dev", "dev", Some(Plain)),
            (Credentials, "dev", " \tdev ", Some(Plain)),
            (Credentials, "dev", "\"dev\"", None),
            (Credentials, "dev", "profile dev", None),
            (Credentials, "dev", "Dev", None),
            (Credentials, "dev", "dev2", None),
            (Config, "dev", "profile dev", Some(Prefixed)),
            (Config, "dev", " profile \t dev ", Some(Prefixed)),
            (Config, "dev", "profile 'dev'", Some(Prefixed)),
            (Config, "dev", "dev", None),
            (Config, "dev", "sso-session dev", None),
            (Config, "dev", "profiledev", None),
            (Config, "profile", "profile profile", Some(Prefixed)),
            (Config, "default", "default", Some(Plain)),
            (Config, "default", "profile default", Some(Prefixed)),
        ] {
            let heading = Heading::new(kind, &profile.parse().unwrap());
            assert_eq!(
                heading.spelling(inside),
                expected,
                "{kind:?} {profile} [{inside}]"
            );
            assert!(
                heading
                    .spelling(heading.line().trim_matches(['[', ']']))
                    .is_some()
            );
        }
    }

    #[test]
    fn makes_its_line_readable_for_everybody() {
        use Kind::{Config, Credentials};
        for (kind, profile, line, expected) in [
            (Credentials, "dev", "[dev]\n", None),
            (Credentials, "dev", "[dev] ; mine\n", None),
            (Credentials, "dev", "[ dev\t]", Some("[dev]")),
            (Credentials, "dev", "[dev ] ; c\r\n", Some("[dev] ; c\r\n")),
            (
                Credentials,
                "dev",
                "[dev] # [x]\r\n",
                Some("[dev]\r\n# [x]\r\n"),
            ),
            (Credentials, "dev", "[prod ]\n", None),
            (Config, "dev", "[profile  dev ]\n", None),
            (Config, "dev", "[ profile dev]\n", Some("[profile dev]\n")),
            (
                Config,
                "dev",
                "[profile 'dev'] # x\n",
                Some("[profile dev] # x\n"),
            ),
            (Config, "default", "[ default ]\n", Some("[default]\n")),
            (
                Config,
                "default",
                "[profile \"default\"]\n",
                Some("[profile default]\n"),
            ),
        ] {
            let heading = Heading::new(kind, &profile.parse().unwrap());
            assert_eq!(
                heading.readable(line, "\r\n").as_deref(),
                expected,
                "{line:?}"
            );
        }
    }
}
