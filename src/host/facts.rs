//! What is known of a CI system, in one shape for all of them. Facts only: who acts on them is named at each field.

use super::Job;
use crate::system::env::Env;

/// One system. Each has a file of its own in this folder with a `FACTS`.
#[derive(Debug)]
pub(crate) struct Facts {
    /// What the setting `ci` takes, and what tags and the user agent say.
    pub(crate) name: &'static str,
    /// What people call it.
    pub(crate) title: &'static str,
    /// What `detect` looks at, for people.
    pub(crate) mark: &'static str,
    /// Whether the process runs there; systems that imitate others are asked before those.
    pub(crate) detect: fn(&Env) -> bool,
    /// What the variables say of the job.
    pub(crate) job: fn(&Env) -> Job,
    /// The session's name where the user gives none.
    pub(crate) session: &'static str,
    /// Where the job's token comes from: `identity/`.
    pub(crate) token: TokenWay,
    /// What the job needs so that there is a token; where the system has none, what to do instead.
    pub(crate) grant: &'static str,
    /// How a secret is hidden in the log: `sink/`.
    pub(crate) masking: Masking,
    /// How later steps get the credentials: `sink/`.
    pub(crate) export: Export,
    /// How the log is spoken to: `report/`.
    pub(crate) reporting: Reporting,
    /// Its page in the documentation.
    pub(crate) page: &'static str,
}

/// How a job proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenWay {
    /// `GET $ACTIONS_ID_TOKEN_REQUEST_URL&audience=…` with a bearer; JSON `value`. Any audience.
    GithubEndpoint,
    /// The job names the variable in `id_tokens:`, with the audience; two names are usual.
    GitlabVariable,
    /// The first of these variables that is there, else the file. The audience was fixed when the token was made.
    Ready {
        variables: &'static [&'static str],
        file: Option<&'static str>,
    },
    /// A ready-made token whose audience is the organisation; for any other one `circleci run oidc get`.
    Circleci,
    /// `buildkite-agent oidc request-token`. Any audience; the only one that carries session tags.
    BuildkiteAgent,
    /// `POST $SYSTEM_OIDCREQUESTURI` with the job's access token; JSON `oidcToken`. One fixed audience.
    AzurePost,
    /// `GET $CF_OIDC_REQUEST_URL` with the bare request token; JSON `id_token`. Any audience.
    CodefreshGet,
    /// Google's metadata server; the body is the token. Any audience.
    MetadataServer,
    /// The system issues none, or only where the user says: a token file or variable, keys, or the machine's credentials.
    None,
}

/// How a secret is hidden in the log of the running job. What cannot be hidden must not be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Masking {
    /// `::add-mask::VALUE`, GitHub's escapes.
    GithubCommand,
    /// `##vso[task.setsecret]VALUE`.
    AzureSetSecret,
    /// The Job API on its socket, or `buildkite-agent redactor add` with the value on standard input.
    BuildkiteRedactor,
    /// `::add-mask VALUE`; white space separates values.
    SpaceliftCommand,
    /// Only what is handed over is hidden, by the hand-over itself.
    WithExport,
    /// Nothing can be hidden at run time: secrets are never printed.
    Nothing,
}

/// How later steps of the job get the credentials by themselves.
#[expect(
    clippy::enum_variant_names,
    reason = "the variant is named after Codefresh's own command"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Export {
    /// `GITHUB_ENV`, `GITHUB_OUTPUT`, `GITHUB_STATE`.
    RunnerFiles,
    /// Shell code in the file that `BASH_ENV` names; bash reads it at the start of each later step.
    BashEnv,
    /// `##vso[task.setvariable]` after `setsecret`.
    AzureVariables,
    /// The Job API, or `buildkite-agent env set` with JSON on standard input.
    BuildkiteJob,
    /// `##teamcity[setParameter name='env.…']`.
    TeamcityParameters,
    /// `cf_export NAME --mask`.
    CodefreshExport,
    /// `POST ${APPVEYOR_API_URL}api/build/variables`.
    AppveyorVariables,
    /// Lines in the file that `HARNESS_OUTPUT_SECRET_FILE` names; later steps refer to each value.
    HarnessSecretFile,
    /// No private way to another step: `eval` in the same shell, or `rolehop exec`.
    SameShell,
    /// Each step has a container of its own: `rolehop exec`, a profile file in a shared folder, `credential_process`.
    Apart,
}

/// What the log of the system understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reporting {
    /// `::warning::`, `::error::`, `::group::`, and the step summary.
    GithubCommands,
    /// `##vso[task.logissue]`, `##[group]`, `##vso[task.uploadsummary]`.
    AzureCommands,
    /// `##teamcity[message …]` and `blockOpened`.
    TeamcityMessages,
    /// `---` groups, and `buildkite-agent annotate`.
    BuildkiteAnnotation,
    /// `section_start` and `section_end`.
    GitlabSections,
    /// `travis_fold:start` and `travis_fold:end`.
    TravisFolds,
    /// `POST ${APPVEYOR_API_URL}api/build/messages`.
    AppveyorMessages,
    /// Text.
    Plain,
}
