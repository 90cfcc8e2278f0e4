//! Replacing a whole file: a new one is written beside it and takes its name, so a reader sees the old or the new.

use super::{
    FileError, directory_of, is_a_link, is_not_a_file, owner_only, random_suffix, sibling,
    sibling_suffixes,
};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const ACTION: &str = "write";
const TEMPORARY: &str = "tmp-";

/// Puts `bytes` in the place of the file's content, all at once; the file is its owner's alone afterwards.
///
/// Missing directories are made, for their owner alone. A link is refused, be it the file or the directory that
/// holds it: what gets written here is secret, and the link's maker would choose where it goes.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    replace_beside(path, path, bytes)
}

/// Makes or replaces `path`, which belongs to `main` and is in the same directory.
///
/// What a killed process leaves of the attempt is swept up with what belongs to `main`.
pub(crate) fn replace_beside(main: &Path, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    create_parents(path)?;
    replace_in_directory(main, path, bytes).map_err(|reason| FileError::new(ACTION, path, reason))
}

/// Proves that [`replace`] could do its work, and writes nothing.
///
/// Where directories are missing, the nearest one that exists has to be writable. A full disk is not noticed here.
pub(crate) fn check_replaceable(path: &Path) -> Result<(), FileError> {
    refuse_links(path)
        .and_then(|()| {
            let mut directory = directory_of(path);
            while !directory.try_exists()? {
                directory = directory_of(directory);
            }
            check_directory(directory)
        })
        .map_err(|reason| FileError::new(ACTION, path, reason))
}

/// A new file that another process writes to from its end, its owner's alone.
pub(crate) fn create_log(path: &Path) -> Result<File, FileError> {
    create_owned(path).map_err(|reason| FileError::new(ACTION, path, reason))
}

/// Removes a file; one that is not there counts as removed.
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    match std::fs::remove_file(path) {
        Err(reason) if reason.kind() != io::ErrorKind::NotFound => {
            Err(FileError::new("remove", path, reason))
        }
        _ => Ok(()),
    }
}

/// Removes those of the directories that are empty; whatever holds something stays.
pub(crate) fn remove_empty_directories(directories: &[PathBuf]) {
    let mut innermost_first: Vec<&PathBuf> = directories.iter().collect();
    innermost_first.sort_by_key(|directory| std::cmp::Reverse(directory.components().count()));
    for directory in innermost_first {
        let _ = std::fs::remove_dir(directory);
    }
}

/// Removes what killed processes left of their attempts to replace `path`. Call it only while holding the lock: then
/// nobody can still be at work on one.
///
/// As far as it goes. In a directory like `/tmp`, another user's cannot be removed, and that must not fail a job.
pub(crate) fn sweep_temporary(path: &Path) {
    for suffix in sibling_suffixes(path, TEMPORARY).unwrap_or_default() {
        let _ = remove(&sibling(path, &format!("{TEMPORARY}{suffix}")));
    }
}

/// Makes the missing directories above `path`, mode 0700, and tells which, outermost first.
pub(super) fn create_parents(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut missing = Vec::new();
    let mut directory = directory_of(path);
    while !directory.exists() {
        missing.push(directory.to_owned());
        directory = directory_of(directory);
    }
    let mut created = Vec::new();
    for directory in missing.into_iter().rev() {
        match private_directory().create(&directory) {
            Ok(()) => created.push(directory),
            Err(_) if directory.is_dir() => {}
            Err(reason) => {
                // Other processes make and remove directories too. Where nothing is in the way, whoever needs the
                // directory finds out and tries again; a file or a dangling link in its place stays a failure.
                let in_the_way =
                    std::fs::symlink_metadata(&directory).is_ok_and(|found| !found.is_dir());
                if in_the_way || !is_passing(&reason) {
                    return Err(FileError::new("create", &directory, reason));
                }
            }
        }
    }
    Ok(created)
}

