//! What a running fake knows: the world, the clock, the sessions, the record and the queue of misbehaviours.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

use crate::clock::Clock;
use crate::issuer::Issuer;
use crate::misbehave::Queue;
use crate::record::Recorded;
use crate::session::Session;
use crate::world::World;
use crate::{credentials, xml};

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) clock: Clock,
    pub(crate) started: Instant,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) url: String,
    pub(crate) sessions: Vec<Session>,
    pub(crate) queue: Queue,
    pub(crate) connections: usize,
    pub(crate) full_handshakes: usize,
    pub(crate) container_path: String,
    pub(crate) container_token: String,
    /// Metadata tokens and when they expire.
    pub(crate) imds_tokens: Vec<(String, i64)>,
    /// MFA codes that were used: the device and the step.
    pub(crate) used_codes: BTreeSet<(String, u64)>,
    /// Why each refused request was refused, for tests that want more than AWS says.
    pub(crate) denials: Vec<String>,
    records: Vec<(u64, Recorded)>,
    next_record: u64,
    secrets: BTreeSet<String>,
    issued: usize,
}

/// The state as the server and the handle share it.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// A panic in one test's assertion must not hide the rest of the record.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(crate) fn new(world: World, url: String) -> Self {
        let clock = Clock {
            offset: world.now_offset,
            skew: 0,
        };
        let container_token = format!("container-{}", credentials::uuid());
        let mut state = Self {
            world,
            clock,
            started: Instant::now(),
            issuer: Arc::new(Issuer::new()),
            url,
            sessions: Vec::new(),
            queue: Queue::default(),
            connections: 0,
            full_handshakes: 0,
            container_path: format!("/v2/credentials/{}", credentials::uuid()),
            container_token: container_token.clone(),
            imds_tokens: Vec::new(),
            used_codes: BTreeSet::new(),
            denials: Vec::new(),
            records: Vec::new(),
            next_record: 0,
            secrets: BTreeSet::new(),
            issued: 0,
        };
        state.learn(&container_token);
        state
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Notes something that must never leak.
    pub(crate) fn learn(&mut self, secret: &str) {
        self.secrets.insert(secret.to_owned());
    }

    pub(crate) fn secrets(&self) -> Vec<String> {
        let world = &self.world;
        let keys = world.users.iter().flat_map(|u| {
            [
                Some(u.secret_access_key.clone()),
                u.mfa.as_ref().map(|(_, secret)| secret.clone()),
            ]
            .into_iter()
            .flatten()
        });
        let all: BTreeSet<String> = self
            .secrets
            .iter()
            .cloned()
            .chain(keys)
            .chain([world.bearer.clone()])
            .filter(|s| !s.is_empty())
            .collect();
        all.into_iter().collect()
    }

    pub(crate) fn record(&mut self, mut entry: Recorded) -> u64 {
        entry.at_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.next_record += 1;
        self.records.push((self.next_record, entry));
        self.next_record
    }

    pub(crate) fn answered(&mut self, id: u64, status: u16) {
        if let Some((_, entry)) = self.records.iter_mut().find(|(i, _)| *i == id) {
            entry.status = status;
        }
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Recorded> {
        self.records.iter().map(|(_, entry)| entry)
    }

    pub(crate) fn forget(&mut self) {
        self.records.clear();
        self.denials.clear();
    }

    /// A token of those claims, with the times, the issuer and an id where they are absent.
    pub(crate) fn mint(&mut self, claims: &Value) -> String {
        let now = self.now();
        let mut merged = json!({
            "iss": self.world.issuer,
            "iat": now,
            "nbf": now - 5,
            "exp": now + self.world.token_lifetime,
            "jti": credentials::uuid(),
        });
        if let (Some(merged), Some(claims)) = (merged.as_object_mut(), claims.as_object()) {
            merged.extend(claims.clone());
            // A claim given as null is a claim left out.
            merged.retain(|_, v| !v.is_null());
        }
        let token = self.issuer.sign(&merged);
        self.learn(&token);
        token
    }

    /// Draws the keys of a session and sets its times; `duration` is taken from the draft.
    pub(crate) fn issue(&mut self, mut session: Session) -> Session {
        session.access_key_id = credentials::access_key_id();
        session.secret_access_key = credentials::secret_key(self.world.secrets, self.issued);
        session.session_token = credentials::session_token();
        session.issued = self.now();
        let lifetime = match self.world.session_lifetime {
            Some(fixed) => i64::try_from(fixed.as_secs()).unwrap_or(i64::MAX),
            None => session.duration,
        };
        session.expires = session.issued.saturating_add(lifetime);
        self.issued += 1;
        self.learn(&session.secret_access_key);
        self.learn(&session.session_token);
        self.sessions.push(session.clone());
        session
    }
}

/// The `<Credentials>` of an answer.
pub(crate) fn credentials_element(session: &Session) -> xml::Element {
    xml::Element::new("Credentials")
        .text("AccessKeyId", &session.access_key_id)
        .text("SecretAccessKey", &session.secret_access_key)
        .text("SessionToken", &session.session_token)
        .text("Expiration", &crate::clock::rfc3339(session.expires))
}
