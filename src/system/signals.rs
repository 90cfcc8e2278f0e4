//! Signals that ask a process to end, where it has to do something about them first: hand them on, or tidy up.

use std::time::Duration;

use crate::error::Error;

/// How often whoever waits looks around.
const LOOK: Duration = Duration::from_millis(100);

/// Waits for a signal to end, or until `done` says so.
pub(crate) fn wait(done: impl Fn() -> bool) -> Result<(), Error> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        loop {
            tokio::select! {
                _ = signals.next() => return Ok(()),
                () = tokio::time::sleep(LOOK) => if done() {
                    return Ok(());
                },
            }
        }
    })
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| Error::Internal(format!("no runtime: {fault}")))
}

/// Those that end a process by themselves, caught from here on.
#[cfg(unix)]
pub(super) struct Signals([(rustix::process::Signal, tokio::signal::unix::Signal); 6]);

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> Result<Self, Error> {
        use rustix::process::Signal;
        use tokio::signal::unix::{SignalKind, signal};

        let listen =
            |kind| signal(kind).map_err(|fault| Error::Internal(format!("no signals: {fault}")));
        Ok(Self([
            (Signal::INT, listen(SignalKind::interrupt())?),
            (Signal::TERM, listen(SignalKind::terminate())?),
            (Signal::HUP, listen(SignalKind::hangup())?),
            (Signal::QUIT, listen(SignalKind::quit())?),
            (Signal::USR1, listen(SignalKind::user_defined1())?),
            (Signal::USR2, listen(SignalKind::user_defined2())?),
        ]))
    }

    pub(super) async fn next(&mut self) -> rustix::process::Signal {
        let [int, term, hup, quit, usr1, usr2] = &mut self.0;
        tokio::select! {
            _ = int.1.recv() => int.0,
            _ = term.1.recv() => term.0,
            _ = hup.1.recv() => hup.0,
            _ = quit.1.recv() => quit.0,
            _ = usr1.1.recv() => usr1.0,
            _ = usr2.1.recv() => usr2.0,
        }
    }
}

#[cfg(windows)]
pub(super) struct Signals(
    tokio::signal::windows::CtrlC,
    tokio::signal::windows::CtrlBreak,
);

/// What was received; only that there was something matters here.
#[cfg(windows)]
pub(super) struct Interrupt;

#[cfg(windows)]
impl Signals {
    pub(super) fn listen() -> Result<Self, Error> {
        let unable = |fault: std::io::Error| Error::Internal(format!("no signals: {fault}"));
        Ok(Self(
            tokio::signal::windows::ctrl_c().map_err(unable)?,
            tokio::signal::windows::ctrl_break().map_err(unable)?,
        ))
    }

    pub(super) async fn next(&mut self) -> Interrupt {
        tokio::select! {
            _ = self.0.recv() => Interrupt,
            _ = self.1.recv() => Interrupt,
        }
    }
}
