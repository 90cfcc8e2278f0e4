//! Folders and files for our own user alone, in places that others can write to as well.

use super::{FileError, open_checked, owner_only, refuse_to_follow};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Makes a new file that only its owner can read; fails if there is one.
pub(crate) fn create_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |reason| FileError::new("write", path, reason);
    let mut file = super::replace::create_owned(path).map_err(failed)?;
    file.write_all(bytes).map_err(|reason| {
        let _ = std::fs::remove_file(path);
        failed(reason)
    })
}

/// Makes the folder and those above it, or proves that the one that is there is ours alone.
pub(crate) fn private_folder(path: &Path) -> Result<(), FileError> {
    super::replace::create_parents(&path.join("file"))?;
    check_private_folder(path)
}

/// Refuses a folder that others own or can look into, and a link. One that is not there yet is fine.
pub(crate) fn check_private_folder(path: &Path) -> Result<(), FileError> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) => {
            check_folder(&metadata).map_err(|reason| FileError::new("use", path, reason))
        }
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(reason) => Err(FileError::new("use", path, reason)),
    }
}

/// Proves that a file which later shells run could be appended to, and changes nothing: it has to be ours and no link.
///
/// One that is not there can be made if its folder is.
pub(crate) fn check_script(path: &Path) -> Result<(), FileError> {
    let failed = |reason| FileError::new("append to", path, reason);
    match open_script(path) {
        Ok(file) => check_owner(&file.metadata().map_err(failed)?).map_err(failed),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => super::check_replaceable(path),
        Err(reason) => Err(failed(reason)),
    }
}

/// Makes the file if it is not there, and keeps others out of it: what is appended next is secret.
///
/// Tells whether it was made.
pub(crate) fn make_script_private(path: &Path) -> Result<bool, FileError> {
    let failed = |reason| FileError::new("append to", path, reason);
    let file = match open_script(path) {
        Ok(file) => file,
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
            create_private(path, b"")?;
            return Ok(true);
        }
        Err(reason) => return Err(failed(reason)),
    };
    check_owner(&file.metadata().map_err(failed)?).map_err(failed)?;
    close_to_others(&file).map_err(failed)?;
    Ok(false)
}

fn open_script(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true);
    refuse_to_follow(&mut options);
    owner_only(&mut options);
    open_checked(path, &options)
}

#[cfg(unix)]
fn check_folder(metadata: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    if metadata.is_symlink() {
        return Err(super::is_a_link());
    }
    if !metadata.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    check_owner(metadata)?;
    if is_open_to_others(metadata.permissions().mode()) {
        return Err(io::Error::other("other users can look into it"));
    }
    Ok(())
}

#[cfg(unix)]
fn is_open_to_others(mode: u32) -> bool {
    const GROUP_AND_OTHERS: u32 = 0o077;
    mode & GROUP_AND_OTHERS != 0
}

#[cfg(unix)]
fn check_owner(metadata: &std::fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    if metadata.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(io::Error::other("it belongs to another user"))
}

#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mut permissions = file.metadata()?.permissions();
    let mode = permissions.mode();
    if !is_open_to_others(mode) {
        return Ok(());
    }
    permissions.set_mode(mode & !0o077);
    file.set_permissions(permissions)
}

/// On Windows the list of a user's own directory already keeps others out.
#[cfg(windows)]
fn check_folder(metadata: &std::fs::Metadata) -> io::Result<()> {
    if metadata.is_symlink() {
        return Err(super::is_a_link());
    }
    if metadata.is_dir() {
        Ok(())
    } else {
        Err(io::ErrorKind::NotADirectory.into())
    }
}

#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "the other systems' can fail")]
fn check_owner(_: &std::fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "the other systems' can fail")]
fn close_to_others(_: &File) -> io::Result<()> {
    Ok(())
}

/// The user's number, for names in a folder that all users share.
pub(crate) fn user() -> String {
    #[cfg(unix)]
    let user = rustix::process::geteuid().as_raw().to_string();
    #[cfg(windows)]
    let user = "user".to_owned();
    user
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::super::tests::Scratch;
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    fn chmod(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_folder_is_made_for_us_alone_and_another_one_is_refused() {
        let scratch = Scratch::new();
        let path = scratch.path("rolehop").join("job");
        check_private_folder(&path).unwrap();
        private_folder(&path).unwrap();
        private_folder(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        chmod(&path, 0o755);
        let refused = private_folder(&path).unwrap_err().to_string();
        assert!(
            refused.contains("other users can look into it"),
            "{refused}"
        );
        let link = scratch.path("link");
        std::os::unix::fs::symlink(scratch.path("rolehop"), &link).unwrap();
        let refused = check_private_folder(&link).unwrap_err().to_string();
        assert!(refused.contains("symbolic link"), "{refused}");
    }

    #[test]
    fn a_script_is_made_or_closed_to_others() {
        let scratch = Scratch::new();
        let path = scratch.path("bash_env");
        check_script(&path).unwrap();
        assert!(!path.exists());
        assert!(make_script_private(&path).unwrap());
        assert_eq!(mode(&path), 0o600);
        chmod(&path, 0o644);
        check_script(&path).unwrap();
        assert_eq!(mode(&path), 0o644, "the check changes nothing");
        assert!(!make_script_private(&path).unwrap());
        assert_eq!(mode(&path), 0o600);
        let link = scratch.path("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let refused = check_script(&link).unwrap_err().to_string();
        assert!(refused.contains("symbolic link"), "{refused}");
        assert!(make_script_private(&link).is_err());
    }
}
