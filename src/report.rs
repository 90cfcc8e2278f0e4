//! An error as people and runners read it. Pure: it returns strings.

use crate::error::Error;
use crate::model::Diagnosis;
use crate::system::console::harmless;

/// The readable block for the log. `files`: where this program's own files can be read, if that is known.
pub(crate) fn block(error: &Error, files: Option<&str>) -> String {
    let advice = error.advice();
    let mut lines = vec![format!(
        "error[{}]: {}",
        advice.code,
        indented(&error.to_string())
    )];
    lines.extend(
        error
            .causes()
            .iter()
            .map(|cause| format!("  cause: {}", indented(cause))),
    );
    lines.push(format!("  hint:  {}", indented(&advice.hint)));
    let files = files.unwrap_or_default();
    lines.push(format!("  docs:  {files}docs/errors.md#{}", advice.code));
    if let Some(diagnosis) = error.diagnosis() {
        lines.push(String::new());
        lines.extend(findings(diagnosis));
    }
    lines.join("\n")
}

/// What the doctor found beside the first cause, which stands above.
fn findings(diagnosis: &Diagnosis) -> Vec<String> {
    let mut lines = Vec::new();
    if !diagnosis.claims.is_empty() {
        lines.push("  the token says".to_owned());
        let claims = diagnosis.claims.iter();
        lines.extend(claims.map(|(name, value)| format!("    {name:<16} {}", one_line(value))));
    }
    let others = diagnosis.causes.iter().skip(1);
    if others.len() > 0 {
        lines.push("  if it is not that".to_owned());
    }
    for cause in others {
        lines.push(format!("    - {}", one_line(&cause.what)));
        lines.push(format!("      {}", one_line(&cause.next)));
    }
    for ready in &diagnosis.policies {
        lines.push(format!("  {}", one_line(&ready.title)));
        let text = ready.text.lines();
        lines.extend(text.map(|line| format!("    {}", harmless(line))));
        let notes = ready.notes.iter();
        lines.extend(notes.map(|note| format!("    note: {}", one_line(note))));
    }
    if !diagnosis.policies.is_empty() {
        lines.extend([
            "  rolehop explain --policy FILE: which line of the role's policy refuses".to_owned(),
            "  rolehop explain --write-policy --format aws-cli: this policy as commands; also terraform, cloudformation".to_owned(),
        ]);
    }
    lines
}

/// Every account that it names, some of which only AWS did: twelve digits, as in an ARN.
pub(crate) fn accounts(error: &Error) -> Vec<String> {
    let text = block(error, None);
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let mut accounts: Vec<String> = numbers
        .filter(|number| number.len() == 12)
        .map(str::to_owned)
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// Foreign text that stays where it is put.
fn one_line(text: &str) -> String {
    harmless(&text.replace(['\n', '\r'], " "))
}

/// The title and text of the annotation that GitHub shows on the run's page: the message, the first causes, the hint.
pub(crate) fn annotation(error: &Error) -> (String, String) {
    const MOST_CAUSES: usize = 5;
    let advice = error.advice();
    let causes = error.causes();
    let mut lines = vec![error.to_string()];
    lines.extend(causes.iter().take(MOST_CAUSES).cloned());
    if causes.len() > MOST_CAUSES {
        lines.push("… and more in the log".to_owned());
    }
    lines.push(advice.hint);
    (
        format!("rolehop {}", advice.code),
        harmless(&lines.join("\n")),
    )
}

/// Foreign text on lines of its own, so that none of them begins like one of ours.
fn indented(text: &str) -> String {
    harmless(text).replace('\n', "\n         ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Mistake;
    use crate::model::Invalid;

    #[test]
    fn the_block_names_code_causes_hint_and_docs() {
        let error = Error::InvalidInputs(vec![
            Mistake {
                input: "aws-region".into(),
                fault: Invalid::new("is missing"),
            },
            Mistake {
                input: "role-duration-seconds".into(),
                fault: Invalid::new("`5` is outside 900 to 43200"),
            },
        ]);
        assert_eq!(
            block(&error, None),
            "error[invalid-inputs]: 2 inputs were refused\n  \
             cause: aws-region: is missing\n  \
             cause: role-duration-seconds: `5` is outside 900 to 43200\n  \
             hint:  correct the inputs named above; no request was sent\n  \
             docs:  docs/errors.md#invalid-inputs"
        );
    }

    #[test]
    fn foreign_text_in_an_annotation_cannot_begin_a_command() {
        let error = Error::OidcRefused {
            how: "HTTP 403".into(),
            text: "x\n::set-env name=A::b".into(),
            grant: "",
        };
        let (title, text) = annotation(&error);
        assert_eq!(title, "rolehop oidc-refused");
        assert!(text.lines().all(|line| !line.starts_with("::")), "{text}");
    }
}
