//! Credentials that do not expire: who renews them, for a profile (`process`) or as an endpoint (`server`), and how that begins.

mod answer;
pub(crate) mod process;
mod renewal;
pub(crate) mod serve;
mod server;
mod start;

use std::path::PathBuf;

pub(crate) use server::Server;

use crate::error::Error;
use crate::frontend::{self, RawInputs};
use crate::host::Job;
use crate::login::lend::role_of;
use crate::model::Session;
use crate::model::request::{AmbientWhy, Refresh, Request, Source};
use crate::sink::mask::Masked;
use crate::sink::refresh::{Folder, Held, Plan, Way};
use crate::system::System;
use start::Started;

/// What is there for later steps to ask; gone again unless it is kept.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) way: Way,
    started: Option<Started>,
    kept: bool,
}

impl Opened {
    /// The hand-over is complete: it may stay for the rest of the job.
    pub(crate) fn keep(mut self) -> Result<(), Error> {
        if let Some(started) = &mut self.started {
            started.keep()?;
        }
        self.kept = true;
        Ok(())
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !self.kept {
            // The failure that led here is the one that is told.
            let _ = self.way.folder.end();
        }
    }
}

/// Lays down what a later process needs, with the session that this step has got already.
pub(crate) fn open(
    system: &System,
    job: &Job,
    raw: &RawInputs,
    request: &Request,
    session: Masked<&Session>,
) -> Result<Option<Opened>, Error> {
    let Some(refresh) = request.refresh else {
        return Ok(None);
    };
    let folder = Folder::name(&system.env, job)?;
    let plan = plan(system, job, raw, request);
    let held =
        session.map(|session| Held::new((*session).clone(), role_of(request), system.clock.now()));
    let opened = match refresh {
        Refresh::Process => {
            let opened = Opened {
                way: Way::process(folder, &own_program()?),
                started: None,
                kept: false,
            };
            let folder = &opened.way.folder;
            folder.make()?;
            folder.write_plan(&plan)?;
            folder.write_first(&held)?;
            opened
        }
        Refresh::Server => {
            let (started, url) =
                start::server(system, job.host, &own_program()?, &folder, &plan, &held)?;
            Opened {
                way: Way::server(folder, url),
                started: Some(started),
                kept: false,
            }
        }
    };
    Ok(Some(opened))
}

/// The variables by which the machine's own credentials are found, where these are the source.
const MACHINE: [&str; 5] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
];

fn plan(system: &System, job: &Job, raw: &RawInputs, request: &Request) -> Plan {
    let env = &system.env;
    let variables = if matches!(request.source, Source::Ambient(_)) {
        let value = |name: &str| (name.to_owned(), env.get(name).map(str::to_owned));
        MACHINE.map(value).into_iter().collect()
    } else {
        std::collections::BTreeMap::new()
    };
    Plan {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        source: kind(&request.source).to_owned(),
        settings: frontend::settings_to_keep(raw, job, request),
        variables,
    }
}

fn kind(source: &Source) -> &'static str {
    match source {
        Source::JobToken(_) => "the job's token",
        Source::TokenFile(_) => "a token file",
        Source::TokenInput => "a token on standard input",
        Source::TokenText { .. } => "a token in a variable",
        Source::Keys(_) => "keys",
        Source::Profile(_) => "a profile",
        Source::Ambient(AmbientWhy::RoleChaining | AmbientWhy::NothingElse) => "the machine",
    }
}

fn own_program() -> Result<PathBuf, Error> {
    std::env::current_exe()
        .map_err(|fault| Error::Internal(format!("this program's own path is unknown: {fault}")))
}
