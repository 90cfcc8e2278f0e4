//! A person at a terminal: whether there is one, and what they answer.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// An answer is a few characters; a terminal that sends more is not one.
const MOST: u64 = 256;

/// Whether somebody can read a question and type the answer.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether standard error goes into a file, where no CI system reads a mask.
pub(crate) fn stderr_is_a_file() -> bool {
    #[cfg(unix)]
    let own = std::os::fd::AsFd::as_fd(&io::stderr()).try_clone_to_owned();
    #[cfg(windows)]
    let own = std::os::windows::io::AsHandle::as_handle(&io::stderr()).try_clone_to_owned();
    own.and_then(|own| std::fs::File::from(own).metadata())
        .is_ok_and(|metadata| metadata.is_file())
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
