//! The end of a run: masks, the hand-over, what the log says and the card shows.

use std::rc::Rc;
use std::time::SystemTime;

use super::Haul;
use crate::error::Error;
use crate::frontend::RawInputs;
use crate::host::{Host, Job};
use crate::model::Claims;
use crate::model::Session;
use crate::model::request::{EnvironmentPlace, Place, Refresh, Request, Target};
use crate::model::time::{rfc3339, span};
use crate::refresh;
use crate::sink::card::Card;
use crate::sink::journal::{KEYS, OLD_PROFILE, PROFILE};
use crate::sink::mask::{self, Hidden};
use crate::sink::roster::Roster;
use crate::sink::{self, Given, Handed, Prepared, expiry, page};
use crate::system::System;

/// From here on the job changes.
pub(super) fn hand_over(
    system: &System,
    job: &Job,
    raw: &RawInputs,
    request: &Request,
    prepared: &Prepared,
    haul: &Haul,
) -> Result<(), Error> {
    let host = job.host;
    let mut masked: Vec<Given<'_>> = Vec::new();
    for (at, (target, session)) in haul.sessions.iter().enumerate() {
        // One of a chain that several targets have is hidden by now.
        let mut earlier = haul.sessions.iter().take(at).zip(&masked);
        let known = earlier.find(|((_, other), _)| Rc::ptr_eq(other, session));
        let hidden = known.map_or_else(
            || mask::session(system, host, session, &request.hand_over),
            |(_, (_, masked))| *masked,
        );
        masked.push((target, hidden));
    }
    let opened = refresh::open(system, job, raw, request, &masked, haul.claims.as_ref())?;
    let mains = haul.sessions.iter().map(|(target, _)| target);
    let mut mains = mains.filter(|target| target.main && opened.is_none());
    if mains.any(|main| main.place.hands_keys_alone()) {
        warn_of_profiles(system);
    }
    let way = opened.as_ref().map(|opened| &opened.way);
    let keep = || opened.as_ref().map_or(Ok(()), refresh::Opened::keep);
    let handed = sink::hand_over(prepared, system, host, request, &masked, way, &keep)?;
    if opened.is_none() {
        record(system, haul);
    }
    let claim = |claims: &Claims| Some((claims.get("iss")?, claims.get("sub")?));
    let claims = haul.claims.as_ref().and_then(claim);
    let words = &haul.words;
    // Why it was taken is in the log.
    let source = words
        .rsplit_once(" (")
        .map_or(words.as_str(), |(source, _)| source);
    let region = request.region.as_str();
    let (title, markdown) = match haul.sessions.as_slice() {
        [(target, session)] => {
            tell(system, host, request.refresh, target, session, &handed);
            let card = Card {
                session,
                target,
                hand_over: &request.hand_over,
                source,
                claims,
                region,
                renewed: opened.is_some(),
                now: system.clock.now(),
            };
            (card.who().to_owned(), card.markdown())
        }
        targets => {
            tell_all(system, host, request.refresh, targets, &handed);
            let roster = Roster {
                targets,
                mask_account: request.hand_over.mask_account,
                source,
                claims,
                region,
                renewed: opened.is_some(),
            };
            (roster.title(), roster.markdown())
        }
    };
    if request.hand_over.summary
        && let Err(fault) = page::card(system, host, &format!("rolehop: {title}"), &markdown)
    {
        system.console.warning(&format!("no step summary: {fault}"));
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
    if system.env.has(KEYS[0]) {
        warn_of_profiles(system);
    }
    for place in places {
        warn_of_what_is_not_written(system, place);
        sink::hand_over_region(prepared, system, host, request, place)?;
    }
    Ok(())
}

/// What would be in the way of keys in the environment. It cannot be taken away, only emptied, which is as bad.
fn warn_of_profiles(system: &System) {
    for name in [PROFILE, OLD_PROFILE] {
        let what = match system.env.get(name) {
            Some(profile) => format!(
                "{name} is `{profile}` and stays so: some AWS tools take that profile ahead of the keys, and the AWS CLI and boto3 fail where it does not exist"
            ),
            None if system.env.is_empty(name) => format!(
                "{name} is set and empty: the AWS CLI and boto3 take that for a profile without a name, and fail"
            ),
            None => continue,
        };
        system
            .console
            .warning(&format!("{what}; begin later steps with `unset {name}`"));
    }
}

/// Credentials that are kept are where they were, and nowhere else.
fn warn_of_what_is_not_written(system: &System, place: &Place) {
    let wanted = [
        (
            place.outputs,
            "output-credentials: the outputs of this step have no credentials",
        ),
        (
            place.profile.is_some(),
            "aws-profile: the profile is not written",
        ),
    ];
    for (_, lacks) in wanted.into_iter().filter(|(is_wanted, _)| *is_wanted) {
        system.console.warning(&format!(
            "{lacks}, since the credentials that are there are kept; later steps that need it want a step without use-existing-credentials"
        ));
    }
}

/// A line a target, then what there is to say of all.
fn tell_all(
    system: &System,
    host: Host,
    refresh: Option<Refresh>,
    targets: &[(Target, Rc<Session>)],
    handed: &Handed,
) {
    for (target, session) in targets {
        let who = session.identified.who.as_str();
        let until = until(system, session);
        system
            .console
            .info(&format!("assumed for {}: {who}{until}", target.name()));
    }
    for (target, _) in targets.iter().filter(|(target, _)| target.main) {
        tell_places(system, host, refresh, target, handed);
    }
    let names = targets
        .iter()
        .filter(|(target, _)| !target.main)
        .filter_map(|(target, _)| Some(target.place.profile.as_ref()?.name.as_str()));
    let names: Vec<&str> = names.collect();
    if let Some(first) = names.first() {
        // Every AWS tool takes keys of the environment before it looks at AWS_PROFILE.
        let has_keys = refresh.is_none() && handed.names.contains(&"AWS_ACCESS_KEY_ID");
        let select = if has_keys {
            format!(
                "`aws --profile {first}` selects one, AWS_PROFILE beside the variables does not"
            )
        } else {
            format!("AWS_PROFILE={first} selects one")
        };
        let names = names.join(", ");
        system.console.info(&format!(
            "profiles: {names} in the AWS config files; {select}"
        ));
    }
    tell_refresh(system, refresh, !names.is_empty());
}

/// Until when the main target's keys live.
fn record(system: &System, haul: &Haul) {
    for (_, session) in haul.sessions.iter().filter(|(target, _)| target.main) {
        expiry::record(system, &session.identified.credentials);
    }
}

/// Who the session is, and until when.
pub(super) fn tell_who(system: &System, target: &Target, session: &Session) {
    let who = session.identified.who.as_str();
    let verb = if target.hops.is_empty() {
        "identity"
    } else {
        "assumed"
    };
    let until = until(system, session);
    system.console.info(&format!("{verb}: {who}{until}"));
}

fn until(system: &System, session: &Session) -> String {
    let expires = session.identified.credentials.expires;
    expires.map_or_else(String::new, |at: SystemTime| {
        let left = at.duration_since(system.clock.now()).unwrap_or_default();
        format!(", valid until {} ({})", rfc3339(at), span(left))
    })
}

fn tell(
    system: &System,
    host: Host,
    refresh: Option<Refresh>,
    target: &Target,
    session: &Session,
    handed: &Handed,
) {
    tell_who(system, target, session);
    tell_places(system, host, refresh, target, handed);
    tell_refresh(system, refresh, false);
}

/// Who renews, and how it is asked.
fn tell_refresh(system: &System, refresh: Option<Refresh>, profiles: bool) {
    let words = match (refresh, profiles) {
        (None, _) => return,
        (Some(Refresh::Process), false) => {
            "AWS tools that use the profile start rolehop, which hands on a session that is valid and renews it ahead"
        }
        (Some(Refresh::Process), true) => {
            "AWS tools that use a profile start rolehop, which hands on its session while that is valid and renews it ahead"
        }
        (Some(Refresh::Server), false) => {
            "AWS tools ask an endpoint on 127.0.0.1, which renews the session ahead until the job ends"
        }
        (Some(Refresh::Server), true) => {
            "an endpoint on 127.0.0.1 renews every session that is used until the job ends; AWS tools that use a profile start rolehop, which asks it"
        }
    };
    system.console.info(&format!("refresh: {words}"));
}

fn tell_places(
    system: &System,
    host: Host,
    refresh: Option<Refresh>,
    target: &Target,
    handed: &Handed,
) {
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
    let has_keys = target.place.environment == EnvironmentPlace::Keys && refresh.is_none();
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
