//! The ways in: under which variables each of them finds a setting. The names are the table's in all of them.

use std::collections::BTreeMap;

use super::plugin;
use super::setting::{Kind, Setting};
use super::table::SETTINGS;
use crate::system::env::Env;

/// Settings given as flags, by the setting's name.
pub(crate) type Flags = BTreeMap<&'static str, String>;

/// Who started the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A runner that knows actions: `INPUT_*`.
    Action,
    /// A shell, or a CI that is no such runner: `ROLEHOP_*`, and the prefixes under which plugins get their settings.
    Command,
}

/// The prefixes of the second way. Ours wins, so that a job can overrule what its plugin was given.
const PREFIXES: [&str; 4] = [
    "ROLEHOP_",
    BUILDKITE,
    // What the agent makes of a repository whose URL is `…/rolehop.git`.
    "BUILDKITE_PLUGIN_ROLEHOP_GIT_",
    PLUGIN,
];
const INPUT: &str = "INPUT_";
const BUILDKITE: &str = "BUILDKITE_PLUGIN_ROLEHOP_";
/// Drone, Woodpecker, Harness.
const PLUGIN: &str = "PLUGIN_";

impl Way {
    /// The prefixes under which there can be anything. Most jobs have one of them, and each costs a look for every setting.
    pub(super) fn prefixes(self, env: &Env) -> Vec<&'static str> {
        let all: &[&'static str] = match self {
            Self::Action => &[INPUT],
            Self::Command => &PREFIXES,
        };
        let maps = env.has("BUILDKITE_PLUGIN_CONFIGURATION");
        let all = all.iter().copied();
        all.filter(|prefix| env.has_prefix(prefix) || maps && prefix.starts_with(BUILDKITE))
            .collect()
    }

    /// Every place where this way finds the setting, in order; the name of the variable where it is not plain.
    ///
    /// The prefixes are those of [`Self::prefixes`].
    pub(super) fn variables(
        self,
        env: &Env,
        prefixes: &[&'static str],
        setting: &'static Setting,
    ) -> Vec<(String, Option<String>)> {
        let upper = setting.name.to_ascii_uppercase();
        let words = upper.replace('-', "_");
        let mut found = Vec::new();
        for &prefix in prefixes {
            match self {
                Self::Action => {
                    // As the runner sets it, with hyphens kept; or with underscores, for runners that cannot.
                    for name in [[prefix, &upper].concat(), [prefix, &words].concat()] {
                        found.extend(env.get(&name).map(|text| (text.to_owned(), None)));
                    }
                }
                Self::Command => {
                    let name = [prefix, &words].concat();
                    let text = value(env, &name).or_else(|| mapped(env, prefix, setting));
                    let text = text.map(|text| match prefix {
                        PLUGIN => plugin::lines(setting, text),
                        _ => text,
                    });
                    found.extend(text.map(|text| (text, Some(name))));
                }
            }
        }
        let shared = setting
            .variables
            .iter()
            .filter(|name| self == Self::Action || name.starts_with("AWS_"))
            .filter_map(|name| Some((env.get(name)?.to_owned(), Some((*name).to_owned()))));
        found.extend(shared);
        found
    }

    /// Whether any of the variables is there under which commands find settings.
    pub(crate) fn has_settings(env: &Env) -> bool {
        PREFIXES.iter().any(|prefix| env.has_prefix(prefix))
    }

    /// Variables that look like settings of ours and are none, each with the setting that was probably meant.
    pub(crate) fn misspelled(self, env: &Env) -> Vec<(String, Option<String>)> {
        if self == Self::Action {
            return Vec::new();
        }
        let known = |name: &str| {
            SETTINGS.iter().any(|setting| {
                let rest = behind(name, setting);
                rest.is_some_and(|rest| {
                    let item = rest.strip_prefix('_');
                    rest.is_empty() || item.is_some_and(|at| is_index(at) || takes_pairs(setting))
                })
            })
        };
        let ours = |(name, _): (&str, &str)| {
            // `PLUGIN_` is other plugins' too.
            let rest = PREFIXES
                .iter()
                .rev()
                .filter(|prefix| **prefix != PLUGIN)
                .find_map(|prefix| name.strip_prefix(prefix))?;
            let meant = || nearest(&rest.to_ascii_lowercase().replace('_', "-"));
            (!known(rest)).then(|| {
                let prefix = name.strip_suffix(rest).unwrap_or_default();
                let full = |setting: &str| {
                    format!("{prefix}{}", setting.to_ascii_uppercase().replace('-', "_"))
                };
                (name.to_owned(), meant().map(full))
            })
        };
        env.iter().filter_map(ours).collect()
    }
}

