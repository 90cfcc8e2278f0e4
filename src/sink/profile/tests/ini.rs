//! The format, read and edited line by line.

use super::super::heading::{Heading, Kind};
use super::super::ini::Document;

#[test]
fn sets_keys_where_people_would() {
    for (case, before, after) in [
        ("nothing", "", "[dev]\nk = v\nl = w\n"),
        ("a mark only", "\u{feff}", "\u{feff}[dev]\nk = v\nl = w\n"),
        (
            "no such profile",
            "[a]\nk=1\n",
            "[a]\nk=1\n\n[dev]\nk = v\nl = w\n",
        ),
        (
            "no final newline",
            "[a]\nk=1",
            "[a]\nk=1\n\n[dev]\nk = v\nl = w\n",
        ),
        (
            "a blank line at the end",
            "[a]\n\n",
            "[a]\n\n[dev]\nk = v\nl = w\n",
        ),
        (
            "Windows",
            "[a]\r\nk=1\r\n",
            "[a]\r\nk=1\r\n\r\n[dev]\r\nk = v\r\nl = w\r\n",
        ),
        (
            "in place",
            "[dev]\nK=1\n# c\nm=2\n\n[a]\n",
            "[dev]\nk = v\n# c\nm=2\nl = w\n\n[a]\n",
        ),
        (
            "after a mark",
            "\u{feff}[dev]\nk=1",
            "\u{feff}[dev]\nk = v\nl = w\n",
        ),
        (
            "the next one's comment",
            "[dev]\nm=1\n# of a\n[a]\n",
            "[dev]\nm=1\nk = v\nl = w\n# of a\n[a]\n",
        ),
        (
            "the rest of a value",
            "[dev]\nk=1\n  2\n\n  # 3\nm=1\n",
            "[dev]\nk = v\n\nm=1\nl = w\n",
        ),
        (
            "nested keys",
            "[dev]\ns3 =\n  k = 1\n",
            "[dev]\ns3 =\n  k = 1\nk = v\nl = w\n",
        ),
        (
            "twice in one",
            "[dev]\nk=1\nm=1\nk=2\n",
            "[dev]\nm=1\nk = v\nl = w\n",
        ),
        (
            "two sections",
            "[dev]\nk=1\n[a]\n[dev]\nl=1\n",
            "[dev]\nk = v\n[a]\n[dev]\nl = w\n",
        ),
        ("a colon", "[dev]\nk: 1\nl :2\n", "[dev]\nk = v\nl = w\n"),
        (
            "indented",
            "[dev]\n  k = 1\n  m = 2\n",
            "[dev]\n  k = v\n  m = 2\n  l = w\n",
        ),
        (
            "indented heading",
            "[dev]\n  [a]\n  k = 1\n",
            "[dev]\n  k = v\n  l = w\n  [a]\n  k = 1\n",
        ),
        (
            "odd headings",
            "[ dev ] ; c\n[dev\nk=1\n",
            "[dev] ; c\nk = v\nl = w\n[dev\nk=1\n",
        ),
        (
            "one heading that all read",
            "[dev]\nl=1\n[ dev ]\nk=1\nm=1\n",
            "[dev]\nl = w\nk = v\n[ dev ]\nm=1\n",
        ),
        (
            "a heading that the CLI reads to its last bracket",
            "[dev] # [x]",
            "[dev]\n# [x]\nk = v\nl = w\n",
        ),
    ] {
        let mut document = Document::parse(before);
        let values = [("k", "v".to_owned()), ("l", "w".to_owned())];
        let heading = Heading::new(Kind::Credentials, &"dev".parse().unwrap());
        document.set(&heading, &values);
        assert_eq!(document.to_string(), after, "{case}");
        let again = Document::parse(after);
        assert_eq!(again.value(&heading, "k").as_deref(), Some("v"), "{case}");
        assert_eq!(again.value(&heading, "l").as_deref(), Some("w"), "{case}");
    }
}

#[test]
fn removes_a_key_with_all_its_lines() {
    let mut document = Document::parse("[dev]\na = 1\nk = 1\n  2\n# c\n  3\nb = 1\n[x]\nk = 1\n");
    let heading = Heading::new(Kind::Credentials, &"dev".parse().unwrap());
    document.remove(&heading, |key| key == "k");
    assert_eq!(
        document.to_string(),
        "[dev]\na = 1\n# c\nb = 1\n[x]\nk = 1\n"
    );
}

#[test]
fn reads_values_as_the_sdks_do() {
    let document = Document::parse("[dev]\nA = x#y ; note\n[dev]\nb=\n  c=1\nA =  z\t# note\n");
    let heading = Heading::new(Kind::Credentials, &"dev".parse().unwrap());
    assert_eq!(document.value(&heading, "a").as_deref(), Some("z"));
    assert_eq!(document.value(&heading, "b").as_deref(), Some("c=1"));
    assert_eq!(document.value(&heading, "c"), None);
}
