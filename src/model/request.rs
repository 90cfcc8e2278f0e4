//! What was asked, fully parsed: everything in a request is usable.

use std::path::PathBuf;
use std::time::Duration;

use super::arn::{AccountId, RoleRef};
use super::credentials::Credentials;
use super::duration::SessionDuration;
use super::invalid::{Invalid, shown};
use super::mfa::Mfa;
use super::policy::InlinePolicy;
use super::policy_arn::PolicyArn;
use super::region::Region;
use super::secret::Secret;
use super::session::{ExternalId, MfaCode, MfaSerial, SessionName, SourceIdentity};
use super::tags::Tag;

/// One run: one source, one or more targets, and how to get there and report.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) region: Region,
    /// The setting that has given it, or the profile.
    pub(crate) region_from: String,
    pub(crate) source: Source,
    pub(crate) targets: Vec<Target>,
    pub(crate) sts: Endpoint,
    pub(crate) patience: Patience,
    pub(crate) allowed_accounts: Vec<AccountId>,
    pub(crate) existing: Existing,
    /// How long credentials that are kept must still live.
    pub(crate) min_remaining: Option<Duration>,
    /// MFA of the keys that the first identity has.
    pub(crate) mfa: Option<Mfa>,
    pub(crate) secret_key: SecretKeyForm,
    pub(crate) hand_over: HandOver,
    /// How the credentials stay valid; none: they end when they end.
    pub(crate) refresh: Option<Refresh>,
    pub(crate) warnings: Vec<String>,
    /// What was decided for the user, a line each, to be said when it takes effect.
    pub(crate) notes: Vec<String>,
}

impl Request {
    /// Whether credentials of this account may be handed over.
    pub(crate) fn allows(&self, account: &AccountId) -> bool {
        self.allowed_accounts.is_empty() || self.allowed_accounts.contains(account)
    }

    /// The target that variables, outputs and commands are about; `roles` may have none.
    pub(crate) fn main(&self) -> Option<&Target> {
        self.targets.iter().find(|target| target.main)
    }

    /// Whether `roles` asks for more than the main target.
    pub(crate) fn has_many(&self) -> bool {
        self.targets.iter().any(|target| !target.main)
    }

    /// The accounts of every role that was given by its ARN.
    pub(crate) fn role_accounts(&self) -> impl Iterator<Item = &str> {
        let hops = self.targets.iter().flat_map(|target| &target.hops);
        hops.filter_map(|hop| hop.role.account())
    }
}

/// Where the first identity comes from, and why that source was taken.
#[derive(Debug)]
pub(crate) enum Source {
    /// The token that the CI system issues to the job, in its own way.
    JobToken(Ask),
    /// A web identity token in a file.
    TokenFile(PathBuf),
    /// A web identity token on standard input.
    TokenInput,
    /// A web identity token that a variable has.
    TokenText { token: Secret, variable: String },
    /// Keys given as inputs.
    Keys(Credentials),
    /// A profile of the AWS config files.
    Profile(String),
    /// The SDK's default chain.
    Ambient(AmbientWhy),
}

impl Source {
    /// Whether the first role is assumed with a token.
    pub(crate) fn is_token(&self) -> bool {
        matches!(
            self,
            Self::JobToken(_) | Self::TokenFile(_) | Self::TokenInput | Self::TokenText { .. }
        )
    }
}

/// What a job asks of its CI system when it asks for a token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    /// The `aud` claim that the user wants; not every system can give it.
    pub(crate) audience: Option<String>,
    /// Azure: the service connection whose identity the token has.
    pub(crate) connection: Option<String>,
    /// Buildkite: the claims that become session tags.
    pub(crate) session_tags: Vec<String>,
}

impl Ask {
    /// The audience of AWS' own documentation, where the user names none.
    pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

    pub(crate) fn audience(&self) -> &str {
        self.audience.as_deref().unwrap_or(Self::AUDIENCE)
    }
}

/// Why the default chain is the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AmbientWhy {
    /// `role-chaining` asked for it.
    RoleChaining,
    /// No other source was given.
    NothingElse,
}

/// A chain of hops and the place where its credentials go. No hop: the source's own credentials are the result.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) hops: Vec<Hop>,
    pub(crate) place: Place,
    /// The one of `role-to-assume`, or of the line `env` of `roles`: variables, outputs and commands are about it.
    pub(crate) main: bool,
}

impl Target {
    /// What messages call it among others.
    pub(crate) fn name(&self) -> &str {
        match (&self.place.profile, self.place.environment) {
            (Some(profile), EnvironmentPlace::Nothing) => profile.name.as_str(),
            (_, _) => "env",
        }
    }
}