/// What follows the setting's name in that of a variable without its prefix.
fn behind<'n>(name: &'n str, setting: &Setting) -> Option<&'n str> {
    let (own, rest) = name.split_at_checked(setting.name.len())?;
    let alike = |(found, wanted): (u8, u8)| match wanted {
        b'-' => found == b'_',
        wanted => found == wanted.to_ascii_uppercase(),
    };
    own.bytes()
        .zip(setting.name.bytes())
        .all(alike)
        .then_some(rest)
}

/// A value, or the items of a list as Buildkite hands them over: `NAME_0`, `NAME_1`, …, a line each.
fn value(env: &Env, name: &str) -> Option<String> {
    if let Some(text) = env.get(name) {
        return Some(text.to_owned());
    }
    let items: Vec<&str> = (0..)
        .map_while(|at| env.get(&format!("{name}_{at}")))
        .collect();
    (!items.is_empty()).then(|| items.join("\n"))
}

/// Buildkite spells a map as variables whose names have lost its keys' case; its JSON has them whole.
fn mapped(env: &Env, prefix: &str, setting: &Setting) -> Option<String> {
    let ours = takes_pairs(setting)
        && env
            .get("BUILDKITE_PLUGIN_NAME")
            .is_some_and(|name| prefix == format!("BUILDKITE_PLUGIN_{name}_"));
    let all = env.get("BUILDKITE_PLUGIN_CONFIGURATION").filter(|_| ours)?;
    let all: serde_json::Value = serde_json::from_str(all).ok()?;
    let map = all.get(setting.name)?;
    map.is_object().then(|| map.to_string())
}

/// Settings that are keys with values.
fn takes_pairs(setting: &Setting) -> bool {
    matches!(setting.name, "custom-tags" | "session-tags")
}

