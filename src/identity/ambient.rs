//! Credentials that the machine has: the SDK's default chain, walked one provider at a time so that the log can say which
//! one answered, and a failure which one refused. The SDK's providers read the environment and the files by themselves.

use std::error::Error as _;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, Region as SdkRegion};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;

use crate::model::{Credentials, Region, Secret};
use crate::system::System;
use crate::system::env::Env;
use crate::system::http::SdkHttp;

/// The instance metadata service answers from the machine itself, in milliseconds. Where there is none, its address takes
/// packets and gives nothing back: a machine that is not EC2 pays this time once, and learns what is really missing.
const METADATA_CONNECT: Duration = Duration::from_millis(300);
const METADATA_READ: Duration = Duration::from_millis(700);

/// The providers of the SDK's chain, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    Environment,
    Profile,
    WebIdentity,
    Container,
    Ec2,
}

/// Which part of the chain is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach<'a> {
    /// All of it.
    Whole,
    /// All but the variables, which the user wants forgotten.
    WithoutEnvironment,
    /// One named profile and nothing else.
    Profile(&'a str),
}

/// What was found, and where.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) credentials: Credentials,
    pub(crate) place: String,
}

impl Provider {
    const CHAIN: [Self; 5] = [
        Self::Environment,
        Self::Profile,
        Self::WebIdentity,
        Self::Container,
        Self::Ec2,
    ];

    fn place(self, env: &Env) -> String {
        match self {
            Self::Environment => "the environment's AWS_ACCESS_KEY_ID".to_owned(),
            Self::Profile => format!(
                "the profile `{}` of the AWS config files",
                env.get("AWS_PROFILE").unwrap_or("default")
            ),
            Self::WebIdentity => "AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN".to_owned(),
            Self::Container => "the container credentials endpoint".to_owned(),
            Self::Ec2 => "the EC2 instance metadata".to_owned(),
        }
    }

    fn build(self, config: &ProviderConfig, profile: Option<&str>) -> SharedCredentialsProvider {
        match self {
            Self::Environment => {
                SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new())
            }
            Self::Profile => {
                let mut builder = ProfileFileCredentialsProvider::builder().configure(config);
                if let Some(name) = profile {
                    builder = builder.profile_name(name);
                }
                SharedCredentialsProvider::new(builder.build())
            }
            Self::WebIdentity => SharedCredentialsProvider::new(
                WebIdentityTokenCredentialsProvider::builder()
                    .configure(config)
                    .build(),
            ),
            Self::Container => SharedCredentialsProvider::new(
                EcsCredentialsProvider::builder().configure(config).build(),
            ),
            Self::Ec2 => {
                let client = aws_config::imds::Client::builder()
                    .configure(config)
                    .connect_timeout(METADATA_CONNECT)
                    .read_timeout(METADATA_READ)
                    .build();
                SharedCredentialsProvider::new(
                    ImdsCredentialsProvider::builder()
                        .configure(config)
                        .imds_client(client)
                        .build(),
                )
            }
        }
    }
}

/// Why nothing was found.
#[derive(Debug)]
pub(crate) enum Miss {
    /// None of these places has any.
    Nothing(Vec<String>),
    /// This one is set up, and does not yield what it should.
    Failed {
        provider: Provider,
        place: String,
        why: String,
    },
}

const REFUSED: &str = "STS refused: ";

impl Miss {
    /// What STS said, where it did not let somebody have a role.
    pub(crate) fn denied(&self) -> Option<&str> {
        let Self::Failed { why, .. } = self else {
            return None;
        };
        let said = why.strip_prefix(REFUSED)?;
        said.starts_with("AccessDenied").then_some(why)
    }
}

/// The first provider that has credentials. One that is set up and fails ends the search, as in the SDK.
pub(crate) async fn find(
    system: &System,
    http: &SdkHttp,
    region: &Region,
    reach: Reach<'_>,
) -> Result<Found, Miss> {
    let config = provider_config(http, region);
    let (providers, profile): (&[Provider], _) = match reach {
        Reach::Whole => (&Provider::CHAIN, None),
        Reach::WithoutEnvironment => (&Provider::CHAIN[1..], None),
        Reach::Profile(name) => (&[Provider::Profile], Some(name)),
    };
    let mut tried = Vec::new();
    for provider in providers {
        let place = profile.map_or_else(
            || provider.place(&system.env),
            |name| format!("the profile `{name}`"),
        );
        system.progress.waits_for(&place);
        match provider.build(&config, profile).provide_credentials().await {
            Ok(found) => {
                return Ok(Found {
                    credentials: convert(&found),
                    place,
                });
            }
            Err(CredentialsError::CredentialsNotLoaded(why)) => {
                system.console.debug(&format!(
                    "{place}: nothing there ({})",
                    reason(&CredentialsError::CredentialsNotLoaded(why))
                ));
                tried.push(place);
            }
            Err(fault) => {
                return Err(Miss::Failed {
                    provider: *provider,
                    place,
                    why: reason(&fault),
                });
            }
        }
    }
    Err(Miss::Nothing(tried))
}

fn provider_config(http: &SdkHttp, region: &Region) -> ProviderConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(Duration::from_secs(5))
        .build();
    ProviderConfig::without_region()
        .with_region(Some(SdkRegion::new(region.as_str().to_owned())))
        .with_http_client(http.clone())
        .with_behavior_version(Some(BehaviorVersion::v2026_01_12()))
        .with_retry_config(RetryConfig::standard().with_max_attempts(3))
        .with_timeout_config(timeouts)
}

fn convert(found: &aws_credential_types::Credentials) -> Credentials {
    Credentials {
        access_key_id: found.access_key_id().to_owned(),
        secret_access_key: Secret::new(found.secret_access_key()),
        session_token: found
            .session_token()
            .filter(|token| !token.is_empty())
            .map(Secret::new),
        expires: found.expiry(),
    }
}

/// The chain of reasons on one line; the SDK's own messages carry no secrets.
fn reason(fault: &CredentialsError) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next: Option<&dyn std::error::Error> = fault.source();
    while let Some(current) = next {
        if let Some(refusal) = refusal(current) {
            return refusal;
        }
        let text = current.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        next = current.source();
    }
    if parts.is_empty() {
        fault.to_string()
    } else {
        parts.join(": ")
    }
}

/// What STS says of a profile's role, in place of what the SDK makes of it.
fn refusal(fault: &(dyn std::error::Error + 'static)) -> Option<String> {
    let role = fault
        .downcast_ref::<AssumeRoleError>()
        .map(ProvideErrorMetadata::meta);
    let token = fault
        .downcast_ref::<AssumeRoleWithWebIdentityError>()
        .map(ProvideErrorMetadata::meta);
    let meta = role.or(token)?;
    Some(format!("{REFUSED}{}: {}", meta.code()?, meta.message()?))
}

/// What in the environment says that the machine has credentials of its own; looked at before any request is sent.
pub(crate) fn sign_of_credentials(env: &Env) -> Option<&'static str> {
    const SIGNS: [&str; 8] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CONFIG_FILE",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    ];
    SIGNS.into_iter().find(|name| env.has(name)).or_else(|| {
        let home = env.first(&["HOME", "USERPROFILE"])?;
        let aws = std::path::Path::new(home).join(".aws");
        let there = aws.join("credentials").exists() || aws.join("config").exists();
        there.then_some("~/.aws")
    })
}
