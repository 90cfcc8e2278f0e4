//! What the file of the event tells of the repository, where the CI is GitHub's.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::model::time::rfc3339;

/// The event that started the job.
pub(crate) struct Event(Value);

impl Event {
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// The branch that the repository calls its default.
    pub(crate) fn default_branch(&self) -> Option<String> {
        let branch = self.0.pointer("/repository/default_branch")?;
        branch.as_str().map(str::to_owned)
    }

    /// When the repository was made, as in `2026-08-01T…`; some events have seconds since 1970.
    pub(crate) fn repository_made(&self) -> Option<String> {
        match self.0.pointer("/repository/created_at")? {
            Value::String(text) => Some(text.clone()),
            other => {
                let since = Duration::from_secs(other.as_u64()?);
                SystemTime::UNIX_EPOCH.checked_add(since).map(rfc3339)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_tells_of_the_repository() {
        let read = |text| Event::read(text).expect("an event");
        let push = read(r#"{"repository": {"default_branch": "trunk", "created_at": 1785542400}}"#);
        assert_eq!(push.default_branch().as_deref(), Some("trunk"));
        assert_eq!(
            push.repository_made().as_deref(),
            Some("2026-08-01T00:00:00Z")
        );
        let other = read(r#"{"repository": {"created_at": "2026-08-02T00:00:00Z"}}"#);
        assert_eq!(
            other.repository_made().as_deref(),
            Some("2026-08-02T00:00:00Z")
        );
        assert_eq!(read("{}").repository_made(), None);
        assert!(Event::read("x").is_none());
    }
}
