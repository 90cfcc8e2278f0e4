//! One profile's edit of one file, and its reverse, as functions from text to text.

use super::heading::Heading;
use super::ini::Document;
use serde::{Deserialize, Serialize};

/// Keys that decide who a profile is. All that we do not set ourselves have to go from the profile:
///
/// - Every SDK prefers a role, an SSO login or a web identity in a profile to its static keys; the CLI prefers static
///   keys to a `credential_process`, the SDKs for Rust and Go the reverse. So no two of these can stay side by side.
/// - The two files are one profile: a session token left in the config file would be sent with our keys.
/// - `aws_security_token` is the old name of the session token, and the CLI reads it first.
/// - `aws_account_id` and `aws_credential_scope` describe the keys that were there before.
///
/// What only refines a role (`external_id`, `mfa_serial`, `role_session_name`, `duration_seconds`) does nothing
/// without one, and stays.
const IDENTITY: [&str; 12] = [
    "aws_access_key_id",
    "aws_account_id",
    "aws_credential_scope",
    "aws_secret_access_key",
    "aws_security_token",
    "aws_session_token",
    "credential_process",
    "credential_source",
    "login_session",
    "role_arn",
    "source_profile",
    "web_identity_token_file",
];

fn is_identity(key: &str) -> bool {
    IDENTITY.contains(&key) || key.starts_with("sso_")
}

/// What an edit did. Holds what it replaced, which may be somebody's secret keys, and what it wrote.
#[derive(Serialize, Deserialize)]
pub(super) struct Trace {
    pub(super) heading: Heading,
    set: Vec<(String, String)>,
    change: Change,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Change {
    /// The profile was not there: a section was put at the end of the file.
    Added { separator: String, text: String },
    /// The profile's sections (there may be several) before and after.
    Replaced(Vec<(String, String)>),
}

/// The text after a reversal, and how far it went.
pub(super) struct Reversal {
    pub(super) text: String,
    pub(super) extent: Extent,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything is as it was before the edit.
    Whole,
    /// The profile was edited since: our values that were still there are out; these keys hold other values now.
    Partial { left: Vec<String> },
    /// The profile is not there any more.
    Nothing,
}

/// What a profile shall say in one of its files.
#[derive(Clone)]
pub(super) struct Plan<'a> {
    pub(super) heading: Heading,
    pub(super) set: &'a [(&'static str, String)],
    /// What the profile's other file says. Its keys would win over it here, or lose to it.
    pub(super) elsewhere: &'a [(&'static str, String)],
    /// The other file is this one.
    pub(super) is_one_file: bool,
}

impl Plan<'_> {
    /// Makes the profile say so, and nothing else about who it is; `None` if there is nothing to do.
    ///
    /// The document is then what its text would be read as, so that the next profile's edit can follow.
    pub(super) fn edit(&self, document: &mut Document) -> Option<Trace> {
        let heading = &self.heading;
        let old = document.texts(heading);
        document.remove(heading, |key| self.is_unwanted(key));
        let change = if old.is_empty() && self.set.is_empty() {
            return None;
        } else if let Some(added) = document.set(heading, self.set) {
            Change::Added {
                separator: added.separator,
                text: added.text,
            }
        } else {
            let new = document.texts(heading);
            // One that sets what was there already does count: another step's clean-up has to know that it is relied upon.
            if new == old && self.set.is_empty() {
                return None;
            }
            Change::Replaced(old.into_iter().zip(new).collect())
        };
        let owned = |(key, value): &(&str, String)| ((*key).to_owned(), value.clone());
        Some(Trace {
            heading: heading.clone(),
            set: self.set.iter().map(owned).collect(),
            change,
        })
    }

    fn is_unwanted(&self, key: &str) -> bool {
        let has = |values: &[(&str, String)]| values.iter().any(|(name, _)| *name == key);
        if has(self.set) {
            return false;
        }
        // `[default]` is the same section for both where they are one file.
        if has(self.elsewhere) {
            return !self.is_one_file;
        }
        is_identity(key)
    }
}

/// Takes an edit back: exactly, where the profile is as the edit left it; otherwise key by key.
pub(super) fn reverse(now: &str, trace: &Trace) -> Reversal {
    let heading = &trace.heading;
    let mut document = Document::parse(now);
    if document.sections_of(heading).next().is_none() {
        return Reversal {
            text: now.to_owned(),
            extent: Extent::Nothing,
        };
    }
    let extent = if trace.restore_exactly(&mut document) {
        Extent::Whole
    } else {
        trace.restore_keys(&mut document)
    };
    Reversal {
        text: document.to_string(),
        extent,
    }
}

impl Trace {
    /// Lets `later`, an edit that was made on top of this one, restore what was there before this one.
    ///
    /// Then undoing the two in the wrong order brings back neither of them. Tells whether it was on top.
    pub(super) fn hand_over_to(&self, later: &mut Self) -> bool {
        let Change::Replaced(theirs) = &mut later.change else {
            return false;
        };
        let found: Vec<&str> = theirs.iter().map(|(before, _)| before.as_str()).collect();
        if self.heading != later.heading {
            return false;
        }
        let Some(rests) = self.change.rests_of(&found) else {
            return false;
        };
        match &self.change {
            Change::Added { separator, .. } => {
                let (Some((_, after)), Some(rest)) = (theirs.first(), rests.first()) else {
                    return false;
                };
                later.change = Change::Added {
                    separator: separator.clone(),
                    text: rest.off(after).to_owned(),
                };
            }
            Change::Replaced(ours) => {
                for ((theirs, (before, _)), rest) in theirs.iter_mut().zip(ours).zip(rests) {
                    theirs.0 = joined(before, &rest);
                }
            }
        }
        true
    }

