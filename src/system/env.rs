//! The environment: one snapshot, in which an empty value is an absent one.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use serde::de::DeserializeOwned;

/// The variables that the process was started with. Its `Debug` shows names only.
#[derive(Clone, Default)]
pub(crate) struct Env(BTreeMap<String, String>);

impl Env {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub(crate) fn capture() -> Self {
        // A variable that is not UTF-8 cannot be one of ours, and must not stop the others.
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// The value, unless it is absent or empty: the runner sets unset inputs to "".
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .or_else(|| self.in_another_case(name))
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// To Windows `Path` and `PATH` are one variable.
    fn in_another_case(&self, name: &str) -> Option<&String> {
        let is_same = |(other, _): &(&String, &String)| other.eq_ignore_ascii_case(name);
        cfg!(windows)
            .then(|| self.0.iter().find(is_same))?
            .map(|(_, value)| value)
    }

    #[cfg(unix)]
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    #[cfg(unix)]
    pub(super) fn put_empty(&mut self, name: &str) {
        self.0.entry(name.to_owned()).or_default();
    }

    /// Whether it is there and has no value, which other programs may take for a setting.
    pub(crate) fn is_empty(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(String::is_empty)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether the name of any variable begins so.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        self.0
            .range::<str, _>(from)
            .take_while(|(name, _)| name.starts_with(prefix))
            .any(|(_, value)| !value.is_empty())
    }

    /// The first of several spellings that has a value.
    pub(crate) fn first<'a>(&'a self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The same, for those who keep it.
    pub(crate) fn owned(&self, names: &[&str]) -> Option<String> {
        self.first(names).map(str::to_owned)
    }

    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }

    /// What it is once these are set.
    pub(crate) fn with(&self, pairs: &[(&'static str, String)]) -> Self {
        let mut now = self.0.clone();
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        now.extend(owned);
        Self(now)
    }

    /// Every variable that has a value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The variables with one prefix as a struct of optional strings.
    pub(crate) fn decode<T: DeserializeOwned>(&self, prefix: &str) -> Result<T, envy::Error> {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        envy::prefixed(prefix).from_iter(self.iter().map(owned))
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl FromIterator<(String, String)> for Env {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Env {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_absent() {
        let env = Env::from([("A", ""), ("B", "b")]);
        assert_eq!(env.get("A"), None);
        assert_eq!(env.first(&["A", "B"]), Some("b"));
        assert_eq!(env.iter().count(), 1);
    }

    #[test]
    fn a_prefix_is_found_where_it_begins_a_name_with_a_value() {
        let env = Env::from([
            ("A_", ""),
            ("A_B", ""),
            ("A_C", "c"),
            ("BA_", "b"),
            ("C_", ""),
        ]);
        for (prefix, found) in [
            ("A_", true),
            ("A_C", true),
            ("A_B", false),
            ("C_", false),
            ("Z", false),
            ("", true),
        ] {
            assert_eq!(env.has_prefix(prefix), found, "{prefix}");
        }
    }

    #[test]
    fn names_differ_in_case_except_on_windows() {
        let env = Env::from([("Path", "a"), ("B", "b"), ("b", "c")]);
        assert_eq!(env.get("PATH"), cfg!(windows).then_some("a"));
        assert_eq!((env.get("B"), env.get("b")), (Some("b"), Some("c")));
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(
            format!("{:?}", Env::from([("AWS_SECRET_ACCESS_KEY", "hunter2")])),
            "{\"AWS_SECRET_ACCESS_KEY\"}"
        );
    }
}
