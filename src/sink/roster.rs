//! The table in the step summary where there are several targets: who each of them is, until when, and why. Pure.

use std::fmt::Write as _;
use std::rc::Rc;

use super::card::{code, escape};
use crate::model::Session;
use crate::model::request::{Hop, Target};
use crate::model::time::rfc3339;

/// What the table tells beside the sessions themselves.
#[derive(Debug)]
pub(crate) struct Roster<'a> {
    pub(crate) targets: &'a [(Target, Rc<Session>)],
    pub(crate) mask_account: bool,
    pub(crate) source: &'a str,
    pub(crate) claims: Option<(String, String)>,
    pub(crate) region: &'a str,
    /// Whether later steps get the next sessions when these end.
    pub(crate) renewed: bool,
}

/// A summary has room for a mebibyte in all; the log has every target.
const MOST_ROWS: usize = 500;

impl Roster<'_> {
    /// The line above it, where there is one.
    pub(crate) fn title(&self) -> String {
        format!("{} targets", self.targets.len())
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("### AWS credentials for {}\n\n", self.title());
        let token = self.claims.as_ref().map(|(issuer, subject)| {
            format!(
                "; token: subject {}, issuer {}",
                code(subject),
                code(issuer)
            )
        });
        let _ = writeln!(
            text,
            "Source: {}{}; region {}{}\n",
            escape(self.source),
            token.unwrap_or_default(),
            code(self.region),
            if self.renewed {
                "; each is renewed ahead until the job ends"
            } else {
                ""
            }
        );
        text.push_str("| Target | Account | Role | Valid until |\n| --- | --- | --- | --- |\n");
        for (target, session) in self.targets.iter().take(MOST_ROWS) {
            text.push_str(&self.row(target, session));
        }
        if self.targets.len() > MOST_ROWS {
            let more = self.targets.len() - MOST_ROWS;
            let _ = writeln!(text, "\nand {more} more, which the log names");
        }
        text.push('\n');
        text
    }

    fn row(&self, target: &Target, session: &Session) -> String {
        let who = &session.identified.who;
        let account = if self.mask_account {
            "***"
        } else {
            who.account().as_str()
        };
        let role = |hop: &Hop| match hop.role.account().filter(|_| self.mask_account) {
            Some(account) => code(&hop.role.as_str().replace(account, "***")),
            None => code(hop.role.as_str()),
        };
        let roles: Vec<String> = target.hops.iter().map(role).collect();
        let until = session
            .identified
            .credentials
            .expires
            .map_or_else(|| "no end is known".to_owned(), rfc3339);
        format!(
            "| {} | {} | {} | {until} |\n",
            code(target.name()),
            code(account),
            roles.join(" → ")
        )
    }
}
