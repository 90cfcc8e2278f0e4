//! Names with words of the job in braces: `{repo}-{run}`. The result has only what STS takes in a name.

use crate::model::Invalid;
use crate::model::invalid::shown;

/// STS' limit for session names and source identities.
const MOST: usize = 64;

/// A word of the job, and its value where this job has one.
pub(super) type Word<'a> = (&'static str, Option<&'a str>);

/// A part of a template, as it goes into the name.
enum Part {
    Literal(String),
    Value(String),
    /// A word without a value: it goes, and a separator beside it.
    Absent(&'static str),
}

/// The name that the text makes. Without braces it is the text as it is, to be judged by who asked.
pub(super) fn expand(text: &str, words: &[Word<'_>]) -> Result<String, Invalid> {
    if !text.contains(['{', '}']) {
        return Ok(text.to_owned());
    }
    let mut parts = split(text, words)?;
    let absent: Vec<&str> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Absent(name) => Some(*name),
            _ => None,
        })
        .collect();
    drop_absent(&mut parts);
    shorten(&mut parts);
    let whole: String = parts.iter().map(text_of).collect();
    let name: String = whole.trim_matches('-').chars().take(MOST).collect();
    if name.len() < 2 {
        let why = match absent.as_slice() {
            [] => String::new(),
            names => format!("; this job does not say its {}", names.join(", ")),
        };
        return Err(Invalid::new(format!(
            "makes {} here, and AWS STS accepts 2 to 64 characters{why}",
            shown(&name)
        )));
    }
    Ok(name)
}

fn split(text: &str, words: &[Word<'_>]) -> Result<Vec<Part>, Invalid> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        let (literal, tail) = rest.split_at(open);
        parts.push(Part::Literal(clean(literal)));
        let named = tail.strip_prefix('{').and_then(|tail| tail.split_once('}'));
        let Some((name, after)) = named else {
            return Err(Invalid::new(format!(
                "{} has a brace without its other half",
                shown(text)
            )));
        };
        let word = words.iter().find(|(known, _)| *known == name.trim());
        let Some((known, value)) = word else {
            let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
            return Err(Invalid::new(format!(
                "has no word {{{}}}; the words are {}",
                shown(name).trim_matches('`'),
                known.join(", ")
            )));
        };
        parts.push(
            match value.map(|value| clean(value).trim_matches('-').to_owned()) {
                Some(value) if !value.is_empty() => Part::Value(value),
                _ => Part::Absent(known),
            },
        );
        rest = after;
    }
    parts.push(Part::Literal(clean(rest)));
    parts.retain(|part| !matches!(part, Part::Literal(text) if text.is_empty()));
    Ok(parts)
}

fn text_of(part: &Part) -> &str {
    match part {
        Part::Literal(text) | Part::Value(text) => text,
        Part::Absent(_) => "",
    }
}

/// What STS refuses becomes a hyphen.
fn clean(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    text.chars()
        .map(|c| if allowed(c) { c } else { '-' })
        .collect()
}

/// Takes out the words without a value, each with the separator before it, or after it at the start.
fn drop_absent(parts: &mut Vec<Part>) {
    let separator = |part: Option<&Part>| matches!(part, Some(Part::Literal(text)) if !text.contains(|c: char| c.is_ascii_alphanumeric()));
    while let Some(at) = parts
        .iter()
        .position(|part| matches!(part, Part::Absent(_)))
    {
        parts.remove(at);
        if at > 0 && separator(parts.get(at - 1)) {
            parts.remove(at - 1);
        } else if at == 0 && separator(parts.first()) {
            parts.remove(0);
        }
    }
}

/// Takes characters from the front of the longest word until all fit: the end of a path says most, and a run's number
/// must not be lost.
fn shorten(parts: &mut [Part]) {
    let length = |parts: &[Part]| parts.iter().map(|part| text_of(part).len()).sum::<usize>();
    while length(parts) > MOST {
        let longest = parts
            .iter_mut()
            .filter_map(|part| match part {
                Part::Value(value) if value.len() > 1 => Some(value),
                _ => None,
            })
            .max_by_key(|value| value.len());
        let Some(value) = longest else { return };
        value.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [Word<'static>; 6] = [
        ("repo", Some("octo-org/octo-repo")),
        ("run", Some("42")),
        ("actor", Some("dependabot[bot]")),
        ("job", Some("{7fe3}")),
        ("environment", None),
        ("ref", Some("refs/heads/ä ö")),
    ];

    #[test]
    fn words_stand_for_what_the_job_says_of_itself() {
        for (text, name) in [
            (
                "as it is / refused elsewhere",
                "as it is / refused elsewhere",
            ),
            ("{repo}-{run}", "octo-org-octo-repo-42"),
            ("{ repo }@{run}", "octo-org-octo-repo@42"),
            ("ci/{actor}", "ci-dependabot-bot"),
            ("{job}", "7fe3"),
            ("{ref}.x", "refs-heads.x"),
            ("{environment}-{run}", "42"),
            ("{run}-{environment}", "42"),
            ("{run}-{environment}-{repo}", "42-octo-org-octo-repo"),
            ("{environment}deploy{run}", "deploy42"),
        ] {
            assert_eq!(expand(text, &WORDS).as_deref(), Ok(name), "{text}");
        }
    }

    #[test]
    fn a_long_path_loses_its_beginning_and_never_the_run() {
        let path = format!("{}/project", "group/".repeat(20));
        let words = [("repo", Some(path.as_str())), ("run", Some("1234567890"))];
        let name = expand("{repo}-{run}", &words).expect("a name");
        assert_eq!(name.len(), 64, "{name}");
        assert!(name.ends_with("group--project-1234567890"), "{name}");
        let name = expand(&format!("{}{{run}}", "x".repeat(80)), &words).expect("a name");
        assert_eq!(name, "x".repeat(64));
    }

    #[test]
    fn what_makes_no_name_is_a_mistake() {
        for (text, part) in [
            (
                "{rnu}",
                "has no word {rnu}; the words are repo, run, actor, job, environment, ref",
            ),
            ("{repo", "`{repo` has a brace without its other half"),
            ("repo}", "has a brace without its other half"),
            (
                "{environment}",
                "makes `` here, and AWS STS accepts 2 to 64 characters; this job does not say its environment",
            ),
        ] {
            let fault = expand(text, &WORDS).expect_err(text).to_string();
            assert!(fault.contains(part), "{fault}");
        }
    }
}
