//! What has been written so far, so that a failure half-way leaves nothing of it.

use std::path::PathBuf;

use super::profile;
use crate::system::files;
use crate::system::files::Appended;

/// Undone when dropped, unless everything was written.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    appended: Vec<Appended>,
    made: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    profile: Option<profile::Journal>,
    done: bool,
}

impl Undo {
    pub(crate) fn appended(&mut self, appended: Appended) {
        self.appended.push(appended);
    }

    /// A file that was not there.
    pub(crate) fn made(&mut self, path: PathBuf) {
        self.made.push(path);
    }

    /// Folders that go again if nothing is left in them.
    pub(crate) fn folders(&mut self, paths: Vec<PathBuf>) {
        self.folders.extend(paths);
    }

    pub(crate) fn profile(&mut self, journal: profile::Journal) {
        self.profile = Some(journal);
    }

    /// Everything was written: keep it.
    pub(crate) fn keep(mut self) {
        self.done = true;
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        for appended in self.appended.drain(..).rev() {
            // The failure that led here is the one that is reported.
            let _ = appended.undo();
        }
        for path in self.made.drain(..) {
            let _ = files::remove(&path);
        }
        files::remove_empty_directories(&self.folders);
        if let Some(journal) = self.profile.take() {
            let _ = profile::undo(&journal);
        }
    }
}
