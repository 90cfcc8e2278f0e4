//! Credentials that do not expire: who renews them, for a profile (`process`) or as an endpoint (`server`), and how that begins.

mod answer;
mod ask;
pub(crate) mod process;
mod renewal;
mod seat;
pub(crate) mod serve;
mod server;
mod start;

use std::cell::Cell;
use std::path::PathBuf;

pub(crate) use server::Server;

use crate::error::Error;
use crate::frontend::{self, RawInputs};
use crate::host::Job;
use crate::login::lend::role_of;
use crate::model::Claims;
use crate::model::request::{AmbientWhy, Refresh, Request, Source, Target};
use crate::sink::Given;
use crate::sink::refresh::{Folder, Held, Plan, Promise, Way};
use crate::system::System;
use start::{Order, Started};

/// What is there for later steps to ask; gone again unless it is kept.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) way: Way,
    started: Option<Started>,
    kept: Cell<bool>,
}

impl Opened {
    /// The hand-over is complete: it may stay for the rest of the job. A failure says that there is nothing to stay.
    pub(crate) fn keep(&self) -> Result<(), Error> {
        if let Some(started) = &self.started {
            started.keep(&self.way.folder)?;
        }
        self.kept.set(true);
        Ok(())
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if !self.kept.get() {
            // The failure that led here is the one that is told.
            let _ = self.way.folder.end();
        }
    }
}

/// Lays down what a later process needs for each target, with the sessions that this step has got already.
pub(crate) fn open(
    system: &System,
    job: &Job,
    raw: &RawInputs,
    request: &Request,
    given: &[Given<'_>],
    claims: Option<&Claims>,
) -> Result<Option<Opened>, Error> {
    let Some(refresh) = request.refresh else {
        return Ok(None);
    };
    let folder = Folder::name(&system.env, job)?;
    let program = own_program()?;
    let promise = Promise::new(&program, end(job, request, claims), true);
    let now = system.clock.now();
    let each = given.iter().map(|(target, session)| {
        let plan = plan(system, job, raw, request, target);
        let held = session.map(|session| Held::new((*session).clone(), role_of(target), now));
        (*target, plan, held)
    });
    let opened = match refresh {
        Refresh::Process => {
            let opened = Opened {
                way: Way::process(folder, program),
                started: None,
                kept: Cell::new(false),
            };
            let folder = &opened.way.folder;
            folder.make()?;
            for (number, (_, plan, held)) in each.enumerate() {
                let share = folder.share(number);
                share.write_plan(&plan)?;
                share.write_first(&held)?;
            }
            opened
        }
        Refresh::Server => {
            let name = |target: &Target| (!target.main).then(|| target.name().to_owned());
            let orders = each.map(|(target, plan, held)| Order::new(name(target), plan, &held));
            let orders = orders.collect::<Result<Vec<Order>, Error>>()?;
            let (started, url) = start::server(system, job.host, &program, &folder, orders)?;
            Opened {
                way: Way::server(folder, program, url),
                started: Some(started),
                kept: Cell::new(false),
            }
        }
    };
    opened.way.folder.write_promise(&promise)?;
    Ok(Some(opened))
}

/// When the token ends with which all renewals are made, where the system gives the job one and no other.
fn end(job: &Job, request: &Request, claims: Option<&Claims>) -> Option<i64> {
    let is_fixed = match request.source {
        Source::JobToken(_) => !job.host.facts().token.renews(),
        Source::TokenText { .. } => true,
        _ => false,
    };
    claims.filter(|_| is_fixed)?.seconds("exp")
}

/// The variables by which the machine's own credentials are found, where these are the source.
const MACHINE: [&str; 5] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
];

fn plan(system: &System, job: &Job, raw: &RawInputs, request: &Request, target: &Target) -> Plan {
    let env = &system.env;
    let variables = if matches!(request.source, Source::Ambient(_)) {
        let value = |name: &str| (name.to_owned(), env.get(name).map(str::to_owned));
        MACHINE.map(value).into_iter().collect()
    } else {
        std::collections::BTreeMap::new()
    };
    Plan {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: request.has_many().then(|| target.name().to_owned()),
        source: kind(&request.source).to_owned(),
        settings: frontend::settings_to_keep(raw, job, request, target),
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
