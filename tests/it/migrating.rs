//! docs/migrating.md shows settings that exist, and each way to rolehop before and after.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// Every input of action.yml: lines below `inputs:` that are indented by two.
fn inputs() -> BTreeSet<String> {
    let manifest = read("action.yml");
    let below = manifest.split("\ninputs:\n").nth(1).expect("inputs");
    below
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with(' '))
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '))
        .map(str::to_owned)
        .collect()
}

/// The fenced blocks of a page.
fn blocks(page: &str) -> Vec<&str> {
    page.split("\n```").skip(1).step_by(2).collect()
}

/// The keys of the `with:` of a step that uses rolehop.
fn with(block: &str) -> Vec<&str> {
    let Some((_, rest)) = block
        .split_once("uses: OWNER/rolehop")
        .and_then(|(_, step)| step.split_once("with:\n"))
    else {
        return Vec::new();
    };
    rest.lines()
        .take_while(|line| line.starts_with("    "))
        .filter(|line| !line.starts_with("     "))
        .filter_map(|line| line.trim().split_once(':'))
        .map(|(key, _)| key)
        .collect()
}

#[test]
fn every_input_of_an_example_exists() {
    let (page, known) = (read("docs/migrating.md"), inputs());
    let keys: Vec<&str> = blocks(&page).into_iter().flat_map(with).collect();
    assert!(keys.len() >= 10, "{keys:?}");
    for key in keys {
        assert!(known.contains(key), "{key} is no input");
    }
}

#[test]
fn every_variable_and_flag_of_an_example_exists() {
    let (page, known) = (read("docs/migrating.md"), inputs());
    let word = |text: &str, also: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || also.contains(*c))
            .collect()
    };
    let variables: Vec<String> = page
        .split("ROLEHOP_")
        .skip(1)
        .map(|rest| word(rest, "_").to_lowercase().replace('_', "-"))
        .collect();
    assert!(variables.len() >= 10, "{variables:?}");
    for name in variables {
        assert!(known.contains(&name), "ROLEHOP_ has no {name}");
    }
    let after = blocks(&page)
        .into_iter()
        .filter(|block| block.contains("rolehop e"));
    let flags: Vec<String> = after
        .flat_map(|block| block.split(" --").skip(1))
        .map(|rest| word(rest, "-"))
        .filter(|name| !name.is_empty() && name != "format")
        .collect();
    assert!(flags.len() >= 5, "{flags:?}");
    for name in flags {
        assert!(known.contains(&name), "there is no flag --{name}");
    }
}

#[test]
fn every_way_has_a_before_and_an_after() {
    let page = read("docs/migrating.md");
    let sections: Vec<&str> = page.split("\n## ").skip(1).collect();
    assert_eq!(sections.len(), 5);
    for section in sections {
        let blocks = blocks(section);
        for word in ["# before", "# after"] {
            assert!(
                blocks.iter().any(|block| block.contains(word)),
                "{word}: {}",
                section.lines().next().unwrap_or_default()
            );
        }
    }
}
