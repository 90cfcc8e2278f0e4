//! Credentials out: prepared before anything is asked of AWS, masked before anything is written, all or nothing.

pub(crate) mod card;
pub(crate) mod dialect;
pub(crate) mod environment;
pub(crate) mod github;
pub(crate) mod journal;
pub(crate) mod mask;
pub(crate) mod profile;
mod undo;

use std::time::SystemTime;

use github::{Pairs, RunnerFiles};
use journal::{Journal, KEYS, PROFILE, REGION, STATE};
use mask::Masked;
use undo::Undo;

use profile::ProfileError;

use crate::error::{Error, Mistake};
use crate::model::request::{Cleanup, EnvironmentPlace, HandOver, Place, Request};
use crate::model::time::rfc3339;
use crate::model::{Invalid, Region, Session};
use crate::system::System;
use crate::system::env::Env;

/// Every place that the request names, proved to be writable; nothing is written yet.
#[derive(Debug)]
pub(crate) struct Prepared {
    files: RunnerFiles,
    profile: Option<profile::Prepared>,
}

/// Opens and checks; a failure here costs no request.
pub(crate) fn prepare(env: &Env, request: &Request) -> Result<Prepared, Error> {
    Ok(Prepared {
        files: RunnerFiles::prepare(env)?,
        profile: prepare_profile(env, request)?,
    })
}

/// The profile files alone, where there is no runner.
pub(crate) fn check_profiles(env: &Env, request: &Request) -> Result<(), Error> {
    prepare_profile(env, request).map(drop)
}

fn prepare_profile(env: &Env, request: &Request) -> Result<Option<profile::Prepared>, Error> {
    let wanted = request
        .targets
        .iter()
        .find_map(|target| target.place.profile.as_ref());
    let prepare = |place: &crate::model::request::ProfilePlace| {
        let paths = profile::ProfilePaths::locate(env)?;
        profile::prepare(&paths, &place.name, place.overwrite).map_err(Error::from)
    };
    wanted.map(prepare).transpose()
}

/// Hands one target's session over: all of it, or nothing.
pub(crate) fn hand_over(
    prepared: Prepared,
    system: &System,
    place: &Place,
    hand_over: &HandOver,
    region: &Region,
    session: Masked<&Session>,
) -> Result<Vec<&'static str>, Error> {
    let mut undo = Undo::default();
    let (env, console) = (&system.env, &system.console);
    let variables = variables(env, place, hand_over, region, session);
    let names: Vec<&'static str> = variables.get().iter().map(|(name, _)| *name).collect();
    let mut journal = Journal::remember(env, &names, hand_over.cleanup, hand_over.unset_first);
    if place.environment != EnvironmentPlace::Nothing {
        journal.region = Some(region.as_str().to_owned());
    }
    if place.environment == EnvironmentPlace::Keys {
        journal.access_key_id = Some(session.get().identified.credentials.access_key_id.clone());
        journal.profile = place
            .profile
            .as_ref()
            .map(|profile| profile.name.to_string());
    }
    journal.files = prepared
        .profile
        .as_ref()
        .map(|profile| profile.journal().clone());
    // Before everything else: what a step has done that is killed on the way, `post` finds and undoes.
    prepared
        .files
        .write_state(&state(console, &journal)?, &mut undo)?;
    if let Some(target) = prepared.profile {
        profile::write(&target, &profile_values(region, session)).map_err(Error::from)?;
        undo.profile(target.journal().clone());
    }
    prepared
        .files
        .write_output(&outputs(place, session), &mut undo)?;
    prepared.files.write_env(&variables, &mut undo)?;
    undo.keep();
    if let (Some(written), Cleanup::None) = (&journal.files, hand_over.cleanup) {
        profile::forget(written).map_err(Error::from)?;
    }
    Ok(names)
}

/// The region alone, for a job whose own credentials are kept.
pub(crate) fn hand_over_region(
    prepared: &Prepared,
    system: &System,
    place: &Place,
    hand_over: &HandOver,
    region: &Region,
) -> Result<(), Error> {
    if place.environment == EnvironmentPlace::Nothing {
        return Ok(());
    }
    let (env, console) = (&system.env, &system.console);
    let mut undo = Undo::default();
    let mut journal = Journal::remember(env, &REGION, hand_over.cleanup, false);
    journal.region = Some(region.as_str().to_owned());
    prepared
        .files
        .write_state(&state(console, &journal)?, &mut undo)?;
    let pairs = REGION.map(|name| (name, region.as_str().to_owned()));
    prepared
        .files
        .write_env(&mask::texts(console, &[], pairs.to_vec()), &mut undo)?;
    undo.keep();
    Ok(())
}

impl Prepared {
    /// The identity card; a summary that cannot be written must not fail the job.
    pub(crate) fn summarize(
        env: &Env,
        markdown: &str,
    ) -> Result<(), crate::system::files::FileError> {
        RunnerFiles::prepare(env).map_or(Ok(()), |files| files.write_summary(markdown))
    }
}

