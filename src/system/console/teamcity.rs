//! Service messages of TeamCity.

use std::fmt::Write as _;

/// A service message: `##teamcity[name key='value']`, on a line of its own.
/// <https://www.jetbrains.com/help/teamcity/service-messages.html>
pub(crate) fn message(name: &str, attributes: &[(&str, &str)]) -> String {
    let mut line = format!("##teamcity[{name}");
    for (key, value) in attributes {
        let _ = write!(line, " {key}='{}'", escape(value));
    }
    line.push(']');
    line
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\'' | '|' | '[' | ']' => {
                safe.push('|');
                safe.push(c);
            }
            '\n' => safe.push_str("|n"),
            '\r' => safe.push_str("|r"),
            c if c.is_ascii() => safe.push(c),
            c => {
                // As many UTF-16 units as the character has.
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(safe, "|0x{unit:04X}");
                }
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_the_manuals_table_is_escaped() {
        assert_eq!(
            message(
                "message",
                &[("text", "a'b|c[d]\r\né😀"), ("status", "WARNING")]
            ),
            "##teamcity[message text='a|'b||c|[d|]|r|n|0x00E9|0xD83D|0xDE00' status='WARNING']"
        );
    }
}
