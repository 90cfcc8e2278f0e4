//! The endpoint as a process of its own: how a step starts it, and how long it waits for it.

use std::io::Write as _;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Error;
use crate::frontend;
use crate::host::Host;
use crate::model::Secret;
use crate::sink::mask::{self, Masked};
use crate::sink::refresh::{self, Door, Folder, Form, Held, Plan};
use crate::system::System;
use crate::system::detached;

/// The first line that the endpoint reads. It goes through a pipe, so that no session lies on disk.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Orders {
    pub(super) folder: std::path::PathBuf,
    pub(super) targets: Vec<Order>,
}

/// One target: what is asked again, and the session that the step has got.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// That of its profile; the environment's target has none.
    pub(super) name: Option<String>,
    pub(super) plan: Plan,
    /// As [`Held`] writes it.
    pub(super) held: String,
}

impl Order {
    pub(super) fn new(
        name: Option<String>,
        plan: Plan,
        held: &Masked<Held>,
    ) -> Result<Self, Error> {
        Ok(Self {
            name,
            plan,
            held: held.get().text()?.to_string(),
        })
    }
}

/// The second line. A step that is killed before it has handed anything over never sends it.
pub(super) const KEEP: &str = "keep";

/// A process that is about to be left alone.
#[derive(Debug)]
pub(super) struct Started(Child);

/// It has to listen, no more; a machine that is busy takes its time.
const PATIENCE: Duration = Duration::from_secs(20);

impl Started {
    /// Whether it heard the word; one that has ended meanwhile cannot.
    pub(super) fn keep(&self, folder: &Folder) -> Result<(), Error> {
        let sent = self
            .0
            .stdin
            .as_ref()
            .map(|mut pipe| writeln!(pipe, "{KEEP}"));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => Err(not_started(
                "it ended before the hand-over was complete",
                &folder.read_log(),
            )),
        }
    }
}

/// Starts it and waits until it listens. Tells its URL.
pub(super) fn server(
    system: &System,
    host: Host,
    program: &Path,
    folder: &Folder,
    targets: Vec<Order>,
) -> Result<(Started, String), Error> {
    let orders = Orders {
        folder: folder.path().to_owned(),
        targets,
    };
    let line = serde_json::to_string(&orders).map(Zeroizing::new);
    let line = line.map_err(|fault| Error::Internal(fault.to_string()))?;
    folder.make()?;
    let doors = write_doors(folder, &orders.targets);
    for mut order in orders.targets {
        order.held.zeroize();
    }
    let outcome = doors.and_then(|()| begin(system, host, program, folder, &line));
    if outcome.is_err() {
        let _ = folder.end();
    }
    outcome
}

/// What the profiles' programs need to ask it.
fn write_doors(folder: &Folder, targets: &[Order]) -> Result<(), Error> {
    for (number, order) in targets.iter().enumerate() {
        if let Some(name) = &order.name {
            folder.share(number).write_door(&Door {
                target: name.clone(),
                path: refresh::path(Form::Process, Some(name)),
            })?;
        }
    }
    Ok(())
}

fn begin(
    system: &System,
    host: Host,
    program: &Path,
    folder: &Folder,
    line: &str,
) -> Result<(Started, String), Error> {
    let bearer = bearer()?;
    let masked = mask::texts(system, host, &[bearer.reveal()], &bearer);
    folder.write_bearer(&masked)?;
    let log = crate::system::files::create_log(&folder.log()).map_err(Error::HandOver)?;
    let ours = frontend::secret_variables(&system.env);
    let mut child = detached::start(program, &["serve", "--from", "-"], &ours, log)
        .map_err(|fault| not_started(&fault.to_string(), ""))?;
    let sent = child.stdin.as_mut().map(|pipe| writeln!(pipe, "{line}"));
    if !matches!(sent, Some(Ok(()))) {
        return Err(not_started(
            "it did not read its settings",
            &folder.read_log(),
        ));
    }
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(endpoint) = folder.read_endpoint() {
            return Ok((Started(child), endpoint.url()));
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(not_started(&status.to_string(), &folder.read_log()));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(not_started(
        &format!("it did not listen within {} seconds", PATIENCE.as_secs()),
        &folder.read_log(),
    ))
}

/// What a program has to show. Nobody guesses 256 bits.
pub(super) fn bearer() -> Result<Secret, Error> {
    let mut random = Zeroizing::new([0_u8; 32]);
    getrandom::fill(random.as_mut())
        .map_err(|fault| Error::Internal(format!("no random numbers: {fault}")))?;
    let mut text = String::new();
    for byte in random.iter() {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
    }
    Ok(Secret::new(text))
}

fn not_started(why: &str, log: &str) -> Error {
    let log = log.trim();
    let log = if log.is_empty() {
        String::new()
    } else {
        format!("; it said: {log}")
    };
    Error::Refused {
        what: "the credentials endpoint did not start".to_owned(),
        fault: format!("{why}{log}"),
    }
}
