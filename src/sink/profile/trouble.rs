//! Why a profile yields no credentials, as far as the AWS files tell. Read only after an SDK has found none.

use super::heading::{Heading, Kind};
use super::ini::Document;
use super::paths::ProfilePaths;
use super::process::{open, value};
use crate::model::invalid::shown;
use crate::model::profile::ProfileName;
use crate::system::env::Env;

/// What is wrong with it, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) fault: String,
    pub(crate) advice: String,
}

/// Nothing, where the files have it as an SDK can use it. `setting`: what names the profile.
pub(crate) fn trouble(env: &Env, name: &str, setting: &str) -> Option<Trouble> {
    let files = open(env)?;
    let is_there = |profile: &ProfileName| {
        let mut files = files.iter();
        files.any(|(kind, file)| {
            file.sections_of(&Heading::new(*kind, profile))
                .next()
                .is_some()
        })
    };
    let value = |profile: &ProfileName, key: &str| value(&files, profile, key);
    let mut seen: Vec<ProfileName> = Vec::new();
    let mut next: ProfileName = name.parse().ok()?;
    loop {
        if !is_there(&next) {
            let paths = ProfilePaths::locate_config(env).ok()?;
            let places = paths.each().map(|(_, path)| path.display().to_string());
            let places = places.collect::<Vec<_>>().join(" and ");
            return Some(match seen.last() {
                None => Trouble {
                    fault: format!(
                        "there is no profile {} in {places}; {}",
                        shown(name),
                        known(&files)
                    ),
                    advice: format!("correct {setting}, or add the profile"),
                },
                Some(before) => Trouble {
                    fault: format!(
                        "the profile `{before}` has the source_profile `{next}`, which is not in {places}"
                    ),
                    advice: format!("correct source_profile of `{before}`, or add `{next}`"),
                },
            });
        }
        let sso = ["sso_session", "sso_start_url", "sso_account_id"];
        if sso.iter().any(|key| value(&next, key).is_some()) {
            return Some(Trouble {
                fault: format!(
                    "the profile `{next}` is one of IAM Identity Center, which rolehop does not sign in to"
                ),
                advice: format!(
                    "export its credentials first, and leave {setting} out: `eval \"$(aws configure export-credentials --profile {next} --format env)\"`"
                ),
            });
        }
        let source = value(&next, "source_profile");
        if let (Some(device), Some(role)) = (value(&next, "mfa_serial"), value(&next, "role_arn")) {
            let source = source.unwrap_or_else(|| "default".to_owned());
            return Some(Trouble {
                fault: format!(
                    "the profile `{next}` has mfa_serial, and a profile's is not used: nobody would be asked for the code"
                ),
                advice: format!(
                    "name its parts in its place: --source-profile {source} --mfa-serial {device} --role-to-assume {role}"
                ),
            });
        }
        let source: ProfileName = source?.parse().ok()?;
        // One that names itself has keys of its own.
        if source == next && value(&next, "aws_access_key_id").is_some() {
            return None;
        }
        if source == next || seen.contains(&source) {
            return Some(Trouble {
                fault: format!(
                    "the profile `{next}` has the source_profile `{source}`, which leads back to it"
                ),
                advice: "let the last source_profile name a profile with credentials".to_owned(),
            });
        }
        seen.push(std::mem::replace(&mut next, source));
    }
}

/// Those that are there, as far as a line of the log takes them.
fn known(files: &[(Kind, Document)]) -> String {
    const MOST: usize = 8;
    let mut names: Vec<String> = files
        .iter()
        .flat_map(|(kind, file)| file.profiles(*kind))
        .collect();
    names.sort_unstable();
    names.dedup();
    match names.len() {
        0 => "they have none".to_owned(),
        1..=MOST => format!("they have {}", names.join(", ")),
        count => format!("they have {count} others"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::files::tests::Scratch;

    #[test]
    fn says_what_is_wrong_and_what_to_do() {
        let scratch = Scratch::new();
        let config = scratch.file(
            "config",
            "[default]\nregion = x\n[profile good]\nrole_arn = r\nsource_profile = keys\n\
             [profile astray]\nrole_arn = r\nsource_profile = nowhere\n\
             [profile round]\nsource_profile = about\n[profile about]\nsource_profile = round\n\
             [profile self]\nrole_arn = r\nsource_profile = self\n\
             [profile center]\nsso_session = s\nsso_account_id = 1\n\
             [profile device]\nrole_arn = arn:r\nsource_profile = keys\nmfa_serial = arn:m\n",
        );
        let credentials = scratch.file("credentials", "[keys]\naws_access_key_id = a\n");
        let env = Env::from([
            ("AWS_CONFIG_FILE", config.to_str().unwrap()),
            ("AWS_SHARED_CREDENTIALS_FILE", credentials.to_str().unwrap()),
        ]);
        for name in ["good", "keys", "default"] {
            assert_eq!(trouble(&env, name, "source-profile"), None, "{name}");
        }
        for (name, fault, advice) in [
            (
                "gone",
                "there is no profile `gone` in ",
                "correct source-profile",
            ),
            (
                "astray",
                "`astray` has the source_profile `nowhere`, which is not in ",
                "correct source_profile of `astray`",
            ),
            (
                "round",
                "`about` has the source_profile `round`, which leads back",
                "let the last",
            ),
            (
                "self",
                "`self` has the source_profile `self`, which leads back",
                "let the last",
            ),
            (
                "center",
                "one of IAM Identity Center",
                "aws configure export-credentials --profile center --format env",
            ),
            (
                "device",
                "`device` has mfa_serial",
                "--source-profile keys --mfa-serial arn:m --role-to-assume arn:r",
            ),
        ] {
            let found = trouble(&env, name, "source-profile").expect(name);
            assert!(found.fault.contains(fault), "{found:?}");
            assert!(found.advice.contains(advice), "{found:?}");
        }
        let gone = trouble(&env, "gone", "AWS_PROFILE").expect("it is not there");
        assert!(gone.fault.ends_with("; they have 9 others"), "{gone:?}");
        assert!(gone.advice.starts_with("correct AWS_PROFILE"), "{gone:?}");
    }
}
