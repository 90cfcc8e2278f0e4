//! What was there before a step wrote, until `post` or a `logout` puts it back. The runner keeps it in its state file, and we in
//! a file of our own (`memory.rs`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bash_env::Trace;
use super::expiry;
use super::profile::Journal as ProfileJournal;
use crate::model::request::{Cleanup, EnvironmentPlace, Place};
use crate::model::{Credentials, Region};
use crate::system::env::Env;

/// The name under which the runner keeps the journal; `post` gets it as `STATE_` and this.
pub(crate) const STATE: &str = "rolehop";

/// The variables that hold credentials.
pub(crate) const KEYS: [&str; 3] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];
/// The variables that hold the region.
pub(crate) const REGION: [&str; 2] = ["AWS_DEFAULT_REGION", "AWS_REGION"];
pub(crate) const PROFILE: &str = "AWS_PROFILE";
/// By which the AWS CLI and boto3 say when keys end, whatever keys there are.
pub(crate) const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";
/// The other name of a profile, which botocore takes ahead of `AWS_PROFILE`.
pub(crate) const OLD_PROFILE: &str = "AWS_DEFAULT_PROFILE";
/// The old name of a session token.
pub(crate) const OLD_TOKEN: &str = "AWS_SECURITY_TOKEN";

/// Other variables that select credentials, which `refresh` sets or empties.
pub(crate) const SELECTORS: [&str; 10] = [
    OLD_TOKEN,
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    OLD_PROFILE,
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
];
/// The secrets among all of these.
const SECRETS: [&str; 7] = [
    OLD_TOKEN,
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
];

/// Whether the value of this variable is one that a log must not show.
pub(crate) fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name)
}

/// What this step wrote, by marks that are no secrets, and what the variables were before.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Journal {
    pub(crate) cleanup: String,
    /// The access key ID that was exported: the variables are still ours while it is there.
    pub(crate) access_key_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    /// The variables' values before. What had none is not here.
    pub(crate) before: BTreeMap<String, String>,
    pub(crate) files: Option<ProfileJournal>,
    /// Lines in a shell's start-up file, which go out again as they are.
    #[serde(default)]
    pub(crate) lines: Option<Trace>,
    /// The private folder of credentials that are renewed.
    #[serde(default)]
    pub(crate) refresh: Option<std::path::PathBuf>,
    /// What `refresh` set keys and selectors to; none of it is a secret.
    #[serde(default)]
    pub(crate) selected: BTreeMap<String, String>,
    /// Later steps do not have the variables in their environment, so whose they are now cannot be told.
    #[serde(default)]
    pub(crate) unseen: bool,
    /// The same for a `logout` before the job's end: a file of ours.
    #[serde(default)]
    pub(crate) record: Option<std::path::PathBuf>,
    /// The session's access key ID, and when it expires in seconds since 1970.
    #[serde(default)]
    pub(crate) expires: Option<(String, u64)>,
}

