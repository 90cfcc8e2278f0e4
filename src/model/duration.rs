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

/// How long credentials must still live: `45m`, `1h30m`, `90s`, or seconds as a bare number; at most 36 hours, the longest
/// that STS issues.
pub(crate) fn remaining(text: &str) -> Result<Duration, Invalid> {
    let wrong = || {
        Invalid::new(format!(
            "{} is no length of time; write hours, minutes and seconds in this order, as in 45m, 1h30m or 3600",
            shown(text)
        ))
    };
    let (mut rest, mut seconds) = (text, 0_u64);
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let number = whole_number(number).map_err(|_| wrong())?;
            seconds = seconds.saturating_add(number.saturating_mul(length));
            rest = after;
        }
    }
    if rest.len() == text.len() {
        seconds = whole_number(rest).map_err(|_| wrong())?;
    } else if !rest.is_empty() {
        return Err(wrong());
    }
    match seconds {
        1..=129_600 => Ok(Duration::from_secs(seconds)),
        _ => Err(Invalid::new(format!(
            "{} is outside 1 second to 36 hours",
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
    fn a_length_of_time_is_read_with_its_units() {
        for (text, seconds) in [
            ("45m", Some(2700)),
            ("3600", Some(3600)),
            ("1h30m", Some(5400)),
            ("1h5s", Some(3605)),
            ("90s", Some(90)),
            ("36h", Some(129_600)),
            ("0", None),
            ("36h1s", None),
            ("30m1h", None),
            ("1h30", None),
            ("1.5h", None),
            ("45 m", None),
            ("m", None),
            ("1d", None),
            ("99999999999999999999h", None),
        ] {
            let read = remaining(text).ok().map(|length| length.as_secs());
            assert_eq!(read, seconds, "{text}");
        }
    }

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
