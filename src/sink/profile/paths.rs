//! Where the two AWS shared files are.

use super::heading::Kind;
use super::store::ProfileError;
use crate::system::env::Env;
use std::path::{Path, PathBuf};

/// The credentials file and the config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProfilePaths {
    pub(crate) credentials: PathBuf,
    pub(crate) config: PathBuf,
}

impl ProfilePaths {
    /// Where the SDKs look, given the environment.
    ///
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    pub(crate) fn locate(env: &Env) -> Result<Self, ProfileError> {
        let home = env.first(if cfg!(windows) {
            &["USERPROFILE", "HOME"]
        } else {
            &["HOME"]
        });
        let in_home = |variable, rest: &str| match home {
            Some(home) => Ok(Path::new(home).join(rest)),
            None => Err(ProfileError::NoHome { variable }),
        };
        let file = |variable, default| match env.get(variable) {
            // A shell has not always been there to replace the tilde, and the SDKs do it.
            Some(path) => match path.strip_prefix("~/") {
                Some(rest) => in_home(variable, rest),
                None => Ok(PathBuf::from(path)),
            },
            None => in_home(variable, default),
        };
        Ok(Self {
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?,
            config: file("AWS_CONFIG_FILE", ".aws/config")?,
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
        for (home_is, credentials_is, config_is, expected) in [
            (
                "/h",
                "",
                "",
                Some(("/h/.aws/credentials", "/h/.aws/config")),
            ),
            ("/h", "", "/c", Some(("/h/.aws/credentials", "/c"))),
            ("", "/s", "/c", Some(("/s", "/c"))),
            ("/h", "", "~/c", Some(("/h/.aws/credentials", "/h/c"))),
            ("", "/s", "", None),
            ("", "~/s", "/c", None),
            ("", "", "", None),
        ] {
            let env = Env::from([
                (home, home_is),
                ("AWS_SHARED_CREDENTIALS_FILE", credentials_is),
                ("AWS_CONFIG_FILE", config_is),
            ]);
            let found = ProfilePaths::locate(&env).ok();
            let expected = expected.map(|(credentials, config)| ProfilePaths {
                credentials: credentials.into(),
                config: config.into(),
            });
            assert_eq!(found, expected);
        }
    }
}
