//! What is looked at: each aspect of a run is a list of lines, and two runs are alike when all lists are.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One thing that a workflow, its log or AWS could notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Aspect {
    /// Whether main succeeded.
    Outcome,
    /// What main wrote to `GITHUB_ENV`.
    Variables,
    /// What main wrote to `GITHUB_OUTPUT`.
    Outputs,
    /// The files in the home folder after main, and the files that the step named.
    Files,
    /// What the log hides from then on.
    Masks,
    /// How many annotations of each level there are; their wording is left out.
    Annotations,
    /// Workflow commands in the log that no action of this kind issues: text of a server that got through.
    Commands,
    /// What was asked of the token endpoint and of STS, each request once.
    Requests,
    /// How often each of them was sent, where that is more than once.
    Repeats,
    /// Which hosts a proxy was asked for.
    Proxied,
    /// The words of the user agent that tell of the job.
    Agent,
    /// Whether post succeeded.
    PostOutcome,
    /// The AWS variables of the job after post; an empty one counts as absent, since no runner can remove one.
    PostVariables,
    /// The files after post.
    PostFiles,
}

impl Aspect {
    pub(crate) const ALL: [Self; 14] = [
        Self::Outcome,
        Self::Variables,
        Self::Outputs,
        Self::Files,
        Self::Masks,
        Self::Annotations,
        Self::Commands,
        Self::Requests,
        Self::Repeats,
        Self::Proxied,
        Self::Agent,
        Self::PostOutcome,
        Self::PostVariables,
        Self::PostFiles,
    ];

    /// How the page names it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Variables => "variables",
            Self::Outputs => "outputs",
            Self::Files => "files",
            Self::Masks => "masks",
            Self::Annotations => "annotations",
            Self::Commands => "foreign workflow commands",
            Self::Requests => "requests",
            Self::Repeats => "repeats",
            Self::Proxied => "what the proxy sees",
            Self::Agent => "user agent",
            Self::PostOutcome => "outcome of post",
            Self::PostVariables => "variables after post",
            Self::PostFiles => "files after post",
        }
    }
}

/// What was seen of one action in one scenario.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observation {
    pub(crate) seen: BTreeMap<Aspect, Vec<String>>,
    /// How many requests arrived, GetCallerIdentity and the metadata services' included.
    pub(crate) requests: usize,
    /// Milliseconds that main took.
    pub(crate) millis: u128,
    /// Whether something was saved for post. Not compared: the peer's post needs nothing.
    pub(crate) saved: bool,
    /// For a person who wants to know why.
    pub(crate) log: String,
}

impl Observation {
    pub(crate) fn lines(&self, aspect: Aspect) -> &[String] {
        self.seen.get(&aspect).map_or(&[], Vec::as_slice)
    }
}
