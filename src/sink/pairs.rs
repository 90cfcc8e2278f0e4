//! Names and values on their way to a later step.

use super::journal::is_secret;
use super::mask::{self, Masked};
use crate::error::Error;
use crate::host::Host;
use crate::system::System;

/// Names and values, in order. An empty value takes the variable away, as far as the system can.
pub(crate) type Pairs = Vec<(&'static str, String)>;

/// Refuses what no line-wise way can carry. STS issues nothing of the kind.
pub(crate) fn check_lines(pairs: &Pairs) -> Result<(), Error> {
    match pairs
        .iter()
        .find(|(_, value)| value.contains(char::is_control))
    {
        Some((name, _)) => Err(Error::Refused {
            what: format!("{name} cannot be handed over"),
            fault: "its value has a line break or another control character".to_owned(),
        }),
        None => Ok(()),
    }
}

/// What the variables of these pairs are as long as nothing was written.
pub(crate) fn earlier(system: &System, host: Host, pairs: &Pairs) -> Masked<Pairs> {
    let value = |name| system.env.get(name).unwrap_or_default().to_owned();
    let earlier: Pairs = pairs.iter().map(|(name, _)| (*name, value(name))).collect();
    let secrets = earlier.iter().filter(|(name, _)| is_secret(name));
    let secrets: Vec<String> = secrets.map(|(_, value)| value.clone()).collect();
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    mask::texts(system, host, &secrets, earlier)
}
