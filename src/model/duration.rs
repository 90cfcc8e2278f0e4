//! How long a session lives, with the tighter bound that role chaining has.

use std::str::FromStr;
use std::time::Duration;

use super::invalid::{Invalid, shown};

/// 900 to 43,200 seconds. A role's own maximum may be lower; only STS knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionDuration(u32);

impl SessionDuration {
    /// What STS gives when nothing is asked.
    pub(crate) const DEFAULT: Self = Self(3600);
    /// The least: enough for a hop that only leads to the next one.
    pub(crate) const LEAST: Self = Self(900);
    /// The most that STS gives when the caller is itself a role.
    pub(crate) const MOST_CHAINED: Self = Self(3600);

    pub(crate) fn seconds(self) -> u32 {
        self.0
    }

    pub(crate) fn exceeds(self, other: Self) -> bool {
        self.0 > other.0
    }
}

impl FromStr for SessionDuration {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let seconds = whole_number(text)?;
        match u32::try_from(seconds) {
            Ok(seconds @ 900..=43_200) => Ok(Self(seconds)),
            _ => Err(Invalid::new(format!(
                "{} is outside 900 to 43200 seconds (15 minutes to 12 hours)",
                shown(text)
            ))),
        }
    }
}

/// A positive number of seconds, as `action-timeout-s` takes it; 0 means that nothing was asked.
pub(crate) fn timeout(text: &str) -> Result<Option<Duration>, Invalid> {
    match whole_number(text)? {
        0 => Ok(None),
        seconds @ 1..=86_400 => Ok(Some(Duration::from_secs(seconds))),
        _ => Err(Invalid::new(format!(
            "{} is above 86400 seconds (a day)",
            shown(text)
        ))),
    }
}

pub(crate) fn whole_number(text: &str) -> Result<u64, Invalid> {
    if !text.is_empty() && text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().map_err(|_| Invalid::new("is not a number"));
    }
    Err(Invalid::new(format!(
        "{} is not a whole number, as in 3600",
        shown(text)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_the_bounds_of_sts() {
        for (text, ok) in [
            ("900", true),
            ("43200", true),
            ("3600", true),
            ("899", false),
            ("43201", false),
            ("0", false),
            ("-1", false),
            ("1h", false),
            ("3600.5", false),
            ("99999999999999999999", false),
        ] {
            assert_eq!(text.parse::<SessionDuration>().is_ok(), ok, "{text}");
        }
    }
}
