//! What is read of a profile: the program that it asks for its credentials, if it asks one, and its region.

use super::guard;
use super::heading::{Heading, Kind};
use super::ini::Document;
use super::paths::ProfilePaths;
use crate::model::profile::ProfileName;
use crate::system::env::Env;

/// A profile with a `credential_process`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asking {
    pub(crate) profile: String,
    pub(crate) command: String,
}

/// What the SDK would start for the profile: its own program, or that of a profile which it names as its source.
///
/// Files that cannot be read are left to the SDK, which says why.
pub(crate) fn asking(env: &Env, name: &str) -> Option<Asking> {
    let files = open(env)?;
    let mut seen: Vec<ProfileName> = Vec::new();
    let mut next: ProfileName = name.parse().ok()?;
    while !seen.contains(&next) {
        if let Some(command) = value(&files, &next, "credential_process") {
            let profile = next.to_string();
            return Some(Asking { profile, command });
        }
        let source = value(&files, &next, "source_profile")?.parse().ok()?;
        seen.push(std::mem::replace(&mut next, source));
    }
    None
}

/// The region of the profile, if it names one.
pub(crate) fn region(env: &Env, name: &str) -> Option<String> {
    value(&open(env)?, &name.parse().ok()?, "region")
}

/// Both files, or what there is of them.
pub(super) fn open(env: &Env) -> Option<Vec<(Kind, Document)>> {
    let paths = ProfilePaths::locate_config(env).ok()?;
    let document = |(kind, path)| {
        let text = guard::read(path).ok().flatten().unwrap_or_default();
        (kind, Document::parse(&text))
    };
    Some(paths.each().map(document).collect())
}

/// The credentials file's, where both have one.
pub(super) fn value(
    files: &[(Kind, Document)],
    profile: &ProfileName,
    key: &str,
) -> Option<String> {
    files
        .iter()
        .find_map(|(kind, document)| document.value(&Heading::new(*kind, profile), key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::files::tests::Scratch;

    #[test]
    fn follows_a_profile_to_the_program_at_its_end() {
        let scratch = Scratch::new();
        let config = scratch.file(
            "config",
            "[default]\nregion = x\n[profile direct]\ncredential_process = a b\n\
             [profile through]\nrole_arn = r\nsource_profile = direct\n\
             [profile round]\nsource_profile = about\n[profile about]\nsource_profile = round\n",
        );
        let env = Env::from([
            ("AWS_CONFIG_FILE", config.to_str().unwrap()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/nowhere"),
        ]);
        let found = |name: &str| asking(&env, name).map(|found| (found.profile, found.command));
        let direct = Some(("direct".to_owned(), "a b".to_owned()));
        assert_eq!(found("direct"), direct);
        assert_eq!(found("through"), direct);
        for name in ["default", "round", "absent", "no name"] {
            assert_eq!(found(name), None, "{name}");
        }
    }
}
