//! The texts of the licences, each once, and the page that has them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::part::{Part, Text};
use crate::sh::Outcome;

/// A text that is the same for everybody: how it starts, and a part that its variants do not have.
struct Usual {
    licence: &'static str,
    start: &'static str,
    has: &'static str,
    lacks: &'static str,
}

/// In the order in which one is chosen. Of the copies in the crates these are those that name no owner.
const USUAL: [Usual; 4] = [
    Usual {
        licence: "MIT",
        start: "Permission is hereby granted, free of charge, to any person",
        has: "THE SOFTWARE IS PROVIDED \"AS IS\"",
        lacks: "Copyright (c)",
    },
    Usual {
        licence: "Apache-2.0",
        start: "Apache License Version 2.0, January 2004",
        has: "Copyright [yyyy] [name of copyright owner]",
        lacks: "LLVM Exceptions",
    },
    Usual {
        licence: "Unicode-3.0",
        start: "UNICODE LICENSE V3",
        has: "Copyright © ",
        lacks: "Apache License",
    },
    Usual {
        licence: "Apache-2.0 WITH LLVM-exception",
        start: "Apache License Version 2.0, January 2004",
        has: "LLVM Exceptions to the Apache 2.0 License",
        lacks: "Permission is hereby granted",
    },
];

const RULE: &str =
    "================================================================================";

/// Line ends and their spaces as ours, no mark at the start, no empty lines around.
pub(super) fn clean(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// What two copies of a text have in common when they differ only in how their lines are broken.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The licence whose usual text stands for the file that a crate does not have; a licence that comes on top of another
/// cannot be chosen.
pub(super) fn chosen(expression: &str) -> Option<&'static str> {
    let choices: Vec<&str> = expression.split(" OR ").map(str::trim).collect();
    USUAL
        .iter()
        .map(|usual| usual.licence)
        .find(|licence| choices.contains(licence))
}

/// Gives the parts without a file the text that another part has.
pub(super) fn stand_in(parts: &mut [Part]) -> Outcome {
    let mut found = BTreeMap::new();
    for usual in &USUAL {
        let fits = |text: &&Text| {
            let words = words(&text.text);
            words.starts_with(usual.start)
                && words.contains(usual.has)
                && !words.contains(usual.lacks)
        };
        let all = parts.iter().flat_map(|part| &part.texts);
        if let Some(text) = all.filter(fits).map(|text| text.text.clone()).min() {
            found.insert(usual.licence, text);
        }
    }
    for part in parts {
        for licence in &part.usual {
            let text = found.get(licence.as_str()).ok_or_else(|| {
                format!(
                    "{} {} needs the text of {licence}, and no crate has it",
                    part.name, part.version
                )
            })?;
            part.texts.push(Text {
                file: format!("usual text of {licence}"),
                text: text.clone(),
            });
        }
        if part.texts.is_empty() {
            return Err(format!("{} has no text of its licence", part.title()));
        }
    }
    Ok(())
}

/// A text with those that have it.
struct Group<'a> {
    text: &'a str,
    owners: Vec<String>,
}