/// Empties the variables that the user wants forgotten, though there is nothing to put in their place.
pub(crate) fn forget(system: &System) -> Result<(), Error> {
    let empty: Pairs = REGION
        .iter()
        .chain(&KEYS)
        .map(|name| (*name, String::new()))
        .collect();
    restore(&RunnerFiles::prepare(&system.env)?, system, &[], empty)
}

/// What later steps find in their environment.
fn variables(
    env: &Env,
    place: &Place,
    hand_over: &HandOver,
    region: &Region,
    session: Masked<&Session>,
) -> Masked<Pairs> {
    session.map(|session| {
        let mut pairs: Pairs = Vec::new();
        if place.environment == EnvironmentPlace::Nothing {
            return pairs;
        }
        pairs.extend(
            REGION
                .iter()
                .map(|name| (*name, region.as_str().to_owned())),
        );
        if place.environment == EnvironmentPlace::Keys {
            let keys = &session.identified.credentials;
            pairs.push(("AWS_ACCESS_KEY_ID", keys.access_key_id.clone()));
            pairs.push((
                "AWS_SECRET_ACCESS_KEY",
                keys.secret_access_key.reveal().to_owned(),
            ));
            match &keys.session_token {
                Some(token) => pairs.push(("AWS_SESSION_TOKEN", token.reveal().to_owned())),
                // A token left over from other keys would make every call fail.
                None if env.has("AWS_SESSION_TOKEN") => {
                    pairs.push(("AWS_SESSION_TOKEN", String::new()));
                }
                None => {}
            }
            pairs.extend(
                place
                    .profile
                    .as_ref()
                    .map(|profile| (PROFILE, profile.name.to_string())),
            );
        } else if hand_over.unset_first {
            pairs.extend(KEYS.iter().map(|name| (*name, String::new())));
        }
        pairs
    })
}

fn outputs(place: &Place, session: Masked<&Session>) -> Masked<Pairs> {
    session.map(|session| {
        let (keys, who) = (&session.identified.credentials, &session.identified.who);
        let mut pairs: Pairs = vec![
            ("aws-account-id", who.account().to_string()),
            ("authenticated-arn", who.as_str().to_owned()),
        ];
        if place.outputs {
            pairs.push(("aws-access-key-id", keys.access_key_id.clone()));
            pairs.push((
                "aws-secret-access-key",
                keys.secret_access_key.reveal().to_owned(),
            ));
            pairs.extend(
                keys.session_token
                    .as_ref()
                    .map(|token| ("aws-session-token", token.reveal().to_owned())),
            );
            pairs.extend(
                keys.expires
                    .map(|at: SystemTime| ("aws-expiration", rfc3339(at))),
            );
        }
        pairs
    })
}

/// The lines of the credentials file and of the config file.
fn profile_values(region: &Region, session: Masked<&Session>) -> Masked<profile::Values> {
    session.map(|session| {
        let keys = &session.identified.credentials;
        let mut credentials = vec![
            ("aws_access_key_id", keys.access_key_id.clone()),
            (
                "aws_secret_access_key",
                keys.secret_access_key.reveal().to_owned(),
            ),
        ];
        credentials.extend(
            keys.session_token
                .as_ref()
                .map(|token| ("aws_session_token", token.reveal().to_owned())),
        );
        profile::Values {
            credentials,
            config: vec![("region", region.as_str().to_owned())],
        }
    })
}

/// The journal holds the variables as they were, which may be other credentials: masked like ours.
fn state(
    console: &crate::system::console::Console,
    journal: &Journal,
) -> Result<Masked<Pairs>, Error> {
    let json =
        serde_json::to_string(journal).map_err(|fault| Error::Internal(fault.to_string()))?;
    Ok(mask::texts(
        console,
        &journal.secrets(),
        vec![(STATE, json)],
    ))
}

/// Sets variables to what `post` found in the journal.
pub(crate) fn restore(
    files: &RunnerFiles,
    system: &System,
    secrets: &[&str],
    pairs: Pairs,
) -> Result<(), Error> {
    let mut undo = Undo::default();
    files.write_env(&mask::texts(&system.console, secrets, pairs), &mut undo)?;
    undo.keep();
    Ok(())
}

impl From<ProfileError> for Error {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Exists { name, path } => Self::ProfileExists {
                name,
                path: path.display().to_string(),
            },
            ProfileError::File(fault) => Self::HandOver(fault),
            fault @ ProfileError::NoHome { .. } => Self::InvalidInputs(vec![Mistake {
                input: "aws-profile".to_owned(),
                fault: Invalid::new(format!("cannot be written: {fault}")),
            }]),
            fault @ ProfileError::Value { .. } => Self::Internal(fault.to_string()),
        }
    }
}
