//! An answer read whole.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// A status, its headers, and at most a megabyte.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// How long the server asks to wait: seconds, or a date, which is compared with the server's own clock if it tells it.
/// <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
pub(crate) fn retry_after(
    after: Option<&str>,
    date: Option<&str>,
    now: SystemTime,
) -> Option<Duration> {
    let after = after?.trim();
    if let Ok(seconds) = after.parse::<u64>() {
        // No job lives that long, and nothing that is added to it overflows.
        return Some(Duration::from_secs(seconds.min(u64::from(u32::MAX))));
    }
    let instant = |text: &str| {
        let at = DateTime::from_str(text.trim(), Format::HttpDate).ok()?;
        SystemTime::try_from(at).ok()
    };
    let from = date.and_then(instant).unwrap_or(now);
    // A date that has passed asks for no pause of its own.
    instant(after)?.duration_since(from).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_and_dates_by_the_servers_clock() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_mins(24_015_636);
        let date = Some("Sun, 30 Aug 2015 12:36:00 GMT");
        let wrong_clock = SystemTime::UNIX_EPOCH;
        for (after, date, now, seconds) in [
            (Some(" 7 "), None, now, Some(7)),
            (
                Some("18446744073709551615"),
                None,
                now,
                Some(u64::from(u32::MAX)),
            ),
            (Some("Sun, 30 Aug 2015 12:36:09 GMT"), None, now, Some(9)),
            (
                Some("Sun, 30 Aug 2015 12:36:09 GMT"),
                date,
                wrong_clock,
                Some(9),
            ),
            (Some("Sun, 30 Aug 2015 12:35:00 GMT"), date, now, None),
            (Some("soon"), None, now, None),
            (Some("-1"), None, now, None),
            (None, date, now, None),
        ] {
            assert_eq!(
                retry_after(after, date, now),
                seconds.map(Duration::from_secs),
                "{after:?}"
            );
        }
    }
}