fn is_index(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// Variables of `env` that give keys or a secret of ours, whichever the way: what another program has no use for.
///
/// The access key id goes with its secret: a run of ours further down would warn of half a pair.
pub(crate) fn secret_variables(env: &Env) -> Vec<String> {
    let secret =
        |setting: &&Setting| setting.kind == Kind::Secret || setting.name == "aws-access-key-id";
    let names: Vec<String> = SETTINGS
        .iter()
        .filter(secret)
        .flat_map(|setting| {
            let upper = setting.name.to_ascii_uppercase();
            let words = upper.replace('-', "_");
            let ours = PREFIXES.map(|prefix| format!("{prefix}{words}"));
            let inputs = [format!("INPUT_{upper}"), format!("INPUT_{words}")];
            ours.into_iter().chain(inputs)
        })
        .collect();
    let is_one = |(name, _): &(&str, &str)| {
        names.iter().any(|own| {
            name.strip_prefix(own.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.strip_prefix('_').is_some_and(is_index))
        })
    };
    env.iter()
        .filter(is_one)
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The setting whose name is most like this one, if any is.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    SETTINGS
        .iter()
        .map(|setting| (strsim::jaro_winkler(name, setting.name), setting.name))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(way: Way, env: &Env, name: &str) -> Vec<String> {
        let setting = SETTINGS
            .iter()
            .find(|setting| setting.name == name)
            .expect("a setting");
        let values = way.variables(env, &way.prefixes(env), setting).into_iter();
        values.map(|(text, _)| text).collect()
    }

    #[test]
    fn each_way_has_its_own_variables() {
        let env = Env::from([
            ("INPUT_ROLE-TO-ASSUME", "input"),
            ("ROLE_TO_ASSUME", "equivalent"),
            ("ROLEHOP_ROLE_TO_ASSUME", "ours"),
            ("PLUGIN_ROLE_TO_ASSUME", "plugin"),
            ("AWS_REGION", "region"),
        ]);
        assert_eq!(
            text(Way::Action, &env, "role-to-assume"),
            ["input", "equivalent"]
        );
        assert_eq!(
            text(Way::Command, &env, "role-to-assume"),
            ["ours", "plugin"]
        );
        assert_eq!(text(Way::Command, &env, "aws-region"), ["region"]);
    }

    #[test]
    fn the_items_of_a_plugins_list_are_lines() {
        let env = Env::from([
            ("BUILDKITE_PLUGIN_ROLEHOP_SESSION_TAGS_0", "A=1"),
            ("BUILDKITE_PLUGIN_ROLEHOP_SESSION_TAGS_1", "B=2"),
        ]);
        assert_eq!(text(Way::Command, &env, "session-tags"), ["A=1\nB=2"]);
        assert_eq!(Way::Command.misspelled(&env), []);
    }

    #[test]
    fn a_plugins_map_keeps_the_case_of_its_keys() {
        let env = Env::from([
            ("BUILDKITE_PLUGIN_NAME", "ROLEHOP"),
            (
                "BUILDKITE_PLUGIN_CONFIGURATION",
                r#"{"session-tags":{"CostCenter":"42"}}"#,
            ),
            ("BUILDKITE_PLUGIN_ROLEHOP_SESSION_TAGS_COSTCENTER", "42"),
        ]);
        assert_eq!(
            text(Way::Command, &env, "session-tags"),
            [r#"{"CostCenter":"42"}"#]
        );
        assert_eq!(Way::Command.misspelled(&env), []);
        let env = Env::from([("BUILDKITE_PLUGIN_ROLEHOP_GIT_AWS_REGION", "eu-west-1")]);
        assert_eq!(text(Way::Command, &env, "aws-region"), ["eu-west-1"]);
        assert_eq!(Way::Command.misspelled(&env), []);
    }

    #[test]
    fn secrets_are_found_under_every_prefix() {
        let secrets = [
            "BUILDKITE_PLUGIN_ROLEHOP_AWS_SESSION_TOKEN_0",
            "INPUT_AWS-SECRET-ACCESS-KEY",
            "INPUT_AWS_SECRET_ACCESS_KEY",
            "PLUGIN_AWS_ACCESS_KEY_ID",
            "ROLEHOP_AWS_SECRET_ACCESS_KEY",
        ];
        let env = Env::from([
            (secrets[0], "x"),
            (secrets[1], "x"),
            (secrets[2], "x"),
            (secrets[3], "x"),
            (secrets[4], "x"),
            ("ROLEHOP_ROLE_TO_ASSUME", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("PLUGIN_AWS_SESSION_TOKEN_TTL", "x"),
        ]);
        assert_eq!(secret_variables(&env), secrets);
    }

    #[test]
    fn a_misspelled_variable_is_found() {
        let env = Env::from([("ROLEHOP_ROLE_TO_ASUME", "x"), ("ROLEHOP_MOOD", "y")]);
        assert_eq!(
            Way::Command.misspelled(&env),
            [
                ("ROLEHOP_MOOD".to_owned(), None),
                (
                    "ROLEHOP_ROLE_TO_ASUME".to_owned(),
                    Some("ROLEHOP_ROLE_TO_ASSUME".to_owned())
                ),
            ]
        );
    }
}
