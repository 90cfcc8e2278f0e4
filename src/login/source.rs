//! Which identity the run begins with: what is missing is told before any request, then the one source is asked.

use super::Means;
use crate::error::Error;
use crate::host::{Host, Job};
use crate::identity::ambient::{self, Reach};
use crate::identity::github::TokenEndpoint;
use crate::identity::{Identity, token_file};
use crate::model::request::{AmbientWhy, Patience, Request, Source};
use crate::model::{Claims, Secret, Token};
use crate::sink::mask;
use crate::system::{System, files};

/// What the source yielded, and how to tell it.
pub(super) struct Origin {
    pub(super) identity: Identity,
    pub(super) claims: Option<Claims>,
    pub(super) words: String,
}

/// What can be known to fail is told before any request.
pub(crate) fn check_before_any_request(
    system: &System,
    host: Host,
    job: &Job,
    request: &Request,
) -> Result<(), Error> {
    let hosted = system.env.is("RUNNER_ENVIRONMENT", "github-hosted");
    let wants_role = request.targets.iter().any(|target| !target.hops.is_empty());
    let nothing_given = matches!(request.source, Source::Ambient(AmbientWhy::NothingElse));
    if !nothing_given
        || !wants_role
        || !hosted
        || ambient::sign_of_credentials(&system.env).is_some()
    {
        return Ok(());
    }
    Err(no_permission(system, host, job))
}

fn no_permission(system: &System, host: Host, job: &Job) -> Error {
    let names = [
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    ];
    let Some(missing) = names.into_iter().find(|name| !system.env.has(name)) else {
        return Error::NoCredentials {
            fault: "force-skip-oidc is true, and there are no keys, no token file and no credentials of the machine"
                .to_owned(),
            advice: "leave force-skip-oidc out, since this job can request an OIDC token; or give keys or web-identity-token-file"
                .to_owned(),
        };
    };
    let event = job
        .event_path
        .as_deref()
        .filter(|_| job.event_name.as_deref() == Some("pull_request"))
        .and_then(|path| files::read_limited(path, 8 << 20).ok());
    if let Some(head) = event.and_then(|event| Job::fork(&event)) {
        return Error::OidcForkPullRequest { head };
    }
    Error::OidcPermissionMissing {
        missing,
        forgejo: host == Host::Forgejo,
    }
}

pub(super) async fn identify(means: &Means<'_>, request: &Request) -> Result<Origin, Error> {
    let system = means.system;
    match &request.source {
        Source::GithubOidc { audience } => {
            let (secret, claims) = fetch_token(means, audience, request.patience).await?;
            let token = Token::issued_now(secret, &claims, system.clock.elapsed());
            let words = format!(
                "OIDC token of this job, audience {audience} (role-to-assume is set and the job may request a token)"
            );
            Ok(Origin {
                identity: Identity::Token(token),
                claims: Some(claims),
                words,
            })
        }
        Source::TokenFile(path) => {
            let (secret, claims) = token_file::read(path)?;
            let token = Token::found(secret);
            let words = format!(
                "web identity token in {} (web-identity-token-file is set)",
                path.display()
            );
            Ok(Origin {
                identity: Identity::Token(token),
                claims: Some(claims),
                words,
            })
        }
        Source::Keys(keys) => {
            let kind = if keys.session_token.is_some() {
                "temporary keys"
            } else {
                "static keys"
            };
            let words = format!("{kind} given as inputs (aws-access-key-id is set)");
            Ok(Origin {
                identity: Identity::Credentials(keys.clone()),
                claims: None,
                words,
            })
        }
        Source::Profile(name) => {
            from_machine(
                means,
                request,
                Reach::Profile(name),
                "source-profile is set",
            )
            .await
        }
        Source::Ambient(why) => {
            let reach = if request.hand_over.unset_first {
                Reach::WithoutEnvironment
            } else {
                Reach::Whole
            };
            let because = match why {
                AmbientWhy::RoleChaining => "role-chaining is true",
                AmbientWhy::NothingElse => "no other source is given",
            };
            let found = from_machine(means, request, reach, because).await;
            let wants_role = request.targets.iter().any(|target| !target.hops.is_empty());
            match found {
                Err(Error::NoCredentials { .. })
                    if wants_role && *why == AmbientWhy::NothingElse && no_sign(system) =>
                {
                    Err(no_permission(system, means.host, means.job))
                }
                found => found,
            }
        }
    }
}

fn no_sign(system: &System) -> bool {
    ambient::sign_of_credentials(&system.env).is_none()
        && !system.env.has("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
}

async fn from_machine(
    means: &Means<'_>,
    request: &Request,
    reach: Reach<'_>,
    why: &str,
) -> Result<Origin, Error> {
    let found = ambient::find(means.system, &means.sdk, &request.region, reach).await?;
    let words = format!("{} ({why})", found.place);
    Ok(Origin {
        identity: Identity::Credentials(found.credentials),
        claims: None,
        words,
    })
}

/// The token, while the connection to STS is being opened beside it.
async fn fetch_token(
    means: &Means<'_>,
    audience: &str,
    patience: Patience,
) -> Result<(Secret, Claims), Error> {
    let endpoint = TokenEndpoint::new(means.system, means.host, audience)?;
    let client = means
        .http
        .client()
        .map_err(|fault| Error::Internal(format!("no HTTP client: {fault}")))?;
    means.system.console.debug(&format!(
        "the token endpoint is {}, {}",
        endpoint.host(),
        means.http.way_to(endpoint.url())
    ));
    let sts = means.sts.clone();
    tokio::spawn(async move { sts.warm_up().await });
    let (token, claims) = endpoint.fetch(means.system, &client, patience).await?;
    mask::mask(&means.system.console, token.reveal());
    Ok((token, claims))
}
