//! The token endpoints of CI systems that have one of their own kind: Azure Pipelines, Codefresh, Google's metadata server.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::route::Arrived;
use crate::state::State;
use crate::world::{Provider, Role, World};

/// Where Azure Pipelines has the endpoint of a job.
pub(crate) const AZURE: &str =
    "/octo-org/4f2b/_apis/distributedtask/hubs/build/plans/9a1c/jobs/7d3e/oidctoken";
pub(crate) const CODEFRESH: &str = "/api/oidc/token";
pub(crate) const GOOGLE: &str = "/computeMetadata/v1/instance/service-accounts/default/identity";

/// The issuers, as AWS needs them for a provider.
const AZURE_ISSUER: &str = "https://vstoken.dev.azure.com/6f1c4f5e-3a0d-4b57-9f0e-2f1f2f6b7a10";
const CODEFRESH_ISSUER: &str = "https://oidc.codefresh.io";
const GOOGLE_ISSUER: &str = "https://accounts.google.com";

/// Google's name for the service account; tokens have it as `azp`, which AWS takes for the audience.
const GOOGLE_ACCOUNT: &str = "104217329586612345678";

impl World {
    /// Adds identity providers for the issuers of Azure Pipelines, Codefresh and Google, as their tokens need them.
    #[must_use]
    pub fn ci_providers(self, account: &str) -> Self {
        self.provider(Provider::new(
            account,
            AZURE_ISSUER,
            "api://AzureADTokenExchange",
        ))
        .provider(Provider::new(
            account,
            CODEFRESH_ISSUER,
            "sts.amazonaws.com",
        ))
        .provider(Provider::new(account, GOOGLE_ISSUER, GOOGLE_ACCOUNT))
    }

    /// Adds a role that every provider of the account so far may give to whoever has a token.
    ///
    /// # Panics
    /// When the ARN is not a role's: a mistake in the test.
    #[must_use]
    pub fn role_for_every_provider(self, arn: &str) -> Self {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let providers: Vec<String> = self
            .providers
            .iter()
            .filter(|provider| provider.account == account)
            .map(Provider::arn)
            .collect();
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": providers},
            "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        }]});
        self.role(Role::new(arn, &trust.to_string()))
    }
}

pub(crate) fn azure(state: &mut State, arrived: &Arrived) -> Answer {
    if arrived.method != "POST" {
        return Answer::json(405, json!({"message": "only POST"}));
    }
    if arrived.header("authorization") != Some(&format!("Bearer {}", state.world.bearer)) {
        // A browser is sent to a page where it can sign in.
        return match arrived.header("x-tfs-fedauthredirect") {
            Some("Suppress") => Answer::json(401, json!({"message": "TF400813: not authorized"})),
            _ => Answer::text(302, "").header("location", "https://login.example.com/_signin"),
        };
    }
    if arrived.header("content-length") != Some("0") {
        return Answer::text(411, "Length Required");
    }
    if arrived.header("content-type") != Some("application/json") {
        return Answer::json(415, json!({"message": "unsupported media type"}));
    }
    if arrived.param("api-version").is_none() {
        return Answer::json(400, json!({"message": "no api-version was supplied"}));
    }
    let subject = arrived.param("serviceConnectionId").map_or_else(
        || "p://octo-org/octo-project/deploy".to_owned(),
        |connection| format!("sc://octo-org/octo-project/{connection}"),
    );
    let claims = json!({
        "iss": AZURE_ISSUER,
        "aud": "api://AzureADTokenExchange",
        "sub": subject,
        "run_id": "20260701",
    });
    Answer::json(200, json!({"oidcToken": state.mint(&claims)}))
}

pub(crate) fn codefresh(state: &mut State, arrived: &Arrived) -> Answer {
    // The bare token: with the word Bearer it is another one.
    if arrived.header("authorization") != Some(state.world.bearer.as_str()) {
        return Answer::json(401, json!({"message": "Unauthorized"}));
    }
    let asked: Vec<&str> = arrived
        .param("audience")
        .unwrap_or("https://g.codefresh.io")
        .split(',')
        .collect();
    let audience = match asked.as_slice() {
        [one] => json!(one),
        several => json!(several),
    };
    let claims = json!({
        "iss": CODEFRESH_ISSUER,
        "aud": audience,
        "sub": "account:628a80b693a15c0f9c13ab75:pipeline:65e5a53e52853dc51a5b0cc1:initiator:octocat",
    });
    Answer::json(200, json!({"id_token": state.mint(&claims)}))
}

pub(crate) fn google(state: &mut State, arrived: &Arrived) -> Answer {
    if arrived.header("metadata-flavor") != Some("Google")
        || arrived.header("x-forwarded-for").is_some()
    {
        return Answer::text(403, "Missing Metadata-Flavor:Google header.");
    }
    let Some(audience) = arrived.param("audience").map(str::to_owned) else {
        return Answer::text(400, "non-empty audience parameter required");
    };
    let mut claims = json!({
        "iss": GOOGLE_ISSUER,
        "aud": audience,
        "azp": GOOGLE_ACCOUNT,
        "sub": GOOGLE_ACCOUNT,
    });
    if let (Some("full"), Some(claims)) = (arrived.param("format"), claims.as_object_mut()) {
        claims.insert("email_verified".to_owned(), Value::Bool(true));
    }
    Answer::text(200, &state.mint(&claims))
}