fn is_passing(reason: &io::Error) -> bool {
    matches!(
        reason.kind(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound
    )
}

fn replace_in_directory(main: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    refuse_links(path)?;
    let temporary = sibling(main, &format!("{TEMPORARY}{}", random_suffix()?));
    let file = create_owned(&temporary)?;
    fill(file, path, bytes)
        .and_then(|()| rename(&temporary, path))
        .inspect_err(|_| {
            let _ = std::fs::remove_file(&temporary);
        })
}

fn fill(mut file: File, replaced: &Path, bytes: &[u8]) -> io::Result<()> {
    keep_owner(&file, replaced);
    file.write_all(bytes)?;
    // Before the rename, or a power failure could leave the new name with no content.
    file.sync_all()
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    // A virus scanner or a backup holds a Windows file open for moments, and it cannot be replaced in that time.
    let mut left = if cfg!(windows) { 100 } else { 0 };
    loop {
        match std::fs::rename(from, to) {
            Err(reason) if left > 0 && is_in_use(&reason) => {
                left -= 1;
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            done => return done,
        }
    }
}

/// "Access denied" is said of the file in the way, "sharing violation" of ours.
fn is_in_use(reason: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;

    reason.kind() == io::ErrorKind::PermissionDenied
        || reason.raw_os_error() == Some(SHARING_VIOLATION)
}

pub(super) fn create_owned(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // `create_new` follows no link and takes over no file.
    options.write(true).create_new(true);
    owner_only(&mut options);
    options.open(path)
}

fn refuse_links(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => return Err(is_a_link()),
        Ok(metadata) if !metadata.is_file() => return Err(is_not_a_file()),
        Err(reason) if reason.kind() != io::ErrorKind::NotFound => return Err(reason),
        Ok(_) | Err(_) => {}
    }
    let directory = directory_of(path);
    // Links right under the root (`/tmp` and `/var` on macOS) are the system's: nobody else can write there.
    let is_the_systems = directory
        .parent()
        .is_some_and(|above| above.parent().is_none() && above.has_root());
    match std::fs::symlink_metadata(directory) {
        Ok(metadata) if metadata.is_symlink() && !is_the_systems => Err(io::Error::other(
            "its directory is a symbolic link, and links are not followed here",
        )),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn private_directory() -> DirBuilder {
    let mut builder = DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(windows)]
fn private_directory() -> DirBuilder {
    DirBuilder::new()
}

/// Gives the new file the old one's owner, as far as we may: root in a job's container writes to the user's home. In a
/// directory that others can write to, anybody may have laid the old file there.
#[cfg(unix)]
fn keep_owner(file: &File, replaced: &Path) {
    use std::os::unix::fs::MetadataExt;

    let (Ok(new), Ok(old)) = (file.metadata(), std::fs::symlink_metadata(replaced)) else {
        return;
    };
    let theirs = std::fs::metadata(directory_of(replaced))
        .is_ok_and(|directory| directory.uid() == old.uid() && directory.mode() & 0o022 == 0);
    if theirs && (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
    }
}

#[cfg(windows)]
fn keep_owner(_: &File, _: &Path) {}

#[cfg(unix)]
fn check_directory(directory: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};

    if !directory.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(access(directory, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Windows has no question for this; an empty file that is gone at once gives the answer.
#[cfg(windows)]
fn check_directory(directory: &Path) -> io::Result<()> {
    let probe = sibling(&directory.join("check"), &random_suffix()?);
    create_owned(&probe)?;
    std::fs::remove_file(probe)
}

#[cfg(test)]
mod tests {
    use super::super::tests::Scratch;
    use super::*;

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777
    }

    #[test]
    fn replaces_and_leaves_nothing_else() {
        let scratch = Scratch::new();
        let path = scratch.file("credentials", "old");
        replace(&path, b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(scratch.names(), ["credentials"]);
        #[cfg(unix)]
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn makes_directories_for_the_owner_alone() {
        let scratch = Scratch::new();
        let path = scratch.path("a/b/credentials");
        check_replaceable(&path).unwrap();
        assert!(scratch.names().is_empty(), "the check made something");
        replace(&path, b"new").unwrap();
        #[cfg(unix)]
        assert_eq!(
            [
                mode(&scratch.path("a")),
                mode(&scratch.path("a/b")),
                mode(&path)
            ],
            [0o700, 0o700, 0o600]
        );
        remove_empty_directories(&[scratch.path("a"), scratch.path("a/b")]);
        assert!(path.exists());
        remove(&path).unwrap();
        remove(&path).unwrap();
        remove_empty_directories(&[scratch.path("a"), scratch.path("a/b")]);
        assert!(scratch.names().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn refuses_links_directories_and_files_as_parents() {
        let scratch = Scratch::new();
        let target = scratch.file("target", "untouched");
        std::fs::create_dir(scratch.path("real")).unwrap();
        std::os::unix::fs::symlink(&target, scratch.path("link")).unwrap();
        std::os::unix::fs::symlink(scratch.path("real"), scratch.path("linked")).unwrap();
        std::os::unix::fs::symlink("/nowhere", scratch.path("dangling")).unwrap();
        for (name, reason) in [
            ("link", "it is a symbolic link"),
            ("dangling", "it is a symbolic link"),
            ("linked/credentials", "its directory is a symbolic link"),
            ("dangling/credentials", ""),
            ("real", "it is not a regular file"),
            ("target/credentials", ""),
        ] {
            let path = scratch.path(name);
            for error in [
                replace(&path, b"x").unwrap_err(),
                check_replaceable(&path).unwrap_err(),
            ] {
                assert!(error.to_string().contains(reason), "{name}: {error}");
            }
        }
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "untouched");
        assert_eq!(
            scratch.names(),
            ["dangling", "link", "linked", "real", "target"]
        );
    }

    #[test]
    fn sweeps_only_what_was_temporary() {
        let scratch = Scratch::new();
        let path = scratch.file("credentials", "");
        scratch.file(".credentials.rolehop-tmp-0", "");
        scratch.file(".credentials.rolehop-undo-0", "");
        sweep_temporary(&path);
        assert_eq!(
            scratch.names(),
            [".credentials.rolehop-undo-0", "credentials"]
        );
    }
}
