//! Holds what was seen against what a scenario says.

use super::aspect::{Aspect, Observation};
use super::scenario::{Expect, Scenario};

/// One scenario with both runs.
pub(crate) struct Judged<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) peer: Observation,
    pub(crate) ours: Observation,
}

impl Judged<'_> {
    /// The aspects in which the two differ.
    pub(crate) fn differing(&self) -> Vec<Aspect> {
        Aspect::ALL
            .into_iter()
            .filter(|aspect| self.peer.lines(*aspect) != self.ours.lines(*aspect))
            .collect()
    }

    /// Where the scenario says something else than was seen; nothing when it tells the truth.
    pub(crate) fn lies(&self) -> Vec<String> {
        let seen = self.differing();
        let said: Vec<Aspect> = self.scenario.differs.keys().copied().collect();
        let mut lies = Vec::new();
        for aspect in seen.iter().filter(|aspect| !said.contains(aspect)) {
            let first = format!("{} differ, and the scenario does not say so", aspect.word());
            let mut text = vec![first];
            for (who, of, other) in [
                ("peer", &self.peer, &self.ours),
                ("ours", &self.ours, &self.peer),
            ] {
                let all = of.lines(*aspect).iter();
                let own = all.filter(|line| !other.lines(*aspect).contains(line));
                text.extend(own.map(|line| format!("      {who}: {line}")));
            }
            lies.push(text.join("\n"));
        }
        for aspect in said.iter().filter(|aspect| !seen.contains(aspect)) {
            lies.push(format!(
                "{} are said to differ, and are the same",
                aspect.word()
            ));
        }
        if (self.scenario.expect == Expect::Same) != self.scenario.differs.is_empty() {
            lies.push(format!("is said to be {}", self.scenario.expect.word()));
        }
        lies
    }
}
