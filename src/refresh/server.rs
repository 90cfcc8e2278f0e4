//! The credentials endpoint: listens on the loopback interface, renews ahead, answers whoever shows the bearer.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::answer::{self, Status, Verdict};
use super::renewal::Renewal;
use crate::error::Error;
use crate::model::Secret;
use crate::sink::refresh::Held;
use crate::system::System;

/// A running endpoint. Its threads end with the process, or once it was asked to end.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    bearer: Secret,
    port: u16,
    visitors: AtomicUsize,
}

#[derive(Debug)]
struct State {
    held: Held,
    /// Why there is no valid session, by code and words.
    failure: Option<(&'static str, String)>,
    asked: Instant,
    ended: bool,
}

/// Nobody needs more at once, and each has a thread.
const MOST_VISITORS: usize = 64;
/// For a whole request: it is a few hundred bytes from the same machine.
const PATIENCE: Duration = Duration::from_secs(5);
/// An SDK waits for two seconds; one that finds an expired session waits a little for the next.
const WAIT_FOR_RENEWAL: Duration = Duration::from_millis(1500);
/// A machine that slept has another time afterwards, so no sleep is longer.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// Steps that run that long without asking once are not known.
const MOST_IDLE: Duration = Duration::from_hours(24);

impl Server {
    /// Listens and renews from here on, beside whatever the process does.
    pub(crate) fn start(
        system: &System,
        renewal: Renewal,
        bearer: Secret,
        held: Held,
    ) -> Result<Self, Error> {
        let unable = |fault: std::io::Error| Error::Refused {
            what: "the credentials endpoint cannot listen on 127.0.0.1".to_owned(),
            fault: fault.to_string(),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(unable)?;
        let port = listener.local_addr().map_err(unable)?.port();
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                held,
                failure: None,
                asked: Instant::now(),
                ended: false,
            }),
            changed: Condvar::new(),
            bearer,
            port,
            visitors: AtomicUsize::new(0),
        });
        let (for_renewal, for_visitors) = (shared.clone(), shared.clone());
        // From here on another program writes to the same streams, in the middle of a line perhaps.
        let own = System {
            console: system.console.between_others(),
            ..system.again()
        };
        let console = own.console.clone();
        start(move || for_renewal.renew_for_ever(&own, &renewal)).map_err(unable)?;
        start(move || {
            for stream in listener.incoming() {
                match stream {
                    Ok(stream) => for_visitors.receive(stream),
                    Err(fault) => {
                        console.debug(&format!("a connection was lost: {fault}"));
                        // Out of descriptors: the visitors that are there bring some back.
                        std::thread::sleep(Duration::from_millis(50));
                    }
                }
            }
        })
        .map_err(unable)?;
        Ok(Self { port, shared })
    }

    /// Whether it was asked to end, or nobody has asked it for anything in a day.
    pub(crate) fn is_to_end(&self) -> bool {
        let state = self.shared.state();
        state.ended || state.asked.elapsed() > MOST_IDLE
    }
}

/// A thread, or the system's word that there is none to be had: a job's limit must not end the endpoint.
fn start(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().spawn(work).map(drop)
}

