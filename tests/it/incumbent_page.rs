//! docs/incumbent-tests.md names tests that exist, links to places that exist, and its numbers add up.

use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = "docs/incumbent-tests.md";
/// How many tests each of the other action's files has whose behaviour can be seen; with the rest, 193.
const SEEN: [(&str, usize); 6] = [
    ("ProxyResolver.test.ts", 9),
    ("assumeRole.test.ts", 3),
    ("cleanup.test.ts", 5),
    ("helpers.test.ts", 27),
    ("index.test.ts", 90),
    ("profileManager.test.ts", 49),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn page() -> String {
    fs::read_to_string(root().join(PAGE)).expect("the page")
}

/// The cells of each row below a file's heading, without the two that every table begins with.
fn rows(section: &str) -> Vec<Vec<&str>> {
    let lines = section.lines().filter(|line| line.starts_with("| "));
    lines
        .skip(2)
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

fn sections(page: &str) -> Vec<(&str, Vec<Vec<&str>>)> {
    let parts = page.split("\n## ").skip(1);
    parts
        .map(|part| {
            let (heading, rest) = part.split_once('\n').expect("a heading");
            (heading.trim_matches('`'), rows(rest))
        })
        .collect()
}

/// The file that has the test: `module::test` of this folder, or `src/….rs::test`.
fn file_of(path: &str) -> PathBuf {
    if path.starts_with("src/") {
        return root().join(path);
    }
    root()
        .join("tests/it")
        .join(path.replace("::", "/"))
        .with_extension("rs")
}

#[test]
fn every_test_that_it_names_exists() {
    let page = page();
    let mut seen = 0;
    for (heading, rows) in sections(&page) {
        for row in rows {
            let ours = row.last().expect("a cell");
            let names = ours.split('`').skip(1).step_by(2);
            let names: Vec<&str> = names.filter(|name| name.contains("::")).collect();
            assert!(!names.is_empty(), "{heading}: no test in {row:?}");
            for name in names {
                let (path, test) = name.rsplit_once("::").expect("a path");
                let source = fs::read_to_string(file_of(path)).unwrap_or_default();
                let declared = source.split_once(&format!("fn {test}("));
                let above = declared.map_or("", |(above, _)| above);
                let attributes = above.rsplit("\n\n").next().unwrap_or_default();
                let is_test = attributes.contains("#[test]");
                assert!(is_test, "{heading}: there is no test {name}");
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "only {seen}");
}

#[test]
fn its_numbers_add_up() {
    let page = page();
    let counted: Vec<(&str, usize)> = sections(&page)
        .into_iter()
        .map(|(heading, rows)| {
            let counts = rows.iter().map(|row| row[0].parse::<usize>());
            (heading, counts.map(|count| count.expect("a number")).sum())
        })
        .collect();
    assert_eq!(counted, SEEN);
    let seen: usize = SEEN.iter().map(|(_, count)| count).sum();
    assert!(page.contains(&format!("{seen} of them pin down")));
    assert!(page.contains(&format!("has {} tests", seen + 10)));
}

/// As GitHub makes an anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading
        .trim_start_matches('#')
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn its_links_lead_somewhere() {
    let page = page();
    let links = page.split("](").skip(1);
    let links: Vec<&str> = links.filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 20, "{links:?}");
    for link in links {
        let (file, wanted) = link.split_once('#').unwrap_or((link, ""));
        let path = root().join("docs").join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{link}: {fault}"));
        let mut headings = text.lines().filter(|line| line.starts_with('#'));
        assert!(
            wanted.is_empty() || headings.any(|heading| anchor(heading) == wanted),
            "{link}: no such heading"
        );
    }
}
