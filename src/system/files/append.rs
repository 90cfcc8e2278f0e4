//! Appending to a file that somebody else made: the runner's environment, output and state files.

use super::{FileError, open_regular};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

const ACTION: &str = "append to";

/// What was appended, so that it can be taken back when something after it fails.
#[derive(Debug)]
pub(crate) struct Appended {
    path: PathBuf,
    before: u64,
    after: u64,
}

/// Appends all of `bytes` or nothing; the file has to be there already, because its reader made it.
pub(crate) fn append(path: &Path, bytes: &[u8]) -> Result<Appended, FileError> {
    append_or_rewind(path, bytes).map_err(|reason| FileError::new(ACTION, path, reason))
}

impl Appended {
    /// Cuts the file back to where it was; leaves it alone if somebody has appended more since.
    pub(crate) fn undo(self) -> Result<(), FileError> {
        rewind(&self.path, self.before, self.after..=self.after)
            .map_err(|reason| FileError::new("cut back", &self.path, reason))
    }
}

/// Proves that [`append`] could open the file, and changes nothing.
pub(crate) fn check_appendable(path: &Path) -> Result<(), FileError> {
    open_for_append(path)
        .map(drop)
        .map_err(|reason| FileError::new(ACTION, path, reason))
}

fn append_or_rewind(path: &Path, bytes: &[u8]) -> io::Result<Appended> {
    let mut file = open_for_append(path)?;
    let before = file.metadata()?.len();
    let after = before.saturating_add(bytes.len() as u64);
    file.write_all(bytes).inspect_err(|_| {
        // Half a heredoc would swallow what the next step writes. If even this fails, the first error says why.
        let _ = rewind(path, before, before..=after);
    })?;
    Ok(Appended {
        path: path.to_owned(),
        before,
        after,
    })
}

/// Cuts the file back to `before`, if its length is one that we alone can have given it.
fn rewind(path: &Path, before: u64, ours: RangeInclusive<u64>) -> io::Result<()> {
    // Windows does not let a handle that was opened for appending cut the file.
    let file = open_regular(path, OpenOptions::new().write(true))?;
    if ours.contains(&file.metadata()?.len()) {
        file.set_len(before)?;
    }
    Ok(())
}

fn open_for_append(path: &Path) -> io::Result<File> {
    open_regular(path, OpenOptions::new().append(true))
}

#[cfg(test)]
mod tests {
    use super::super::tests::Scratch;
    use super::*;

    #[test]
    fn appends_and_never_creates() {
        let scratch = Scratch::new();
        let path = scratch.file("env", "A=1\n");
        append(&path, b"B=2\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "A=1\nB=2\n");
        let missing = scratch.path("missing");
        assert!(append(&missing, b"x").unwrap_err().is_missing());
        assert!(check_appendable(&missing).unwrap_err().is_missing());
        assert_eq!(scratch.names(), ["env"]);
    }

    #[test]
    fn is_taken_back_unless_somebody_went_on() {
        let scratch = Scratch::new();
        let path = scratch.file("env", "A=1\n");
        let first = append(&path, b"B=2\n").unwrap();
        let second = append(&path, b"C=3\n").unwrap();
        second.undo().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "A=1\nB=2\n");
        append(&path, b"D=4\n").unwrap();
        first.undo().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "A=1\nB=2\nD=4\n");
    }

    #[test]
    fn the_check_changes_nothing() {
        let scratch = Scratch::new();
        let path = scratch.file("env", "A=1\n");
        check_appendable(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "A=1\n");
        let directory = check_appendable(&scratch.path("")).unwrap_err();
        assert!(
            directory.to_string().contains("not a regular file"),
            "{directory}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn refuses_links_and_fifos() {
        let scratch = Scratch::new();
        let target = scratch.file("target", "");
        let link = scratch.path("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let error = append(&link, b"x").unwrap_err().to_string();
        assert!(error.contains("symbolic link"), "{error}");
        assert_eq!(std::fs::read(&target).unwrap(), b"");
        let fifo = scratch.path("fifo");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&fifo)
                .status()
                .unwrap()
                .success()
        );
        let error = append(&fifo, b"x").unwrap_err().to_string();
        assert!(error.contains("not a regular file"), "{error}");
    }

    /// The body of the next test, run in a process that may not let files grow, in a folder that has the file.
    #[test]
    fn append_to_a_file_that_cannot_grow() {
        if !Path::new("env").exists() {
            return;
        }
        let error = append(Path::new("env"), &[b'x'; 4096]).unwrap_err();
        assert!(
            error.to_string().starts_with("cannot append to env: "),
            "{error}"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_cannot_grow_is_left_as_it_was() {
        let scratch = Scratch::new();
        let path = scratch.file("env", "A=1\n");
        let status = std::process::Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
            .arg(std::env::current_exe().unwrap())
            .arg("append_to_a_file_that_cannot_grow")
            .current_dir(scratch.path(""))
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "A=1\n");
    }
}
