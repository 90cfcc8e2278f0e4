//! Lists as the runners of Drone, Woodpecker and Harness write them into one variable: joined by commas, or as JSON.

use super::setting::Setting;

/// The items of a list as the settings take them, a line each. Other text stays as it is.
pub(super) fn lines(setting: &Setting, text: String) -> String {
    if let Some(items) = json_list(&text) {
        return items.join("\n");
    }
    match setting.name {
        // A role's name may have a comma in it.
        "role-to-assume" | "managed-session-policies" => text.replace(",arn:", "\narn:"),
        // No tag has one; and a list is one only if each of its items is a pair.
        "custom-tags" | "session-tags" if text.split(',').all(|item| item.contains('=')) => {
            text.replace(',', "\n")
        }
        _ => text,
    }
}

/// A list of plain values. An object, or a list that has one, is for who reads the setting.
fn json_list(text: &str) -> Option<Vec<String>> {
    let items: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
    let item = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    items.into_iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::super::table::SETTINGS;
    use super::*;

    #[test]
    fn a_list_is_lines_whatever_the_runner_made_of_it() {
        for (name, text, expected) in [
            ("session-tags", r#"["A=1", "B=2"]"#, "A=1\nB=2"),
            ("session-tags", "A=1,B=2", "A=1\nB=2"),
            ("session-tags", r#"{"A": "1,2"}"#, r#"{"A": "1,2"}"#),
            (
                "managed-session-policies",
                "arn:aws:iam::aws:policy/A,b,arn:aws:iam::aws:policy/C",
                "arn:aws:iam::aws:policy/A,b\narn:aws:iam::aws:policy/C",
            ),
            (
                "role-to-assume",
                "arn:aws:iam::1:role/a,arn:aws:iam::2:role/b",
                "arn:aws:iam::1:role/a\narn:aws:iam::2:role/b",
            ),
            ("role-session-name", "a,b", "a,b"),
            (
                "allowed-account-ids",
                "[123456789012, 210987654321]",
                "123456789012\n210987654321",
            ),
        ] {
            let setting = SETTINGS
                .iter()
                .find(|setting| setting.name == name)
                .expect("a setting");
            assert_eq!(lines(setting, text.to_owned()), expected);
        }
    }
}
