//! Where the two AWS shared files are.

use super::heading::Kind;
use std::path::{Path, PathBuf};

/// The credentials file and the config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProfilePaths {
    pub(crate) credentials: PathBuf,
    pub(crate) config: PathBuf,
}

impl ProfilePaths {
    /// Where the SDKs look, given the environment; `None` if it names neither the files nor a home.
    ///
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    pub(crate) fn locate<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let home_variables: &[&str] = if cfg!(windows) { &["USERPROFILE", "HOME"] } else { &["HOME"] };
        let home = home_variables.iter().find_map(|name| variable(name)).map(Path::new);
        let file = |name: &str, default: &str| match variable(name) {
            // A shell has not always been there to replace the tilde, and the SDKs do it.
            Some(path) => match (path.strip_prefix("~/"), home) {
                (Some(rest), home) => Some(home?.join(rest)),
                (None, _) => Some(PathBuf::from(path)),
            },
            None => Some(home?.join(".aws").join(default)),
        };
        Some(Self {
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
            config: file("AWS_CONFIG_FILE", "config")?,
        })
    }

    pub(super) fn each(&self) -> [(Kind, &Path); 2] {
        [
            (Kind::Credentials, &self.credentials),
            (Kind::Config, &self.config),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_files_as_the_sdks_do() {
        let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        for (variables, expected) in [
            (vec![(home, "/h")], Some(("/h/.aws/credentials", "/h/.aws/config"))),
            (vec![(home, "/h"), ("AWS_CONFIG_FILE", "/c")], Some(("/h/.aws/credentials", "/c"))),
            (
                vec![("AWS_SHARED_CREDENTIALS_FILE", "/s"), ("AWS_CONFIG_FILE", "/c")],
                Some(("/s", "/c")),
            ),
            (vec![(home, "/h"), ("AWS_CONFIG_FILE", "~/c")], Some(("/h/.aws/credentials", "/h/c"))),
            (vec![("AWS_SHARED_CREDENTIALS_FILE", "/s")], None),
            (vec![("AWS_SHARED_CREDENTIALS_FILE", "~/s"), ("AWS_CONFIG_FILE", "/c")], None),
            (vec![], None),
        ] {
            let found = ProfilePaths::locate(|name| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
            });
            let expected = expected.map(|(credentials, config)| ProfilePaths {
                credentials: credentials.into(),
                config: config.into(),
            });
            assert_eq!(found, expected, "{variables:?}");
        }
    }
}
