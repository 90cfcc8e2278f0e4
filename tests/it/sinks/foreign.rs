//! What others wrote, a branch's name or a server's message, is shown on every system and obeyed by none.

use std::sync::Arc;

use super::azure_agent::Agent;
use super::server::on_loopback;
use super::systems::{WITH, without};
use super::teamcity_server::messages;
use crate::harness::{OPS, Step};

/// A command of every system, each on a line of its own and in the middle of one.
const COMMANDS: &str = "x\n::set-env name=PATH::evil\n##[error]evil\n##vso[task.setvariable variable=PATH]evil\n\
    a ##vso[task.complete result=Succeeded;]evil\n##teamcity[setParameter name='env.PATH' value='evil']\n--- evil\n+++ evil\n\
    ~~~ evil\n^^^ +++ evil\ntravis_fold:start:evil&#13;[0K\n[0Ksection_start:1700000001:evil&#13;[0Kevil\n\
    ::add-mask evil\n::add-mask::evil\n::stop-commands::evil";

/// STS' refusal, with such a message.
fn answer() -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{COMMANDS}</Message></Error>\
         <RequestId>1</RequestId></ErrorResponse>"
    )
}

/// The lines that some system would obey, apart from those that are this system's own and escaped.
fn obeyed(log: &str) -> Vec<String> {
    let marks = [
        "##[",
        "##vso[",
        "##teamcity[",
        "section_start:",
        "travis_fold:",
        "::add-mask",
    ];
    let starts = ["::", "--- ", "+++ ", "~~~ ", "^^^ "];
    log.split(['\n', '\r'])
        .filter(|line| line.contains("evil"))
        .filter(|line| {
            marks.iter().any(|mark| line.contains(mark))
                || starts
                    .iter()
                    .any(|start| line.trim_start().starts_with(start))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_system_obeys_text_from_outside() {
    let sts = on_loopback(Arc::new(|_| (403, answer())));
    let with_sts = |step: Step<'static>| {
        step.var("AWS_ENDPOINT_URL_STS", &sts)
            .static_keys_as_variables()
            .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
            .var("AWS_REGION", "eu-west-1")
    };
    let others = without();
    for ci in WITH.into_iter().chain(&others) {
        let step = with_sts(ci.step());
        let failed = step.command(&["--aws-profile", "deploy"]);
        let log = failed.ends("sts-access-denied", 5).log;
        assert!(log.contains("evil"), "it is shown: {log}");
        match ci.title {
            "Azure Pipelines" => {
                let agent = Agent::read(&log);
                assert!(agent.env.is_empty() && agent.secret.is_empty(), "{agent:?}");
                assert_eq!(agent.issues.len(), 1, "{agent:?}");
                let shown = agent
                    .shown
                    .replace("##[group]", "")
                    .replace("##[endgroup]", "");
                let people: Vec<&str> = shown
                    .lines()
                    .filter(|line| !line.starts_with("rolehop sts-access-denied:"))
                    .collect();
                assert_eq!(
                    obeyed(&people.join(
                        "
"
                    )),
                    Vec::<String>::new()
                );
            }
            "TeamCity" => {
                let names: Vec<String> = messages(&log).into_iter().map(|(name, _)| name).collect();
                assert_eq!(names, ["blockOpened", "blockClosed", "buildProblem"]);
            }
            _ => assert_eq!(obeyed(&log), Vec::<String>::new(), "{}: {log}", ci.title),
        }
    }
    let github = with_sts(Step::new()).command(&[]);
    let lines = github
        .log
        .lines()
        .filter(|line| line.trim_start().starts_with("::"));
    let lines: Vec<&str> = lines.filter(|line| line.contains("evil")).collect();
    assert_eq!(lines.len(), 1, "{}", github.log);
    assert!(lines[0].starts_with("::error title=rolehop sts-access-denied::"));
}
