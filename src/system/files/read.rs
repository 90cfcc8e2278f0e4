//! Reading text from files that others wrote: bounded, regular files only, links refused but for one kind.

use super::{FileError, is_not_a_file, open_checked, open_regular};
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};

const ACTION: &str = "read";

/// Far above the 20,000 characters that STS takes, far below what would hurt.
const MOST_TOKEN_BYTES: u64 = 64 * 1024;

/// A file's text, if it is a regular file of at most `max_bytes` in UTF-8.
pub(crate) fn read_limited(path: &Path, max_bytes: u64) -> Result<String, FileError> {
    open_regular(path, OpenOptions::new().read(true))
        .and_then(|file| text_of(file, max_bytes))
        .map_err(|reason| FileError::new(ACTION, path, reason))
}

/// The last lines of a text that may have grown long, at most `max_bytes`.
pub(crate) fn read_end(path: &Path, max_bytes: u64) -> Result<String, FileError> {
    let read = |mut file: File| {
        let size = file.metadata()?.len();
        let start = size.saturating_sub(max_bytes);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(max_bytes).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        // The first line has lost its beginning.
        let whole = text.split_once('\n').filter(|_| start > 0);
        Ok(whole.map_or(&*text, |(_, rest)| rest).to_owned())
    };
    open_regular(path, OpenOptions::new().read(true))
        .and_then(read)
        .map_err(|reason| FileError::new(ACTION, path, reason))
}

/// Whether the file, or the link, is this process's user's own: in a directory like `/tmp`, anybody can put one.
#[cfg(unix)]
pub(crate) fn is_own(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let owner = std::fs::symlink_metadata(path).map(|found| found.uid());
    owner.is_ok_and(|owner| owner == rustix::process::geteuid().as_raw())
}

#[cfg(windows)]
pub(crate) fn is_own(_: &Path) -> bool {
    true
}

/// Standard input to its end, at most `max_bytes` in UTF-8.
pub(crate) fn read_stdin(max_bytes: u64) -> Result<String, FileError> {
    text_of(io::stdin().lock(), max_bytes)
        .map_err(|reason| FileError::new(ACTION, Path::new("standard input"), reason))
}

/// The text of a web identity token's file.
///
/// The kubelet projects a token as a link to a link, and swaps them to rotate it; so links are followed for the paths
/// where it does, and only while they stay inside the projected directory. Everywhere else they are refused.
pub(crate) fn read_token(path: &Path) -> Result<String, FileError> {
    let Some(projected) = projected_token(path) else {
        return read_limited(path, MOST_TOKEN_BYTES);
    };
    open_within_directory(&projected)
        .and_then(|file| text_of(file, MOST_TOKEN_BYTES))
        .map_err(|reason| FileError::new(ACTION, path, reason))
}

/// The text of a web identity token that another program pipes in.
pub(crate) fn read_token_input() -> io::Result<String> {
    let input = io::stdin();
    if io::IsTerminal::is_terminal(&input) {
        return Err(io::Error::other(
            "it is a terminal; pipe the token in, as in `command | rolehop …`",
        ));
    }
    text_of(input.lock(), MOST_TOKEN_BYTES)
}

fn text_of(file: impl Read, max_bytes: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(io::Error::other(format!(
            "it is larger than {max_bytes} bytes"
        )));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is not text in UTF-8"))
}

/// The path without `.` and `..`, if the kubelet projects tokens there.
///
/// Compared after normalising, and the normalised path is what gets opened, so that no `..` leads elsewhere.
fn projected_token(path: &Path) -> Option<PathBuf> {
    let normal = normalised(path)?;
    let mut parts = Vec::new();
    for component in normal.components().skip(1) {
        parts.push(component.as_os_str().to_str()?);
    }
    // `/var/run` is a link to `/run` on Linux.
    let below_var = parts.strip_prefix(&["var"]).unwrap_or(&parts);
    let &[
        "run",
        "secrets",
        _,
        "serviceaccount",
        "token" | "eks-pod-identity-token",
    ] = below_var
    else {
        return None;
    };
    Some(normal)
}

fn normalised(path: &Path) -> Option<PathBuf> {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::RootDir => normal.push("/"),
            Component::Normal(part) if normal.has_root() => normal.push(part),
            Component::ParentDir if normal.has_root() => {
                normal.pop();
            }
            // Relative paths and Windows prefixes: not where the kubelet runs.
            Component::CurDir
            | Component::Normal(_)
            | Component::ParentDir
            | Component::Prefix(_) => {
                return None;
            }
        }
    }
    Some(normal)
}

