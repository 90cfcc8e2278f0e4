//! What `rolehop post` has to know of earlier calls of the same job, where no runner keeps it: files for us alone in the
//! job's temporary folder. Beside a runner's state too, which a `logout` before the end of the job does not see.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::journal::Journal;
use super::mask::Masked;
use super::undo::Undo;
use crate::error::Error;
use crate::host::{Host, Job};
use crate::model::request::HandOverMode;
use crate::system::env::Env;
use crate::system::files;

/// One call: where it ran, how it handed over, and what to put back.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) host: String,
    pub(crate) mode: String,
    pub(crate) journal: Journal,
}

impl Record {
    pub(crate) fn new(host: Host, mode: HandOverMode, journal: Journal) -> Self {
        Self {
            host: host.facts().name.to_owned(),
            mode: mode.as_str().to_owned(),
            journal,
        }
    }

    pub(crate) fn mode(&self) -> HandOverMode {
        self.mode.parse().unwrap_or_default()
    }
}

/// A record's file, and what is in it.
pub(crate) type Kept = (PathBuf, Result<Record, Error>);

/// The folder of this job's records.
#[derive(Debug)]
pub(crate) struct Memory {
    folder: PathBuf,
}

/// The folders that a job has for such things, the surest first: gone with the job, then with the machine.
const TEMPORARY: [&str; 6] = [
    "RUNNER_TEMP",
    "AGENT_TEMPDIRECTORY",
    "WORKSPACE_TMP",
    "TMPDIR",
    "TEMP",
    "TMP",
];
const MOST: u64 = 1 << 20;
const MOST_AT_ONCE: u32 = 100;

impl Memory {
    /// The folder of this job and this user. Other jobs on the machine have others.
    pub(crate) fn of(env: &Env, job: &Job) -> Self {
        // The containers of a Codefresh build share this and nothing else.
        let shared = env
            .get("CF_VOLUME_PATH")
            .filter(|_| job.host == Host::Codefresh);
        let base = shared.or_else(|| env.first(&TEMPORARY)).unwrap_or("/tmp");
        let parts = [
            Some(job.host.facts().name),
            job.repository.as_deref(),
            job.run.as_deref(),
            job.attempt.as_deref(),
            job.job.as_deref().filter(|_| !job.host.names_steps()),
            job.job_id.as_deref(),
        ];
        let folder = Path::new(base)
            .join(format!("rolehop-{}", files::user()))
            .join(format!("job-{:016x}", mark(&parts)));
        Self { folder }
    }

    /// Forgets a call that was undone by other means.
    pub(crate) fn forget(record: &Path) -> Result<(), Error> {
        files::remove(record).map_err(Error::HandOver)?;
        let folder = record.parent().unwrap_or(record).to_owned();
        Self { folder }.sweep();
        Ok(())
    }

    /// Whether the call was undone by now, as far as we know.
    pub(crate) fn has_forgotten(record: &Path) -> bool {
        !record.exists()
    }

    /// For what else belongs to the job.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Proves that a record could be kept, and keeps none.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let above = self.folder.parent().unwrap_or(&self.folder);
        files::check_private_folder(above)
            .and_then(|()| files::check_private_folder(&self.folder))
            .and_then(|()| files::check_replaceable(&self.folder.join("record")))
            .map_err(Error::HandOver)
    }

    /// The file that it is in.
    pub(crate) fn keep(&self, record: &Masked<Record>, undo: &mut Undo) -> Result<PathBuf, Error> {
        let text = serde_json::to_string(record.get())
            .map_err(|fault| Error::Internal(fault.to_string()))?;
        self.check()?;
        files::private_folder(&self.folder).map_err(Error::HandOver)?;
        undo.folders(self.folders());
        // Another call of the same job may take the number at the same time.
        for _ in 0..MOST_AT_ONCE {
            let next = self.names().last().map_or(0, |last| last + 1);
            let path = self.file(next);
            match files::create_private(&path, text.as_bytes()) {
                Err(fault) if fault.is_there_already() => {}
                made => {
                    undo.made(path.clone());
                    return made.map(|()| path).map_err(Error::HandOver);
                }
            }
        }
        Err(Error::Internal(
            "no number is free for the record".to_owned(),
        ))
    }

    /// The records that are there, the last one first.
    ///
    /// One that cannot be read is no reason to pass over the others.
    pub(crate) fn recall(&self) -> Result<Vec<Kept>, Error> {
        self.check_existing()?;
        let mut records = Vec::new();
        for name in self.names().into_iter().rev() {
            let path = self.file(name);
            let text = files::read_limited(&path, MOST).map_err(Error::HandOver);
            let record = text.and_then(|text| {
                serde_json::from_str(&text).map_err(|_| {
                    Error::Internal(format!("{} cannot be read as what it is", path.display()))
                })
            });
            records.push((path, record));
        }
        Ok(records)
    }

    /// The folders go when nothing is left in them.
    pub(crate) fn sweep(&self) {
        files::remove_empty_directories(&self.folders());
    }

    fn folders(&self) -> Vec<PathBuf> {
        let above = self.folder.parent().map(Path::to_owned);
        [self.folder.clone()].into_iter().chain(above).collect()
    }

    fn check_existing(&self) -> Result<(), Error> {
        let above = self.folder.parent().unwrap_or(&self.folder);
        files::check_private_folder(above)
            .and_then(|()| files::check_private_folder(&self.folder))
            .map_err(Error::HandOver)
    }

    fn file(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{number}.json"))
    }

    fn names(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = files::names_in(&self.folder)
            .iter()
            .filter_map(|name| name.strip_suffix(".json")?.parse().ok())
            .collect();
        numbers.sort_unstable();
        numbers
    }
}

/// The same for the same job in every version of this program. (FNV-1a)
fn mark(parts: &[Option<&str>]) -> u64 {
    let bytes = parts
        .iter()
        .flat_map(|part| part.unwrap_or_default().bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |mark, byte| {
        (mark ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_job_has_its_own_folder() {
        let env = Env::from([("TMPDIR", "/t")]);
        let job = |id: &str| Job {
            job_id: Some(id.to_owned()),
            ..Job::default()
        };
        let folder = |job: &Job| Memory::of(&env, job).folder;
        assert_eq!(folder(&job("1")), folder(&job("1")));
        assert_ne!(folder(&job("1")), folder(&job("2")));
        assert!(folder(&job("1")).starts_with(format!("/t/rolehop-{}", files::user())));
    }
}
