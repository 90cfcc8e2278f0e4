//! The credentials endpoint: listens on the loopback interface, renews ahead, answers whoever shows the bearer.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::answer::{self, Sought, Status, Verdict};
use super::renewal::Renewal;
use super::seat::{Failure, Seat};
use crate::error::Error;
use crate::model::Secret;
use crate::sink::refresh::{Form, path};
use crate::system::System;
use crate::system::clock::Clock;

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
    /// Where each target is asked for.
    paths: Vec<(String, Sought)>,
    visitors: AtomicUsize,
}

#[derive(Debug)]
struct State {
    /// In the order of the targets.
    seats: Vec<Seat>,
    asked: Instant,
    ended: bool,
}

/// Nobody needs more at once, and each has a thread.
const MOST_VISITORS: usize = 64;
/// Each has a connection to STS of its own. With that many, 200 targets that are asked for at once have new sessions
/// within some seconds.
const MOST_RENEWALS: usize = 16;
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
    pub(super) fn start(
        system: &System,
        bearer: Secret,
        targets: Vec<(Renewal, Seat)>,
    ) -> Result<Self, Error> {
        let unable = |fault: std::io::Error| Error::Refused {
            what: "the credentials endpoint cannot listen on 127.0.0.1".to_owned(),
            fault: fault.to_string(),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(unable)?;
        let port = listener.local_addr().map_err(unable)?.port();
        let (renewals, seats): (Vec<_>, Vec<_>) = targets.into_iter().unzip();
        let renewals = Arc::new(renewals);
        let shared = Arc::new(Shared {
            paths: paths(&seats),
            state: Mutex::new(State {
                seats,
                asked: Instant::now(),
                ended: false,
            }),
            changed: Condvar::new(),
            bearer,
            port,
            visitors: AtomicUsize::new(0),
        });
        // From here on another program writes to the same streams, in the middle of a line perhaps.
        let console = system.console.between_others();
        for number in 0..renewals.len().min(MOST_RENEWALS) {
            let (shared, renewals) = (shared.clone(), renewals.clone());
            let own = System {
                console: console.clone(),
                ..system.again()
            };
            match start(move || shared.renew_for_ever(&own, &renewals)) {
                // A limit of the job: those that there are renew for all.
                Err(_) if number > 0 => break,
                started => started.map_err(unable)?,
            }
        }
        let for_visitors = shared.clone();
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

    fn renew_for_ever(&self, system: &System, renewals: &[Renewal]) {
        loop {
            let number = self.next();
            let mut system = system.again();
            let seat = |seat: &Seat| (seat.held.clone(), seat.is_told());
            let seat = self.state().seats.get(number).map(seat);
            let (Some(renewal), Some((held, is_told))) = (renewals.get(number), seat) else {
                return;
            };
            let console = system.console.clone();
            if is_told {
                system.console = console.quiet();
            }
            let renewed = renewal.ask(&system, Some(&held));
            let now = system.clock.now();
            let mut state = self.state();
            if let Some(seat) = state.seats.get_mut(number) {
                match renewed {
                    Ok(held) => {
                        console.info(&format!("renewed: {}", held.arn()));
                        seat.renewed(held);
                    }
                    Err(error) => {
                        let left = seat.held.left(now).as_secs();
                        if seat.failed(&error, now) {
                            console.warning(&format!(
                                "{} could not be renewed: {error}; the one before is valid for {left} more seconds",
                                renewal.words(),
                            ));
                        }
                    }
                }
            }
            drop(state);
            self.changed.notify_all();
        }
    }

    /// Waits for a session that is due and that nobody else renews; the one that has waited longest.
    fn next(&self) -> usize {
        let mut state = self.state();
        loop {
            let now = Clock::start().now();
            let each = state.seats.iter().enumerate();
            let soonest = each
                .filter_map(|(number, seat)| Some((seat.due_in(now)?, number)))
                .min();
            let pause = match soonest {
                Some((pause, number)) if pause.is_zero() && !state.ended => {
                    if let Some(seat) = state.seats.get_mut(number) {
                        seat.under_way = true;
                    }
                    return number;
                }
                Some((pause, _)) => pause.clamp(Duration::from_millis(10), LONGEST_SLEEP),
                None => LONGEST_SLEEP,
            };
            let waited = self.changed.wait_timeout(state, pause);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
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
            Ok(head) => match answer::judge(&head, self.port, &self.bearer, |path| self.find(path))
            {
                Verdict::Give(sought) => self.give(sought),
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

    fn find(&self, path: &str) -> Option<Sought> {
        let mut paths = self.paths.iter();
        paths
            .find(|(own, _)| own == path)
            .map(|(_, sought)| *sought)
    }

    /// The session, a new one if it comes soon; else why there is none.
    fn give(&self, Sought { number, form }: Sought) -> (Status, String) {
        const UNAVAILABLE: Status = (503, "Service Unavailable");
        /// Our own program does not wait for what will not come.
        const BAD_GATEWAY: Status = (502, "Bad Gateway");
        let began = Instant::now();
        let mut state = self.state();
        state.asked = began;
        if form == Form::State {
            let seat = state.seats.get(number);
            return seat.map_or_else(|| refusal(UNAVAILABLE), |seat| ((200, "OK"), seat.state()));
        }
        if state.seats.get_mut(number).is_some_and(Seat::wish) {
            self.changed.notify_all();
        }
        loop {
            let now = Clock::start().now();
            let Some(seat) = state.seats.get(number) else {
                return refusal(UNAVAILABLE);
            };
            let left = WAIT_FOR_RENEWAL.saturating_sub(began.elapsed());
            if seat.held.is_valid(now) {
                let document = match form {
                    Form::Process => seat.held.process_document(),
                    Form::Container | Form::State => seat.held.endpoint_document(),
                };
                return match document {
                    Ok(document) => ((200, "OK"), document.to_string()),
                    Err(fault) => (UNAVAILABLE, answer::failure("internal", &fault.to_string())),
                };
            }
            // An SDK asks again by itself, and may do so a few times only: it is kept waiting.
            if left.is_zero() || form == Form::Process && seat.failed_since(began) {
                return match &seat.failure {
                    Some(failure) if form == Form::Process && !failure.passes => {
                        (BAD_GATEWAY, failure.text())
                    }
                    Some(failure) => (UNAVAILABLE, failure.text()),
                    None => (UNAVAILABLE, Failure::under_way()),
                };
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Each target's paths. The environment's session has one less, since no profile asks for it.
fn paths(seats: &[Seat]) -> Vec<(String, Sought)> {
    let mut paths = Vec::new();
    for (number, seat) in seats.iter().enumerate() {
        let name = seat.name.as_deref();
        for form in [Form::Container, Form::State, Form::Process] {
            if form != Form::Process || name.is_some() {
                paths.push((path(form, name), Sought { number, form }));
            }
        }
    }
    paths
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
