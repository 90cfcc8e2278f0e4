//! What a run's page shows beside the log: the identity card and the failure, where the system has a place for them.
//! Without it the step is as good, so what fails here is told and not raised.

use super::appveyor::Appveyor;
use super::github::RunnerFiles;
use crate::host::{Host, Reporting};
use crate::system::System;
use crate::system::console::azure;
use crate::system::files;
use crate::system::tool::{self, Tool};

const AGENT: &str = "buildkite-agent";

/// The card, as Markdown or as the lines of its text.
pub(crate) fn card(system: &System, host: Host, title: &str, markdown: &str) -> Result<(), String> {
    match host.facts().reporting {
        Reporting::GithubCommands => {
            RunnerFiles::summary(&system.env, markdown).map_err(|fault| fault.to_string())
        }
        Reporting::AzureCommands => upload(system, markdown),
        Reporting::BuildkiteAnnotation => annotate(system, "info", markdown),
        Reporting::AppveyorMessages => Appveyor::find(&system.env).map_or(Ok(()), |agent| {
            agent.message("Information", title, markdown)
        }),
        _ => Ok(()),
    }
}

/// The failure, for systems whose log has no command for it.
pub(crate) fn failure(system: &System, host: Host, title: &str, text: &str) -> Result<(), String> {
    match host.facts().reporting {
        Reporting::BuildkiteAnnotation => {
            let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
            let markdown = format!("**{title}**\n\n{}\n\n", lines.join("\n"));
            annotate(system, "error", &markdown)
        }
        Reporting::AppveyorMessages => {
            Appveyor::find(&system.env).map_or(Ok(()), |agent| agent.message("Error", title, text))
        }
        _ => Ok(()),
    }
}

/// One annotation for all jobs of a build, else a build of a hundred jobs would have a hundred of them.
fn annotate(system: &System, style: &str, markdown: &str) -> Result<(), String> {
    if tool::find(&system.env, AGENT).is_none() {
        system
            .console
            .debug("no annotation: buildkite-agent is not on the path");
        return Ok(());
    }
    let context = format!("rolehop-{style}");
    let tool = Tool {
        program: AGENT,
        words: &[
            "annotate",
            "--append",
            "--style",
            style,
            "--context",
            &context,
        ],
        input: markdown,
        variables: &[],
    };
    tool.run()
}

/// The agent takes the file some time later, and clears its folder when the job ends.
fn upload(system: &System, markdown: &str) -> Result<(), String> {
    let Some(folder) = system.env.get("AGENT_TEMPDIRECTORY") else {
        return Ok(());
    };
    let suffix = files::random_suffix().map_err(|fault| fault.to_string())?;
    let path = std::path::Path::new(folder).join(format!("rolehop-{suffix}.md"));
    files::create_private(&path, markdown.as_bytes()).map_err(|fault| fault.to_string())?;
    let path = path.display().to_string();
    system
        .console
        .raw(&azure::command("task.uploadsummary", &[], &path));
    Ok(())
}
