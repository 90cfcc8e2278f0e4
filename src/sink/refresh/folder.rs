//! The private folder of one step that renews: its files, their names, how they are made and how they go.

use std::path::{Path, PathBuf};

use super::share::PLAN;
use super::{Endpoint, Promise, Share};
use crate::error::Error;
use crate::host::Job;
use crate::model::Secret;
use crate::sink::mask::Masked;
use crate::sink::memory::Memory;
use crate::system::env::Env;
use crate::system::files::{self, FileError};

/// A folder below the job's own, for our user alone (0700), every file in it too (0600).
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

/// What a program has to show to the endpoint.
const BEARER: &str = "bearer";
/// Where the endpoint listens, and which process it is.
const ENDPOINT: &str = "endpoint.json";
/// What is said of its renewal to those who ask how long it lasts.
const PROMISE: &str = "renewal.json";
/// What the endpoint has to say of failures.
const LOG: &str = "log";
pub(super) const MOST: u64 = 1 << 20;
/// As much of it as a failure's message has room for.
const MOST_OF_LOG: u64 = 8 << 10;

/// Whether the environment leads to the endpoint of a step, whether that still runs or not.
pub(crate) fn is_own_endpoint(env: &Env) -> bool {
    let bearer = env
        .get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        .map(Path::new);
    let folder = bearer
        .filter(|path| path.ends_with(BEARER))
        .and_then(Path::parent);
    let name = folder
        .and_then(Path::file_name)
        .and_then(std::ffi::OsStr::to_str);
    name.is_some_and(|name| name.starts_with(Folder::PREFIX))
}

impl Folder {
    /// How the names of all of them begin.
    pub(super) const PREFIX: &str = "refresh-";

    /// A name that no other step has. Nothing is made.
    pub(crate) fn name(env: &Env, job: &Job) -> Result<Self, Error> {
        let suffix = files::random_suffix()
            .map_err(|fault| Error::Internal(format!("no random numbers: {fault}")))?;
        let memory = Memory::of(env, job);
        memory.check()?;
        Ok(Self(
            memory.folder().join(format!("{}{suffix}", Self::PREFIX)),
        ))
    }

    /// The folder that somebody else made.
    pub(crate) fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// What the target with that number has in it.
    pub(crate) fn share(&self, number: usize) -> Share {
        Share::new(self.clone(), number)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn make(&self) -> Result<(), Error> {
        files::private_folder(&self.0).map_err(Error::HandOver)
    }

    /// It has to be ours alone before anything in it is believed.
    pub(crate) fn check(&self) -> Result<(), FileError> {
        files::check_private_folder(&self.0)
    }

    pub(crate) fn exists(&self) -> bool {
        self.0.is_dir()
    }

    pub(crate) fn bearer(&self) -> PathBuf {
        self.0.join(BEARER)
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.0.join(LOG)
    }

    pub(crate) fn write_bearer(&self, bearer: &Masked<&Secret>) -> Result<(), Error> {
        files::create_private(&self.bearer(), bearer.get().reveal().as_bytes())
            .map_err(Error::HandOver)
    }

    pub(crate) fn read_bearer(&self) -> Option<Secret> {
        let text = files::read_limited(&self.bearer(), MOST).ok()?;
        Some(Secret::new(text))
    }

    pub(crate) fn write_endpoint(&self, endpoint: &Endpoint) -> Result<(), Error> {
        let text =
            serde_json::to_string(endpoint).map_err(|fault| Error::Internal(fault.to_string()))?;
        files::replace(&self.0.join(ENDPOINT), text.as_bytes()).map_err(Error::HandOver)
    }

    pub(crate) fn read_endpoint(&self) -> Option<Endpoint> {
        let text = files::read_limited(&self.0.join(ENDPOINT), MOST).ok()?;
        serde_json::from_str(&text).ok()
    }

    pub(crate) fn write_promise(&self, promise: &Promise) -> Result<(), Error> {
        let text =
            serde_json::to_string(promise).map_err(|fault| Error::Internal(fault.to_string()))?;
        files::create_private(&self.0.join(PROMISE), text.as_bytes()).map_err(Error::HandOver)
    }

    pub(super) fn read_promise(&self) -> Option<Promise> {
        let text = files::read_limited(&self.0.join(PROMISE), MOST).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The last of what the endpoint had to say.
    pub(crate) fn read_log(&self) -> String {
        files::read_end(&self.log(), MOST_OF_LOG).unwrap_or_default()
    }

    /// Ends the endpoint, if there is one, and removes everything. What is gone already is well.
    pub(crate) fn end(&self) -> Result<Option<String>, Error> {
        if !self.exists() {
            return Ok(None);
        }
        self.check().map_err(Error::HandOver)?;
        let ended = match (self.read_endpoint(), self.read_bearer()) {
            (Some(endpoint), Some(bearer)) => Some(endpoint.end(&bearer)?),
            _ => None,
        };
        self.remove()?;
        Ok(ended)
    }

    /// The folder with its files, and those above it that are empty then.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        // A process that renews at this very moment writes once more; after that it finds no settings.
        for _ in 0..MOST_TRIES {
            let (first, last): (Vec<_>, Vec<_>) = files::names_in(&self.0)
                .into_iter()
                .partition(|name| name.starts_with(PLAN));
            for name in first.into_iter().chain(last) {
                files::remove(&self.0.join(name)).map_err(Error::HandOver)?;
            }
            self.sweep();
            if !self.exists() {
                return Ok(());
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Err(Error::HandOver(FileError::still_there(&self.0)))
    }

    /// The folder goes if nothing is left in it, and so do those above it.
    pub(super) fn sweep(&self) {
        let above = self.0.ancestors().take(3).map(Path::to_owned);
        files::remove_empty_directories(&above.collect::<Vec<_>>());
    }
}

const MOST_TRIES: u32 = 100;
