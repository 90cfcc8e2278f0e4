//! Where the two AWS shared files are.

use super::heading::Kind;
use super::store::ProfileError;
use crate::system::env::Env;
use std::path::{Path, PathBuf};

/// The credentials file and the config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProfilePaths {
    /// None where nothing of it is needed.
    pub(crate) credentials: Option<PathBuf>,
    pub(crate) config: PathBuf,
}

impl ProfilePaths {
    /// Where the SDKs look, given the environment.
    ///
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>
    pub(crate) fn locate(env: &Env) -> Result<Self, ProfileError> {
        let credentials = Self::place(env, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?;
        Ok(Self {
            credentials: Some(credentials),
            config: Self::place(env, "AWS_CONFIG_FILE", ".aws/config")?,
        })
    }

    /// For those who write no keys: where nobody can say where the credentials file is, no SDK reads one.
    pub(crate) fn locate_config(env: &Env) -> Result<Self, ProfileError> {
        Ok(Self {
            credentials: Self::place(env, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials").ok(),
            config: Self::place(env, "AWS_CONFIG_FILE", ".aws/config")?,
        })
    }

    fn place(env: &Env, variable: &'static str, default: &str) -> Result<PathBuf, ProfileError> {
        let home = env.first(if cfg!(windows) {
            &["USERPROFILE", "HOME"]
        } else {
            &["HOME"]
        });
        let in_home = |rest: &str| match home {
            Some(home) => Ok(Path::new(home).join(rest)),
            None => Err(ProfileError::NoHome { variable }),
        };
        match env.get(variable) {
            // A shell has not always been there to replace the tilde, and the SDKs do it.
            Some(path) => match path.strip_prefix("~/") {
                Some(rest) => in_home(rest),
                None => Ok(PathBuf::from(path)),
            },
            None => in_home(default),
        }
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (Kind, &Path)> {
        let credentials = self.credentials.as_deref();
        let credentials = credentials.map(|path| (Kind::Credentials, path));
        credentials
            .into_iter()
            .chain([(Kind::Config, self.config.as_path())])
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
                credentials: Some(credentials.into()),
                config: config.into(),
            });
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_config_file_alone_may_be_known() {
        let env = Env::from([("AWS_CONFIG_FILE", "/c")]);
        let found = ProfilePaths::locate_config(&env).unwrap();
        assert_eq!(
            found.each().collect::<Vec<_>>(),
            [(Kind::Config, Path::new("/c"))]
        );
        let env = Env::from([("AWS_SHARED_CREDENTIALS_FILE", "/s")]);
        assert!(ProfilePaths::locate_config(&env).is_err());
    }
}
