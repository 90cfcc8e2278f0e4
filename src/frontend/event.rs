//! Least privilege by event: the role and the policy that pull requests get instead of the usual ones.

use super::hops;
use super::policy;
use super::raw::{RawInputs, Reader};
use crate::host::{Job, Told};
use crate::system::env::Env;

/// The usual setting, and the one that takes its place.
const PAIRS: [(&str, &str); 2] = [
    ("role-to-assume", "role-for-pull-requests"),
    ("inline-session-policy", "policy-for-pull-requests"),
];

/// The settings as this event has them, and what is to be said of the choice.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) raw: RawInputs,
    pub(super) note: Option<String>,
    pub(super) warning: Option<String>,
    /// Those of pull requests are not used, though given.
    idle: bool,
}

pub(super) fn choose(raw: &RawInputs, job: &Job, env: &Env) -> Chosen {
    let given: Vec<(&str, &str)> = PAIRS
        .into_iter()
        .filter(|(_, special)| raw.has(special))
        .collect();
    let mut chosen = Chosen {
        raw: raw.clone(),
        note: None,
        warning: None,
        idle: false,
    };
    if given.is_empty() {
        return chosen;
    }
    let names: Vec<&str> = given.iter().map(|(_, special)| *special).collect();
    let names = names.join(" and ");
    let (apply, do_not) = if given.len() == 1 {
        ("applies", "does not apply")
    } else {
        ("apply", "do not apply")
    };
    match Told::by(job, env) {
        Told::Yes(why) => chosen.note = Some(format!("{names} {apply}: {why}")),
        Told::No(why) => {
            chosen.note = Some(format!("{names} {do_not}: {why}"));
            chosen.idle = true;
            return chosen;
        }
        // The narrow ones: the others would be an escalation if it is a pull request.
        Told::Nothing => {
            chosen.warning = Some(format!(
                "{} does not say whether this is a pull request, so {names} {apply}; leave out what is for pull requests where it never is one",
                job.host.facts().title
            ));
        }
    }
    for (usual, special) in given {
        chosen.raw = chosen.raw.instead(usual, special);
    }
    chosen
}

impl Chosen {
    /// A mistake in what is not used now would only be seen in the next pull request. Files may be there only then.
    pub(super) fn check_idle(&self, reader: &mut Reader<'_>, job: &Job) {
        if !self.idle {
            return;
        }
        hops::roles(reader, "role-for-pull-requests");
        let policy = "policy-for-pull-requests";
        if reader.raw.text(policy).is_some_and(policy::is_inline) {
            policy::read(reader, policy, job);
        }
    }
}
