//! A pod of Kubernetes that is no job of a CI: it has a source of credentials, IRSA or Pod Identity.

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;

pub(super) const FACTS: Facts = Facts {
    name: "kubernetes",
    title: "Kubernetes",
    mark: "AWS_WEB_IDENTITY_TOKEN_FILE, AWS_CONTAINER_CREDENTIALS_FULL_URI or KUBERNETES_SERVICE_HOST is set",
    detect: |env| {
        [
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "KUBERNETES_SERVICE_HOST",
        ]
        .iter()
        .any(|mark| env.has(mark))
    },
    job,
    session: "{run}",
    token: TokenWay::None,
    grant: "give the service account a role (IRSA or Pod Identity), or project a token and name its file with web-identity-token-file",
    masking: Masking::Nothing,
    export: Export::SameShell,
    reporting: Reporting::Plain,
    page: "docs/ci/kubernetes.md",
};

fn job(env: &Env) -> Job {
    Job {
        // A pod's name is its host's name.
        run: env.owned(&["HOSTNAME"]),
        ..Job::default()
    }
}
