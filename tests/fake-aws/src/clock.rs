//! The fake's clock: wall time plus two offsets, and the time formats of AWS.

use std::time::{SystemTime, UNIX_EPOCH};

/// What the fake thinks the time is. All times are seconds since 1970.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    /// Moves everything that expires, and leaves the signature window alone: the callers' clocks do not move along.
    pub(crate) offset: i64,
    /// A server whose clock is wrong altogether: the signature window and the Date header move as well.
    pub(crate) skew: i64,
}

impl Clock {
    pub(crate) fn now(self) -> i64 {
        self.signing_now().saturating_add(self.offset)
    }

    pub(crate) fn signing_now(self) -> i64 {
        wall().saturating_add(self.skew)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate that reads the clock"
)]
fn wall() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

/// Year, month, day, hour, minute, second of a time in UTC.
fn civil(unix: i64) -> (i64, i64, i64, i64, i64, i64) {
    let (days, secs) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    // Howard Hinnant's days-to-civil.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (
        year,
        month,
        doy - (153 * mp + 2) / 5 + 1,
        secs / 3600,
        secs / 60 % 60,
        secs % 60,
    )
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// `2015-08-30T12:36:00Z`.
pub(crate) fn rfc3339(unix: i64) -> String {
    let (y, mo, d, h, mi, s) = civil(unix);
    format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z")
}

/// `20150830T123600Z`, the form of `X-Amz-Date`.
pub(crate) fn amz(unix: i64) -> String {
    rfc3339(unix).replace(['-', ':'], "")
}

/// `Sun, 30 Aug 2015 12:36:00 GMT`, the form of the Date header.
pub(crate) fn http_date(unix: i64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let (y, mo, d, h, mi, s) = civil(unix);
    let pick = |names: &[&'static str], i: i64| {
        usize::try_from(i)
            .ok()
            .and_then(|i| names.get(i).copied())
            .unwrap_or("")
    };
    let (day, month) = (
        pick(&DAYS, unix.div_euclid(86_400).rem_euclid(7)),
        pick(&MONTHS, mo - 1),
    );
    format!("{day}, {d:02} {month} {y:04} {h:02}:{mi:02}:{s:02} GMT")
}

/// Reads `20150830T123600Z` and `2015-08-30T12:36:00Z`.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let compact: String = text.chars().filter(|c| *c != '-' && *c != ':').collect();
    let (date, time) = compact.strip_suffix('Z')?.split_once('T')?;
    if date.len() != 8
        || time.len() != 6
        || !(date.bytes().chain(time.bytes())).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let n = |s: &str, from: usize, to: usize| s.get(from..to)?.parse::<i64>().ok();
    let (month, day) = (n(date, 4, 6)?, n(date, 6, 8)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_from_civil(n(date, 0, 4)?, month, day);
    Some(days * 86_400 + n(time, 0, 2)? * 3600 + n(time, 2, 4)? * 60 + n(time, 4, 6)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_reads_back() {
        for (unix, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_440_938_160, "2015-08-30T12:36:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(unix), text);
            assert_eq!(parse(text), Some(unix));
            assert_eq!(parse(&amz(unix)), Some(unix));
        }
        assert_eq!(http_date(1_440_938_160), "Sun, 30 Aug 2015 12:36:00 GMT");
        for bad in [
            "",
            "20150830",
            "20150830T123600",
            "20151330T123600Z",
            "2015083é0T12360Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
