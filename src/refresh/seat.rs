//! One target of the endpoint: its session, whether it is to be renewed and when, and why there is none.

use std::time::{Duration, Instant, SystemTime};

use super::answer;
use crate::error::Error;
use crate::sink::refresh::{Held, State};

/// A target's place in the endpoint.
#[derive(Debug)]
pub(super) struct Seat {
    /// The profile's; the environment's target has none.
    pub(super) name: Option<String>,
    pub(super) held: Held,
    /// Why there is no valid session.
    pub(super) failure: Option<Failure>,
    /// Somebody renews it at this moment.
    pub(super) under_way: bool,
    /// Somebody has asked for it since it was issued.
    wished: bool,
    /// After a refusal of what is asked for now.
    rest: Option<Instant>,
    /// The failure that the log has, and since when.
    told: Option<(&'static str, Instant)>,
}

/// A renewal that failed, as visitors are told.
#[derive(Debug)]
pub(super) struct Failure {
    code: &'static str,
    words: String,
    since: Instant,
    /// Another attempt may do better.
    pub(super) passes: bool,
}

/// The next attempt begins at once, which is patient by itself, but not after a refusal.
const REST: Duration = Duration::from_secs(1);
/// A failure that goes on is told again after that time: an attempt a second would fill the disk.
const TOLD_FOR: Duration = Duration::from_mins(5);

impl Seat {
    pub(super) fn new(name: Option<String>, held: Held) -> Self {
        Self {
            name,
            held,
            failure: None,
            under_way: false,
            wished: false,
            rest: None,
            told: None,
        }
    }

    /// Somebody asks for it. Tells whether that is news.
    pub(super) fn wish(&mut self) -> bool {
        !std::mem::replace(&mut self.wished, true)
    }

    /// Why there still is none, as far as that was found out since.
    pub(super) fn failed_since(&self, began: Instant) -> bool {
        let failure = self.failure.as_ref();
        failure.is_some_and(|failure| failure.since >= began)
    }

    /// When it is to be renewed; none, while somebody does, and while nobody uses it: of two hundred profiles a job may
    /// use three. The environment's is always ready.
    pub(super) fn due_in(&self, now: SystemTime) -> Option<Duration> {
        let is_wanted = self.name.is_none() || self.wished;
        let rest = self.rest.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        });
        (is_wanted && !self.under_way).then(|| self.held.due_in(now).max(rest))
    }

    /// How its renewal stands, for those who want to know how long it lasts.
    pub(super) fn state(&self) -> String {
        let failure = self.failure.as_ref();
        let state = State {
            access_key_id: self.held.access_key_id().to_owned(),
            failure: failure.map(|failure| format!("[{}] {}", failure.code, failure.words)),
        };
        serde_json::to_string(&state).unwrap_or_default()
    }

    pub(super) fn renewed(&mut self, held: Held) {
        *self = Self::new(self.name.take(), held);
    }

    /// Whether the log has told lately that it cannot be renewed: how that is attempted is no news then.
    pub(super) fn is_told(&self) -> bool {
        self.told.is_some_and(|(_, at)| at.elapsed() < TOLD_FOR)
    }

    /// Tells whether the log is to have it: not what it has already.
    pub(super) fn failed(&mut self, error: &Error, now: SystemTime) -> bool {
        let advice = error.advice();
        let is_same = self.told.is_some_and(|(code, _)| code == advice.code);
        let is_news = !(is_same && self.is_told());
        if is_news {
            self.told = Some((advice.code, Instant::now()));
        }
        self.failure = Some(Failure {
            code: advice.code,
            words: error.to_string(),
            since: Instant::now(),
            passes: advice.passes(),
        });
        self.under_way = false;
        self.held.pause(now);
        if !self.held.is_valid(now) {
            self.rest = Some(Instant::now() + REST);
            // Whoever still wants it asks again.
            self.wished = false;
        }
        is_news
    }
}

impl Failure {
    pub(super) fn text(&self) -> String {
        answer::failure(self.code, &self.words)
    }

    pub(super) fn under_way() -> String {
        answer::failure(
            "refresh-under-way",
            "the session has expired, and the next one is not there yet",
        )
    }
}
