//! What exists in the fake's AWS: users, roles, identity providers, and the settings of the CI's token endpoint.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::{arn, demo};

/// Everything that a fake knows when it starts. Fields can be changed while it runs, through `FakeAws::edit`.
#[derive(Debug, Clone)]
pub struct World {
    /// IAM users with static keys.
    pub users: Vec<User>,
    /// IAM roles.
    pub roles: Vec<Role>,
    /// OIDC identity providers of accounts.
    pub providers: Vec<Provider>,
    /// The `iss` of the tokens that the fake mints.
    pub issuer: String,
    /// The bearer that the token endpoint demands.
    pub bearer: String,
    /// The claims of the token endpoint's tokens, beside `aud`, `iss`, `iat`, `nbf`, `exp` and `jti`.
    pub claims: Value,
    /// How long the token endpoint's tokens live, in seconds.
    pub token_lifetime: i64,
    /// The role whose credentials the container endpoint hands out.
    pub container_role: Option<String>,
    /// The role whose credentials the instance metadata service hands out.
    pub instance_role: Option<String>,
    /// The region that the instance metadata service names.
    pub instance_region: String,
    /// Overrides how long every session lives, whatever was asked for.
    pub session_lifetime: Option<Duration>,
    /// Seconds that the fake's clock is ahead, for all that expires.
    pub now_offset: i64,
    /// How many bytes session policies and tags may take when packed.
    pub packed_budget: usize,
    /// Which characters the secret keys of sessions have.
    pub secrets: Secrets,
    /// Regions in which STS is not activated.
    pub disabled_regions: Vec<String>,
}

/// Which characters the secret keys of sessions have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets {
    /// As AWS draws them: most have a `+` or a `/`, some do not.
    #[default]
    Random,
    /// Always both a `+` and a `/`.
    Special,
    /// Letters and digits only.
    Plain,
    /// The first so many sessions as [`Secrets::Special`], then [`Secrets::Plain`].
    PlainAfter(usize),
}

/// An IAM user with static keys.
#[derive(Debug, Clone)]
pub struct User {
    /// `arn:aws:iam::ACCOUNT:user/NAME`; `…:root` is the account's root user.
    pub arn: String,
    /// The access key id, `AKIA…`.
    pub access_key_id: String,
    /// The secret key.
    pub secret_access_key: String,
    /// ARN patterns of the roles that the user's own policies let it assume.
    pub may_assume: Vec<String>,
    /// The tags on the user, for `aws:PrincipalTag`.
    pub tags: BTreeMap<String, String>,
    /// The MFA device: its serial number and its base32 secret.
    pub mfa: Option<(String, String)>,
}

impl User {
    /// A user who may assume nothing yet.
    pub fn new(arn: &str, access_key_id: &str, secret_access_key: &str) -> Self {
        Self {
            arn: arn.to_owned(),
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.to_owned(),
            may_assume: Vec::new(),
            tags: BTreeMap::new(),
            mfa: None,
        }
    }

    /// Lets the user's own policies allow the roles of that ARN pattern.
    #[must_use]
    pub fn may_assume(mut self, pattern: &str) -> Self {
        self.may_assume.push(pattern.to_owned());
        self
    }

    /// Gives the user a virtual MFA device.
    #[must_use]
    pub fn mfa(mut self, serial: &str, base32_secret: &str) -> Self {
        self.mfa = Some((serial.to_owned(), base32_secret.to_owned()));
        self
    }

    /// Tags the user.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        self
    }
}

/// An IAM role.
#[derive(Debug, Clone)]
pub struct Role {
    /// `arn:aws:iam::ACCOUNT:role/NAME`.
    pub arn: String,
    /// The trust policy, JSON.
    pub trust: String,
    /// The role's maximum session duration in seconds, 3600 unless set.
    pub max_session: i64,
    /// ARN patterns of the roles that this one's policies let it assume; all, unless set.
    pub may_assume: Vec<String>,
    /// The tags on the role, for `aws:PrincipalTag`.
    pub tags: BTreeMap<String, String>,
}

impl Role {
    /// A role with a trust policy.
    ///
    /// # Panics
    /// When the ARN is not a role's or the policy is not JSON: a mistake in the test.
    pub fn new(arn: &str, trust: &str) -> Self {
        assert!(
            arn::Arn::parse(arn).is_some_and(|a| a.is_role()),
            "{arn} is not the ARN of a role"
        );
        assert!(
            serde_json::from_str::<Value>(trust).is_ok(),
            "the trust policy of {arn} is not JSON"
        );
        Self {
            arn: arn.to_owned(),
            trust: trust.to_owned(),
            max_session: 3600,
            may_assume: vec!["*".to_owned()],
            tags: BTreeMap::new(),
        }
    }

    /// Sets the maximum session duration.
    #[must_use]
    pub fn max_session(mut self, seconds: i64) -> Self {
        self.max_session = seconds;
        self
    }

    /// Lets the role assume only the roles of these ARN patterns.
    #[must_use]
    pub fn may_assume_only(mut self, patterns: &[&str]) -> Self {
        self.may_assume = patterns.iter().map(|p| (*p).to_owned()).collect();
        self
    }

    /// Tags the role.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        self
    }
}

