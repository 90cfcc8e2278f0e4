//! The MFA session on the disk: its owner's alone, found again by the key pair and the device.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{Error, NoCode};
use crate::model::mfa::{CodeFrom, Mfa};
use crate::model::request::Endpoint;
use crate::model::session::MfaSerial;
use crate::model::{Credentials, Secret};
use crate::system::env::Env;
use crate::system::files::{self, FileError, Lock};
use crate::system::{System, cache};

/// A session that ends sooner is not begun with.
const LEAST_LEFT: Duration = Duration::from_mins(5);
/// How long somebody may look for a telephone while others wait.
const PERSON: Duration = Duration::from_mins(5);
const MOST_BYTES: u64 = 64 << 10;

/// The place of one session, whether it is there or not.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Record<T> {
    access_key_id: T,
    secret_access_key: T,
    session_token: T,
    /// Seconds since 1970.
    expires: u64,
}

impl Kept {
    /// None where there is no folder for it.
    pub(super) fn of(
        env: &Env,
        keys: &Credentials,
        serial: &MfaSerial,
        sts: &Endpoint,
    ) -> Option<Self> {
        let place = sts.url.as_deref().unwrap_or_default();
        let parts = [keys.access_key_id.as_str(), serial.as_str(), place];
        let path = cache::folder(env)?.join(cache::name("mfa-session", &parts));
        Some(Self { path })
    }

    /// Waits for another process that is at the same device. None, and a line, where there can be no lock.
    pub(super) fn lock(
        &self,
        system: &System,
        mfa: &Mfa,
        total: Duration,
    ) -> Result<Option<Lock>, Error> {
        let busy = |fault: &FileError| fault.is_lock_timeout();
        let result = match files::lock_within(&self.path, Duration::ZERO) {
            Err(fault) if busy(&fault) => {
                system.console.info(&format!(
                    "another rolehop is asking for a code of {}; waiting for its session",
                    mfa.serial
                ));
                if matches!(mfa.code, CodeFrom::Person) {
                    system
                        .clock
                        .aside(|| files::lock_within(&self.path, PERSON))
                } else {
                    files::lock_within(&self.path, system.clock.left(total))
                }
            }
            result => result,
        };
        match result {
            Ok(lock) => Ok(Some(lock)),
            Err(fault) if busy(&fault) => Err(NoCode::Busy {
                serial: mfa.serial.to_string(),
                fault,
            }
            .into()),
            Err(fault) => {
                system
                    .console
                    .warning(&format!("the MFA session is not kept: {fault}"));
                Ok(None)
            }
        }
    }

    /// The session, if it lives long enough to begin with. What cannot be read is as good as not there.
    pub(super) fn read(&self, now: SystemTime) -> Option<Credentials> {
        let text = Zeroizing::new(files::read_limited(&self.path, MOST_BYTES).ok()?);
        let record: Record<String> = serde_json::from_str(&text).ok()?;
        let expires = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(record.expires))?;
        let session = Credentials {
            access_key_id: record.access_key_id,
            secret_access_key: Secret::new(record.secret_access_key),
            session_token: Some(Secret::new(record.session_token)),
            expires: Some(expires),
        };
        (expires > now + LEAST_LEFT).then_some(session)
    }

    pub(super) fn write(&self, session: &Credentials) -> Result<(), FileError> {
        let since = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).ok();
        let token = session.session_token.as_ref().map(Secret::reveal);
        let record = Record {
            access_key_id: session.access_key_id.as_str(),
            secret_access_key: session.secret_access_key.reveal(),
            session_token: token.unwrap_or_default(),
            expires: session
                .expires
                .and_then(since)
                .unwrap_or_default()
                .as_secs(),
        };
        // Of strings and a number: always JSON.
        let text = Zeroizing::new(serde_json::to_string(&record).unwrap_or_default());
        files::replace(&self.path, text.as_bytes())
    }

    pub(super) fn forget(&self) {
        // One that stays is found to be of no use again.
        let _ = files::remove(&self.path);
    }
}
