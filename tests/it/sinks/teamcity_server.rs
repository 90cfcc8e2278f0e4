//! TeamCity's server, as far as a build's log goes: service messages at the start of a line, its escapes.

use std::collections::BTreeMap;

/// The messages of a log: names and attributes, in order. What TeamCity cannot read fails the test.
pub(super) fn messages(log: &str) -> Vec<(String, BTreeMap<String, String>)> {
    log.lines()
        .filter_map(|line| line.trim_start().strip_prefix("##teamcity["))
        .map(message)
        .collect()
}

fn message(text: &str) -> (String, BTreeMap<String, String>) {
    let mut chars = text.chars().peekable();
    let word = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let mut word = String::new();
        while let Some(c) = chars.next_if(char::is_ascii_alphanumeric) {
            word.push(c);
        }
        word
    };
    let name = word(&mut chars);
    let mut attributes = BTreeMap::new();
    loop {
        match chars.next() {
            Some(' ') => {}
            Some(']') => {
                assert_eq!(chars.next(), None, "text after the message: {text}");
                return (name, attributes);
            }
            other => panic!("{other:?} in {text}"),
        }
        let key = word(&mut chars);
        assert_eq!(
            (chars.next(), chars.next()),
            (Some('='), Some('\'')),
            "{text}"
        );
        attributes.insert(key, value(&mut chars));
    }
}

fn value(chars: &mut impl Iterator<Item = char>) -> String {
    let mut units: Vec<u16> = Vec::new();
    loop {
        let mut push = |c: char| units.extend(c.encode_utf16(&mut [0; 2]).iter());
        match chars.next().expect("the value ends") {
            '\'' => return String::from_utf16(&units).expect("whole characters"),
            '|' => match chars.next().expect("an escape ends") {
                'n' => push('\n'),
                'r' => push('\r'),
                '0' => {
                    assert_eq!(chars.next(), Some('x'));
                    let digits: String = chars.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).expect("hexadecimal"));
                }
                c @ ('\'' | '|' | '[' | ']') => push(c),
                other => panic!("|{other} is no escape"),
            },
            c @ ('[' | ']') => panic!("{c} is not escaped"),
            c => push(c),
        }
    }
}
