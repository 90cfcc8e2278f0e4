//! What `explain` found, as text for people and as JSON for programs. Pure.

use serde_json::{Value, json};

use super::{Asker, Report};
use crate::error::Error;
use crate::model::Claims;
use crate::trust::diagnose::shown_claims;
use crate::trust::evaluate::{Finding, Verdict};

pub(super) fn text(report: &Report) -> String {
    let mut lines = Vec::new();
    match &report.asker {
        Some(Asker::Job(claims)) => {
            lines.push("the token says".to_owned());
            let shown = shown_claims(claims);
            lines.extend(
                shown
                    .iter()
                    .map(|(name, value)| format!("  {name:<16} {}", one_line(value))),
            );
        }
        Some(Asker::Caller(caller)) => lines.push(format!("the caller is {}", caller.principal())),
        None => {}
    }
    if let Some((file, verdict, warnings)) = &report.judged {
        if let (Some(verdict), Some(asker)) = (verdict, &report.asker) {
            lines.push(String::new());
            lines.extend(verdict_lines(file, verdict, asker));
        }
        if !warnings.is_empty() {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.push(format!("worth a look in {file}"));
            lines.extend(warnings.iter().map(|warning| line(warning, 1)));
        } else if verdict.is_none() {
            lines.push(format!(
                "{file} is a trust policy, and nothing in it is too open"
            ));
        }
        return lines.join("\n");
    }
    if let Some(proposal) = &report.proposal {
        lines.push(String::new());
        lines.push(format!(
            "a trust policy that admits exactly {}",
            report.asker.as_ref().map_or("it", Asker::words)
        ));
        lines.extend(proposal.json().lines().map(|line| format!("  {line}")));
        lines.extend(proposal.notes.iter().map(|note| format!("note: {note}")));
    }
    lines.join("\n")
}

fn verdict_lines(file: &str, verdict: &Verdict, asker: &Asker) -> Vec<String> {
    let who = asker.words();
    match verdict {
        Verdict::Admits { line: at, provided } if provided.is_empty() => {
            vec![format!(
                "admitted: the statement on line {at} of {file} admits {who}"
            )]
        }
        Verdict::Admits { line: at, provided } => {
            let mut lines = vec![format!(
                "admitted, if AWS finds so: the statement on line {at} of {file} admits {who}, provided that"
            )];
            lines.extend(provided.iter().map(|finding| line(finding, 1)));
            lines
        }
        Verdict::Denied(finding) => vec![format!("refused: {file} denies {who}"), line(finding, 1)],
        Verdict::Refuses(statements) if statements.is_empty() => {
            vec![format!("refused: {file} has no statement that allows")]
        }
        Verdict::Refuses(statements) => {
            let mut lines = vec![format!("refused: no statement of {file} admits {who}")];
            for statement in statements {
                lines.push(format!("  the statement on line {}", statement.line));
                lines.extend(statement.reasons.iter().map(|reason| line(reason, 2)));
            }
            lines
        }
    }
}

fn line(finding: &Finding, depth: usize) -> String {
    format!(
        "{}line {}: {}",
        "  ".repeat(depth),
        finding.line,
        one_line(&finding.what)
    )
}

/// A line break in a claim must not look like a line of ours.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

pub(super) fn json(report: &Report) -> Result<String, Error> {
    let finding = |finding: &Finding| json!({"line": finding.line, "text": finding.what});
    let all = |findings: &[Finding]| findings.iter().map(finding).collect::<Value>();
    let mut document = json!({});
    match &report.asker {
        Some(Asker::Job(claims)) => document["claims"] = shown(claims),
        Some(Asker::Caller(caller)) => document["caller"] = json!(caller.principal()),
        None => {}
    }
    if let Some((file, verdict, warnings)) = &report.judged {
        document["policy"] = json!(file);
        document["warnings"] = all(warnings);
        match verdict {
            None => {}
            Some(Verdict::Admits { line, provided }) => {
                document["verdict"] = json!("admitted");
                document["statement"] = json!(line);
                document["provided"] = all(provided);
            }
            Some(Verdict::Denied(reason)) => {
                document["verdict"] = json!("denied");
                document["statements"] =
                    json!([{"line": reason.line, "reasons": [finding(reason)]}]);
            }
            Some(Verdict::Refuses(statements)) => {
                document["verdict"] = json!("refused");
                let statements = statements.iter();
                document["statements"] = statements
                    .map(|statement| json!({"line": statement.line, "reasons": all(&statement.reasons)}))
                    .collect();
            }
        }
    }
    if let Some(proposal) = &report.proposal {
        let internal = |fault: serde_json::Error| Error::Internal(fault.to_string());
        document["proposal"] = serde_json::from_str(&proposal.json()).map_err(internal)?;
        document["notes"] = json!(proposal.notes);
    }
    serde_json::to_string_pretty(&document).map_err(|fault| Error::Internal(fault.to_string()))
}

fn shown(claims: &Claims) -> Value {
    let pairs = shown_claims(claims).into_iter();
    Value::Object(
        pairs
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect(),
    )
}
