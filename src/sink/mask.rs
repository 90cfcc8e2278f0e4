//! The proof that secrets are hidden: only what is masked can be written, and the proof says who hides it.

use super::buildkite::BuildkiteJob;
use crate::host::{Host, Masking};
use crate::model::request::HandOver;
use crate::model::{Credentials, Secret, Session};
use crate::system::System;

/// Who keeps a value out of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hidden {
    /// The system, which was told the value before anything is written.
    Told,
    /// The system, which learns the value with the hand-over. Nothing prints it before that.
    WithHandOver,
    /// Nobody: the system cannot hide what it learns at run time. We print it nowhere; what later steps print is seen.
    Nobody,
}

impl Hidden {
    /// What this system can do, as far as we can speak to it.
    pub(crate) fn on(host: Host, system: &System) -> Self {
        match host.facts().masking {
            Masking::WithExport => Self::WithHandOver,
            Masking::BuildkiteRedactor if BuildkiteJob::find(&system.env).is_some() => Self::Told,
            // The command is printed only where its reader reads.
            _ if system.console.reader().mask("a value").is_some() => Self::Told,
            _ => Self::Nobody,
        }
    }
}

/// A value whose secrets are hidden, as far as its system can hide anything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Masked<T> {
    value: T,
    hidden: Hidden,
}

impl<T> Masked<T> {
    pub(crate) fn get(&self) -> &T {
        &self.value
    }

    pub(crate) fn hidden(&self) -> Hidden {
        self.hidden
    }

    /// What is made from masked values is masked.
    pub(crate) fn map<U>(&self, make: impl FnOnce(&T) -> U) -> Masked<U> {
        Masked {
            value: make(&self.value),
            hidden: self.hidden,
        }
    }
}

/// AWS' keys have 20 characters and more, and no other server's secret has fewer than 8. A mask for a stand-in such as
/// LocalStack's `test` would hide half the log.
const LEAST: usize = 8;

/// Masks every secret of the session, and the account where the user wants it. What the system then does not hide after
/// all is warned of, and the proof says so.
pub(crate) fn session<'a>(
    system: &System,
    host: Host,
    session: &'a Session,
    hand_over: &HandOver,
) -> Masked<&'a Session> {
    let credentials = &session.identified.credentials;
    let who = &session.identified.who;
    let mut values = of_keys(credentials, hand_over.mask_access_key);
    if hand_over.mask_account {
        values.extend([who.account().as_str(), who.as_str()]);
    }
    let told = values
        .into_iter()
        .try_for_each(|value| tell(system, host, value));
    let hidden = match told {
        Ok(()) => Hidden::on(host, system),
        Err(fault) => {
            system
                .console
                .warning(&format!("the values are not masked: {fault}"));
            Hidden::Nobody
        }
    };
    Masked {
        value: session,
        hidden,
    }
}

/// Masks keys alone: those that were given as inputs, before anything else is said.
pub(crate) fn keys(system: &System, host: Host, keys: &Credentials, with_access_key: bool) {
    for value in of_keys(keys, with_access_key) {
        mask(system, host, value);
    }
}

fn of_keys(keys: &Credentials, with_access_key: bool) -> Vec<&str> {
    let secrets = keys.secrets().map(Secret::reveal);
    let id = with_access_key.then_some(keys.access_key_id.as_str());
    secrets.chain(id).collect()
}

/// Masks text that is about to be saved.
pub(crate) fn texts<T>(system: &System, host: Host, texts: &[&str], value: T) -> Masked<T> {
    for text in texts {
        mask(system, host, text);
    }
    Masked {
        value,
        hidden: Hidden::on(host, system),
    }
}

/// Tells the system to hide a value that we hand to nobody. Where it cannot, nothing is printed.
pub(crate) fn mask(system: &System, host: Host, value: &str) {
    if let Err(fault) = tell(system, host, value) {
        system.console.debug(&format!("not masked: {fault}"));
    }
}

fn tell(system: &System, host: Host, value: &str) -> Result<(), String> {
    tell_one(system, host, value)?;
    // GitHub's runner masks each line of a value too; others do not.
    if value.contains('\n') {
        value
            .lines()
            .try_for_each(|line| tell_one(system, host, line))?;
    }
    Ok(())
}

fn tell_one(system: &System, host: Host, value: &str) -> Result<(), String> {
    if value.trim().len() < LEAST {
        return Ok(());
    }
    if host.facts().masking == Masking::BuildkiteRedactor
        && let Some(job) = BuildkiteJob::find(&system.env)
    {
        return job.redact(value);
    }
    if let Some(line) = system.console.reader().mask(value) {
        system
            .console
            .command(&line)
            .map_err(|fault| format!("the log cannot be written: {fault}"))?;
    }
    Ok(())
}
