//! Instants and spans as people and the AWS tools read them.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// RFC 3339 in UTC, whole seconds: `2026-11-23T14:05:00Z`.
pub(crate) fn rfc3339(at: SystemTime) -> String {
    let seconds = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let whole = DateTime::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    whole
        .fmt(Format::DateTime)
        .unwrap_or_else(|_| format!("{seconds} seconds after 1970"))
}

/// An instant in RFC 3339, as the AWS tools write it.
pub(crate) fn instant(text: &str) -> Option<SystemTime> {
    let at = DateTime::from_str(text, Format::DateTimeWithOffset).ok()?;
    at.try_into().ok()
}

/// `59 min`, `1 h`, `1 h 30 min`, `45 s`: two units at most, to the nearest minute from five minutes on.
pub(crate) fn span(length: Duration) -> String {
    let exact = length.as_secs();
    let seconds = if exact < 300 {
        exact
    } else {
        exact.saturating_add(30) / 60 * 60
    };
    match (seconds / 3600, seconds % 3600 / 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, 0, _) => format!("{h} h"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// How long a request took or a pause will take: `87 ms`, `1.4 s`.
pub(crate) fn short(length: Duration) -> String {
    if length < Duration::from_secs(1) {
        format!("{} ms", length.as_millis())
    } else {
        format!("{:.1} s", length.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_spans_as_people_say_them() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (900, "15 min"),
            (3540, "59 min"),
            (3599, "1 h"),
            (3600, "1 h"),
            (5400, "1 h 30 min"),
            (43_200, "12 h"),
            (u64::MAX, "5124095576030431 h"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn writes_instants_in_utc() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_442_700_900);
        assert_eq!(rfc3339(at), "2026-11-23T14:05:00Z");
        let whole = at - Duration::from_millis(900);
        for text in [
            "2026-11-23T14:05:00Z",
            "2026-11-23T14:05:00+00:00",
            "2026-11-23T15:05:00+01:00",
        ] {
            assert_eq!(instant(text), Some(whole), "{text}");
        }
        assert_eq!(instant("soon"), None);
    }
}
