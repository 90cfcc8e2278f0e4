//! The SDK's client: region, endpoint, our HTTP, its own retries off.

use aws_sdk_sts::Client;
use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::config::timeout::TimeoutConfig;
use aws_sdk_sts::config::{
    BehaviorVersion, Builder, Credentials as SdkCredentials, Region as SdkRegion,
    StalledStreamProtectionConfig,
};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag as SdkTag};

use crate::error::{Error, Mistake};
use crate::model::request::Endpoint;
use crate::model::tags::Tag;
use crate::model::{Credentials, Invalid, PolicyArn, Region};
use crate::system::http::SdkHttp;

/// One STS: the region's, or the one that the user names.
#[derive(Debug, Clone)]
pub(crate) struct Sts {
    http: SdkHttp,
    region: Region,
    url: String,
    many: bool,
}

impl Sts {
    /// Works the endpoint out once, by the SDK's rules. `many`: it will be asked for several targets' roles side by side.
    pub(crate) async fn new(
        http: SdkHttp,
        region: &Region,
        endpoint: &Endpoint,
        many: bool,
    ) -> Result<Self, Error> {
        let wrong = |fault: String| {
            let fault = Invalid::new(format!("has no STS endpoint: {fault}"));
            Error::InvalidInputs(vec![Mistake {
                input: "aws-region".to_owned(),
                fault,
            }])
        };
        let params = Params::builder()
            .region(region.as_str())
            .use_fips(endpoint.fips)
            .use_dual_stack(endpoint.dual_stack)
            .set_endpoint(endpoint.url.clone())
            .build()
            .map_err(|fault| wrong(fault.to_string()))?;
        let resolved = DefaultResolver::new()
            .resolve_endpoint(&params)
            .await
            .map_err(|fault| wrong(fault.to_string()))?;
        Ok(Self {
            http,
            region: region.clone(),
            url: resolved.url().to_owned(),
            many,
        })
    }

    /// The host, for messages.
    pub(crate) fn host(&self) -> &str {
        let rest = self
            .url
            .split_once("://")
            .map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn asks_for_many(&self) -> bool {
        self.many
    }

    pub(crate) fn region(&self) -> &Region {
        &self.region
    }

    /// Opens the connection that the first call will use, while there is nothing to send yet.
    pub(crate) async fn warm_up(&self) {
        self.http.warm_up(&self.url).await;
    }

    pub(super) fn client(&self, credentials: Option<&Credentials>) -> Client {
        let mut config = Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(SdkRegion::new(self.region.of_signatures().to_owned()))
            .endpoint_url(&self.url)
            .http_client(self.http.clone())
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(keys) = credentials {
            let token = keys
                .session_token
                .as_ref()
                .map(|token| token.reveal().to_owned());
            let secret = keys.secret_access_key.reveal();
            config = config.credentials_provider(SdkCredentials::new(
                &keys.access_key_id,
                secret,
                token,
                None,
                "rolehop",
            ));
        }
        Client::from_conf(config.build())
    }
}

/// Tags in the SDK's type; nothing rather than an empty list.
pub(super) fn tags(tags: &[Tag]) -> Option<Vec<SdkTag>> {
    let tag = |tag: &Tag| {
        SdkTag::builder()
            .key(&tag.key)
            .value(&tag.value)
            .build()
            .ok()
    };
    Some(tags.iter().filter_map(tag).collect()).filter(|tags: &Vec<_>| !tags.is_empty())
}

/// Policy ARNs in the SDK's type; nothing rather than an empty list.
pub(super) fn policy_arns(arns: &[PolicyArn]) -> Option<Vec<PolicyDescriptorType>> {
    let descriptor = |arn: &PolicyArn| PolicyDescriptorType::builder().arn(arn.as_str()).build();
    Some(arns.iter().map(descriptor).collect()).filter(|arns: &Vec<_>| !arns.is_empty())
}
