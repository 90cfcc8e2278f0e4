//! Another program in this one's place: where it is found, what its environment lacks and has, how it ends.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::env::Env;
use super::signals::{self, Signals};
use crate::error::{Error, LendFailure};

/// A program that is there.
#[derive(Debug)]
pub(crate) struct Child {
    program: PathBuf,
    args: Vec<OsString>,
}

impl Child {
    /// Looks for the program as the system would, so that a wrong name costs no session.
    pub(crate) fn find(words: &[OsString], env: &Env) -> Result<Self, Error> {
        let Some((program, args)) = words.split_first() else {
            return Err(Error::Internal("no command to start".to_owned()));
        };
        let found = look_up(Path::new(program), env)?;
        Ok(Self {
            program: found,
            args: args.to_vec(),
        })
    }

    /// Becomes the program; returns only if that fails. On Windows it is waited for instead.
    pub(crate) fn start(self, unset: &[&str], set: &[(&str, String)]) -> Error {
        let mut command = self.command(unset, set);
        self.not_begun(replace(&mut command))
    }

    /// Whether it went away since it was found, or the system does not start it.
    fn not_begun(&self, reason: std::io::Error) -> Error {
        if reason.kind() == std::io::ErrorKind::NotFound && !self.program.exists() {
            return LendFailure::NotFound(shown(&self.program)).into();
        }
        not_started(&self.program, reason)
    }

    fn command(&self, unset: &[&str], set: &[(&str, String)]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args);
        for name in unset {
            command.env_remove(name);
        }
        for (name, value) in set {
            command.env(name, value);
        }
        command
    }

    /// Starts it, hands on every signal that would end us, and waits for it: its status, or 128 and the number of the
    /// signal that ended it.
    pub(crate) fn attend(self, unset: &[&str], set: &[(&str, String)]) -> Result<u8, Error> {
        signals::runtime()?.block_on(async {
            let mut signals = Signals::listen()?;
            let mut command = tokio::process::Command::from(self.command(unset, set));
            let mut child = command.spawn().map_err(|reason| self.not_begun(reason))?;
            loop {
                tokio::select! {
                    ended = child.wait() => {
                        let status = ended.map_err(|reason| not_started(&self.program, reason))?;
                        return Ok(status_of(status));
                    }
                    signal = signals.next() => hand_on(&child, signal),
                }
            }
        })
    }
}

/// A terminal tells all its processes of Ctrl-C by itself; the command would get it twice.
#[cfg(unix)]
fn hand_on(child: &tokio::process::Child, signal: rustix::process::Signal) {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::IsTerminal as _;

    let from_terminal =
        matches!(signal, Signal::INT | Signal::QUIT) && std::io::stdin().is_terminal();
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    if let (Some(id), false) = (id.and_then(Pid::from_raw), from_terminal) {
        let _ = kill_process(id, signal);
    }
}

/// The console tells every process of Ctrl-C.
#[cfg(windows)]
fn hand_on(_: &tokio::process::Child, _: signals::Interrupt) {}

#[cfg(unix)]
fn status_of(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;

    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Statuses have 32 bits there, and ours eight: what does not fit is 1.
#[cfg(windows)]
fn status_of(status: std::process::ExitStatus) -> u8 {
    let code = status.code().unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// Nothing of this process stays: signals, terminal and status are the program's by themselves, and so is the memory.
#[cfg(unix)]
fn replace(command: &mut Command) -> std::io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

/// Windows has no such call. The console tells both processes of Ctrl-C; this one leaves the answer to the other.
#[cfg(windows)]
#[expect(
    clippy::exit,
    reason = "statuses of Windows have 32 bits, and `ExitCode` takes eight"
)]
fn replace(command: &mut Command) -> std::io::Error {
    let _interrupts = (
        tokio::signal::windows::ctrl_c(),
        tokio::signal::windows::ctrl_break(),
    );
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(reason) => reason,
    }
}

/// The first file of that name along `PATH` that can be started.
fn look_up(program: &Path, env: &Env) -> Result<PathBuf, Error> {
    let Some(path) = env.get("PATH") else {
        // The system has a path of its own then.
        return Ok(program.to_owned());
    };
    let named = program.components().count() > 1 || program.has_root();
    let folders: Vec<PathBuf> = if named {
        vec![PathBuf::new()]
    } else {
        std::env::split_paths(path).collect()
    };
    let places = || {
        folders
            .iter()
            .flat_map(|folder| spellings(&folder.join(program), env))
    };
    if let Some(found) = places().find(|place| is_startable(place)) {
        // Its own name, so that it sees itself called as it was.
        return Ok(if cfg!(windows) {
            found
        } else {
            program.to_owned()
        });
    }
    match places().find(|place| place.exists()) {
        Some(place) if place.is_dir() => Err(not_started(
            &place,
            std::io::Error::other("it is a directory"),
        )),
        Some(place) => Err(not_started(
            &place,
            std::io::Error::other("it is not executable"),
        )),
        None => Err(LendFailure::NotFound(shown(program)).into()),
    }
}

/// On Windows a program goes by its name without the ending, too.
fn spellings(place: &Path, env: &Env) -> Vec<PathBuf> {
    let mut all = vec![place.to_owned()];
    if cfg!(windows) && place.extension().is_none() {
        let endings = env.get("PATHEXT").unwrap_or(".COM;.EXE;.BAT;.CMD");
        let with = |ending: &str| {
            let mut name = place.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        all = endings.split(';').map(with).chain(all).collect();
    }
    all
}

#[cfg(unix)]
fn is_startable(place: &Path) -> bool {
    use rustix::fs::{Access, access};

    place.is_file() && access(place, Access::EXEC_OK).is_ok()
}

#[cfg(windows)]
fn is_startable(place: &Path) -> bool {
    place.is_file()
}

fn not_started(program: &Path, reason: std::io::Error) -> Error {
    let command = shown(program);
    LendFailure::NotStarted { command, reason }.into()
}

fn shown(program: &Path) -> String {
    program.display().to_string()
}
