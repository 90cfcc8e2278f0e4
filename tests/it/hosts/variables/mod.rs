//! What each CI system sets in a job, by its documentation; and what is to be made of it.

mod common;
mod others;

/// One system: a job of `octo-org/octo-repo` on it.
pub(crate) struct System {
    pub(crate) title: &'static str,
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// The session's name when the user gives none.
    pub(super) session: &'static str,
    /// Some of the tags; `None` where it has none.
    pub(super) tags: &'static [(&'static str, &'static str)],
    /// What the user agent ends with, before the SDK's words.
    pub(super) agent: &'static str,
}

const SHA: &str = "c0ffee254729296a45a3885639ac7e10f9d54979";

/// Every one, in no order.
pub(crate) fn all() -> impl Iterator<Item = &'static System> {
    common::COMMON.iter().chain(others::OTHERS)
}

pub(crate) fn of(title: &str) -> &'static System {
    let found = all().find(|system| system.title == title);
    found.unwrap_or_else(|| panic!("no {title}"))
}

const GITHUB_TAGS: &[(&str, &str)] = &[
    ("GitHub", "Actions"),
    ("Repository", "octo-org/octo-repo"),
    ("Actor", "octocat"),
    ("Branch", "refs/heads/main"),
    ("Commit", SHA),
    ("RunId", "9876543210"),
];
