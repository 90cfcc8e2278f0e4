//! The end of a run: masks, the hand-over, what the log says and the card shows.

use std::time::SystemTime;

use super::Obtained;
use crate::error::Error;
use crate::host::Host;
use crate::model::Claims;
use crate::model::Session;
use crate::model::request::{EnvironmentPlace, Request, Target};
use crate::model::time::{rfc3339, span};
use crate::sink::card::Card;
use crate::sink::mask::{self, Hidden};
use crate::sink::{self, Handed, Prepared, expiry, page};
use crate::system::System;

/// From here on the job changes.
pub(super) fn hand_over(
    system: &System,
    host: Host,
    request: &Request,
    prepared: Prepared,
    obtained: &Obtained,
) -> Result<(), Error> {
    let Obtained {
        target,
        session,
        claims,
        words,
    } = obtained;
    let masked = mask::session(system, host, session, &request.hand_over);
    let handed = sink::hand_over(prepared, system, host, request, &target.place, masked)?;
    expiry::record(system, &session.identified.credentials);
    tell(system, host, target, session, &handed);
    if request.hand_over.summary {
        let claim = |claims: &Claims| Some((claims.get("iss")?, claims.get("sub")?));
        let card = Card {
            session,
            target,
            hand_over: &request.hand_over,
            // Why it was taken is in the log.
            source: words.rsplit_once(" (").map_or(words, |(source, _)| source),
            claims: claims.as_ref().and_then(claim),
            region: request.region.as_str(),
            now: system.clock.now(),
        };
        let title = format!("rolehop: {}", card.who());
        if let Err(fault) = page::card(system, host, &title, &card.markdown()) {
            system.console.warning(&format!("no step summary: {fault}"));
        }
    }
    Ok(())
}

/// The end where nothing new was needed: later steps get the region that this one names, as they would otherwise.
pub(super) fn keep(
    system: &System,
    host: Host,
    request: &Request,
    prepared: &Prepared,
) -> Result<(), Error> {
    let places = request.targets.iter().map(|target| &target.place);
    for place in places {
        sink::hand_over_region(prepared, system, host, request, place)?;
    }
    Ok(())
}

/// Who the session is, and until when.
pub(super) fn tell_who(system: &System, target: &Target, session: &Session) {
    let who = session.identified.who.as_str();
    let verb = if target.hops.is_empty() {
        "identity"
    } else {
        "assumed"
    };
    let until =
        session
            .identified
            .credentials
            .expires
            .map_or_else(String::new, |at: SystemTime| {
                let left = at.duration_since(system.clock.now()).unwrap_or_default();
                format!(", valid until {} ({})", rfc3339(at), span(left))
            });
    system.console.info(&format!("{verb}: {who}{until}"));
}

fn tell(system: &System, host: Host, target: &Target, session: &Session, handed: &Handed) {
    tell_who(system, target, session);
    if !handed.names.is_empty() {
        system.console.info(&format!(
            "exported: {}{}",
            handed.names.join(", "),
            handed.words
        ));
    }
    if target.place.outputs {
        system
            .console
            .info("outputs: the credentials are step outputs of this step");
    }
    if let Some(profile) = &target.place.profile {
        let name = &profile.name;
        let select = if handed.names.contains(&"AWS_PROFILE") {
            String::new()
        } else {
            format!("; AWS_PROFILE={name} selects it")
        };
        system
            .console
            .info(&format!("profile: {name} in the AWS config files{select}"));
    }
    let has_keys = target.place.environment == EnvironmentPlace::Keys;
    if has_keys && handed.hidden == Hidden::Nobody {
        system.console.info(&format!(
            "not masked: {} hides no value that it learns at run time, so nothing may print the environment (`env`, `set -x`)",
            host.facts().title
        ));
    }
    if target.place.environment == EnvironmentPlace::Region {
        system.console.info("the credentials are the machine's own; every AWS tool of this job finds them by itself");
    }
}
