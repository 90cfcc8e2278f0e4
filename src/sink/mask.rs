//! The proof that masks were printed: only what is masked can be written.

use crate::model::request::HandOver;
use crate::model::{Credentials, Session};
use crate::system::console::{Console, command};

/// A value whose secrets the runner knows to hide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Masked<T>(T);

impl<T> Masked<T> {
    pub(crate) fn get(&self) -> &T {
        &self.0
    }

    /// What is made from masked values is masked.
    pub(crate) fn map<U>(&self, make: impl FnOnce(&T) -> U) -> Masked<U> {
        Masked(make(&self.0))
    }
}

/// AWS' keys have 20 characters and more, and no other server's secret has fewer than 8. A mask for a stand-in such as
/// LocalStack's `test` would hide half the log.
const LEAST: usize = 8;

/// Prints a mask for every secret of the session, and for the account where the user wants it.
pub(crate) fn session<'a>(
    console: &Console,
    session: &'a Session,
    hand_over: &HandOver,
) -> Masked<&'a Session> {
    keys(
        console,
        &session.identified.credentials,
        hand_over.mask_access_key,
    );
    if hand_over.mask_account {
        mask(console, session.identified.who.account().as_str());
        mask(console, session.identified.who.as_str());
    }
    Masked(session)
}

/// Prints masks for keys alone: those that were given as inputs, before anything else is said.
pub(crate) fn keys(console: &Console, keys: &Credentials, with_access_key: bool) {
    for secret in keys.secrets() {
        mask(console, secret.reveal());
    }
    if with_access_key {
        mask(console, &keys.access_key_id);
    }
}

/// Prints masks for text that is about to be saved.
pub(crate) fn texts<T>(console: &Console, texts: &[&str], value: T) -> Masked<T> {
    for text in texts {
        mask(console, text);
    }
    Masked(value)
}

pub(crate) fn mask(console: &Console, value: &str) {
    // Where no reader takes the command, it would show what it is to hide.
    if value.trim().len() < LEAST || !console.stream().commands {
        return;
    }
    console.raw(&command("add-mask", &[], value));
    // The runner masks each line of a value too; other runners that speak its protocol do not.
    if value.contains('\n') {
        for line in value.lines().filter(|line| line.trim().len() >= LEAST) {
            console.raw(&command("add-mask", &[], line));
        }
    }
}
