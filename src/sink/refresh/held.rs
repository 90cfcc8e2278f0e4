//! A session that is kept until the next one is due: as text for our own user's eyes, and when it is time for another.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::model::{Credentials, Secret, Session};
use crate::sink::dialect;

/// A session, and when it was issued.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    session: Session,
    /// The last role's ARN, where it was given as one.
    role: Option<String>,
    issued: u64,
    expires: u64,
    /// Before that moment nobody asks again, since the last one who did had no luck.
    pause: u64,
}

#[derive(Serialize)]
struct Writing<'a> {
    issued: u64,
    expires: u64,
    pause: u64,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: Option<&'a str>,
    arn: &'a str,
    role: Option<&'a str>,
}

#[derive(Deserialize)]
struct Reading {
    issued: u64,
    expires: u64,
    pause: u64,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    arn: String,
    role: Option<String>,
}

/// With less than this left, a session is renewed whatever its length. botocore asks ten minutes ahead, so nobody is
/// given one that is about to end.
const SHORT: u64 = 5 * 60;

impl Held {
    pub(crate) fn new(session: Session, role: Option<String>, now: SystemTime) -> Self {
        let expires = session.identified.credentials.expires.map_or(0, seconds);
        Self {
            session,
            role,
            issued: seconds(now),
            expires,
            pause: 0,
        }
    }

    pub(crate) fn is_valid(&self, now: SystemTime) -> bool {
        seconds(now) < self.expires
    }

    /// Whether another one is to be asked for. A third of its life is left then or five minutes; one that has just been
    /// issued is kept for a twentieth, so that very short ones are not asked for with every call.
    pub(crate) fn is_due(&self, now: SystemTime) -> bool {
        seconds(now) >= self.due()
    }

    /// When that will be.
    pub(crate) fn due_in(&self, now: SystemTime) -> Duration {
        Duration::from_secs(self.due().saturating_sub(seconds(now)))
    }

    fn due(&self) -> u64 {
        let life = self.expires.saturating_sub(self.issued);
        let early = self.expires.saturating_sub((life / 3).max(SHORT));
        let young = self.issued.saturating_add((life / 20).max(1));
        early.max(young).max(self.pause).min(self.expires)
    }

    /// What is left of it.
    pub(crate) fn left(&self, now: SystemTime) -> Duration {
        Duration::from_secs(self.expires.saturating_sub(seconds(now)))
    }

    /// Nobody could renew it: the next one waits a moment, a tenth of what is left, half a minute at most.
    pub(crate) fn pause(&mut self, now: SystemTime) {
        let left = self.expires.saturating_sub(seconds(now));
        self.pause = seconds(now).saturating_add((left / 10).clamp(1, 30));
    }

    /// Whether the last attempt to renew it had no luck.
    pub(crate) fn has_failed(&self) -> bool {
        self.pause != 0
    }

    pub(crate) fn access_key_id(&self) -> &str {
        &self.session.identified.credentials.access_key_id
    }

    pub(crate) fn arn(&self) -> &str {
        self.session.identified.who.as_str()
    }

    /// For a file that only its owner can read.
    pub(crate) fn text(&self) -> Result<Zeroizing<String>, Error> {
        let keys = &self.session.identified.credentials;
        let token = keys.session_token.as_ref();
        serde_json::to_string(&Writing {
            issued: self.issued,
            expires: self.expires,
            pause: self.pause,
            access_key_id: &keys.access_key_id,
            secret_access_key: keys.secret_access_key.reveal(),
            session_token: token.map(Secret::reveal),
            arn: self.arn(),
            role: self.role.as_deref(),
        })
        .map(Zeroizing::new)
        .map_err(|fault| Error::Internal(fault.to_string()))
    }

    /// None for text that is not such a session: whoever reads it asks for a new one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let read: Reading = serde_json::from_str(text).ok()?;
        let expires = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(read.expires))?;
        Some(Self {
            session: Session {
                identified: crate::model::credentials::Identified {
                    credentials: Credentials {
                        access_key_id: read.access_key_id,
                        secret_access_key: Secret::new(read.secret_access_key),
                        session_token: read.session_token.map(Secret::new),
                        expires: Some(expires),
                    },
                    who: read.arn.parse().ok()?,
                },
                role_id: None,
                source_identity: None,
                packed_size: None,
                dropped_tags: Vec::new(),
            },
            role: read.role,
            issued: read.issued,
            expires: read.expires,
            pause: read.pause,
        })
    }

    /// What a `credential_process` prints.
    pub(crate) fn process_document(&self) -> Result<Zeroizing<String>, Error> {
        dialect::process_document(&self.session).map(Zeroizing::new)
    }

    /// What a container credentials endpoint answers.
    pub(crate) fn endpoint_document(&self) -> Result<Zeroizing<String>, Error> {
        dialect::endpoint_document(&self.session, self.role.as_deref()).map(Zeroizing::new)
    }
}

fn seconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn held(life: u64) -> Held {
        let text = format!(
            r#"{{"issued":1000,"expires":{},"pause":0,"access_key_id":"ASIA","secret_access_key":"s",
                "session_token":"t","arn":"arn:aws:sts::123456789012:assumed-role/r/s","role":null}}"#,
            1000 + life
        );
        Held::read(&text).unwrap()
    }

    #[test]
    fn is_renewed_a_third_ahead_or_five_minutes_and_never_at_once() {
        for (life, due) in [
            (900, 600),
            (3600, 2400),
            (43_200, 28_800),
            (600, 300),
            (20, 1),
            (6, 1),
            (1, 1),
        ] {
            let held = held(life);
            assert_eq!(
                held.due_in(at(1000)),
                Duration::from_secs(due),
                "{life} seconds"
            );
            assert!(!held.is_due(at(1000 + due - 1)), "{life} seconds");
            assert!(held.is_due(at(1000 + due)), "{life} seconds");
        }
    }

    #[test]
    fn waits_a_moment_after_a_failure_but_not_beyond_its_end() {
        let mut held = held(900);
        held.pause(at(1700));
        assert_eq!(held.due_in(at(1700)), Duration::from_secs(20));
        held.pause(at(1899));
        assert!(held.is_due(at(1900)) && !held.is_valid(at(1900)));
        assert!(held.is_valid(at(1899)));
    }

    #[test]
    fn is_read_as_it_was_written_and_nothing_else_is() {
        let held = held(900);
        let again = Held::read(&held.text().unwrap()).unwrap();
        assert_eq!(again.text().unwrap(), held.text().unwrap());
        for text in ["", "{}", "[1]", "{\"issued\":1}"] {
            assert!(Held::read(text).is_none(), "{text}");
        }
        let text = held.text().unwrap().replace("1900", &u64::MAX.to_string());
        assert!(Held::read(&text).is_none(), "{text}");
    }
}