/// Where a target's credentials go.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) environment: EnvironmentPlace,
    pub(crate) outputs: bool,
    pub(crate) profile: Option<ProfilePlace>,
    /// The user has named the profile and asked for no variables: it will do where there is no private way for these.
    pub(crate) profile_will_do: bool,
}

impl Place {
    /// Whether later steps get variables with keys and no profile beside them.
    pub(crate) fn hands_keys_alone(&self) -> bool {
        self.environment == EnvironmentPlace::Keys && self.profile.is_none()
    }
}

/// What later steps find in their environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnvironmentPlace {
    /// Nothing.
    Nothing,
    /// The region only: the credentials are the machine's own, and every tool finds them by itself.
    Region,
    /// The credentials and the region.
    Keys,
}

/// A named profile in the AWS config files.
#[derive(Debug, Clone)]
pub(crate) struct ProfilePlace {
    pub(crate) name: super::profile::ProfileName,
    pub(crate) overwrite: bool,
}

/// One AssumeRole or AssumeRoleWithWebIdentity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) role: RoleRef,
    pub(crate) session: SessionName,
    pub(crate) duration: SessionDuration,
    pub(crate) external_id: Option<ExternalId>,
    pub(crate) source_identity: Option<SourceIdentity>,
    /// Put in by the run, when there is a code.
    pub(crate) mfa: Option<(MfaSerial, MfaCode)>,
    pub(crate) policy: Option<InlinePolicy>,
    pub(crate) policy_arns: Vec<PolicyArn>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) transitive_tag_keys: Vec<String>,
}

/// Which STS answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Endpoint {
    pub(crate) url: Option<String>,
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
}

/// How long and how often a failing call is repeated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) attempts: u32,
    pub(crate) total: Duration,
}

impl Patience {
    /// What is left of it for another token, after so many attempts with the one before.
    pub(crate) fn less(self, attempts: u32) -> Self {
        Self {
            attempts: self.attempts.saturating_sub(attempts).max(1),
            ..self
        }
    }

    /// Requests end a moment before everything does, so that their failure can still be told as what it is.
    pub(crate) fn for_requests(&self) -> Duration {
        self.total
            .saturating_sub((self.total / 20).min(Duration::from_millis(100)))
    }
}

/// `use-existing-credentials`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Get new ones.
    Ignore,
    /// Keep what the environment has, if AWS accepts it.
    Prefer,
}

/// `special-characters-workaround`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretKeyForm {
    /// As STS issues it.
    Any,
    /// Ask again until the keys have letters and digits only.
    Alphanumeric,
}

/// How results are shown and undone.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one setting of that name"
)]
#[derive(Debug, Clone)]
pub(crate) struct HandOver {
    pub(crate) mask_account: bool,
    pub(crate) mask_access_key: bool,
    pub(crate) unset_first: bool,
    pub(crate) summary: bool,
    pub(crate) cleanup: Cleanup,
    pub(crate) mode: HandOverMode,
}

/// `refresh`: who renews the session for later steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// This program, started by the AWS tools for a profile.
    Process,
    /// A credentials endpoint on the loopback interface.
    Server,
}

impl std::str::FromStr for Refresh {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "process" => Ok(Self::Process),
            "server" => Ok(Self::Server),
            other => Err(Invalid::new(format!(
                "{} is not one of process, server",
                shown(other)
            ))),
        }
    }
}

/// `hand-over`: what the system's own way is to do where it has a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum HandOverMode {
    /// Later steps have the variables in their environment, and whoever looks at the run does not see them.
    #[default]
    Auto,
    /// Azure Pipelines: flagged as secret, so a later step has to map each of them.
    Secret,
    /// TeamCity: as parameters, which whoever may see the build can see.
    Unmasked,
}

impl HandOverMode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Secret => "secret",
            Self::Unmasked => "unmasked",
        }
    }
}

impl std::str::FromStr for HandOverMode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "auto" => Ok(Self::Auto),
            "secret" => Ok(Self::Secret),
            "unmasked" => Ok(Self::Unmasked),
            other => Err(Invalid::new(format!(
                "{} is not one of auto, secret, unmasked",
                shown(other)
            ))),
        }
    }
}

/// What `post` does with the environment and the profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cleanup {
    /// Put back what was there before.
    Restore,
    /// Empty the variables, as the incumbent does.
    Clear,
    /// Leave everything.
    None,
}
