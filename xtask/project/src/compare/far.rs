//! The far side of a scenario: which AWS answers, and how it misbehaves.

use std::collections::BTreeMap;
use std::time::Duration;

use fake_aws::{FakeAws, Misbehaviour, Provider, Role, Secrets, World};
use serde::Deserialize;

use crate::Outcome;

/// The settings of the fake, on top of its demo world.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Far {
    /// Claims of the job's token that are not the demo world's.
    claims: BTreeMap<String, String>,
    /// Client IDs of a further identity provider for the same issuer, by account.
    audiences: BTreeMap<String, String>,
    /// Further roles: the ARN and the trust policy.
    roles: BTreeMap<String, String>,
    /// `special`, `plain`, or how many pairs with special characters come before the plain ones.
    secrets: Option<String>,
    packed_budget: Option<usize>,
    token_lifetime: Option<i64>,
    disabled_regions: Vec<String>,
    misbehave: Vec<Fault>,
    /// It speaks HTTPS, with a certificate of a CA of its own: `${ca}`.
    tls: bool,
    /// A proxy stands before it; `${proxy}` is its URL.
    pub(crate) proxy: bool,
    /// That proxy asks for the user `robot` and the password `sesame-opens`.
    pub(crate) proxy_password: bool,
}

/// An answer that is not the right one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Fault {
    operation: String,
    answer: String,
    /// For `error`.
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    /// How often; for ever if it is not said.
    times: Option<usize>,
}

impl Far {
    pub(crate) fn start(&self) -> Outcome<FakeAws> {
        let mut world = World::demo();
        for (name, value) in &self.claims {
            world = world.claim(name, value.as_str().into());
        }
        for (account, audience) in &self.audiences {
            let issuer = world.issuer.clone();
            world.providers.retain(|known| known.account != *account);
            world = world.provider(Provider::new(account, &issuer, audience));
        }
        for (arn, trust) in &self.roles {
            world = world.role(Role::new(arn, trust).max_session(43_200));
        }
        if let Some(kind) = &self.secrets {
            world = world.secrets(match kind.as_str() {
                "special" => Secrets::Special,
                "plain" => Secrets::Plain,
                number => Secrets::PlainAfter(
                    number
                        .parse()
                        .map_err(|_| format!("secrets: {number} is not known"))?,
                ),
            });
        }
        if let Some(bytes) = self.packed_budget {
            world = world.packed_budget(bytes);
        }
        if let Some(seconds) = self.token_lifetime {
            world = world.token_lifetime(seconds);
        }
        for region in &self.disabled_regions {
            world = world.disable_region(region);
        }
        let fake = if self.tls {
            FakeAws::start_tls(world)
        } else {
            FakeAws::start(world)
        };
        for fault in &self.misbehave {
            let what = fault.misbehaviour()?;
            fake.misbehave(
                &fault.operation,
                what.times(fault.times.unwrap_or(usize::MAX)),
            );
        }
        Ok(fake)
    }

    /// Whether the settings say something that this file knows.
    pub(crate) fn check(&self) -> Outcome {
        self.misbehave
            .iter()
            .try_for_each(|fault| fault.misbehaviour().map(drop))
    }
}

impl Fault {
    fn misbehaviour(&self) -> Outcome<Misbehaviour> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Ok(match self.answer.as_str() {
            "error" => Misbehaviour::Error {
                status: self.status.unwrap_or(400),
                code: text(&self.code),
                message: text(&self.message),
            },
            "throttle" => Misbehaviour::Throttle,
            "html" => Misbehaviour::Html,
            "empty" => Misbehaviour::Empty,
            "truncated" => Misbehaviour::Truncated,
            "huge" => Misbehaviour::Huge(8 << 20),
            "hang" => Misbehaviour::Hang,
            "reset" => Misbehaviour::Reset,
            "redirect" => Misbehaviour::Redirect(text(&self.message)),
            "without" => Misbehaviour::MissingField(text(&self.message)),
            "injection" => Misbehaviour::TextInjection,
            "late" => Misbehaviour::Delay(Duration::from_millis(300)),
            other => return Err(format!("misbehave: {other} is not known")),
        })
    }
}