/// In the order of the parts; the copy of the first one is printed.
fn grouped(parts: &[Part]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for part in parts {
        for text in &part.texts {
            let owner = format!("{} ({})", part.title(), text.file);
            let place = *places.entry(words(&text.text)).or_insert_with(|| {
                groups.push(Group {
                    text: &text.text,
                    owners: Vec::new(),
                });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                group.owners.push(owner);
            }
        }
    }
    groups
}

pub(super) fn page(parts: &[Part]) -> String {
    let mut page = String::from(
        "Third-party software in the binaries of rolehop\n\n\
         `cargo xtask notices` writes this file. It lists what is compiled into the binaries of all released platforms\n\
         together, so one of them may have less. Macros, which run in the compiler only, and what these need, are\n\
         marked as such. Below the list are the texts of the licences; one that several parts have is printed once,\n\
         also when the copies break their lines differently. rolehop's own licence is in LICENSE-MIT and\n\
         LICENSE-APACHE.\n\n",
    );
    for part in parts {
        let mark = if part.linked {
            ""
        } else {
            " (compile time only)"
        };
        let _ = writeln!(page, "{}{mark}", part.title());
        let _ = writeln!(page, "    licence: {}", part.licence);
        let _ = writeln!(page, "    source: {}", part.repository);
        for line in wrapped(&part.note, 100) {
            let _ = writeln!(page, "    {line}");
        }
    }
    for group in grouped(parts) {
        let _ = writeln!(page, "\n{RULE}");
        for line in wrapped(&group.owners.join(", "), 100) {
            let _ = writeln!(page, "{line}");
        }
        let _ = writeln!(page, "{RULE}\n\n{}", group.text);
    }
    page
}

/// Lines of at most so many characters, where the words allow it.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::part::crate_url;

    const MIT: &str = "Permission is hereby granted, free of charge, to any\nperson [...]\n\
                       THE SOFTWARE IS PROVIDED \"AS IS\"";

    fn part(name: &str, texts: &[(&str, &str)]) -> Part {
        let text = |(file, text): &(&str, &str)| Text {
            file: (*file).to_owned(),
            text: clean(text),
        };
        Part {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: "MIT".to_owned(),
            repository: "https://example.com".to_owned(),
            purl: crate_url(&(name.to_owned(), "1.0.0".to_owned())),
            linked: true,
            texts: texts.iter().map(text).collect(),
            ..Part::default()
        }
    }

    #[test]
    fn equal_texts_are_printed_once_with_all_that_have_them() {
        let parts = [
            part(
                "a",
                &[
                    ("LICENSE-MIT", "Copyright A\n\nDo   as you\nlike.\n"),
                    ("NOTICE", "Of A."),
                ],
            ),
            part(
                "b",
                &[("LICENSE", "\u{feff}Copyright A\r\nDo as you like.\r\n")],
            ),
            part("c", &[("LICENSE", "Copyright C\nDo as you like.")]),
        ];
        let found: Vec<(String, &str)> = grouped(&parts)
            .into_iter()
            .map(|group| (group.owners.join(", "), group.text))
            .collect();
        let expected = [
            (
                "a 1.0.0 (LICENSE-MIT), b 1.0.0 (LICENSE)",
                "Copyright A\n\nDo   as you\nlike.",
            ),
            ("a 1.0.0 (NOTICE)", "Of A."),
            ("c 1.0.0 (LICENSE)", "Copyright C\nDo as you like."),
        ];
        assert_eq!(
            found,
            expected.map(|(owners, text)| (owners.to_owned(), text))
        );

        let page = page(&parts);
        assert_eq!(page.matches("Do   as you\nlike.").count(), 1);
        assert_eq!(page.matches("as you like.").count(), 1);
    }

    #[test]
    fn a_part_without_a_file_gets_the_text_that_names_no_owner() {
        let owned = format!("Copyright (c) A\n\n{MIT}");
        let mut lone = part("lone", &[]);
        lone.usual = vec!["MIT".to_owned()];
        let mut parts = [
            part("a", &[("LICENSE", &owned)]),
            part("b", &[("LICENSE", MIT)]),
            lone,
        ];
        stand_in(&mut parts).expect("a text");
        assert_eq!(parts[2].texts[0].text, MIT);
        assert_eq!(parts[2].texts[0].file, "usual text of MIT");
        assert_eq!(parts[0].texts.len(), 1);

        let mut lone = part("lone", &[]);
        lone.usual = vec!["MIT".to_owned()];
        let why = stand_in(&mut [part("a", &[("LICENSE", &owned)]), lone]).expect_err("no text");
        assert!(why.contains("lone 1.0.0"), "{why}");
        let why = stand_in(&mut [part("bare", &[])]).expect_err("no text");
        assert!(why.contains("bare 1.0.0"), "{why}");
    }

    #[test]
    fn only_a_choice_can_be_chosen() {
        for (expression, licence) in [
            ("MIT", Some("MIT")),
            ("Apache-2.0 OR MIT", Some("MIT")),
            ("Zlib OR Apache-2.0", Some("Apache-2.0")),
            ("MIT AND ISC", None),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", None),
            ("BSD-3-Clause", None),
        ] {
            assert_eq!(chosen(expression), licence, "{expression}");
        }
    }
}
