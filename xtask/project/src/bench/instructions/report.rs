//! Counts beside those of the baseline, as a table, and which of them have grown.

use std::fmt::Write as _;

use super::Counted;
use super::baseline::{Baseline, Measured};

/// A growth beyond this is reported, in percent. The least of three runs of one binary differs from that of
/// three others by less than a tenth of one, measured in eight rounds.
const MOST: f64 = 3.0;

/// What was counted, and what it is held against.
pub(super) struct Report {
    pub(super) before: Baseline,
    pub(super) now: Measured,
    pub(super) counted: Vec<Counted>,
}

impl Report {
    pub(super) fn markdown(&self) -> String {
        let mut text =
            "| path | baseline | now | change |\n| --- | ---: | ---: | ---: |\n".to_owned();
        for counted in &self.counted {
            let before = self.before.instructions.get(&counted.path);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                counted.path,
                before.map_or_else(|| "–".to_owned(), |count| thousands(*count)),
                thousands(counted.least()),
                before.map_or_else(
                    || "new".to_owned(),
                    |count| {
                        let change = change(*count, counted.least());
                        let mark = if change > MOST { " **grown**" } else { "" };
                        format!("{}{mark}", signed(change))
                    }
                ),
            );
        }
        let spread = self.counted.iter().map(Counted::spread);
        let spread = spread.fold(0.0, f64::max);
        let runs = self.counted.first().map_or(0, |one| one.counts.len());
        let _ = writeln!(
            text,
            "\nThe least of {runs} runs, which differ by at most {spread:.2} %. {}, {}, {}; {}.",
            self.now.built_with, self.now.target, self.now.profile, self.now.valgrind
        );
        if !self.before.instructions.is_empty() {
            for difference in self.before.measured.differences(&self.now) {
                let _ = writeln!(
                    text,
                    "The baseline differs in more than the source: {difference}."
                );
            }
        }
        text
    }

    /// A line for each path that takes more than it did.
    pub(super) fn grown(&self) -> Vec<String> {
        let grown = self.counted.iter().filter_map(|counted| {
            let before = *self.before.instructions.get(&counted.path)?;
            let (now, change) = (counted.least(), change(before, counted.least()));
            (change > MOST).then(|| {
                format!(
                    "`{}` takes {} instructions instead of {}: {}, and more than {MOST} % is reported",
                    counted.path,
                    thousands(now),
                    thousands(before),
                    signed(change)
                )
            })
        });
        grown.collect()
    }

    /// The baseline from now on; `keep` those of its paths that were not counted.
    pub(super) fn renewed(&self, keep: bool) -> Baseline {
        let counted = self.counted.iter();
        let counted = counted.map(|counted| (counted.path.clone(), counted.least()));
        let mut instructions = self.before.instructions.clone();
        instructions.retain(|_, _| keep);
        instructions.extend(counted);
        Baseline {
            measured: self.now.clone(),
            instructions,
        }
    }
}

impl Counted {
    /// The run with the least luck against it.
    fn least(&self) -> u64 {
        self.counts.iter().copied().min().unwrap_or_default()
    }

    /// How far the runs are apart, in percent.
    fn spread(&self) -> f64 {
        change(
            self.least(),
            self.counts.iter().copied().max().unwrap_or_default(),
        )
    }
}

/// In percent.
#[expect(clippy::cast_precision_loss, reason = "percents for people")]
fn change(before: u64, now: u64) -> f64 {
    if before == 0 {
        return 0.0;
    }
    (now as f64 / before as f64 - 1.0) * 100.0
}

fn signed(percent: f64) -> String {
    format!("{percent:+.2} %")
}

/// `1 234 567`
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(before: u64, counts: &[u64]) -> Report {
        let counted = Counted {
            path: "post".to_owned(),
            counts: counts.to_vec(),
        };
        let other = ("exec".to_owned(), 7);
        Report {
            before: Baseline {
                measured: Measured::default(),
                instructions: [("post".to_owned(), before), other].into(),
            },
            now: Measured {
                valgrind: "valgrind-3.19.0".to_owned(),
                ..Measured::default()
            },
            counted: vec![counted],
        }
    }

    #[test]
    fn more_than_a_little_is_growth_and_less_is_not() {
        for (now, says) in [
            (1_000_000, "| post | 1 000 000 | 1 000 000 | +0.00 % |"),
            (1_029_999, "| post | 1 000 000 | 1 029 999 | +3.00 % |"),
            (500_000, "| post | 1 000 000 | 500 000 | -50.00 % |"),
        ] {
            let report = report(1_000_000, &[now]);
            assert!(report.markdown().contains(says), "{}", report.markdown());
            assert_eq!(report.grown(), Vec::<String>::new());
        }
        let report = report(1_000_000, &[1_040_000, 1_031_000]);
        assert!(
            report
                .markdown()
                .contains("| 1 031 000 | +3.10 % **grown** |")
        );
        let said = "`post` takes 1 031 000 instructions instead of 1 000 000: +3.10 %, and more than 3 % is reported";
        assert_eq!(report.grown(), [said]);
    }

    #[test]
    fn a_path_that_the_baseline_does_not_have_is_new() {
        let mut report = report(1, &[1_234]);
        report.before = Baseline::default();
        assert!(report.markdown().contains("| post | – | 1 234 | new |"));
        assert_eq!(report.grown(), Vec::<String>::new());
        assert!(!report.markdown().contains("differs"));
    }

    #[test]
    fn what_the_baseline_was_measured_with_is_told_where_it_differs() {
        let text = report(1, &[1, 1]).markdown();
        assert!(text.contains("The least of 2 runs"), "{text}");
        let told =
            "The baseline differs in more than the source: valgrind:  then, valgrind-3.19.0 now.";
        assert!(text.contains(told), "{text}");
    }

    #[test]
    fn a_renewed_baseline_has_what_was_counted() {
        let report = report(1, &[6, 5]);
        let paths = |keep| {
            report
                .renewed(keep)
                .instructions
                .into_iter()
                .collect::<Vec<_>>()
        };
        assert_eq!(paths(false), [("post".to_owned(), 5)]);
        assert_eq!(
            paths(true),
            [("exec".to_owned(), 7), ("post".to_owned(), 5)]
        );
        assert_eq!(report.renewed(false).measured, report.now);
    }

    #[test]
    fn numbers_have_groups_of_three_digits() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1 000"),
            (3_530_176, "3 530 176"),
        ] {
            assert_eq!(thousands(number), text);
        }
    }
}
