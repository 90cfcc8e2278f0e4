//! act: GitHub workflows on a developer's machine.

use super::facts::Facts;
use super::github;

pub(super) const FACTS: Facts = Facts {
    name: "act",
    title: "act",
    mark: "ACT is true",
    detect: |env| env.is("ACT", "true"),
    grant: "pass ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN to act, or give keys or web-identity-token-file",
    page: "docs/ci/act.md",
    ..github::FACTS
};
