//! Credentials out: prepared before anything is asked of AWS, masked before anything is written, all or nothing.

mod appveyor;
mod azure;
mod bash_env;
mod buildkite;
pub(crate) mod card;
mod codefresh;
pub(crate) mod dialect;
pub(crate) mod environment;
pub(crate) mod expiry;
mod export;
mod github;
mod harness;
pub(crate) mod journal;
pub(crate) mod mask;
pub(crate) mod memory;
mod named;
pub(crate) mod page;
mod pairs;
pub(crate) mod profile;
pub(crate) mod refresh;
mod refusal;
mod remember;
pub(crate) mod roster;
mod teamcity;
mod undo;
mod values;

use export::Exporter;
use github::RunnerFiles;
use journal::{Journal, OLD_PROFILE, REGION};
use mask::{Hidden, Masked};
use memory::{Memory, Record};
use pairs::Pairs;
use undo::Undo;
use values::{forgotten, outputs, profile_values, variables};

use refresh::Way;
pub(crate) use refusal::fit;
use remember::Remember;

use crate::error::{Error, Mistake};
use crate::host::{Host, Job};
use crate::model::request::{Cleanup, EnvironmentPlace, HandOverMode, Place, Request, Target};
use crate::model::{Invalid, Session};
use crate::system::System;
use crate::system::env::Env;

/// Every place that the request names, proved to be writable; nothing is written yet.
#[derive(Debug)]
pub(crate) struct Prepared {
    exporter: Option<Exporter>,
    /// Where step outputs go, on a runner that has them.
    runner: Option<RunnerFiles>,
    memory: Remember,
    profile: Option<profile::Prepared>,
}

/// Who starts the program, which decides who keeps the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A runner, with its main and post phases.
    Action,
    /// A script.
    Command,
}

/// Opens and checks; a failure here costs no request to AWS.
pub(crate) fn prepare(
    env: &Env,
    job: &Job,
    caller: Caller,
    request: &Request,
) -> Result<Prepared, Error> {
    let host = job.host;
    check_settings(env, host, caller, request)?;
    let wants_variables = request
        .targets
        .iter()
        .any(|target| target.place.environment != EnvironmentPlace::Nothing);
    let mode = request.hand_over.mode;
    let is_runner = caller == Caller::Action || host.speaks_github();
    let exporter = match caller {
        Caller::Action => Some(Exporter::Runner(RunnerFiles::prepare(env)?)),
        Caller::Command if wants_variables => {
            let way = Exporter::prepare(env, host, mode);
            Some(way.map_err(|fault| refusal::of_request(fault, host, request))?)
        }
        Caller::Command => None,
    };
    // A script on a runner may be inside a container that has none of its files; a profile works there too.
    let runner = (is_runner && (wants_variables || env.has("GITHUB_OUTPUT")))
        .then(|| RunnerFiles::prepare(env))
        .transpose()?;
    let memory = match caller {
        Caller::Action => Remember::Runner(Memory::of(env, job)),
        Caller::Command if request.hand_over.cleanup == Cleanup::None => Remember::Nobody,
        Caller::Command => {
            let memory = Memory::of(env, job);
            memory.check()?;
            Remember::Folder(memory)
        }
    };
    Ok(Prepared {
        exporter,
        runner,
        memory,
        profile: named::prepare(env, request)?,
    })
}

/// Settings that this system has nothing for.
fn check_settings(env: &Env, host: Host, caller: Caller, request: &Request) -> Result<(), Error> {
    let title = host.facts().title;
    let mut mistakes = refresh::refuse_rivals(env, request);
    let mut wrong = |input: &str, fault: String| {
        mistakes.push(Mistake {
            input: input.to_owned(),
            fault: Invalid::new(fault),
        });
    };
    let outputs = request.targets.iter().any(|target| target.place.outputs);
    if outputs && caller == Caller::Command && !host.speaks_github() {
        wrong(
            "output-credentials",
            format!("is about step outputs, and {title} has none that are private; leave it out"),
        );
    }
    let (mode, export) = (request.hand_over.mode, host.facts().export);
    let fits = match mode {
        HandOverMode::Auto => true,
        HandOverMode::Secret => export == crate::host::Export::AzureVariables,
        HandOverMode::Unmasked => export == crate::host::Export::TeamcityParameters,
    };
    if !fits {
        let only = if mode == HandOverMode::Secret {
            "Azure Pipelines"
        } else {
            "TeamCity"
        };
        wrong(
            "hand-over",
            format!(
                "`{}` is for {only} only, and this is {title}",
                mode.as_str()
            ),
        );
    }
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(Error::InvalidInputs(mistakes))
    }
}

