//! What arrived: one entry per request, for tests to look at.

use std::collections::BTreeMap;

/// One request as it arrived, with the status that it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// `AssumeRole`, `GetIdToken`, `ImdsToken`…; `Unknown` when no route fits.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The request target as it stood on the request line; absolute when the fake was used as a plain HTTP proxy.
    pub target: String,
    /// The headers by lower-case name; several of one name are joined with a comma.
    pub headers: BTreeMap<String, String>,
    /// The parameters of the query, and of the body if it is a form.
    pub params: BTreeMap<String, String>,
    /// The status that was answered; 0 while, or if, there was none.
    pub status: u16,
    /// Which connection it came on, counted from 1.
    pub connection: u64,
    /// When it arrived, in milliseconds after the fake started.
    pub at_ms: u64,
}

impl Recorded {
    /// A parameter's value, empty if it was absent.
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A header's value by its lower-case name, empty if it was absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}
