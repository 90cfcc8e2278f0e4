//! One renewal: the settings that were kept, a new token, the whole chain again.

use std::time::Duration;

use super::kind;
use crate::error::{Error, RefreshFailure};
use crate::frontend::{self, RawInputs};
use crate::host::Host;
use crate::login::lend::Asked;
use crate::sink::refresh::{Held, Plan};
use crate::system::System;

/// The longest that a renewal may take while there still is a valid session.
const HURRY: Duration = Duration::from_secs(10);

/// What is asked, each time.
#[derive(Debug)]
pub(crate) struct Renewal {
    host: Host,
    raw: RawInputs,
    /// The kind of source that it was settled with; none where it is settled here.
    source: Option<String>,
    /// Whose session it is, where there are several.
    target: Option<String>,
}

impl Renewal {
    pub(crate) fn of_plan(system: &System, plan: Plan) -> Self {
        let raw = RawInputs::saved(plan.settings);
        Self {
            host: Host::detect(&system.env, raw.text("ci")),
            raw,
            source: Some(plan.source),
            target: plan.target,
        }
    }

    pub(crate) fn of_settings(host: Host, raw: RawInputs) -> Self {
        Self {
            host,
            raw,
            source: None,
            target: None,
        }
    }

    /// What messages call the session.
    pub(crate) fn words(&self) -> String {
        let of = self.target.as_ref();
        of.map_or_else(
            || "the session".to_owned(),
            |target| format!("the session of {target}"),
        )
    }

    /// A new session. Asked for once and briefly while `held` can still be handed on, with all patience else.
    pub(crate) fn ask(&self, system: &System, held: Option<&Held>) -> Result<Held, Error> {
        // Before anything is made of the settings: with another source they may contradict each other.
        if let Some(source) = self.source.as_deref() {
            let job = self.host.job(&system.env);
            if kind(&frontend::first_source(&self.raw, &job, &system.env)) != source {
                return Err(RefreshFailure::SourceGone {
                    kind: source.to_owned(),
                    lacking: self.host.facts().token.lacks(&system.env, None),
                }
                .into());
            }
        }
        let mut asked = Asked::again(system, self.host, &self.raw)?;
        let now = system.clock.now();
        if let Some(held) = held.filter(|held| held.is_valid(now)) {
            let total = (held.left(now) / 2).clamp(Duration::from_millis(500), HURRY);
            asked = asked.hurry(system.clock.elapsed() + total);
        }
        let (session, role) = asked.exchange()?.into_session();
        Ok(Held::new(session, role, system.clock.now()))
    }
}
