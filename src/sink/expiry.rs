//! Until when keys live that were handed over: variables and profiles have no place for it that every AWS tool would take well.
//! So it is kept beside the job, under a name that tells nothing, and nothing in it is secret.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::model::Credentials;
use crate::system::env::Env;
use crate::system::{System, cache, files};

const MOST_BYTES: u64 = 32;

fn path(env: &Env, access_key_id: &str) -> Option<PathBuf> {
    Some(cache::folder(env)?.join(cache::name("expires", &[access_key_id])))
}

/// What the journal keeps of it, so that `post` can say what ended before the job did.
pub(super) fn mark(keys: &Credentials) -> Option<(String, u64)> {
    let at = keys.expires?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some((keys.access_key_id.clone(), at.as_secs()))
}

/// A run without it is as good; only a later `min-remaining` asks for it.
pub(crate) fn record(system: &System, keys: &Credentials) {
    let Some((path, at)) = path(&system.env, &keys.access_key_id).zip(keys.expires) else {
        return;
    };
    let at = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let text = at.as_secs().to_string();
    if let Err(fault) = cache::note(&path, text.as_bytes()) {
        system
            .console
            .debug(&format!("when the keys expire is not recorded: {fault}"));
    }
}

pub(crate) fn recorded(env: &Env, access_key_id: &str) -> Option<SystemTime> {
    let text = files::read_limited(&path(env, access_key_id)?, MOST_BYTES).ok()?;
    let seconds = text.trim().parse().ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// With the folder, if nothing else is in it.
pub(crate) fn forget(env: &Env, access_key_id: &str) {
    if let Some(path) = path(env, access_key_id) {
        let _ = files::remove(&path);
        if let Some(folder) = path.parent() {
            files::remove_empty_directories(&[folder.to_owned()]);
        }
    }
}
