//! Advisory locks between processes: a hidden file beside the one that is guarded, locked by the operating system.

use super::replace::create_parents;
use super::{FileError, sibling};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ACTION: &str = "lock";
const PATIENCE: Duration = Duration::from_secs(10);

/// Holds off every other process that locks the same path, until dropped; a killed process holds nothing.
///
/// The lock is on a sibling because the guarded file itself is replaced by renaming, and a lock on the old one would
/// keep nobody from the new one.
///
/// The sibling is removed on release, so that nothing of ours stays in the user's directory. That is safe because it
/// is removed while it is still locked, and because whoever gets a lock then checks that the file is still the one
/// under that name: those who had opened the removed one find out, and begin again. On Windows having it open is the lock,
/// and the system removes it with the last handle, which a killed process gives up too.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    _file: File,
    /// Directories that had to be made for it, outermost first.
    pub(crate) created: Vec<PathBuf>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if cfg!(unix) {
            // Left behind, it would only be taken over by the next process.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Waits for the lock of `path` for ten seconds at most; makes the directory if it is missing.
pub(crate) fn lock(path: &Path) -> Result<Lock, FileError> {
    lock_within(path, PATIENCE)
}

/// Waits for the lock of `path` for so long at most; no patience at all tries once.
pub(crate) fn lock_within(path: &Path, patience: Duration) -> Result<Lock, FileError> {
    let path = sibling(path, "lock");
    let failed = |reason| FileError::new(ACTION, &path, reason);
    let began = Instant::now();
    let mut created = Vec::new();
    let mut pause = Duration::from_millis(1);
    loop {
        // Inside the loop: whoever held the lock may have removed the directory, if it was theirs and empty.
        for directory in create_parents(&path)? {
            if !created.contains(&directory) {
                created.push(directory);
            }
        }
        let in_the_way = match try_lock(&path) {
            Ok(Some(file)) => {
                return Ok(Lock {
                    path,
                    _file: file,
                    created,
                });
            }
            Ok(None) => None,
            Err(reason) if is_passing(&reason) => Some(reason),
            Err(reason) => return Err(failed(reason)),
        };
        if began.elapsed() >= patience {
            return Err(failed(in_the_way.unwrap_or_else(|| {
                let reason = format!("another process has held it for {patience:?}");
                io::Error::new(io::ErrorKind::TimedOut, reason)
            })));
        }
        std::thread::sleep(pause);
        // Not in step with the others who wait, or the same one would lose every time.
        pause = Duration::from_micros(2_000 + u64::from(began.elapsed().subsec_nanos()) % 8_000);
    }
}

#[cfg(unix)]
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    use std::fs::TryLockError;

    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    super::owner_only(&mut options);
    let file = super::open_regular(path, &mut options)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        // Some network file systems have no locks. Few share one between jobs, and none could be helped by failing.
        Err(TryLockError::Error(reason)) if reason.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(reason)) => return Err(reason),
    }
    Ok(is_still_at(path, &file)?.then_some(file))
}

/// Errors that go away: the directory was removed meanwhile, or Windows is still deleting the old lock file.
fn is_passing(reason: &io::Error) -> bool {
    reason.kind() == io::ErrorKind::NotFound
        || cfg!(windows) && reason.kind() == io::ErrorKind::PermissionDenied
}

#[cfg(unix)]
fn is_still_at(path: &Path, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let ours = file.metadata()?;
    let named = std::fs::symlink_metadata(path)?;
    Ok((ours.dev(), ours.ino()) == (named.dev(), named.ino()))
}

/// A file that nobody else can open while it is open, and that is gone when it is closed.
#[cfg(windows)]
fn try_lock(path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;

    // https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew and the rights that it takes
    const GENERIC_READ_AND_WRITE: u32 = 0xC000_0000;
    const DELETE: u32 = 0x0001_0000;
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    const SHARING_VIOLATION: i32 = 32;

    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(false)
        .access_mode(GENERIC_READ_AND_WRITE | DELETE)
        .share_mode(0)
        .custom_flags(DELETE_ON_CLOSE | OPEN_REPARSE_POINT);
    match super::open_checked(path, &options) {
        Err(reason) if reason.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        opened => opened.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Scratch;
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_second_one_waits_and_then_names_the_file() {
        let scratch = Scratch::new();
        let path = scratch.file("credentials", "");
        let held = lock(&path).unwrap();
        let error = lock_within(&path, Duration::from_millis(30)).unwrap_err();
        assert_eq!(error.reason.kind(), io::ErrorKind::TimedOut);
        let message = error.to_string();
        assert!(
            message.contains(".credentials.rolehop-lock: another process"),
            "{message}"
        );
        drop(held);
        drop(lock(&path).unwrap());
        assert_eq!(scratch.names(), ["credentials"]);
    }

    #[test]
    fn a_lock_file_left_by_a_killed_process_is_taken_over() {
        let scratch = Scratch::new();
        scratch.file(".credentials.rolehop-lock", "");
        drop(lock_within(&scratch.path("credentials"), Duration::from_millis(30)).unwrap());
    }

    #[test]
    fn tells_which_directories_it_made() {
        let scratch = Scratch::new();
        let held = lock(&scratch.path("a/b/credentials")).unwrap();
        assert_eq!(held.created, [scratch.path("a"), scratch.path("a/b")]);
    }

    #[test]
    fn only_one_is_inside_at_a_time() {
        let scratch = Scratch::new();
        let path = scratch.path("d/credentials");
        let inside = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let held = lock(&path).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(held);
                        // Others make it again at the same time.
                        let _ = std::fs::remove_dir(scratch.path("d"));
                    }
                });
            }
        });
    }
}
