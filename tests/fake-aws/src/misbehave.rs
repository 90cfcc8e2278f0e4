//! The ways a server can go wrong, and the queue of those that a test has asked for.

use std::time::Duration;

/// What to do instead of, or to, the right answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misbehaviour {
    /// An error document: XML from STS, JSON from the other endpoints.
    Error {
        /// The HTTP status.
        status: u16,
        /// The wire code.
        code: String,
        /// The message.
        message: String,
    },
    /// STS's `Throttling` (400), or a 429 from the other endpoints.
    Throttle,
    /// Exactly these bytes.
    Raw {
        /// The HTTP status.
        status: u16,
        /// The media type.
        content_type: String,
        /// The body.
        body: Vec<u8>,
    },
    /// A 502 with a proxy's HTML page.
    Html,
    /// A 200 without a body.
    Empty,
    /// The right answer's first half, under a length that promises all of it, then the end of the connection.
    Truncated,
    /// As [`Misbehaviour::Truncated`], but with a reset.
    Torn,
    /// A 200 of so many bytes, streamed.
    Huge(usize),
    /// No answer, ever; the connection stays open.
    Hang,
    /// The right answer, one byte every 200 ms.
    Drip,
    /// The connection is reset without an answer.
    Reset,
    /// A 307 to there.
    Redirect(String),
    /// An error with a Retry-After header.
    RetryAfter {
        /// The HTTP status.
        status: u16,
        /// What the header says.
        seconds: u64,
    },
    /// A 503 with a Retry-After header that is a date, so many seconds after the answer's own.
    RetryAfterDate(i64),
    /// The right answer, late.
    Delay(Duration),
    /// The right answer without the XML element or JSON member of that name.
    MissingField(String),
    /// An error whose message has line breaks and workflow commands.
    TextInjection,
}

/// What [`Misbehaviour::TextInjection`] says.
pub(crate) const INJECTION: &str = "denied\n::set-env name=INJECTED::yes\r\n::add-mask::a\n::error title=x::injected\n\
    ::stop-commands::fake\n##[set-output name=injected]yes\n\u{1b}[31mred%0A::warning::encoded";

impl Misbehaviour {
    /// A shorthand for [`Misbehaviour::Error`].
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::Error {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    /// For the next `n` matching requests.
    #[must_use]
    pub fn times(self, n: usize) -> Script {
        Script {
            what: self,
            times: n,
        }
    }

    /// For every matching request from now on.
    #[must_use]
    pub fn always(self) -> Script {
        self.times(usize::MAX)
    }
}

/// A misbehaviour with its repeat count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    what: Misbehaviour,
    times: usize,
}

impl From<Misbehaviour> for Script {
    fn from(what: Misbehaviour) -> Self {
        what.times(1)
    }
}

/// What is still to come, in order.
#[derive(Debug, Default)]
pub(crate) struct Queue(Vec<(String, Script)>);

impl Queue {
    pub(crate) fn push(&mut self, operation: &str, script: Script) {
        self.0.push((operation.to_owned(), script));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first entry for that operation, used up by one.
    pub(crate) fn next(&mut self, operation: &str) -> Option<Misbehaviour> {
        let entry = self
            .0
            .iter_mut()
            .find(|(pattern, s)| s.times > 0 && crate::pattern::matches(pattern, operation))?;
        let what = entry.1.what.clone();
        if entry.1.times != usize::MAX {
            entry.1.times -= 1;
        }
        self.0.retain(|(_, s)| s.times > 0);
        Some(what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out() {
        let mut queue = Queue::default();
        queue.push("AssumeRole", Misbehaviour::Throttle.times(2));
        queue.push("Imds*", Misbehaviour::Reset.into());
        queue.push("AssumeRole", Misbehaviour::Empty.always());
        assert_eq!(queue.next("GetIdToken"), None);
        for expected in [
            Misbehaviour::Throttle,
            Misbehaviour::Throttle,
            Misbehaviour::Empty,
            Misbehaviour::Empty,
        ] {
            assert_eq!(queue.next("AssumeRole"), Some(expected));
        }
        assert_eq!(queue.next("ImdsToken"), Some(Misbehaviour::Reset));
        assert_eq!(queue.next("ImdsToken"), None);
    }
}
