//! Whether credentials are some that rolehop renews in this job: known by the files of the step, never by their looks.

use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::endpoint::{Form, path};
use super::line::line;
use super::share::{DOOR, PLAN};
use super::{Folder, Share};
use crate::host::Job;
use crate::model::Credentials;
use crate::sink::memory::Memory;
use crate::sink::profile;
use crate::system::env::Env;
use crate::system::files;

/// What whoever renews says of it, in the folder of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Promise {
    /// What the profiles start.
    program: String,
    /// The end of the token, where no other is to be had: in seconds since 1970.
    until: Option<i64>,
    /// Whether it goes on until the job ends, or as long as one command.
    whole_job: bool,
}

/// Of credentials that are renewed.
#[derive(Debug)]
pub(crate) enum Renewed {
    Lasting(Promise),
    /// The last attempt failed, for that reason if it is known.
    Failed(Option<String>),
}

/// How the renewal of one target stands, as its endpoint tells.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct State {
    /// Which session it has: no secret.
    pub(crate) access_key_id: String,
    /// Why it has no newer one.
    pub(crate) failure: Option<String>,
}

impl Promise {
    pub(crate) fn new(program: &Path, until: Option<i64>, whole_job: bool) -> Self {
        Self {
            program: program.display().to_string(),
            until,
            whole_job,
        }
    }

    pub(crate) fn until(&self) -> Option<SystemTime> {
        let seconds = u64::try_from(self.until?).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    }

    /// For the end of a sentence.
    pub(crate) fn words(&self) -> &'static str {
        if self.whole_job {
            ", renewed by rolehop until the job ends"
        } else {
            ", renewed by rolehop as long as its endpoint runs"
        }
    }
}

/// Nothing for all others: a program or an endpoint of somebody else, keys that were copied, a session that is made of ours.
pub(crate) fn renewed(env: &Env, job: &Job, keys: &Credentials) -> Option<Renewed> {
    // Variables have no end with them, nor have copies in a file: nobody renews those.
    keys.expires?;
    let name = env.get("AWS_PROFILE").unwrap_or("default");
    let command = profile::asking(env, name).map(|asking| asking.command);
    let url = env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    let memory = Memory::of(env, job);
    let names = files::names_in(memory.folder()).into_iter();
    names
        .filter(|name| name.starts_with(Folder::PREFIX))
        .find_map(|name| {
            let folder = Folder::at(memory.folder().join(name));
            folder.check().ok()?;
            let promise = folder.read_promise()?;
            let state = command
                .as_deref()
                .and_then(|command| of_profile(&folder, &promise, command))
                .or_else(|| of_environment(&folder, url?))?;
            if state.access_key_id != keys.access_key_id {
                return None;
            }
            Some(match state.failure {
                None => Renewed::Lasting(promise),
                Some(why) => Renewed::Failed(Some(why).filter(|why| !why.is_empty())),
            })
        })
}

/// The target whose profile starts that command.
fn of_profile(folder: &Folder, promise: &Promise, command: &str) -> Option<State> {
    let program = Path::new(&promise.program);
    let is_its = |name: &String| {
        let is_named = name.starts_with(PLAN) || name.starts_with(DOOR);
        is_named && line(program, &folder.path().join(name)) == command
    };
    let name = files::names_in(folder.path()).into_iter().find(is_its)?;
    let file = folder.path().join(name);
    let share = Share::of(&file);
    if Share::is_door(&file) {
        return ask(folder, Some(&share.read_door()?.target));
    }
    let held = share.read_session()?;
    Some(State {
        access_key_id: held.access_key_id().to_owned(),
        failure: held.has_failed().then(String::new),
    })
}

fn of_environment(folder: &Folder, url: &str) -> Option<State> {
    (folder.read_endpoint()?.url() == url).then(|| ask(folder, None))?
}

fn ask(folder: &Folder, target: Option<&str>) -> Option<State> {
    let (endpoint, bearer) = (folder.read_endpoint()?, folder.read_bearer()?);
    let answer = endpoint.get(&path(Form::State, target), &bearer).ok()?;
    serde_json::from_str(&answer.1).ok()
}