    fn restore_exactly(&self, document: &mut Document) -> bool {
        let heading = &self.heading;
        let texts = document.texts(heading);
        let found: Vec<&str> = texts.iter().map(String::as_str).collect();
        let Some(rests) = self.change.rests_of(&found) else {
            return false;
        };
        match &self.change {
            Change::Added { separator, .. } => {
                let rests: Option<Vec<&str>> = rests.iter().map(Rest::text).collect();
                let Some(rests) = rests else {
                    return false;
                };
                document.take_out(heading, separator, &rests.concat());
            }
            Change::Replaced(sections) => {
                let restored = sections
                    .iter()
                    .zip(rests)
                    .map(|((before, _), rest)| joined(before, &rest));
                document.replace_texts(heading, restored);
            }
        }
        true
    }

    fn restore_keys(&self, document: &mut Document) -> Extent {
        let heading = &self.heading;
        let before = self.properties_before();
        let holds = |document: &Document, key: &str| document.value(heading, key);
        let (ours, others): (Vec<_>, Vec<_>) = self
            .set
            .iter()
            .partition(|(key, value)| holds(document, key).as_ref() == Some(value));
        for (key, _) in ours {
            let old = before.iter().find(|(found, _)| found == key);
            match old {
                Some((_, lines)) if others.is_empty() || !is_identity(key) => {
                    document.put_back(heading, key, lines);
                }
                _ => document.remove(heading, |found| found == key),
            }
        }
        // Where one of our values has gone, somebody has decided anew who the profile is; old keys, or a role that we
        // had taken out, would only get in the way of that.
        if others.is_empty() {
            for (key, lines) in &before {
                let is_set = self.set.iter().any(|(name, _)| name == key);
                if !is_set && holds(document, key).is_none() && !self.left_alone(key) {
                    document.put_back(heading, key, lines);
                }
            }
        }
        let is_there = |key: &&String| holds(document, key).is_some();
        let left = others
            .iter()
            .map(|(key, _)| key)
            .filter(is_there)
            .cloned()
            .collect();
        if matches!(self.change, Change::Added { .. }) {
            document.remove_bare(heading);
        }
        Extent::Partial { left }
    }

    /// The profile's properties before the edit: each key once, with the lines that held its value.
    fn properties_before(&self) -> Vec<(String, String)> {
        let Change::Replaced(sections) = &self.change else {
            return Vec::new();
        };
        let mut properties = sections.iter().fold(Vec::new(), |mut all, (before, _)| {
            all.extend(properties_of(before));
            all
        });
        let mut seen = Vec::new();
        properties.reverse();
        properties.retain(|(key, _): &(String, String)| {
            let is_new = !seen.contains(key);
            seen.push(key.clone());
            is_new
        });
        properties.reverse();
        properties
    }

    /// Whether the edit left the key where it was, so that its absence now is somebody else's doing.
    fn left_alone(&self, key: &str) -> bool {
        let Change::Replaced(sections) = &self.change else {
            return false;
        };
        sections
            .iter()
            .any(|(_, after)| properties_of(after).iter().any(|(found, _)| found == key))
    }
}

impl Change {
    /// What follows our text in each of the sections, if all of them still begin with it.
    fn rests_of(&self, sections: &[&str]) -> Option<Vec<Rest>> {
        let after: Vec<&str> = match self {
            Self::Added { text, .. } => vec![text],
            Self::Replaced(sections) => sections.iter().map(|(_, after)| after.as_str()).collect(),
        };
        if after.len() != sections.len() {
            return None;
        }
        sections
            .iter()
            .zip(after)
            .map(|(now, after)| rest_of(now, after))
            .collect()
    }
}

/// How the end of a section differs from what we left.
enum Rest {
    /// Blank lines and comments follow. Those come with whatever is added at the end of the file later, and do not
    /// make it another profile.
    More(String),
    /// Blank lines, or the last line's ending, are gone with a section that came after.
    Less(String),
}

impl Rest {
    fn text(&self) -> Option<&str> {
        match self {
            Self::More(text) => Some(text),
            Self::Less(_) => None,
        }
    }

    fn off<'t>(&self, text: &'t str) -> &'t str {
        match self {
            Self::More(rest) => text.strip_suffix(rest.as_str()).unwrap_or(text),
            Self::Less(_) => text,
        }
    }
}

fn rest_of(now: &str, after: &str) -> Option<Rest> {
    let is_newline = |c| matches!(c, '\n' | '\r');
    if let Some(missing) = after.strip_prefix(now).filter(|text| !text.is_empty()) {
        let is_less = missing.chars().all(is_newline);
        return is_less.then(|| Rest::Less(missing.to_owned()));
    }
    let rest = now.strip_prefix(after)?;
    let is_whole_line = after.ends_with('\n') || rest.is_empty() || rest.starts_with(is_newline);
    let is_comment = |line: &str| line.trim().is_empty() || line.starts_with(['#', ';']);
    (is_whole_line && rest.lines().all(is_comment)).then(|| Rest::More(rest.to_owned()))
}

fn joined(before: &str, rest: &Rest) -> String {
    let rest = match rest {
        Rest::More(rest) => rest,
        Rest::Less(missing) => {
            return before
                .strip_suffix(missing.as_str())
                .unwrap_or(before)
                .to_owned();
        }
    };
    let is_apart = before.ends_with('\n') || rest.is_empty() || rest.starts_with(['\n', '\r']);
    let newline = if rest.contains("\r\n") { "\r\n" } else { "\n" };
    format!("{before}{}{rest}", if is_apart { "" } else { newline })
}

fn properties_of(section: &str) -> Vec<(String, String)> {
    Document::parse(section).properties()
}
