//! A person at a terminal: whether there is one, and what they answer.

use std::fs::Metadata;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// An answer is a few characters; a terminal that sends more is not one.
const MOST: u64 = 256;

/// Whether somebody can read a question and type the answer.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether standard error goes into a file, where no CI system reads a mask.
pub(crate) fn stderr_is_a_file() -> bool {
    metadata(&io::stderr()).is_some_and(|metadata| metadata.is_file())
}

/// The same, or to nowhere.
pub(crate) fn stderr_is_redirected() -> bool {
    metadata(&io::stderr()).is_some_and(|metadata| is_unread(&metadata))
}

/// Whether standard output goes into a file or to nowhere: no CI system reads commands there.
pub(crate) fn stdout_is_redirected() -> bool {
    metadata(&io::stdout()).is_some_and(|metadata| is_unread(&metadata))
}

#[cfg(unix)]
fn metadata(stream: &impl std::os::fd::AsFd) -> Option<Metadata> {
    let own = stream.as_fd().try_clone_to_owned().ok()?;
    std::fs::File::from(own).metadata().ok()
}

#[cfg(windows)]
fn metadata(stream: &impl std::os::windows::io::AsHandle) -> Option<Metadata> {
    let own = stream.as_handle().try_clone_to_owned().ok()?;
    std::fs::File::from(own).metadata().ok()
}

#[cfg(unix)]
fn is_unread(metadata: &Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};

    let is_null = || {
        metadata.file_type().is_char_device()
            && std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == metadata.rdev())
    };
    metadata.is_file() || is_null()
}

#[cfg(windows)]
fn is_unread(metadata: &Metadata) -> bool {
    metadata.is_file()
}

/// Asks on standard error, since standard output may be another program's. None when there will be no answer.
pub(crate) fn ask(question: &str) -> Option<String> {
    let mut err = io::stderr().lock();
    err.write_all(format!("{question} ").as_bytes()).ok()?;
    err.flush().ok()?;
    let mut line = String::new();
    let mut input = io::Read::take(io::stdin().lock(), MOST);
    match input.read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim().to_owned()),
    }
}