impl Journal {
    /// Remembers the variables that are about to be overwritten; what the user wants forgotten is not remembered.
    pub(crate) fn remember(
        env: &Env,
        names: &[&'static str],
        cleanup: Cleanup,
        forget: bool,
    ) -> Self {
        let keep = cleanup == Cleanup::Restore;
        let forgotten = |name: &&str| forget && (KEYS.contains(name) || *name == OLD_TOKEN);
        let remembered = |name: &&&str| keep && !forgotten(name);
        let value = |name: &&str| Some(((*name).to_owned(), env.get(name)?.to_owned()));
        Self {
            cleanup: match cleanup {
                Cleanup::Restore => "restore",
                Cleanup::Clear => "clear",
                Cleanup::None => "none",
            }
            .to_owned(),
            before: names.iter().filter(remembered).filter_map(value).collect(),
            ..Self::default()
        }
    }

    /// What the variables are about to hold, as far as it is no secret. Keys that are renewed are not in them.
    pub(crate) fn mark(&mut self, place: &Place, region: &Region, keys: Option<&Credentials>) {
        if place.environment != EnvironmentPlace::Nothing {
            self.region = Some(region.as_str().to_owned());
        }
        let Some(keys) = keys else { return };
        self.expires = expiry::mark(keys);
        if place.environment == EnvironmentPlace::Keys {
            self.access_key_id = Some(keys.access_key_id.clone());
            let profile = place.profile.as_ref();
            self.profile = profile.map(|profile| profile.name.to_string());
        }
    }

    /// The values in it that a log must not show.
    pub(crate) fn secrets(&self) -> Vec<&str> {
        SECRETS
            .iter()
            .filter_map(|name| self.before.get(*name))
            .map(String::as_str)
            .collect()
    }

    /// The variables as they have to be set, given what they are now: only those that still hold what this step wrote.
    ///
    /// `early`: or what they held before it, as the process sees them that handed over, and others of the same script.
    pub(crate) fn restored(&self, env: &Env, early: bool) -> Vec<(&'static str, String)> {
        if self.cleanup == "none" {
            return Vec::new();
        }
        let any = self.cleanup == "clear" || self.unseen;
        let as_before =
            |name: &str| early && self.before.get(name).map(String::as_str) == env.get(name);
        let ours = |written: &Option<String>, name: &str| {
            written.is_some() && (any || written.as_deref() == env.get(name) || as_before(name))
        };
        let mut names: Vec<&'static str> = Vec::new();
        if ours(&self.access_key_id, "AWS_ACCESS_KEY_ID") {
            names.extend(KEYS);
            // It was emptied if there was one; what is there now is somebody else's.
            let is_empty = self.unseen || !env.has(OLD_TOKEN);
            let comes_back = is_empty && self.before.contains_key(OLD_TOKEN);
            names.extend(comes_back.then_some(OLD_TOKEN));
            names.extend(self.before.contains_key(EXPIRATION).then_some(EXPIRATION));
        }
        names.extend(REGION.iter().filter(|name| ours(&self.region, name)));
        if ours(&self.profile, PROFILE) {
            names.push(PROFILE);
        }
        // That a variable is empty is no mark of ours, unless one is that has a value.
        let holds = |(name, written): (&String, &String)| {
            !written.is_empty() && (env.get(name) == Some(written) || as_before(name))
        };
        let is_selected = ours(&self.profile, PROFILE) || self.selected.iter().any(holds);
        let selected = |name: &&'static str| {
            self.selected.get(*name).is_some_and(|written| {
                let same = env.get(name).unwrap_or_default() == written || as_before(name);
                any || (is_selected && same)
            })
        };
        names.extend(KEYS.into_iter().chain(SELECTORS).filter(selected));
        names
            .into_iter()
            .map(|name| (name, self.before.get(name).cloned().unwrap_or_default()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Journal {
        let before = Env::from([
            ("AWS_ACCESS_KEY_ID", "AKIAOLD"),
            ("AWS_SECRET_ACCESS_KEY", "old"),
            ("AWS_REGION", "us-east-1"),
        ]);
        let names: Vec<_> = KEYS.into_iter().chain(REGION).collect();
        let mut journal = Journal::remember(&before, &names, Cleanup::Restore, false);
        journal.access_key_id = Some("ASIANEW".into());
        journal.region = Some("eu-west-1".into());
        journal
    }

    #[test]
    fn puts_back_what_was_there_and_empties_the_rest() {
        let now = Env::from([
            ("AWS_ACCESS_KEY_ID", "ASIANEW"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
        ]);
        let restored = journal().restored(&now, false);
        let expected = [
            ("AWS_ACCESS_KEY_ID", "AKIAOLD"),
            ("AWS_SECRET_ACCESS_KEY", "old"),
            ("AWS_SESSION_TOKEN", ""),
            ("AWS_DEFAULT_REGION", ""),
            ("AWS_REGION", "us-east-1"),
        ];
        assert_eq!(
            restored,
            expected.map(|(name, value)| (name, value.to_owned()))
        );
    }

    #[test]
    fn leaves_what_somebody_else_set_since() {
        let now = Env::from([
            ("AWS_ACCESS_KEY_ID", "ASIAOTHER"),
            ("AWS_REGION", "ap-south-1"),
        ]);
        assert_eq!(journal().restored(&now, false), []);
    }

    #[test]
    fn forgets_what_the_user_wants_forgotten() {
        let before = Env::from([("AWS_SECRET_ACCESS_KEY", "old")]);
        assert!(
            Journal::remember(&before, &KEYS, Cleanup::Restore, true)
                .before
                .is_empty()
        );
        assert!(
            Journal::remember(&before, &KEYS, Cleanup::Clear, false)
                .before
                .is_empty()
        );
    }
}
