//! Settings as text, with where each came from; and the list of mistakes that parsing them gathers.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::setting::{Kind, Setting};
use super::table::SETTINGS;
use super::way::{Flags, Way};
use crate::error::{Error, Mistake};
use crate::model::Invalid;
use crate::system::env::Env;

/// The settings that were given. A value is trimmed, and never empty.
#[derive(Debug, Clone)]
pub(crate) struct RawInputs {
    given: BTreeMap<&'static str, Given>,
    /// The region of the profile that the first credentials may come from, for where none is given.
    region: Option<ProfileRegion>,
}

/// What the AWS files say of a profile.
#[derive(Debug, Clone)]
pub(super) struct ProfileRegion {
    pub(super) profile: String,
    pub(super) region: String,
}

#[derive(Clone)]
struct Given {
    text: String,
    /// The variable or flag, where it is not the input's own.
    origin: Option<String>,
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl RawInputs {
    /// What was given, the first place that has it winning: flags, the way's own variables, the variables of the table.
    pub(crate) fn collect(way: Way, env: &Env, flags: &Flags) -> Self {
        let prefixes = way.prefixes(env);
        let given = SETTINGS.iter().filter_map(|setting| {
            let flag = flags
                .get(setting.name)
                .map(|text| (text.clone(), Some(format!("--{}", setting.name))));
            let (text, origin) = flag
                .into_iter()
                .chain(way.variables(env, &prefixes, setting))
                .find(|(text, _)| !text.trim().is_empty())?;
            let text = text.trim().to_owned();
            Some((setting.name, Given { text, origin }))
        });
        Self {
            given: given.collect(),
            region: None,
        }
    }

    /// The profile whose region is to be looked up: no region is given, and one is named.
    pub(crate) fn profile_to_ask<'a>(&'a self, env: &'a Env) -> Option<&'a str> {
        let named = self
            .text("source-profile")
            .or_else(|| env.get("AWS_PROFILE"));
        named.filter(|_| !self.has("aws-region"))
    }

    /// With what the AWS files say of it.
    pub(crate) fn with_region_of(mut self, profile: String, region: String) -> Self {
        self.region = Some(ProfileRegion { profile, region });
        self
    }

    /// Where no region is given, the one of that profile.
    pub(super) fn region_of_profile(&self) -> Option<&ProfileRegion> {
        self.region.as_ref()
    }

    /// Settings that another process was given and wrote down. What is no setting of this program is passed over.
    pub(crate) fn saved(settings: impl IntoIterator<Item = (String, String)>) -> Self {
        let given = settings.into_iter().filter_map(|(name, text)| {
            let setting = SETTINGS.iter().find(|setting| setting.name == name)?;
            Some((setting.name, Given { text, origin: None }))
        });
        Self {
            given: given.collect(),
            region: None,
        }
    }

    /// As if this had been given too.
    pub(crate) fn with(mut self, name: &'static str, text: &str) -> Self {
        let (text, origin) = (text.to_owned(), None);
        self.given.insert(name, Given { text, origin });
        self
    }

    pub(crate) fn has(&self, name: &'static str) -> bool {
        self.text(name).is_some()
    }

    /// Whether it is one of the words for true. Where it is neither that nor false, the request's parsing tells.
    pub(crate) fn is_true(&self, name: &'static str) -> bool {
        self.text(name).and_then(truth) == Some(true)
    }

    /// Whether a role is to be assumed, for whichever target.
    pub(crate) fn wants_role(&self) -> bool {
        self.has("role-to-assume") || self.has("roles")
    }

    /// Whether it is this very call's: an input or a flag, and no variable that all steps may have.
    pub(super) fn is_beside(&self, name: &'static str) -> bool {
        let origin = self.given.get(name).map(|given| given.origin.as_deref());
        origin.is_some_and(|origin| origin.is_none_or(|flag| flag.starts_with("--")))
    }

    pub(crate) fn text(&self, name: &'static str) -> Option<&str> {
        debug_assert!(
            SETTINGS.iter().any(|setting| setting.name == name),
            "{name} is not in the table"
        );
        self.given.get(name).map(|given| given.text.as_str())
    }

    /// Every secret among them, used or not, and the token in the variable that one of them names.
    pub(crate) fn secrets<'a>(&'a self, env: &'a Env) -> Vec<&'a str> {
        let id_is_open = self
            .text("mask-access-key-id")
            .is_some_and(|text| text.eq_ignore_ascii_case("false"));
        let is_secret = |setting: &&Setting| {
            setting.kind == Kind::Secret || setting.name == "aws-access-key-id" && !id_is_open
        };
        let given = SETTINGS.iter().filter(is_secret);
        let variable = self.text("web-identity-token-variable");
        given
            .filter_map(|setting| self.text(setting.name))
            .chain(variable.and_then(|name| env.get(name)))
            .collect()
    }

    /// The same settings with the value of one in the place of another.
    pub(super) fn instead(&self, usual: &'static str, special: &'static str) -> Self {
        let mut settings = self.clone();
        if let Some(given) = self.given.get(special) {
            let given = Given {
                text: given.text.clone(),
                origin: Some(self.label(special)),
            };
            settings.given.insert(usual, given);
        }
        settings
    }

    /// The input's name for a message, with the variable that it came from if that is another.
    pub(crate) fn label(&self, name: &'static str) -> String {
        match self
            .given
            .get(name)
            .and_then(|given| given.origin.as_deref())
        {
            Some(flag) if flag.starts_with("--") => flag.to_owned(),
            Some(variable) => format!("{name} (from {variable})"),
            None => name.to_owned(),
        }
    }
}

/// The six words of YAML's core schema that the actions toolkit takes.
fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Parses settings one by one and remembers every mistake, so that a user sees all of them at once.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) raw: &'a RawInputs,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(raw: &'a RawInputs) -> Self {
        Self {
            raw,
            mistakes: Vec::new(),
        }
    }

    pub(crate) fn parse<T: FromStr<Err = Invalid>>(&mut self, name: &'static str) -> Option<T> {
        self.with(name, T::from_str)
    }

    pub(crate) fn with<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        match read(self.raw.text(name)?) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.fault(name, fault);
                None
            }
        }
    }

    /// The items of a list: each line, or each part between commas where `commas` says so.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        commas: bool,
        read: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Vec<T> {
        let text = self.raw.text(name).unwrap_or_default();
        let items = text
            .split(|c| c == '\n' || (commas && c == ','))
            .map(str::trim)
            .filter(|item| !item.is_empty());
        let results: Vec<_> = items.map(read).collect();
        let mut values = Vec::new();
        for result in results {
            match result {
                Ok(value) => values.push(value),
                Err(fault) => self.fault(name, fault),
            }
        }
        values
    }

    pub(crate) fn flag(&mut self, name: &'static str, default: bool) -> bool {
        let read = |text: &str| {
            truth(text).ok_or_else(|| {
                Invalid::new(format!(
                    "{} is neither true nor false; allowed are true, True, TRUE, false, False, FALSE",
                    crate::model::invalid::shown(text)
                ))
            })
        };
        self.with(name, read).unwrap_or(default)
    }

    pub(crate) fn fault(&mut self, name: &'static str, fault: Invalid) {
        let input = self.raw.label(name);
        self.mistakes.push(Mistake { input, fault });
    }

    pub(crate) fn wrong(&mut self, name: &'static str, fault: impl Into<String>) {
        self.fault(name, Invalid::new(fault));
    }

    /// The value of a setting, or every mistake that was found.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Error> {
        match value {
            Some(value) if self.mistakes.is_empty() => Ok(value),
            _ => Err(Error::InvalidInputs(self.mistakes)),
        }
    }
}