/// An OIDC identity provider in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The account it is in.
    pub account: String,
    /// The partition, `aws` unless set.
    pub partition: String,
    /// The issuer's URL, as tokens carry it in `iss`.
    pub issuer: String,
    /// The client ids, that is the audiences it accepts.
    pub audiences: Vec<String>,
}

impl Provider {
    /// A provider with one audience.
    pub fn new(account: &str, issuer: &str, audience: &str) -> Self {
        Self {
            account: account.to_owned(),
            partition: "aws".to_owned(),
            issuer: issuer.to_owned(),
            audiences: vec![audience.to_owned()],
        }
    }

    /// Accepts one more audience.
    #[must_use]
    pub fn audience(mut self, audience: &str) -> Self {
        self.audiences.push(audience.to_owned());
        self
    }

    /// `arn:aws:iam::ACCOUNT:oidc-provider/HOST`.
    pub fn arn(&self) -> String {
        format!(
            "arn:{}:iam::{}:oidc-provider/{}",
            self.partition,
            self.account,
            issuer_host(&self.issuer)
        )
    }
}

/// The issuer without its scheme: the prefix of its condition keys.
pub(crate) fn issuer_host(issuer: &str) -> &str {
    issuer
        .strip_prefix("https://")
        .or_else(|| issuer.strip_prefix("http://"))
        .unwrap_or(issuer)
}

impl World {
    /// A world with GitHub's token endpoint and nothing in AWS.
    pub fn empty() -> Self {
        Self {
            users: Vec::new(),
            roles: Vec::new(),
            providers: Vec::new(),
            issuer: demo::GITHUB.to_owned(),
            bearer: "fake-runtime-bearer-Zm9vYmFyYmF6".to_owned(),
            claims: demo::github_claims(),
            token_lifetime: 300,
            container_role: None,
            instance_role: None,
            instance_region: "eu-central-1".to_owned(),
            session_lifetime: None,
            now_offset: 0,
            packed_budget: 2048,
            secrets: Secrets::Random,
            disabled_regions: Vec::new(),
        }
    }

    /// The world of the demo and of most tests.
    ///
    /// Account 123456789012 has GitHub's provider (audience `sts.amazonaws.com`), the user `ci-user`
    /// (`AKIAIOSFODNN7EXAMPLE`, MFA device `arn:aws:iam::123456789012:mfa/ci-user`, tag `team=platform`), the user
    /// `nobody` (`AKIAI44QH8DHBEXAMPLE`) who may assume nothing, and these roles:
    ///
    /// | role | trusts | notes |
    /// | --- | --- | --- |
    /// | `deploy` | GitHub, `octo-org/octo-repo` on main | up to 12 hours |
    /// | `hub` | as `deploy`, and the account | start of the chain |
    /// | `ops`, `long` | the account | 1 hour, 12 hours |
    /// | `no-tags` | the account | without `sts:TagSession` and `sts:SetSourceIdentity` |
    /// | `mfa-only` | the account | with MFA |
    /// | `container`, `instance` | services | behind the two metadata endpoints |
    ///
    /// Account 210987654321 has `partner` (trusts 123456789012 with external id `ext-42`) and `spoke` (trusts
    /// `hub`); account 333333333333 has `leaf` (trusts `spoke`).
    pub fn demo() -> Self {
        demo::world()
    }

    /// Adds a user.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds a role; one of the same ARN is replaced.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.roles.retain(|r| r.arn != role.arn);
        self.roles.push(role);
        self
    }

    /// Adds an identity provider.
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.providers.push(provider);
        self
    }

    /// Sets the issuer of the minted tokens.
    #[must_use]
    pub fn issuer(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.issuer);
        self
    }

    /// Sets the bearer that the token endpoint demands.
    #[must_use]
    pub fn bearer(mut self, bearer: &str) -> Self {
        bearer.clone_into(&mut self.bearer);
        self
    }

    /// Sets one claim of the token endpoint's tokens.
    #[must_use]
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        if !self.claims.is_object() {
            self.claims = json!({});
        }
        if let Some(claims) = self.claims.as_object_mut() {
            claims.insert(name.to_owned(), value);
        }
        self
    }

    /// Makes every session live that long, whatever was asked for.
    #[must_use]
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = Some(lifetime);
        self
    }

    /// Makes the token endpoint's tokens live that long.
    #[must_use]
    pub fn token_lifetime(mut self, seconds: i64) -> Self {
        self.token_lifetime = seconds;
        self
    }

    /// Sets the role behind the container credentials endpoint.
    #[must_use]
    pub fn container_role(mut self, arn: &str) -> Self {
        self.container_role = Some(arn.to_owned());
        self
    }

    /// Sets the role behind the instance metadata service.
    #[must_use]
    pub fn instance_role(mut self, arn: &str) -> Self {
        self.instance_role = Some(arn.to_owned());
        self
    }

    /// Sets which characters the secret keys of sessions have.
    #[must_use]
    pub fn secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
        self
    }

    /// Sets how many bytes session policies and tags may take when packed.
    #[must_use]
    pub fn packed_budget(mut self, bytes: usize) -> Self {
        self.packed_budget = bytes;
        self
    }

    /// Deactivates STS in a region.
    #[must_use]
    pub fn disable_region(mut self, region: &str) -> Self {
        self.disabled_regions.push(region.to_owned());
        self
    }

    pub(crate) fn find_role(&self, arn: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.arn == arn)
    }
}
