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
            (Kind::Config, Some(("profile", name))) => self.is(name).then_some(Spelling::Prefixed),
            (Kind::Config, None) if self.profile != "default" => None,
            (Kind::Credentials | Kind::Config, None) => self.is(inside).then_some(Spelling::Plain),
            (Kind::Credentials | Kind::Config, Some(_)) => None,
        }
    }

    /// The heading as we write it.
    pub(super) fn line(&self) -> String {
        match self.kind {
            Kind::Config if self.profile != "default" => format!("[profile {}]", self.profile),
            Kind::Credentials | Kind::Config => format!("[{}]", self.profile),
        }
    }

    fn is(&self, name: &str) -> bool {
        let name = name.trim_matches(BLANK);
        // The CLI splits the heading as a shell would.
        let unquoted = ['"', '\'']
            .into_iter()
            .find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote));
        name == self.profile || unquoted == Some(&self.profile)
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
            (Credentials, "dev", "\"dev\"", Some(Plain)),
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
}
