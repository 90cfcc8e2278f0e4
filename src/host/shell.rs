//! A plain shell: nothing is known.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};

pub(super) const FACTS: Facts = Facts {
    name: "shell",
    title: "a shell",
    mark: "none that is known by its variables",
    detect: |_| false,
    job: |_| Job::default(),
    session: "rolehop",
    token: TokenWay::None,
    grant: "give a token with web-identity-token-file or the variable ROLEHOP_WEB_IDENTITY_TOKEN, keys, or source-profile",
    masking: Masking::Nothing,
    export: Export::SameShell,
    reporting: Reporting::Plain,
    page: "docs/ci/shell.md",
};
