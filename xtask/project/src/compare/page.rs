//! The table: on the terminal with what was measured, and as `docs/comparison.md` without what changes from run to run.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::judge::Judged;
use super::scenario::{Expect, Scenario, Topic};
use super::subject::Subject;

pub(crate) const PAGE: &str = "docs/comparison.md";

/// How many scenarios have each verdict.
pub(crate) fn counts<'a>(scenarios: impl Iterator<Item = &'a Scenario>) -> String {
    let all: Vec<Expect> = scenarios.map(|scenario| scenario.expect).collect();
    let count = |expect: Expect| all.iter().filter(|found| **found == expect).count();
    let words: Vec<String> = Expect::ALL
        .into_iter()
        .map(|expect| format!("{} {}", count(expect), expect.word()))
        .collect();
    format!("{} scenarios: {}", all.len(), words.join(", "))
}

/// A row without its numbers: what the page must have for a scenario.
pub(crate) fn row(scenario: &Scenario) -> String {
    let anchors: BTreeSet<&String> = scenario.differs.values().collect();
    let links: Vec<String> = anchors
        .into_iter()
        .map(|anchor| format!("[{}](migrating.md#{anchor})", anchor.replace('-', " ")))
        .collect();
    let what = scenario.differs.keys().map(|aspect| aspect.word());
    let what: Vec<&str> = what.collect();
    let why = match (&scenario.because, what.is_empty()) {
        (Some(because), false) => format!("{because} ({}) {}", what.join(", "), links.join(", ")),
        _ => String::new(),
    };
    format!(
        "| `{}` | {} | {} | {} |",
        scenario.name,
        cell(&scenario.why),
        scenario.expect.word(),
        cell(&why)
    )
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .replace('\n', " ")
        .trim()
        .to_owned()
}

pub(crate) fn markdown(topics: &[Topic], peer: &Subject) -> String {
    let all = topics.iter().flat_map(|topic| &topic.scenarios);
    let mut page = format!(
        "# Comparison\n\nWritten by `cargo xtask compare --peer DIR --write`; do not edit. The peer is {} {}, rolehop is {}.\n\n{}.\n",
        peer.label,
        peer.version,
        env!("CARGO_PKG_VERSION"),
        counts(all)
    );
    page.push_str(PREFACE);
    for topic in topics {
        let _ = write!(
            page,
            "\n## {}\n\n| scenario | what it shows | verdict | what differs and why |\n| --- | --- | --- | --- |\n",
            topic.title
        );
        for scenario in &topic.scenarios {
            page.push_str(&row(scenario));
            page.push('\n');
        }
    }
    page
}

const PREFACE: &str = "
Each scenario is one job: main, then post, of both actions against the same stand-in for AWS, in a folder and an environment of
its own. Compared are whether each phase succeeds, the variables, the outputs, the files in the home folder with their modes, the
masks, the number of annotations of each level, what is asked of the token endpoint and of STS with all parameters and the key
that signed, how often, what a proxy sees, the words of the user agent that tell of the job, and the variables and files after
post. A scenario names the aspects in which the two differ; the tool fails when it names too few or too many.

Not compared: the wording of messages, values that are issued anew each time, GetCallerIdentity (rolehop
[asks it less](migrating.md#fewer-requests)), the step summary and what is saved for post (the peer has neither), and the exit
status beyond zero or not.

**same**: no aspect differs. **better**: what differs is a defect or a cost of the peer's. **different**: a choice.
";

/// A scenario on the terminal, with what was measured; and why it is not the same, where it is not.
pub(crate) fn line(judged: &Judged<'_>, ok: bool) -> String {
    let scenario = judged.scenario;
    let mut text = format!(
        "{} {:<9} {:<48} requests {:>2} → {:<2} ms {:>5} → {:<5}{}",
        if ok { " " } else { "✗" },
        scenario.expect.word(),
        scenario.name,
        judged.peer.requests,
        judged.ours.requests,
        judged.peer.millis,
        judged.ours.millis,
        if judged.ours.saved { " saves" } else { "" },
    );
    if let Some(because) = &scenario.because {
        let anchors: BTreeSet<&String> = scenario.differs.values().collect();
        let anchors: Vec<String> = anchors
            .into_iter()
            .map(|anchor| format!("#{anchor}"))
            .collect();
        let _ = write!(text, "\n    {because} {}", anchors.join(" "));
    }
    text
}
