//! What was decided before anything was asked, and why: for the debug log. Never a secret, nor where one lies.

use crate::frontend::RawInputs;
use crate::host::Host;
use crate::identity::ambient;
use crate::model::request::{AmbientWhy, EnvironmentPlace, Hop, Request, Source, Target};
use crate::system::System;

pub(crate) fn tell(system: &System, host: Host, raw: &RawInputs, request: &Request) {
    let console = &system.console;
    if !console.stream().debug {
        return;
    }
    console.debug(&format!("host: {}", host.reason(raw.text("ci"))));
    console.debug(&format!(
        "region: {} in the partition {}, given by {}",
        request.region,
        request.region.partition(),
        request.region_from
    ));
    for (source, taken, why) in sources(system, host, raw, request) {
        let verdict = if taken { "taken" } else { "not taken" };
        console.debug(&format!("source {source}: {verdict}, {why}"));
    }
    for target in &request.targets {
        let whose = if request.has_many() {
            format!(" of {}", target.name())
        } else {
            String::new()
        };
        console.debug(&format!("roles{whose}: {}", roles(target)));
    }
    console.debug(&format!(
        "patience: {} attempts for each request, {} s for everything",
        request.patience.attempts,
        request.patience.total.as_secs()
    ));
}

/// Where the credentials will go.
pub(super) fn tell_places(system: &System, request: &Request) {
    for target in &request.targets {
        system
            .console
            .debug(&format!("hand-over: {}", places(target)));
    }
}

/// Every source in the order in which they are considered, whether it was taken, and why.
fn sources(
    system: &System,
    host: Host,
    raw: &RawInputs,
    request: &Request,
) -> Vec<(&'static str, bool, String)> {
    let source = &request.source;
    let given = |name: &'static str| {
        if raw.has(name) {
            format!("{} is given", raw.label(name))
        } else {
            format!("{name} is not given")
        }
    };
    let keys = matches!(source, Source::Keys(_));
    let profile = matches!(source, Source::Profile(_));
    let oidc = matches!(source, Source::JobToken(_));
    let in_hand = source.is_token() && !oidc;
    let ambient = matches!(source, Source::Ambient(_));
    let why_machine = match source {
        Source::Ambient(AmbientWhy::RoleChaining) => "role-chaining is true".to_owned(),
        Source::Ambient(AmbientWhy::NothingElse) => {
            let sign = ambient::sign_of_credentials(&system.env).map_or_else(
                || "nothing in the environment speaks of any".to_owned(),
                |sign| format!("{sign} is there"),
            );
            format!("no other source is given; {sign}")
        }
        _ => "another source comes before it".to_owned(),
    };
    vec![
        ("token in hand", in_hand, why_in_hand(&given, raw, source)),
        ("static keys", keys, given("aws-access-key-id")),
        ("profile", profile, given("source-profile")),
        (
            "OIDC token of the job",
            oidc,
            why_oidc(system, host, raw, request),
        ),
        ("credentials of the machine", ambient, why_machine),
    ]
}

fn why_in_hand(given: &dyn Fn(&'static str) -> String, raw: &RawInputs, source: &Source) -> String {
    const NAMES: [&str; 3] = [
        "web-identity-token-file",
        "web-identity-token",
        "web-identity-token-variable",
    ];
    match NAMES.into_iter().find(|name| raw.has(name)) {
        Some(name) => given(name),
        None if matches!(source, Source::TokenFile(_)) => {
            "AWS_WEB_IDENTITY_TOKEN_FILE is there for whoever wants it".to_owned()
        }
        None => given("web-identity-token-file"),
    }
}

fn why_oidc(system: &System, host: Host, raw: &RawInputs, request: &Request) -> String {
    let lacks = host.facts().token.lacks(&system.env, raw.text("audience"));
    let why = match (&request.source, lacks) {
        (Source::JobToken(ask), _) => {
            let audience = if host.facts().token.takes_audience() {
                ask.audience()
            } else {
                "as the system has fixed it"
            };
            let setting = if raw.has("role-to-assume") {
                "role-to-assume"
            } else {
                "roles"
            };
            return format!(
                "{setting} is given and the job may request tokens; audience {audience}"
            );
        }
        (Source::Ambient(AmbientWhy::NothingElse), _) if !raw.wants_role() => {
            "role-to-assume is not given"
        }
        (Source::Ambient(AmbientWhy::NothingElse), None) => "force-skip-oidc is true",
        (Source::Ambient(AmbientWhy::NothingElse), Some(lacks)) => return lacks,
        _ => "another source comes before it",
    };
    why.to_owned()
}

fn roles(target: &Target) -> String {
    if target.hops.is_empty() {
        return "none; the source's own credentials are handed over".to_owned();
    }
    let hop = |hop: &Hop| {
        format!(
            "{} as {} for {} s with {} tags",
            hop.role.as_str(),
            hop.session.as_str(),
            hop.duration.seconds(),
            hop.tags.len()
        )
    };
    target.hops.iter().map(hop).collect::<Vec<_>>().join(" > ")
}

fn places(target: &Target) -> String {
    let place = &target.place;
    let mut places = match place.environment {
        EnvironmentPlace::Nothing => Vec::new(),
        EnvironmentPlace::Region => {
            vec!["the region into the environment of later steps".to_owned()]
        }
        EnvironmentPlace::Keys => vec!["the environment of later steps".to_owned()],
    };
    if place.outputs {
        places.push("the outputs of this step".to_owned());
    }
    if let Some(profile) = &place.profile {
        places.push(format!("the profile {}", profile.name));
    }
    if places.is_empty() {
        places.push("account and ARN as outputs only".to_owned());
    }
    places.join(", ")
}
