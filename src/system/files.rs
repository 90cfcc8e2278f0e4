//! Files: every file that the program reads, writes, replaces or locks goes through here, and nothing else does.
//! Owns how that is done safely (links, modes, half-written bytes); knows nothing of what the files mean.

mod append;
mod lock;
mod private;
mod read;
mod replace;

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use append::{Appended, append, check_appendable};
pub(crate) use lock::{Lock, lock, lock_within};
pub(crate) use private::{
    check_private_folder, check_script, create_private, make_script_private, private_folder, user,
};
pub(crate) use read::{is_own, read_end, read_limited, read_stdin, read_token, read_token_input};
pub(crate) use replace::{
    check_replaceable, create_log, remove, remove_empty_directories, replace, replace_beside,
    sweep_temporary,
};

/// What could not be done to which file, and why.
///
/// The reason is part of the message and so not repeated as a `source`.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {}", .path.display(), uncapitalised(.reason))]
pub(crate) struct FileError {
    pub(crate) path: PathBuf,
    /// A verb: "read", "write", "append to", "lock", "remove".
    pub(crate) action: &'static str,
    pub(crate) reason: io::Error,
}

impl FileError {
    fn new(action: &'static str, path: &Path, reason: io::Error) -> Self {
        Self {
            path: path.to_owned(),
            action,
            reason,
        }
    }

    pub(crate) fn still_there(path: &Path) -> Self {
        let reason = io::Error::other("something in it is written again and again");
        Self::new("remove", path, reason)
    }

    /// Whether another process held the file's lock for too long.
    pub(crate) fn is_lock_timeout(&self) -> bool {
        self.action == "lock" && self.reason.kind() == io::ErrorKind::TimedOut
    }

    /// Whether there is one where none may be.
    pub(crate) fn is_there_already(&self) -> bool {
        self.reason.kind() == io::ErrorKind::AlreadyExists
    }

    /// Whether the file is simply not there.
    pub(crate) fn is_missing(&self) -> bool {
        self.reason.kind() == io::ErrorKind::NotFound
    }
}

/// A hidden file beside `path` that belongs to it: `.credentials.rolehop-lock`.
pub(crate) fn sibling(path: &Path, suffix: &str) -> PathBuf {
    path.with_file_name(sibling_name(path, suffix))
}

/// The suffixes after `prefix` of the hidden files beside `path`, as [`sibling`] named them.
///
/// A directory that is not there has none.
pub(crate) fn sibling_suffixes(path: &Path, prefix: &str) -> Result<Vec<String>, FileError> {
    let directory = directory_of(path);
    let start = sibling_name(path, prefix);
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(reason) => return Err(FileError::new("list", directory, reason)),
    };
    Ok(entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            Some(name.strip_prefix(&start)?.to_owned())
        })
        .collect())
}

/// The names in a directory; one that is not there has none.
pub(crate) fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// Sixteen hexadecimal digits that nobody can guess.
pub(crate) fn random_suffix() -> io::Result<String> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(format!("{:016x}", u64::from_ne_bytes(bytes)))
}

fn sibling_name(path: &Path, suffix: &str) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.rolehop-{suffix}")
}

/// The directory that holds `path`; `.` for a bare file name.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Opens a regular file; refuses a link in the last place, and anything that is not a file.
///
/// A FIFO is refused at once: without `O_NONBLOCK`, opening one waits for its other side for ever.
fn open_regular(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    refuse_to_follow(options);
    open_checked(path, options)
}

/// Opens with the options as they are, then checks the kind of what was opened.
fn open_checked(path: &Path, options: &OpenOptions) -> io::Result<File> {
    let opened = options.open(path);
    let kind = match &opened {
        Ok(file) => file.metadata()?.file_type(),
        // The system's words for these ("too many levels of symbolic links", "no such device") mislead.
        Err(_) => match std::fs::symlink_metadata(path) {
            Ok(metadata) => metadata.file_type(),
            Err(_) => return opened,
        },
    };
    if kind.is_symlink() {
        return Err(is_a_link());
    }
    if !kind.is_file() {
        return Err(is_not_a_file());
    }
    opened
}

fn is_a_link() -> io::Error {
    io::Error::other("it is a symbolic link, and links are not followed here")
}

fn is_not_a_file() -> io::Error {
    io::Error::other("it is not a regular file")
}

#[cfg(unix)]
fn refuse_to_follow(options: &mut OpenOptions) {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;

    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    // The two types differ in their sign only, and not on every system.
    options
        .custom_flags(i32::try_from(flags).expect("no system keeps these flags in the sign bit"));
}

#[cfg(windows)]
fn refuse_to_follow(options: &mut OpenOptions) {
    use std::os::windows::fs::OpenOptionsExt;

    // https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew: opens the link, not its target.
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
}

/// Makes what is created with these options its owner's alone, before there is a byte in it.
#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

/// On Windows the list of a user's own directory already keeps others out.
#[cfg(windows)]
fn owner_only(_: &mut OpenOptions) {}

/// The system begins its reasons with a capital; inside a sentence they have none.
fn uncapitalised(reason: &io::Error) -> String {
    let text = reason.to_string();
    let mut rest = text.chars();
    match rest.next() {
        Some(first) => first.to_lowercase().chain(rest).collect(),
        None => text,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A directory for one test, gone when the test is.
    pub(crate) struct Scratch(PathBuf);

    impl Scratch {
        pub(crate) fn new() -> Self {
            let name = format!("rolehop-test-{}", random_suffix().unwrap());
            let path = std::env::temp_dir().canonicalize().unwrap().join(name);
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }

        pub(crate) fn path(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }

        pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
            let path = self.path(name);
            std::io::Write::write_all(&mut File::create(&path).unwrap(), text.as_bytes()).unwrap();
            path
        }

        /// Every name in the directory, hidden ones too.
        pub(crate) fn names(&self) -> Vec<String> {
            let mut names: Vec<String> = std::fs::read_dir(&self.0)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_message_names_the_action_the_path_and_the_reason() {
        let error = FileError::new("write", Path::new("/x/y"), io::Error::from_raw_os_error(13));
        #[cfg(unix)]
        assert_eq!(
            error.to_string(),
            "cannot write /x/y: permission denied (os error 13)"
        );
        assert!(std::error::Error::source(&error).is_none());
    }

    #[test]
    fn siblings_are_found_by_their_prefix() {
        let scratch = Scratch::new();
        let path = scratch.path("credentials");
        scratch.file(".credentials.rolehop-undo-1", "");
        scratch.file(".credentials.rolehop-tmp-2", "");
        scratch.file(".config.rolehop-undo-3", "");
        assert_eq!(sibling_suffixes(&path, "undo-").unwrap(), ["1"]);
        assert!(
            sibling_suffixes(Path::new("/nowhere/at/all"), "undo-")
                .unwrap()
                .is_empty()
        );
    }
}
