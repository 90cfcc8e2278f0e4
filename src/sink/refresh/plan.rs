//! What a later process needs to ask again for the same session: the settings as they were understood, and no secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Read by the very program that wrote it, in the same job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) version: String,
    /// Whose session it is, where the step has several targets.
    pub(crate) target: Option<String>,
    /// The kind of the source: another process must not take what it happens to find.
    pub(crate) source: String,
    /// By the settings' names.
    pub(crate) settings: BTreeMap<String, String>,
    /// Variables that say where the machine's own credentials are, as they were: they are not in later steps any more.
    /// What was not there has to be gone.
    pub(crate) variables: BTreeMap<String, Option<String>>,
}

impl Plan {
    pub(crate) fn text(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(self).map_err(|fault| Error::Internal(fault.to_string()))
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
