//! The page `docs/ci/README.md`: what each CI system can do, from the facts that the program acts on.

use std::fmt::Write as _;

use crate::host::{Export, Host, Masking, Reporting, TokenWay};

const HEAD: &str = "\
# CI systems

Generated from `src/host/` by `cargo xtask docs`.

The same binary runs on all of them. It tells the system by its variables, in the order of this table: a system that sets the
marks of another one stands before it. The setting `ci` overrides that, with a name of the first column or `none`.

Where a role is to be assumed, the job's own token is taken in the system's way. A token in hand comes first
(`web-identity-token-file`, with `-` for standard input; the variable `ROLEHOP_WEB_IDENTITY_TOKEN`; or
`web-identity-token-variable`, which names a variable), and so do keys and `source-profile`. `force-skip-oidc` leaves the token alone, and
`role-chaining` takes the credentials that the environment has. See [usage](../usage.md#sources-who-the-job-is).

| `ci` | system | the job's token | audience |
| --- | --- | --- | --- |
";

const HAND_OVER: &str = "
What the job needs so that there is a token, or what to do where there is none, is also the hint of the error
[oidc-permission-missing](../errors.md#oidc-permission-missing):

| `ci` | |
| --- | --- |
";

const LIMITS: &str = "
## What a system can hide and hand over

A system that cannot hide a value at run time never gets one printed. A system without a private way from one step to the next
gets no substitute: artifacts, meta-data, results and step outputs of such systems are stored in clear text where others can read
them.

| `ci` | secrets in the log | later steps get the credentials | the log understands | page |
| --- | --- | --- | --- | --- |
";

const TAIL: &str = "
## Session tags

AWS takes no tags when a role is assumed with a token, but those that the token itself carries. Only Buildkite's can carry them:
`token-session-tags: organization_slug,pipeline_slug`; the role's trust policy then has to allow `sts:TagSession`. Every other hop has the
tags of [usage](../usage.md#session-tags).

## Not recognised

Concourse and Tekton set no mark in a task: there it is a plain shell. Give the token of Concourse's `idtoken` source as the variable
`ROLEHOP_WEB_IDENTITY_TOKEN`, and Tekton's projected token with `web-identity-token-file`. Google Cloud Build has no documented mark
either; `ci: cloud-build` says it for sure.
";

/// The page as a whole.
#[must_use]
pub fn hosts_markdown() -> String {
    let mut text = HEAD.to_owned();
    let hosts = || {
        Host::ALL
            .into_iter()
            .map(Host::facts)
            .map(|facts| (facts.name, facts))
    };
    for (name, facts) in hosts() {
        let (token, audience) = token(facts.token);
        let _ = writeln!(
            text,
            "| `{name}` | {} | {token} | {audience} |",
            facts.title
        );
    }
    text.push_str(HAND_OVER);
    for (name, facts) in hosts() {
        let _ = writeln!(text, "| `{name}` | {} |", facts.grant.replace('|', "\\|"));
    }
    text.push_str(LIMITS);
    for (name, facts) in hosts() {
        let page = facts.page.strip_prefix("docs/ci/").unwrap_or(facts.page);
        let _ = writeln!(
            text,
            "| `{name}` | {} | {} | {} | [{page}]({page}) |",
            masking(facts.masking),
            export(facts.export),
            reporting(facts.reporting)
        );
    }
    text.push_str(TAIL);
    text
}

/// Where it comes from, and for whom it is.
fn token(way: TokenWay) -> (String, &'static str) {
    const ANY: &str = "as `audience` says; `sts.amazonaws.com` without it";
    const FIXED: &str = "fixed when the token is made";
    match way {
        TokenWay::GithubEndpoint => ("the runner's token endpoint".to_owned(), ANY),
        TokenWay::GitlabVariable => (
            "`GITLAB_OIDC_TOKEN`, or `<AUDIENCE>_ID_TOKEN` as in `STS_AMAZONAWS_COM_ID_TOKEN`, whichever is for the audience; the job declares it in `id_tokens:`".to_owned(),
            "as the job declares it",
        ),
        TokenWay::Ready { variables, file } => {
            let places: Vec<String> = variables
                .iter()
                .copied()
                .chain(file)
                .map(|place| format!("`{place}`"))
                .collect();
            (places.join(", or "), FIXED)
        }
        TokenWay::Circleci => (
            "`CIRCLE_OIDC_TOKEN_V2`; for another audience `circleci run oidc get`".to_owned(),
            "the organisation's ID; as `audience` says where it is given",
        ),
        TokenWay::BuildkiteAgent => ("`buildkite-agent oidc request-token`".to_owned(), ANY),
        TokenWay::AzurePost => (
            "the job's token endpoint, with `SYSTEM_ACCESSTOKEN`; `azure-service-connection` asks for a connection's identity".to_owned(),
            "always `api://AzureADTokenExchange`",
        ),
        TokenWay::CodefreshGet => ("the build's token endpoint".to_owned(), ANY),
        TokenWay::MetadataServer => ("Google's metadata server".to_owned(), ANY),
        TokenWay::None => ("none of its own".to_owned(), ""),
    }
}

fn masking(masking: Masking) -> &'static str {
    match masking {
        Masking::GithubCommand => "`::add-mask::`",
        Masking::AzureSetSecret => "`##vso[task.setsecret]`",
        Masking::BuildkiteRedactor => "the agent's redactor",
        Masking::SpaceliftCommand => "`::add-mask`",
        Masking::WithExport => "hidden as they are handed over",
        Masking::Nothing => "cannot be hidden; never printed",
    }
}

fn export(export: Export) -> &'static str {
    match export {
        Export::RunnerFiles => "by themselves: `GITHUB_ENV`",
        Export::BashEnv => "by themselves, in bash: `BASH_ENV`",
        Export::AzureVariables => "by themselves: variables of the job",
        Export::BuildkiteJob => "by themselves: the environment of the job",
        Export::TeamcityParameters => "by themselves: parameters `env.…` of the build",
        Export::CodefreshExport => "by themselves: `cf_export`",
        Export::AppveyorVariables => "by themselves: variables of the build",
        Export::HarnessSecretFile => "where they refer to the step's secret outputs",
        Export::SameShell => {
            "not by themselves: `rolehop exec`, `eval` in the same shell, a profile, `credential_process`"
        }
        Export::Apart => {
            "not by themselves, each step is a container: `rolehop exec`, a profile in a shared folder, `credential_process`"
        }
    }
}

fn reporting(reporting: Reporting) -> &'static str {
    match reporting {
        Reporting::GithubCommands => "annotations, groups, a summary",
        Reporting::AzureCommands => "issues, groups, a summary",
        Reporting::TeamcityMessages => "messages, blocks",
        Reporting::BuildkiteAnnotation => "groups, an annotation",
        Reporting::GitlabSections => "sections",
        Reporting::TravisFolds => "folds",
        Reporting::AppveyorMessages => "messages",
        Reporting::Plain => "text",
    }
}
