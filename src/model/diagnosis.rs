//! Why STS most likely refused, worked out from what is known without the trust policy.

/// What a failed exchange comes to for the person who has to mend it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// The token's claims that a trust policy is compared with; never the token.
    pub(crate) claims: Vec<(&'static str, String)>,
    /// STS' words leave no doubt about the first cause.
    pub(crate) certain: bool,
    /// The likeliest first.
    pub(crate) causes: Vec<Cause>,
    /// A policy that would admit exactly this job or this caller, with the words above it and what to know before using it.
    pub(crate) policies: Vec<Ready>,
}

/// One thing that may be wrong, and the step that mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) what: String,
    pub(crate) next: String,
}

/// A document to paste.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) notes: Vec<String>,
}