fn open_within_directory(path: &Path) -> io::Result<File> {
    let directory = path.parent().unwrap_or(Path::new("/")).canonicalize()?;
    let target = path.canonicalize()?;
    if !target.starts_with(&directory) || target.file_name() == Some(OsStr::new("..")) {
        return Err(io::Error::other("its link leads out of the directory"));
    }
    // Looked at before it is opened, since opening a FIFO would wait.
    if !target.metadata()?.is_file() {
        return Err(is_not_a_file());
    }
    open_checked(&target, OpenOptions::new().read(true))
}

#[cfg(test)]
mod tests {
    use super::super::tests::Scratch;
    use super::*;

    #[test]
    fn reads_up_to_the_limit_and_not_beyond() {
        let scratch = Scratch::new();
        let path = scratch.file("token", "12345");
        assert_eq!(read_limited(&path, 5).unwrap(), "12345");
        let error = read_limited(&path, 4).unwrap_err().to_string();
        assert!(error.ends_with("it is larger than 4 bytes"), "{error}");
        assert!(
            read_limited(&scratch.path("none"), 4)
                .unwrap_err()
                .is_missing()
        );
        assert!(read_limited(&scratch.path(""), 4).is_err());
    }

    #[test]
    fn reads_the_end_in_whole_lines() {
        let scratch = Scratch::new();
        let path = scratch.file("log", "one\ntwo\nthree\n");
        assert_eq!(read_end(&path, 14).unwrap(), "one\ntwo\nthree\n");
        assert_eq!(read_end(&path, 13).unwrap(), "two\nthree\n");
        assert_eq!(read_end(&path, 8).unwrap(), "three\n");
    }

    #[test]
    fn refuses_what_is_not_text() {
        let scratch = Scratch::new();
        let path = scratch.path("binary");
        super::super::replace(&path, &[0xff, 0xfe]).unwrap();
        let error = read_limited(&path, 4).unwrap_err().to_string();
        assert!(error.ends_with("not text in UTF-8"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn neither_follows_links_nor_waits_for_a_fifo() {
        let scratch = Scratch::new();
        let target = scratch.file("target", "x");
        let link = scratch.path("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(
            read_limited(&link, 9)
                .unwrap_err()
                .to_string()
                .contains("symbolic link")
        );
        assert!(
            read_token(&link)
                .unwrap_err()
                .to_string()
                .contains("symbolic link")
        );
        let fifo = scratch.path("fifo");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&fifo)
                .status()
                .unwrap()
                .success()
        );
        assert!(
            read_limited(&fifo, 9)
                .unwrap_err()
                .to_string()
                .contains("not a regular file")
        );
    }

    #[cfg(unix)]
    #[test]
    fn follows_projected_links_that_stay_inside() {
        let scratch = Scratch::new();
        std::fs::create_dir(scratch.path("..2026")).unwrap();
        scratch.file("..2026/token", "jwt");
        std::os::unix::fs::symlink("..2026", scratch.path("..data")).unwrap();
        std::os::unix::fs::symlink("..data/token", scratch.path("token")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", scratch.path("smuggled")).unwrap();
        assert!(open_within_directory(&scratch.path("token")).is_ok());
        let error = open_within_directory(&scratch.path("smuggled")).unwrap_err();
        assert!(error.to_string().contains("leads out"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn knows_where_the_kubelet_projects_tokens() {
        for (path, expected) in [
            ("/var/run/secrets/kubernetes.io/serviceaccount/token", true),
            ("/run/secrets/eks.amazonaws.com/serviceaccount/token", true),
            (
                "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
                true,
            ),
            ("/var/run/secrets/./x/serviceaccount/y/../token", true),
            (
                "/var/run/secrets/x/serviceaccount/../../../../home/me/token",
                false,
            ),
            (
                "/home/me/../../var/run/secrets/x/serviceaccount/token/../../../../../../tmp/t",
                false,
            ),
            ("/var/run/secrets/x/y/serviceaccount/token", false),
            ("/var/run/secrets/x/serviceaccount/other", false),
            ("var/run/secrets/x/serviceaccount/token", false),
            ("/tmp/var/run/secrets/x/serviceaccount/token", false),
        ] {
            assert_eq!(
                projected_token(Path::new(path)).is_some(),
                expected,
                "{path}"
            );
        }
    }
}
