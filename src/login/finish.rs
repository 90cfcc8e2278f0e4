//! The end of a run: masks, the hand-over, what the log says and the card shows.

use std::time::SystemTime;

use super::Obtained;
use crate::error::Error;
use crate::model::Claims;
use crate::model::Session;
use crate::model::request::{EnvironmentPlace, Request, Target};
use crate::model::time::{rfc3339, span};
use crate::sink::card::Card;
use crate::sink::{self, Prepared, mask};
use crate::system::System;

/// From here on the job changes.
pub(super) fn hand_over(
    system: &System,
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
    let masked = mask::session(&system.console, session, &request.hand_over);
    let names = sink::hand_over(
        prepared,
        system,
        &target.place,
        &request.hand_over,
        &request.region,
        masked,
    )?;
    tell(system, target, session, &names);
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
        if let Err(fault) = Prepared::summarize(&system.env, &card.markdown()) {
            system.console.warning(&format!("no step summary: {fault}"));
        }
    }
    Ok(())
}

/// The end where nothing new was needed: later steps get the region that this one names, as they would otherwise.
pub(super) fn keep(system: &System, request: &Request, prepared: &Prepared) -> Result<(), Error> {
    let places = request.targets.iter().map(|target| &target.place);
    for place in places {
        sink::hand_over_region(prepared, system, place, &request.hand_over, &request.region)?;
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

fn tell(system: &System, target: &Target, session: &Session, names: &[&'static str]) {
    tell_who(system, target, session);
    if !names.is_empty() {
        system
            .console
            .info(&format!("exported: {}", names.join(", ")));
    }
    if target.place.outputs {
        system
            .console
            .info("outputs: the credentials are step outputs of this step");
    }
    if let Some(profile) = &target.place.profile {
        system.console.info(&format!(
            "profile: {} in the AWS config files",
            profile.name
        ));
    }
    if target.place.environment == EnvironmentPlace::Region {
        system.console.info("the credentials are the machine's own; every AWS tool of this job finds them by itself");
    }
}
