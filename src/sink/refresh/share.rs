//! What one target has in the folder of its step: what is asked again, the session until the next, or where to ask for it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::folder::MOST;
use super::{Folder, Held, Plan};
use crate::error::Error;
use crate::sink::mask::Masked;
use crate::system::files::{self, FileError};

/// The files of one target, told apart by the end of their names.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    folder: Folder,
    end: String,
}

/// What is asked again, without a secret in it.
pub(super) const PLAN: &str = "settings";
/// The session that is handed on until the next one.
const SESSION: &str = "session";
/// Where the endpoint is asked for the session.
pub(super) const DOOR: &str = "ask";
const JSON: &str = ".json";

/// Where a profile's program asks the endpoint: no secret, and nothing of the settings.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Door {
    /// For whoever looks at the file.
    pub(crate) target: String,
    pub(crate) path: String,
}

impl Share {
    /// Of the target with that number; the first has the plain names.
    pub(super) fn new(folder: Folder, number: usize) -> Self {
        let end = match number {
            0 => String::new(),
            earlier => format!("-{}", earlier + 1),
        };
        Self { folder, end }
    }

    /// Of the target that has this file.
    pub(crate) fn of(file: &Path) -> Self {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let end = [PLAN, DOOR]
            .iter()
            .find_map(|kind| name.strip_prefix(kind)?.strip_suffix(JSON));
        Self {
            folder: Folder::at(file.parent().unwrap_or(Path::new("."))),
            end: end.unwrap_or_default().to_owned(),
        }
    }

    /// Whether an endpoint is to be asked, by the file that a profile's line names.
    pub(crate) fn is_door(file: &Path) -> bool {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(DOOR)
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(crate) fn plan(&self) -> PathBuf {
        self.file(PLAN)
    }

    pub(crate) fn session(&self) -> PathBuf {
        self.file(SESSION)
    }

    pub(crate) fn door(&self) -> PathBuf {
        self.file(DOOR)
    }

    fn file(&self, kind: &str) -> PathBuf {
        self.folder.path().join(format!("{kind}{}{JSON}", self.end))
    }

    pub(crate) fn write_plan(&self, plan: &Plan) -> Result<(), Error> {
        files::create_private(&self.plan(), plan.text()?.as_bytes()).map_err(Error::HandOver)
    }

    pub(crate) fn read_plan(&self) -> Result<String, FileError> {
        files::read_limited(&self.plan(), MOST)
    }

    /// The first session, which the job's log hides.
    pub(crate) fn write_first(&self, held: &Masked<Held>) -> Result<(), Error> {
        files::create_private(&self.session(), held.get().text()?.as_bytes())
            .map_err(Error::HandOver)
    }

    /// A later one. Nobody reads the log of the process that gets it, so there is nothing to hide it from.
    pub(crate) fn write_session(&self, held: &Held) -> Result<(), Error> {
        files::replace(&self.session(), held.text()?.as_bytes()).map_err(Error::HandOver)
    }

    pub(crate) fn read_session(&self) -> Option<Held> {
        let text = files::read_limited(&self.session(), MOST).ok()?;
        Held::read(&zeroize::Zeroizing::new(text))
    }

    pub(crate) fn write_door(&self, door: &Door) -> Result<(), Error> {
        let text =
            serde_json::to_string(door).map_err(|fault| Error::Internal(fault.to_string()))?;
        files::create_private(&self.door(), text.as_bytes()).map_err(Error::HandOver)
    }

    pub(crate) fn read_door(&self) -> Option<Door> {
        let text = files::read_limited(&self.door(), MOST).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Takes out what a late process has put back after everything was removed, its lock too.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        let session = format!("{SESSION}{}{JSON}", self.end);
        let path = self.folder.path();
        for name in files::names_in(path) {
            if name.contains(&session) {
                files::remove(&path.join(name)).map_err(Error::HandOver)?;
            }
        }
        self.folder.sweep();
        Ok(())
    }
}
