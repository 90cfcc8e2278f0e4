//! Properties of edits over random files: what is not the profile's survives, readers see what was set, and every
//! edit can be taken back. The reader is written anew here, and the SDK's own is asked as well.

mod files;
mod steps;

use super::edit::{Extent, Plan, Trace, reverse};
use super::heading::{Heading, Kind};
use super::ini::Document;
use super::tests::read_by_sdk;
use files::{IDENTITY, file};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn heading(kind: Kind, profile: &str) -> Heading {
    Heading::new(kind, &profile.parse().unwrap())
}

/// The text after an edit, and what it takes to reverse it.
struct Edit {
    text: String,
    trace: Trace,
}

fn edited(text: &str, kind: Kind, profile: &str, set: &[(&'static str, String)]) -> Edit {
    let mut document = Document::parse(text);
    let trace = edit(&mut document, kind, profile, set).unwrap();
    let text = document.to_string();
    Edit { text, trace }
}

fn edit(
    document: &mut Document,
    kind: Kind,
    profile: &str,
    set: &[(&'static str, String)],
) -> Option<Trace> {
    let plan = Plan {
        heading: heading(kind, profile),
        set,
        elsewhere: &[("output", String::new())],
        is_one_file: false,
    };
    plan.edit(document)
}

fn keys(n: u8) -> Vec<(&'static str, String)> {
    vec![
        ("aws_access_key_id", format!("ASIA{n}")),
        ("aws_secret_access_key", format!("se/cr+et={n}")),
        ("region", "eu-west-1".to_owned()),
    ]
}

/// Whether a heading names `dev`, in the plainest way to ask.
fn is_dev(line: &str, kind: Kind) -> bool {
    let inside = line.split(']').next().unwrap().trim_start_matches('[');
    let words: Vec<&str> = inside.split_whitespace().collect();
    match kind {
        Kind::Credentials => words == ["dev"],
        Kind::Config => {
            let names = ["dev", "\"dev\"", "'dev'"];
            matches!(words[..], ["profile", name] if names.contains(&name))
        }
    }
}

/// The lines outside of `dev`, and those inside, with their endings.
fn split(text: &str, kind: Kind) -> (Vec<&str>, Vec<&str>) {
    let mut is_inside = false;
    text.split_inclusive('\n').partition(|line| {
        if line.starts_with('[') {
            is_inside = is_dev(line, kind);
        }
        !is_inside
    })
}

/// What an SDK reads in `dev`: sections of one name are merged, the later value wins.
fn read_plainly(text: &str, kind: Kind) -> BTreeMap<String, String> {
    let properties = split(text, kind)
        .1
        .into_iter()
        .filter(|line| !line.starts_with([' ', '\t', '#', ';', '[']));
    properties
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| {
            let value = value.split(" #").next().unwrap();
            (key.trim().to_lowercase(), value.trim().to_owned())
        })
        .collect()
}

/// Lines of `dev` that are none of our business: comments, and the properties that stay with all that is nested.
fn kept<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut is_staying = true;
    let mut kept = Vec::new();
    for line in lines {
        if line.starts_with('[') {
            // Only their spacing may change, where not every reader takes it.
            kept.extend(
                line.split_once(']')
                    .map(|(_, rest)| rest.trim())
                    .filter(|rest| !rest.is_empty()),
            );
            continue;
        }
        if line.trim().is_empty() || line.starts_with(['#', ';']) {
            kept.push(line.trim_end_matches(['\r', '\n']));
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            let key = line.split('=').next().unwrap().trim().to_lowercase();
            is_staying = key != "output"
                && !IDENTITY
                    .iter()
                    .any(|identity| identity.to_lowercase() == key);
        }
        if is_staying {
            kept.push(line.trim_end_matches(['\r', '\n']));
        }
    }
    kept
}

fn check(text: &str, kind: Kind) -> Result<(), TestCaseError> {
    let set = keys(1);
    let edit = edited(text, kind, "dev", &set);
    let (before_outside, before_inside) = split(text, kind);
    let (after_outside, after_inside) = split(&edit.text, kind);

    if before_inside.is_empty() {
        prop_assert!(edit.text.starts_with(text));
        let added = edit.text.strip_prefix(text).unwrap().trim_start();
        prop_assert_eq!(added.lines().count(), 4);
    } else {
        prop_assert_eq!(before_outside, after_outside);
        prop_assert_eq!(kept(&before_inside), kept(&after_inside));
    }
    let has_bare = |text: &str| text.replace("\r\n", "").contains('\n');
    prop_assert!(!text.contains("\r\n") || has_bare(text) || !has_bare(&edit.text));

    let mut expected = read_plainly(text, kind);
    expected.retain(|key, _| {
        !IDENTITY
            .iter()
            .any(|identity| identity.to_lowercase() == *key)
    });
    expected.remove("output");
    expected.extend(
        set.iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone())),
    );
    prop_assert_eq!(&read_plainly(&edit.text, kind), &expected);
    let mut by_sdk = read_by_sdk(&edit.text, kind, "dev").map_err(TestCaseError::fail)?;
    // Where headings are spelled in several ways, it merges the other keys in an order that changes from run to run.
    for found in [&mut expected, &mut by_sdk] {
        found.retain(|key, _| {
            IDENTITY
                .iter()
                .any(|identity| identity.to_lowercase() == *key)
        });
    }
    prop_assert_eq!(by_sdk, expected);

    let back = reverse(&edit.text, &edit.trace);
    prop_assert_eq!((back.text.as_str(), back.extent), (text, Extent::Whole));
    Ok(())
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn any_text_is_printed_as_it_was_read(text in "(\u{feff})?([\\[\\]a= \t\r\n#;:é]|\\[dev\\]|region ?= ?x)*") {
        prop_assert_eq!(super::ini::Document::parse(&text).to_string(), text);
    }

    #[test]
    fn any_text_can_be_edited_and_restored(text in "(\u{feff})?([\\[\\]a= \t\r\n#;:é]|\\[dev\\]|\nregion ?= ?x|\r\n|role_arn: y\n)*") {
        let edit = edited(&text, Kind::Credentials, "dev", &keys(1));
        let back = reverse(&edit.text, &edit.trace);
        prop_assert_eq!(back.text, text);
    }

    #[test]
    fn a_credentials_file_keeps_what_is_not_ours(text in file(Kind::Credentials)) {
        check(&text, Kind::Credentials)?;
    }

    #[test]
    fn a_config_file_keeps_what_is_not_ours(text in file(Kind::Config)) {
        check(&text, Kind::Config)?;
    }

    #[test]
    fn edits_of_one_document_are_those_of_its_texts(text in file(Kind::Config), seed: u8) {
        // Read again after each edit, and read once for all of them.
        let mut document = Document::parse(&text);
        let mut text = text;
        let none = Vec::new();
        for (at, profile) in ["new", "dev", "default", "newer", "Dev", "prod", "newest"].into_iter().enumerate() {
            let keys = keys(at.try_into().unwrap());
            let set = if seed & (1 << at) == 0 { &keys } else { &none };
            let mut again = Document::parse(&text);
            let traces = [&mut document, &mut again].map(|document| {
                edit(document, Kind::Config, profile, set).map(|trace| serde_json::to_string(&trace).unwrap())
            });
            prop_assert_eq!(&traces[0], &traces[1]);
            text = again.to_string();
            prop_assert_eq!(document.to_string(), text.clone());
        }
    }

    #[test]
    fn two_profiles_can_be_undone_in_any_order(text in file(Kind::Config), first_is_undone_first: bool) {
        let dev = edited(&text, Kind::Config, "dev", &keys(1));
        let new = edited(&dev.text, Kind::Config, "new", &keys(2));
        let (one, two) = if first_is_undone_first { (&dev, &new) } else { (&new, &dev) };
        let half = reverse(&new.text, &one.trace);
        prop_assert_eq!(half.extent, Extent::Whole);
        let other = if first_is_undone_first { "new" } else { "dev" };
        let found = read_by_sdk(&half.text, Kind::Config, other).map_err(TestCaseError::fail)?;
        prop_assert!(found.contains_key("aws_access_key_id"));
        let back = reverse(&half.text, &two.trace);
        prop_assert_eq!(back.extent, Extent::Whole);
        if first_is_undone_first {
            // A last line without an ending may have got one, to keep the other profile's heading apart.
            prop_assert_eq!(back.text.trim_end(), text.trim_end());
        } else {
            prop_assert_eq!(back.text, text);
        }
    }

    #[test]
    fn two_edits_of_one_profile_can_be_undone_in_any_order(text in file(Kind::Config), is_in_order: bool) {
        let first = edited(&text, Kind::Config, "dev", &keys(1));
        let mut second = edited(&first.text, Kind::Config, "dev", &keys(2));
        let half = if is_in_order {
            reverse(&second.text, &second.trace).text
        } else {
            prop_assert!(first.trace.hand_over_to(&mut second.trace));
            second.text.clone()
        };
        let last = if is_in_order { &first } else { &second };
        let back = reverse(&half, &last.trace);
        prop_assert_eq!((back.text, back.extent), (text, Extent::Whole));
    }

    #[test]
    fn what_others_append_meanwhile_stays(text in file(Kind::Config)) {
        let foreign = "[profile foreign]\naws_access_key_id = theirs\n";
        let edit = edited(&text, Kind::Config, "dev", &keys(1));
        let newline = if edit.text.ends_with('\n') { "" } else { "\n" };
        let back = reverse(&format!("{}{newline}{foreign}", edit.text), &edit.trace);
        prop_assert_eq!(back.extent, Extent::Whole);
        let rest = back.text.strip_suffix(foreign).unwrap();
        prop_assert_eq!(rest.trim_end_matches(['\r', '\n']), text.trim_end_matches(['\r', '\n']));
        prop_assert!(rest.is_empty() || rest.ends_with('\n'));
    }

    #[test]
    fn no_value_of_ours_is_left_in_a_profile_that_was_edited_since(text in file(Kind::Config), at in 0_usize..40) {
        let edit = edited(&text, Kind::Config, "dev", &keys(1));
        let mut lines: Vec<&str> = edit.text.lines().collect();
        lines.insert(at.min(lines.len()), "# somebody was here");
        let back = reverse(&lines.join("\n"), &edit.trace);
        prop_assert!(!back.text.contains("ASIA1") && !back.text.contains("se/cr+et=1"), "{}", back.text);
        prop_assert!(back.text.contains("# somebody was here"));
        prop_assert_eq!(read_plainly(&back.text, Kind::Config), read_plainly(&text, Kind::Config));
    }
}
