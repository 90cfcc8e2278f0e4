//! Why a profile yields no credentials, as far as the AWS files tell. Read only after an SDK has found none.

use super::heading::Kind;
use super::ini::Document;
use super::paths::ProfilePaths;
use super::process::{open, value};
use crate::model::invalid::shown;
use crate::system::env::Env;

/// What is wrong with it, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) fault: String,
    pub(crate) advice: String,
}

/// Nothing, where the files have it as an SDK can use it. `setting`: what names the profile. `denied`: what STS said when it
/// refused a role of it.
pub(crate) fn trouble(
    env: &Env,
    name: &str,
    setting: &str,
    denied: Option<&str>,
) -> Option<Trouble> {
    let files = open(env)?;
    let names = names(&files);
    let value = |profile: &str, key: &str| value(&files, &profile.parse().ok()?, key);
    let mut seen: Vec<String> = Vec::new();
    let mut next = name.to_owned();
    loop {
        if !names.contains(&next) || !next.chars().all(is_plain) {
            let paths = ProfilePaths::locate_config(env).ok()?;
            let places = paths.each().map(|(_, path)| path.display().to_string());
            let places = places.collect::<Vec<_>>().join(" and ");
            let of_cli = of_the_cli_alone(&names, &next);
            return Some(match seen.last() {
                None => Trouble {
                    fault: format!(
                        "there is no profile {} in {places}; {}",
                        shown(name),
                        known(&names)
                    ),
                    advice: match of_cli {
                        Some(advice) => format!("{advice}, and {setting} so too"),
                        // As `refresh` names its own.
                        None if name.starts_with("rolehop-") => {
                            "it was the profile of a step with `refresh`, which has ended: let that step run again before this one".to_owned()
                        }
                        None => format!("correct {setting}, or add the profile"),
                    },
                },
                Some(before) => Trouble {
                    fault: format!(
                        "the profile `{before}` has the source_profile `{next}`, which is not in {places}"
                    ),
                    advice: match of_cli {
                        Some(advice) => format!("{advice}, and source_profile of `{before}` so too"),
                        None => format!("correct source_profile of `{before}`, or add `{next}`"),
                    },
                },
            });
        }
        let has = |keys: &[&str]| keys.iter().any(|key| value(&next, key).is_some());
        let foreign = if has(&["sso_session", "sso_start_url", "sso_account_id"]) {
            Some("IAM Identity Center")
        } else {
            has(&["login_session"]).then_some("`aws login`")
        };
        if let Some(foreign) = foreign {
            return Some(Trouble {
                fault: format!(
                    "the profile `{next}` is one of {foreign}, which rolehop does not sign in to"
                ),
                advice: format!(
                    "export its credentials first, and leave {setting} out: `eval \"$(aws configure export-credentials --profile {next} --format env)\"`; \
                     or name a profile with `credential_process = aws configure export-credentials --profile {next}`"
                ),
            });
        }
        let source = value(&next, "source_profile");
        if let (Some(why), Some(device), Some(role)) =
            (denied, value(&next, "mfa_serial"), value(&next, "role_arn"))
        {
            let source = source.unwrap_or_else(|| "default".to_owned());
            return Some(Trouble {
                fault: format!(
                    "the profile `{next}` has mfa_serial, and a profile's is not used: nobody would be asked for the code\n{why}"
                ),
                advice: format!(
                    "name its parts in its place: --source-profile {source} --mfa-serial {device} --role-to-assume {role}"
                ),
            });
        }
        let source = source?;
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

/// What to do about a heading that the AWS CLI reads and no SDK does, if there is one for that name.
fn of_the_cli_alone(names: &[String], name: &str) -> Option<String> {
    let is_named = |heading: &String| heading.trim_matches(['"', '\'']) == name;
    names.iter().find(|heading| is_named(heading))?;
    let plain: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '-' })
        .collect();
    Some(format!(
        "names in quotes, or with other characters than letters, digits and `_-/.%@:+`, are read by the AWS CLI alone: write the heading as [profile {plain}]"
    ))
}

/// What the SDKs take in a name.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c)
}

fn names(files: &[(Kind, Document)]) -> Vec<String> {
    let mut names: Vec<String> = files
        .iter()
        .flat_map(|(kind, file)| file.profiles(*kind))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Those that are there, as far as a line of the log takes them.
fn known(names: &[String]) -> String {
    const MOST: usize = 8;
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
            let found = trouble(&env, name, "source-profile", Some("refused"));
            assert_eq!(found, None, "{name}");
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
            let found = trouble(&env, name, "source-profile", Some("refused")).expect(name);
            assert!(found.fault.contains(fault), "{found:?}");
            assert!(found.advice.contains(advice), "{found:?}");
        }
        // Whatever else has failed, it was not for want of a code.
        assert_eq!(trouble(&env, "device", "source-profile", None), None);
        let gone = trouble(&env, "gone", "AWS_PROFILE", None).expect("it is not there");
        assert!(gone.fault.ends_with("; they have 9 others"), "{gone:?}");
        assert!(gone.advice.starts_with("correct AWS_PROFILE"), "{gone:?}");
    }
}
