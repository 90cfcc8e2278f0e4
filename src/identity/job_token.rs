//! The token that the CI system issues to the job: one way for each system, chosen by its facts.

use std::path::Path;

use super::{agent, azure, codefresh, github, google, token_file};
use crate::error::Error;
use crate::host::token::{CIRCLECI_VARIABLES, gitlab_variables};
use crate::host::{Host, TokenWay};
use crate::model::request::{Ask, Patience};
use crate::model::{Claims, Secret};
use crate::system::System;
use crate::system::env::Env;
use crate::system::http::Http;

/// What is missing is told before anything is asked.
pub(crate) async fn fetch(
    system: &System,
    http: &Http,
    host: Host,
    ask: &Ask,
    patience: Patience,
) -> Result<(Secret, Claims), Error> {
    let (env, facts) = (&system.env, host.facts());
    let audience = ask.audience.as_deref();
    if let Some(fault) = facts.token.lacks(env, audience) {
        return Err(Error::OidcPermissionMissing {
            fault,
            grant: facts.grant,
        });
    }
    let endpoint = match facts.token {
        TokenWay::GithubEndpoint => github::endpoint(env, host, ask)?,
        TokenWay::AzurePost => azure::endpoint(env, ask)?,
        TokenWay::CodefreshGet => codefresh::endpoint(env, ask)?,
        TokenWay::MetadataServer => google::endpoint(env, ask)?,
        TokenWay::BuildkiteAgent => return agent::buildkite(system, ask).await,
        TokenWay::Circleci => {
            // What the user's IAM provider was set up for is known only if the user says so.
            let ready = ready(env, &CIRCLECI_VARIABLES, None)?;
            return match audience {
                Some(wanted) if !ready.1.is_for(wanted) => {
                    agent::circleci(system, ask, patience).await
                }
                _ => Ok(ready),
            };
        }
        TokenWay::GitlabVariable => {
            let names = gitlab_variables(audience);
            let wanted = audience.unwrap_or(Ask::AUDIENCE);
            let fits = |name: &&String| {
                let token = env.get(name).map(|text| Secret::new(text.trim()));
                let claims = token.and_then(|token| Claims::read(&token).ok());
                claims.is_some_and(|claims| claims.is_for(wanted))
            };
            // A job may have a token for somebody else beside the one for AWS, which must not be shown that one.
            return match names.iter().find(fits) {
                Some(name) => ready(env, &[name], None),
                None => ready(env, &names.each_ref().map(String::as_str), None),
            };
        }
        TokenWay::Ready { variables, file } => return ready(env, variables, file),
        TokenWay::None => return Err(Error::Internal("a token of a system without".to_owned())),
    };
    endpoint.fetch(system, http, patience).await
}

/// A token that the system put there before the job began.
fn ready(env: &Env, names: &[&str], file: Option<&str>) -> Result<(Secret, Claims), Error> {
    let variable = names
        .iter()
        .find_map(|name| Some((*name, Secret::new(env.get(name)?.trim()))));
    match (variable, file) {
        (Some((name, token)), _) => Ok((token.clone(), token_file::claims(name, &token)?)),
        (None, Some(file)) => token_file::read(Path::new(file)),
        (None, None) => Err(Error::Internal("a token that is not there".to_owned())),
    }
}
