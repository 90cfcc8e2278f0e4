//! A process that outlives the one that starts it: apart from its session and its streams, and known again by more than its number.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde::{Deserialize, Serialize};

/// A process, so that another one which got its number later is not taken for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) id: u32,
    /// When it was started, in the system's own measure; none where that cannot be had.
    started: Option<String>,
}

impl Identity {
    /// This process'.
    pub(crate) fn own() -> Self {
        let id = std::process::id();
        Self {
            id,
            started: started(id),
        }
    }

    /// Whether it still runs. Where nobody can tell, it does not: the port says more there.
    pub(crate) fn is_there(&self) -> bool {
        self.started.is_some() && started(self.id) == self.started
    }

    /// At once, if it certainly is the one; on Windows nobody can be certain.
    #[cfg_attr(
        windows,
        expect(clippy::unused_self, reason = "the other systems' needs it")
    )]
    pub(crate) fn kill(&self) {
        #[cfg(unix)]
        if self.is_there()
            && let Some(id) = i32::try_from(self.id)
                .ok()
                .and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        }
    }
}

/// The 22nd field, after the name in brackets; a process that has ended and is not yet waited for counts as gone.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
#[cfg(target_os = "linux")]
fn started(id: u32) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    (!matches!(state, "Z" | "X")).then_some(())?;
    fields.nth(18).map(str::to_owned)
}

#[cfg(not(target_os = "linux"))]
fn started(_: u32) -> Option<String> {
    None
}

/// Starts a program with a pipe to its standard input, and what it says going to a file.
pub(crate) fn start(
    program: &Path,
    words: &[&str],
    without: &[String],
    log: File,
) -> io::Result<Child> {
    let mut command = Command::new(program);
    command
        .args(words.iter().map(OsStr::new))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log);
    for name in without {
        command.env_remove(name);
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;

        // https://learn.microsoft.com/windows/win32/procthread/process-creation-flags
        const DETACHED_PROCESS: u32 = 0x0000_0008;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
        keep_own_streams()?;
    }
    command.spawn()
}

/// On Windows a new process gets every handle that can be inherited, and the ones that we have got can: whoever reads our
/// output would wait for that process too. So ours are replaced by copies that stay here.
#[cfg(windows)]
fn keep_own_streams() -> io::Result<()> {
    use std::os::windows::io::AsRawHandle as _;

    use filedescriptor::{FileDescriptor, StdioDescriptor};

    let copies = (
        FileDescriptor::dup(&io::stdout()).map_err(io::Error::other)?,
        FileDescriptor::dup(&io::stderr()).map_err(io::Error::other)?,
    );
    let out = FileDescriptor::redirect_stdio(&copies.0, StdioDescriptor::Stdout);
    let err = FileDescriptor::redirect_stdio(&copies.1, StdioDescriptor::Stderr);
    let (out, err) = (
        out.map_err(io::Error::other)?,
        err.map_err(io::Error::other)?,
    );
    if out.as_raw_handle() == err.as_raw_handle() {
        // One stream for both, which is closed once.
        std::mem::forget(err);
    }
    Ok(())
}

/// Leaves the session and the group of whoever started us: their signals and their terminal are not ours any more.
pub(crate) fn leave_session() {
    #[cfg(unix)]
    // It fails for the leader of a group only, who has left already.
    let _ = rustix::process::setsid();
}