impl Shared {
    /// A thread that panicked is a defect of ours, and must not take the others with it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn renew_for_ever(&self, system: &System, renewal: &Renewal) {
        loop {
            let system = system.again();
            let held = {
                let state = self.state();
                let pause = state.held.due_in(system.clock.now());
                if !pause.is_zero() || state.ended {
                    let pause = pause.clamp(Duration::from_millis(10), LONGEST_SLEEP);
                    let _ = self.changed.wait_timeout(state, pause);
                    continue;
                }
                state.held.clone()
            };
            let renewed = renewal.ask(&system, Some(&held));
            let now = system.clock.now();
            let mut state = self.state();
            match renewed {
                Ok(held) => {
                    system.console.info(&format!("renewed: {}", held.arn()));
                    state.held = held;
                    state.failure = None;
                }
                Err(error) => {
                    system.console.warning(&format!(
                        "the session could not be renewed: {error}; the one before is valid for {} more seconds",
                        state.held.left(now).as_secs()
                    ));
                    state.held.pause(now);
                    state.failure = Some((error.advice().code, error.to_string()));
                }
            }
            let expired = !state.held.is_valid(now);
            drop(state);
            self.changed.notify_all();
            if expired {
                // The next round begins at once; it is patient by itself, but not after a refusal.
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    }

    fn receive(self: &Arc<Self>, stream: TcpStream) {
        if self.visitors.fetch_add(1, Ordering::SeqCst) >= MOST_VISITORS {
            self.visitors.fetch_sub(1, Ordering::SeqCst);
            return;
        }
        let this = self.clone();
        let started = start(move || {
            this.serve(stream);
            this.visitors.fetch_sub(1, Ordering::SeqCst);
        });
        if started.is_err() {
            self.visitors.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn serve(&self, mut stream: TcpStream) {
        let (status, body) = match read_head(&mut stream) {
            Ok(head) => match answer::judge(&head, self.port, &self.bearer) {
                Verdict::Give => self.give(),
                Verdict::End => ((204, "No Content"), String::new()),
                Verdict::Refuse(status) => refusal(status),
            },
            Err(Some(status)) => refusal(status),
            Err(None) => return,
        };
        let body = zeroize::Zeroizing::new(body);
        let _ = stream.write_all(answer::render(status, &body).as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        drain(&mut stream);
        if status.0 == 204 {
            self.state().ended = true;
        }
    }

    /// The session, a new one if it comes soon; else why there is none.
    fn give(&self) -> (Status, String) {
        const UNAVAILABLE: Status = (503, "Service Unavailable");
        let now = || crate::system::clock::Clock::start().now();
        let began = Instant::now();
        let mut state = self.state();
        state.asked = began;
        while !state.held.is_valid(now()) && began.elapsed() < WAIT_FOR_RENEWAL {
            let left = WAIT_FOR_RENEWAL.saturating_sub(began.elapsed());
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if !state.held.is_valid(now()) {
            let (code, words) = state.failure.clone().unwrap_or((
                "refresh-under-way",
                "the session has expired, and the next one is not there yet".to_owned(),
            ));
            return (UNAVAILABLE, answer::failure(code, &words));
        }
        match state.held.endpoint_document() {
            Ok(document) => ((200, "OK"), document.to_string()),
            Err(fault) => (UNAVAILABLE, answer::failure("internal", &fault.to_string())),
        }
    }
}

fn refusal(status: Status) -> (Status, String) {
    (status, answer::failure("refused", status.1))
}

/// Everything up to the empty line; the status if there is none in time or in reason, nothing if nobody is there any more.
fn read_head(stream: &mut TcpStream) -> Result<Vec<u8>, Option<Status>> {
    let began = Instant::now();
    let mut head = Vec::new();
    let mut part = [0_u8; 1024];
    let _ = stream.set_write_timeout(Some(PATIENCE));
    loop {
        let left = PATIENCE.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Err(Some(answer::TIMED_OUT));
        }
        stream.set_read_timeout(Some(left)).map_err(|_| None)?;
        match stream.read(&mut part) {
            Ok(0) => return Err(None),
            Ok(count) => head.extend_from_slice(part.get(..count).unwrap_or_default()),
            Err(fault) if fault.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Some(answer::TIMED_OUT)),
        }
        if let Some(end) = head.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            head.truncate(end + 4);
            return if head.len() > answer::MOST {
                Err(Some(answer::TOO_LARGE))
            } else {
                Ok(head)
            };
        }
        if head.len() > answer::MOST {
            return Err(Some(answer::TOO_LARGE));
        }
    }
}

/// Bytes that were not read when a connection is closed make the system take the answer back.
fn drain(stream: &mut TcpStream) {
    let began = Instant::now();
    let mut part = [0_u8; 1024];
    let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
    let mut left = 64 * 1024_usize;
    while began.elapsed() < Duration::from_secs(1) {
        match stream.read(&mut part) {
            Ok(count) if count > 0 && left > count => left -= count,
            _ => return,
        }
    }
}
