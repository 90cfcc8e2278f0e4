//! The failure of some of several targets: who failed, each group of them with its own cause.

use super::{Advice, Error};
use crate::model::Diagnosis;

/// More names than this in one line help nobody; the causes have them all.
const MOST_NAMES: usize = 20;

/// What came of all targets, where it is not a session for each.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.headline())]
pub(crate) struct TargetsFailed {
    pub(crate) total: usize,
    /// In the order of the targets.
    pub(crate) verdicts: Vec<Verdict>,
    /// What several of them have in common.
    diagnosis: Option<Diagnosis>,
}

/// Targets that failed of one thing: those behind one role share what became of it.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) names: Vec<String>,
    pub(crate) error: Error,
}

impl TargetsFailed {
    pub(crate) fn new(total: usize, verdicts: Vec<Verdict>) -> Self {
        let diagnosis = common(&verdicts);
        Self {
            total,
            verdicts,
            diagnosis,
        }
    }

    pub(super) fn diagnosis(&self) -> Option<&Diagnosis> {
        self.diagnosis.as_ref()
    }

    fn headline(&self) -> String {
        let names: Vec<&str> = self
            .verdicts
            .iter()
            .flat_map(|verdict| &verdict.names)
            .map(String::as_str)
            .collect();
        format!(
            "{} of {} targets failed, so nothing was handed over: {}",
            names.len(),
            self.total,
            names.join(", ")
        )
    }

    /// Worth another run unchanged only if each of the failures is.
    pub(super) fn advice(&self) -> Advice {
        const PASSING: u8 = 6;
        let each: Vec<Advice> = self
            .verdicts
            .iter()
            .map(|verdict| verdict.error.advice())
            .collect();
        let lasting = each.iter().find(|advice| advice.exit != PASSING);
        let leading = lasting.or(each.first());
        let exit = leading.map_or(1, |advice| advice.exit);
        let hint = match self.common_hint() {
            Some(hint) => hint,
            None => "each needs something else: see `next` above".to_owned(),
        };
        Advice::new("targets-failed", exit, hint)
    }

    /// What is to be done, where it is the same for all.
    fn common_hint(&self) -> Option<String> {
        let mut hints = self
            .verdicts
            .iter()
            .map(|verdict| verdict.error.advice().hint);
        let first = hints.next().unwrap_or_default();
        hints.all(|hint| hint == first).then_some(first)
    }

    /// A cause for each verdict: its targets, its code and message, its own causes.
    pub(super) fn causes(&self) -> Vec<String> {
        let differ = self.common_hint().is_none();
        let words = |verdict: &Verdict| verdict.words(differ);
        self.verdicts.iter().map(words).collect()
    }
}

/// The token's claims, and the policies that would do, as many as somebody reads. The causes stand with the verdicts.
fn common(verdicts: &[Verdict]) -> Option<Diagnosis> {
    const MOST_POLICIES: usize = 4;
    let mut found = verdicts
        .iter()
        .filter_map(|verdict| verdict.error.diagnosis());
    let first = found.next()?.clone();
    let mut policies = first.policies;
    for ready in found.flat_map(|other| &other.policies) {
        if policies.len() < MOST_POLICIES && policies.iter().all(|known| known.text != ready.text) {
            policies.push(ready.clone());
        }
    }
    Some(Diagnosis {
        causes: Vec::new(),
        policies,
        ..first
    })
}

impl Verdict {
    /// `with_hint`: where there is none that serves all.
    fn words(&self, with_hint: bool) -> String {
        let shown = self.names.iter().take(MOST_NAMES);
        let mut names = shown.map(String::as_str).collect::<Vec<_>>().join(", ");
        if self.names.len() > MOST_NAMES {
            names = format!("{names} and {} more", self.names.len() - MOST_NAMES);
        }
        let error = &self.error;
        let mut lines = vec![format!("{names}: [{}] {error}", error.advice().code)];
        lines.extend(error.causes());
        lines.extend(with_hint.then(|| format!("next: {}", error.advice().hint)));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(names: &[&str], error: Error) -> Verdict {
        Verdict {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            error,
        }
    }

    fn not_allowed() -> Error {
        Error::AccountNotAllowed {
            found: "1".into(),
            allowed: vec!["2".into()],
        }
    }

    fn timed_out() -> Error {
        Error::TimedOut {
            seconds: 60,
            causes: vec!["it was waiting".into()],
        }
    }

    #[test]
    fn every_failed_target_is_named_with_its_cause() {
        let verdicts = vec![
            verdict(&["a", "b"], not_allowed()),
            verdict(&["d"], timed_out()),
        ];
        let failed = TargetsFailed::new(5, verdicts);
        assert_eq!(
            failed.to_string(),
            "3 of 5 targets failed, so nothing was handed over: a, b, d"
        );
        assert_eq!(
            failed.causes(),
            [
                format!(
                    "a, b: [account-not-allowed] the credentials are of account 1, which allowed-account-ids does not list\nallowed: 2\nnext: {}",
                    not_allowed().advice().hint
                ),
                format!(
                    "d: [timed-out] the step was not done after 60 seconds\nit was waiting\nnext: {}",
                    timed_out().advice().hint
                ),
            ]
        );
        let verdicts = vec![verdict(&["a"], timed_out()), verdict(&["b"], timed_out())];
        let alike = TargetsFailed::new(2, verdicts);
        assert_eq!(alike.advice().hint, timed_out().advice().hint);
        assert!(alike.causes().iter().all(|cause| !cause.contains("next: ")));
    }

    #[test]
    fn only_what_may_pass_altogether_is_worth_another_run() {
        for (verdicts, exit) in [
            (vec![verdict(&["a"], timed_out())], 6),
            (
                vec![verdict(&["a"], timed_out()), verdict(&["b"], not_allowed())],
                5,
            ),
        ] {
            let failed = TargetsFailed::new(9, verdicts);
            assert_eq!(failed.advice().exit, exit);
        }
    }
}
