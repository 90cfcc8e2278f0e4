//! How later steps of the job get variables: each system's own way, proved to work before anything is asked of AWS.

use super::appveyor::Appveyor;
use super::azure::AzureVariables;
use super::bash_env::{BashEnv, Trace};
use super::buildkite::BuildkiteJob;
use super::codefresh::CodefreshExport;
use super::github::RunnerFiles;
use super::harness::HarnessFiles;
use super::mask::Masked;
use super::pairs::{Pairs, check_lines, earlier};
use super::undo::Undo;
use super::{refusal, teamcity};
use crate::error::Error;
use crate::host::{Export, Host};
use crate::model::request::HandOverMode;
use crate::system::System;
use crate::system::env::Env;
use crate::system::files::FileError;

/// A way that works here.
#[derive(Debug)]
pub(crate) enum Exporter {
    Runner(RunnerFiles),
    BashEnv(BashEnv),
    Azure(AzureVariables),
    Buildkite(BuildkiteJob),
    Teamcity,
    Codefresh(CodefreshExport),
    Appveyor(Appveyor),
    Harness(HarnessFiles),
}

impl Exporter {
    /// Proves that it works, and changes nothing. Where there is no private way, says what there is instead.
    pub(crate) fn prepare(env: &Env, host: Host, mode: HandOverMode) -> Result<Self, Error> {
        let none = |why: &str| refusal::no_private_hand_over(host, why);
        Ok(match host.facts().export {
            Export::RunnerFiles if !env.has("GITHUB_ENV") => {
                return Err(none(
                    "the variable GITHUB_ENV is not set; a container that is started inside a step has none of the runner's files",
                ));
            }
            Export::RunnerFiles => Self::Runner(RunnerFiles::prepare(env)?),
            Export::BashEnv => Self::BashEnv(
                BashEnv::prepare(env)?.ok_or_else(|| none("the variable BASH_ENV is not set"))?,
            ),
            Export::AzureVariables => Self::Azure(AzureVariables::new(mode)),
            Export::BuildkiteJob => {
                let job = BuildkiteJob::find(env).ok_or_else(|| {
                    none("there is neither the Job API's socket (BUILDKITE_AGENT_JOB_API_SOCKET) nor `buildkite-agent` on the path")
                })?;
                job.check()?;
                Self::Buildkite(job)
            }
            Export::TeamcityParameters if mode == HandOverMode::Unmasked => Self::Teamcity,
            Export::TeamcityParameters => {
                return Err(none(
                    "setParameter would show the keys in the build's parameters to everybody who may see the build; `hand-over: unmasked` allows that",
                ));
            }
            Export::CodefreshExport => Self::Codefresh(
                CodefreshExport::find(env)
                    .ok_or_else(|| none("cf_export is not there; only freestyle steps have it"))?,
            ),
            Export::AppveyorVariables => Self::Appveyor(
                Appveyor::find(env)
                    .ok_or_else(|| none("the variable APPVEYOR_API_URL is not set, or is not an address of this machine"))?,
            ),
            Export::HarnessSecretFile => Self::Harness(HarnessFiles::prepare(env)?.ok_or_else(
                || none("the variable HARNESS_OUTPUT_SECRET_FILE is not set; secret outputs are a feature flag of the account"),
            )?),
            Export::SameShell => {
                return Err(none("a process cannot change the shell that started it"));
            }
            Export::Apart => {
                return Err(none("each step runs in a container of its own"));
            }
        })
    }

    pub(crate) fn write(
        &self,
        system: &System,
        pairs: &Masked<Pairs>,
        undo: &mut Undo,
    ) -> Result<(), Error> {
        if pairs.get().is_empty() {
            return Ok(());
        }
        if !matches!(self, Self::Runner(_)) {
            check_lines(pairs.get())?;
        }
        match self {
            Self::Runner(files) => files.write_env(pairs, undo),
            Self::BashEnv(file) => file.write(pairs, undo),
            Self::Azure(variables) => variables.write(&system.console, pairs).map_err(unheard),
            Self::Buildkite(job) => job
                .write(pairs)
                .inspect_err(|_| job.put_back(&earlier(system, Host::Buildkite, pairs.get()))),
            Self::Teamcity => teamcity::write(&system.console, pairs).map_err(unheard),
            Self::Codefresh(script) => script.write(&system.env, pairs),
            Self::Appveyor(agent) => agent.write(&system.env, pairs),
            Self::Harness(files) => files.write(pairs, undo),
        }
    }

    /// Gives variables that were written what they were before. Lines in a file are taken out by [`Undo`] instead.
    pub(crate) fn put_back(&self, system: &System, host: Host, pairs: &Pairs) {
        match self {
            Self::Runner(_) | Self::BashEnv(_) | Self::Harness(_) => {}
            Self::Buildkite(job) => job.put_back(&earlier(system, host, pairs)),
            Self::Azure(_) | Self::Teamcity | Self::Codefresh(_) | Self::Appveyor(_) => {
                let earlier = earlier(system, host, pairs);
                // The failure that led here is the one that is told.
                let _ = self.write(system, &earlier, &mut Undo::default());
            }
        }
    }

    /// What `post` needs to take the lines out of a file again, where that undoes the hand-over.
    pub(crate) fn trace(&self) -> Option<Trace> {
        match self {
            Self::BashEnv(file) => Some(file.trace()),
            _ => None,
        }
    }

    /// Whether later steps find the variables in their environment by themselves.
    pub(crate) fn reaches_environment(&self) -> bool {
        match self {
            Self::Azure(variables) => variables.reaches_environment(),
            Self::Harness(_) => false,
            _ => true,
        }
    }

    /// What later steps have to do, for the log.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::Runner(_) => "",
            Self::BashEnv(_) => {
                " (in BASH_ENV: later steps that run bash have them; in this step run `. \"$BASH_ENV\"`)"
            }
            Self::Azure(variables) if !variables.reaches_environment() => {
                " (as secret variables: a later step has to map them, `env: { AWS_SESSION_TOKEN: $(AWS_SESSION_TOKEN) }` and so on)"
            }
            Self::Harness(_) => {
                " (as outputs of this step: later steps refer to them, `<+steps.ID.output.outputVariables.AWS_SESSION_TOKEN>` and so on)"
            }
            Self::Buildkite(_) => " (for the later phases of this job)",
            _ => " (for the later steps)",
        }
    }
}

/// The log is where the system is told, and it cannot be written.
fn unheard(reason: std::io::Error) -> Error {
    Error::HandOver(FileError {
        path: "the log".into(),
        action: "write to",
        reason,
    })
}
