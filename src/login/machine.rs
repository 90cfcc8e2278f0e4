//! The machine's own credentials; and where there are none that serve, why, and what helps.

use super::Means;
use crate::error::Error;
use crate::host::{Host, TokenWay};
use crate::identity::ambient::{self, Found, Miss, Provider, Reach};
use crate::model::request::Request;
use crate::sink::{profile, refresh};
use crate::system::env::Env;

pub(super) async fn find(
    means: &Means<'_>,
    request: &Request,
    reach: Reach<'_>,
) -> Result<Found, Error> {
    let found = ambient::find(means.system, &means.sdk, &request.region, reach).await;
    found.map_err(|miss| explained(&means.system.env, means.host, reach, miss))
}

fn explained(env: &Env, host: Host, reach: Reach<'_>, miss: Miss) -> Error {
    let (named, setting) = match reach {
        Reach::Profile(name) => (Some(name), "source-profile"),
        Reach::Whole | Reach::WithoutEnvironment => (env.get("AWS_PROFILE"), "AWS_PROFILE"),
    };
    let of_profile = match &miss {
        Miss::Nothing(_) => named.is_some(),
        Miss::Failed { provider, .. } => *provider == Provider::Profile,
    };
    let name = named.unwrap_or("default");
    if of_profile && let Some(trouble) = profile::trouble(env, name, setting, miss.denied()) {
        return Error::NoCredentials {
            fault: trouble.fault,
            advice: trouble.advice,
        };
    }
    let (fault, advice) = match miss {
        // It is there, or that would have been said.
        Miss::Nothing(_) if matches!(reach, Reach::Profile(_)) => (
            format!("the profile `{name}` is there, and has no credentials"),
            "give it aws_access_key_id and aws_secret_access_key, or credential_process, or role_arn with source_profile"
                .to_owned(),
        ),
        Miss::Nothing(places) => (
            format!("nothing in {}", places.join(", ")),
            usual_advice(env, host),
        ),
        Miss::Failed {
            provider,
            place,
            why,
        } => {
            let own = match provider {
                Provider::Profile => profile::asking(env, name)
                    .is_some_and(|asking| refresh::is_own_line(&asking.command)),
                Provider::Container => refresh::is_own_endpoint(env),
                _ => false,
            };
            let advice = match provider {
                _ if own => "an earlier step's `refresh` renews these, and has ended or fails: let that step run again before this one".to_owned(),
                Provider::Profile => format!(
                    "correct the profile, which `aws sts get-caller-identity --profile {name}` tries too, or give another source"
                ),
                Provider::Environment => usual_advice(env, host),
                _ => format!("see why {place} does not answer as it should, or give another source"),
            };
            (format!("{place}: {why}"), advice)
        }
    };
    Error::NoCredentials { fault, advice }
}

/// What to do next, by what the environment has only half of; else what the system has to offer.
fn usual_advice(env: &Env, host: Host) -> String {
    let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    let facts = host.facts();
    match (env.has(id), env.has(secret), facts.token) {
        (true, false, _) => format!("{id} is set but {secret} is empty: set both, or neither"),
        (false, true, _) => format!("{secret} is set but {id} is empty: set both, or neither"),
        (_, _, TokenWay::None) => facts.grant.to_owned(),
        (_, _, TokenWay::GithubEndpoint) => "give role-to-assume with `permissions: id-token: write`, or aws-access-key-id and aws-secret-access-key; \
              an unset secret of the repository is empty, and secrets are empty for pull requests from forks"
            .to_owned(),
        _ => format!(
            "give role-to-assume, or aws-access-key-id and aws-secret-access-key; for a token of the job, {}",
            facts.grant
        ),
    }
}
