//! Gitea Actions: GitHub's protocol, from a runner that embeds a fork of act.

use super::facts::Facts;
use super::github;

pub(super) const FACTS: Facts = Facts {
    name: "gitea",
    title: "Gitea Actions",
    mark: "GITEA_ACTIONS is true",
    detect: |env| env.is("GITEA_ACTIONS", "true"),
    grant: "use a Gitea server that issues OIDC tokens, or give keys or web-identity-token-file",
    page: "docs/ci/gitea.md",
    ..github::FACTS
};
