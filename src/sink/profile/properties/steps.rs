//! Several steps, each of one profile or several, on random files on disk, with somebody else at work in between, undone one after another.

use super::super::edit::{Extent, reverse};
use super::super::heading::Kind;
use super::super::journal::Journal;
use super::super::tests::{extra, given, text, write, write_all};
use super::super::undo::undo;
use super::files::file;
use super::{cases, edited, keys};
use crate::system::files::tests::Scratch;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Another program's edit of its own section, which is as it should be wherever ours are.
#[derive(Debug, Clone, Copy)]
enum Foreign {
    Nothing,
    /// At the start of the file.
    First,
    /// The value of a key.
    Value,
}

impl Foreign {
    fn edit(self, text: &str) -> String {
        match self {
            Self::Nothing => text.to_owned(),
            Self::First => {
                format!("[foreign]\naws_access_key_id = theirs\n# their comment\n{text}")
            }
            Self::Value => text.replace("largely", "foreign = é"),
        }
    }

    fn happen(self, scratch: &Scratch) {
        for name in [".aws/credentials", ".aws/config"] {
            scratch.file(name, &self.edit(&text(scratch, name)));
        }
    }
}

fn foreign() -> impl Strategy<Value = Foreign> {
    select(&[Foreign::Nothing, Foreign::First, Foreign::Value][..])
}

/// A file with a section of somebody else at a random end.
fn with_theirs(kind: Kind) -> impl Strategy<Value = String> {
    let theirs = "[theirs]\nx = largely\n";
    (file(kind), any::<bool>()).prop_map(move |(text, is_first)| {
        if is_first || !(text.is_empty() || text.ends_with('\n')) {
            format!("{theirs}{text}")
        } else {
            format!("{text}{theirs}")
        }
    })
}

/// The profiles of a step, in its order, and what happens after it.
type Step = (Vec<&'static str>, Foreign);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let names = vec!["dev", "new", "default", "prod"];
    let some = subsequence(names, 1..=3).prop_shuffle();
    vec((some, foreign()), 1..5)
}

fn ran(scratch: &Scratch, steps: &[Step]) -> Vec<Journal> {
    let each = steps.iter().enumerate();
    each.map(|(n, (profiles, foreign))| {
        let journal = write_all(scratch, profiles, &format!("ASIA{n}"));
        foreign.happen(scratch);
        journal
    })
    .collect()
}

fn is_as_before(
    scratch: &Scratch,
    before: [&str; 2],
    steps: &[Step],
    exactly: bool,
) -> Result<(), TestCaseError> {
    for (name, before) in [".aws/credentials", ".aws/config"].into_iter().zip(before) {
        let expected = steps
            .iter()
            .fold(before.to_owned(), |text, (_, foreign)| foreign.edit(&text));
        let (now, newline) = (text(scratch, name), ['\r', '\n']);
        if exactly {
            prop_assert_eq!(now, expected);
        } else {
            // Out of order, a last line without an ending may have got one, to keep another heading apart.
            prop_assert_eq!(
                now.trim_end_matches(newline),
                expected.trim_end_matches(newline)
            );
        }
    }
    prop_assert_eq!(extra(scratch), [""; 0]);
    Ok(())
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn steps_undone_in_reverse_leave_what_was_there_and_what_others_did(
        credentials in with_theirs(Kind::Credentials),
        config in with_theirs(Kind::Config),
        steps in steps(),
    ) {
        let scratch = given(&credentials, &config);
        for journal in ran(&scratch, &steps).iter().rev() {
            undo(journal).unwrap();
        }
        is_as_before(&scratch, [&credentials, &config], &steps, true)?;
    }

    #[test]
    fn steps_undone_in_any_order_leave_what_was_there_and_what_others_did(
        credentials in with_theirs(Kind::Credentials),
        config in with_theirs(Kind::Config),
        steps in steps(),
        order in Just([0, 1, 2, 3]).prop_shuffle(),
    ) {
        let scratch = given(&credentials, &config);
        let journals = ran(&scratch, &steps);
        for journal in order.into_iter().filter_map(|n: usize| journals.get(n)) {
            undo(journal).unwrap();
        }
        is_as_before(&scratch, [&credentials, &config], &steps, false)?;
    }

    #[test]
    fn profiles_in_one_go_are_what_they_are_one_by_one(
        credentials in with_theirs(Kind::Credentials),
        config in with_theirs(Kind::Config),
        profiles in subsequence(vec!["dev", "new", "default", "prod"], 1..=4).prop_shuffle(),
    ) {
        let (together, apart) = (given(&credentials, &config), given(&credentials, &config));
        write_all(&together, &profiles, "ASIA1");
        for profile in profiles {
            write(&apart, profile, "ASIA1");
        }
        for name in [".aws/credentials", ".aws/config"] {
            prop_assert_eq!(text(&together, name), text(&apart, name));
        }
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn any_number_of_edits_can_be_reversed_around_what_others_did(
        before in with_theirs(Kind::Config),
        steps in steps(),
    ) {
        let (mut now, mut expected) = (before.clone(), before);
        let mut traces = Vec::new();
        for (n, (profiles, foreign)) in (0..).zip(&steps) {
            for profile in profiles {
                let edit = edited(&now, Kind::Config, profile, &keys(n));
                now = edit.text;
                traces.push(edit.trace);
            }
            now = foreign.edit(&now);
            expected = foreign.edit(&expected);
        }
        for trace in traces.iter().rev() {
            let back = reverse(&now, trace);
            prop_assert_eq!(back.extent, Extent::Whole);
            now = back.text;
        }
        prop_assert_eq!(now, expected);
    }
}
