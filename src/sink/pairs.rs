//! Names and values on their way to a later step.

use crate::error::Error;

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
