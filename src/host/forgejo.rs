//! Forgejo Actions: GitHub's protocol, from a runner that embeds a fork of act.

use super::facts::Facts;
use super::github;

pub(super) const FACTS: Facts = Facts {
    name: "forgejo",
    title: "Forgejo Actions",
    mark: "FORGEJO_ACTIONS is true",
    detect: |env| env.is("FORGEJO_ACTIONS", "true"),
    grant: "add `enable-openid-connect: true` to the job",
    page: "docs/ci/forgejo.md",
    ..github::FACTS
};