/// The profile files alone, where nothing else can be written.
pub(crate) fn check_profiles(env: &Env, request: &Request) -> Result<(), Error> {
    named::prepare(env, request).map(drop)
}

/// What was handed over, for the log.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(crate) names: Vec<&'static str>,
    /// What later steps have to do with it.
    pub(crate) words: &'static str,
    /// Whoever hides the values.
    pub(crate) hidden: Hidden,
}

/// A target and its session.
pub(crate) type Given<'a> = (&'a Target, Masked<&'a Session>);

/// Hands the sessions of all targets over: all of it, or nothing. What is written stays if `last`, which is done then,
/// succeeds too.
pub(crate) fn hand_over(
    prepared: &Prepared,
    system: &System,
    host: Host,
    request: &Request,
    given: &[Given<'_>],
    way: Option<&Way>,
    last: &dyn Fn() -> Result<(), Error>,
) -> Result<Handed, Error> {
    let refuse =
        |(target, session): &Given<'_>| refusal::unhidden(system, host, &target.place, *session);
    given.iter().try_for_each(refuse)?;
    let mut undo = Undo::default();
    let (env, hand_over, region) = (&system.env, &request.hand_over, &request.region);
    let main = given.iter().find(|(target, _)| target.main);
    let nothing = mask::texts(system, host, &[], Pairs::new());
    let variables = match (main, way) {
        (Some((target, session)), Some(way)) => {
            session.map(|_| way.pairs(env, &target.place, region))
        }
        (Some((target, session)), None) => {
            variables(env, &target.place, hand_over, region, *session)
        }
        (None, _) => nothing.map(Pairs::clone),
    };
    let names: Vec<&'static str> = variables.get().iter().map(|(name, _)| *name).collect();
    let mut journal = Journal::remember(env, &names, hand_over.cleanup, hand_over.unset_first);
    if let Some((Target { place, .. }, session)) = main {
        let keys = &session.get().identified.credentials;
        journal.mark(place, region, way.is_none().then_some(keys));
        let pairs = variables.get().iter();
        let old = pairs.filter(|(name, _)| *name == OLD_PROFILE);
        let marks = old.map(|(name, profile)| ((*name).to_owned(), profile.clone()));
        journal.selected.extend(marks);
    }
    if let Some(way) = way {
        way.remember(&mut journal, variables.get());
    }
    prepared.describe(&mut journal);
    let profiles = prepared.profile.as_ref();
    journal.files = profiles.map(|profiles| profiles.journal().clone());
    // Before everything else: what a step has done that is killed on the way, `post` finds and undoes.
    prepared.remember(system, host, hand_over.mode, journal, &mut undo)?;
    if let Some(profiles) = profiles {
        let wanted = given
            .iter()
            .enumerate()
            .filter(|(_, (target, _))| target.place.profile.is_some());
        let values = wanted.map(|(number, (_, session))| match way {
            Some(way) => session.map(|_| way.profile(number, region)),
            None => profile_values(region, *session),
        });
        profile::write(profiles, &values.collect::<Vec<_>>())?;
        undo.profile(profiles.journal().clone());
    }
    if let (Some(runner), Some((target, session))) = (&prepared.runner, main) {
        runner.write_output(&outputs(&target.place, *session), &mut undo)?;
    }
    if let Some(exporter) = &prepared.exporter {
        exporter.write(system, &variables, &mut undo)?;
    }
    last().inspect_err(|_| {
        if let Some(exporter) = &prepared.exporter {
            exporter.put_back(system, host, variables.get());
        }
    })?;
    undo.keep();
    if let (Some(profiles), Cleanup::None) = (profiles, hand_over.cleanup)
        && let Err(fault) = profile::forget(profiles.journal())
    {
        // Later steps have their credentials: no reason to stop the job.
        system.console.warning(&format!(
            "what the profiles replaced is still noted beside the AWS files: {fault}"
        ));
    }
    Ok(Handed {
        names,
        words: prepared.exporter.as_ref().map_or("", Exporter::words),
        hidden: nothing.hidden(),
    })
}

/// The region alone, for a job whose own credentials are kept; and nothing in place of the variables that the user wants
/// forgotten, which the kept ones are not among.
pub(crate) fn hand_over_region(
    prepared: &Prepared,
    system: &System,
    host: Host,
    request: &Request,
    place: &Place,
) -> Result<(), Error> {
    let (hand_over, region) = (&request.hand_over, &request.region);
    let mut pairs = Pairs::new();
    if place.environment != EnvironmentPlace::Nothing {
        pairs.extend(REGION.map(|name| (name, region.as_str().to_owned())));
    }
    if hand_over.unset_first {
        pairs.extend(forgotten(&system.env));
    }
    if pairs.is_empty() {
        return Ok(());
    }
    let mut undo = Undo::default();
    let mut journal = Journal::remember(&system.env, &REGION, hand_over.cleanup, false);
    let has_region = place.environment != EnvironmentPlace::Nothing;
    journal.region = has_region.then(|| region.as_str().to_owned());
    prepared.describe(&mut journal);
    prepared.remember(system, host, hand_over.mode, journal, &mut undo)?;
    if let Some(exporter) = &prepared.exporter {
        let pairs = mask::texts(system, host, &[], pairs);
        exporter.write(system, &pairs, &mut undo)?;
    }
    undo.keep();
    Ok(())
}

impl Prepared {
    /// How the variables go, as far as `post` has to know.
    fn describe(&self, journal: &mut Journal) {
        if let Some(exporter) = &self.exporter {
            journal.lines = exporter.trace();
            journal.unseen = !exporter.reaches_environment();
        }
        if journal.lines.is_some() {
            // Taking our lines out brings back what was there: nothing of it has to be kept.
            journal.before.clear();
        }
    }

    /// Keeps the journal until `post`.
    fn remember(
        &self,
        system: &System,
        host: Host,
        mode: HandOverMode,
        journal: Journal,
        undo: &mut Undo,
    ) -> Result<(), Error> {
        let runner = self.runner.as_ref();
        self.memory
            .keep(system, host, runner, Record::new(host, mode, journal), undo)
    }
}

/// Empties the variables that the user wants forgotten, though there is nothing to put in their place.
pub(crate) fn forget(
    system: &System,
    host: Host,
    caller: Caller,
    mode: HandOverMode,
) -> Result<(), Error> {
    let exporter = match caller {
        Caller::Action => Exporter::Runner(RunnerFiles::prepare(&system.env)?),
        Caller::Command => match Exporter::prepare(&system.env, host, mode) {
            Ok(exporter) => exporter,
            // Where later steps cannot be given anything, nothing can be taken from them.
            Err(Error::NoPrivateHandOver { .. }) => return Ok(()),
            Err(fault) => return Err(fault),
        },
    };
    let mut empty: Pairs = REGION.iter().map(|name| (*name, String::new())).collect();
    empty.extend(forgotten(&system.env));
    put_back(&exporter, system, host, &[], empty)
}

/// Sets variables to what `post` found in the journal, the way they were handed over.
pub(crate) fn restore(
    system: &System,
    host: Host,
    caller: Caller,
    mode: HandOverMode,
    secrets: &[&str],
    pairs: Pairs,
) -> Result<(), Error> {
    let exporter = match caller {
        Caller::Action => Exporter::Runner(RunnerFiles::prepare(&system.env)?),
        Caller::Command => Exporter::prepare(&system.env, host, mode)?,
    };
    put_back(&exporter, system, host, secrets, pairs)
}

fn put_back(
    exporter: &Exporter,
    system: &System,
    host: Host,
    secrets: &[&str],
    pairs: Pairs,
) -> Result<(), Error> {
    let mut undo = Undo::default();
    let pairs = mask::texts(system, host, secrets, pairs);
    exporter.write(system, &pairs, &mut undo)?;
    undo.keep();
    Ok(())
}
