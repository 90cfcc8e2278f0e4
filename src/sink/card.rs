//! The identity card in the step summary: who the next steps are, until when, and why. Pure.

use std::fmt::Write as _;
use std::time::SystemTime;

use crate::model::Session;
use crate::model::request::{HandOver, Hop, Target};
use crate::model::time::{rfc3339, span};

/// What the card tells beside the session itself.
#[derive(Debug)]
pub(crate) struct Card<'a> {
    pub(crate) session: &'a Session,
    pub(crate) target: &'a Target,
    pub(crate) hand_over: &'a HandOver,
    pub(crate) source: &'a str,
    pub(crate) claims: Option<(String, String)>,
    pub(crate) region: &'a str,
    /// Whether later steps get the next session when this one ends.
    pub(crate) renewed: bool,
    pub(crate) now: SystemTime,
}

/// Behind an end that is none for later steps.
const RENEWED: &str = "; renewed ahead until the job ends";

impl Card<'_> {
    /// The line above it, where there is one: whom the next steps are.
    pub(crate) fn who(&self) -> &str {
        if self.hand_over.mask_account {
            return "credentials were handed over";
        }
        self.session.identified.who.as_str()
    }

    pub(crate) fn markdown(&self) -> String {
        let who = &self.session.identified.who;
        // The first row stands where Markdown wants a heading.
        let mut text = "### AWS credentials\n\n".to_owned();
        let mut heading = Some("| --- | --- |\n");
        let mut row = |name: &str, value: &str| {
            let _ = writeln!(text, "| {name} | {value} |");
            text.push_str(heading.take().unwrap_or_default());
        };
        let hidden = self.hand_over.mask_account;
        row(
            "Account",
            &code(if hidden {
                "***"
            } else {
                who.account().as_str()
            }),
        );
        match self.target.hops.as_slice() {
            [] => row("Identity", &code(if hidden { "***" } else { who.as_str() })),
            hops => {
                let role = |hop: &Hop| match hop.role.account().filter(|_| hidden) {
                    Some(account) => hop.role.as_str().replace(account, "***"),
                    None => hop.role.as_str().to_owned(),
                };
                row(
                    "Role",
                    &hops
                        .iter()
                        .map(|hop| code(&role(hop)))
                        .collect::<Vec<_>>()
                        .join(" → "),
                );
                if let Some(hop) = hops.last() {
                    row("Session", &code(hop.session.as_str()));
                }
            }
        }
        row("Source", &escape(self.source));
        if let Some((issuer, subject)) = &self.claims {
            row(
                "Token",
                &format!("subject {}, issuer {}", code(subject), code(issuer)),
            );
        }
        row("Region", &code(self.region));
        row("Valid until", &self.expiry());
        for (name, value) in self.session_rows() {
            row(name, &value);
        }
        text.push('\n');
        text
    }

    fn expiry(&self) -> String {
        match self.session.identified.credentials.expires {
            Some(at) => {
                let left = at.duration_since(self.now).map_or_else(
                    |_| "expired".to_owned(),
                    |left| format!("{} after this step", span(left)),
                );
                let next = if self.renewed { RENEWED } else { "" };
                format!("{} ({left}){next}", rfc3339(at))
            }
            None => "no end: these are long-lived keys, or their end is not known".to_owned(),
        }
    }

    fn session_rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        let Some(hop) = self.target.hops.last() else {
            return rows;
        };
        let dropped = &self.session.dropped_tags;
        let sent = hop.tags.iter().filter(|tag| !dropped.contains(&tag.key));
        let tags: Vec<String> = sent
            .map(|tag| code(&format!("{}={}", tag.key, tag.value)))
            .collect();
        if !tags.is_empty() {
            rows.push(("Session tags", tags.join(" ")));
        }
        if !dropped.is_empty() {
            rows.push(("Tags left out", escape(&dropped.join(", "))));
        }
        let inline = hop
            .policy
            .as_ref()
            .map(|policy| format!("inline, {} characters", policy.as_str().chars().count()));
        let managed = hop.policy_arns.iter().map(|arn| code(arn.as_str()));
        let policies: Vec<String> = inline.into_iter().chain(managed).collect();
        if !policies.is_empty() {
            rows.push(("Session policies", policies.join(" ")));
        }
        if let Some(percent) = self.session.packed_size {
            rows.push(("Packed size", format!("{percent} % of AWS' limit")));
        }
        rows
    }
}

/// A value between backticks, which it cannot leave, in a cell, which it cannot leave either.
pub(super) fn code(value: &str) -> String {
    let clean: String = value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    format!("<code>{}</code>", escape(&clean))
}

pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' => safe.push_str("&#124;"),
            '`' => safe.push_str("&#96;"),
            '[' => safe.push_str("&#91;"),
            '@' => safe.push_str("&#64;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_cell() {
        assert_eq!(
            code("a|b`c<d>\n# x"),
            "<code>a&#124;b&#96;c&lt;d&gt; # x</code>"
        );
    }
}
