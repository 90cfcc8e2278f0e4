//! Lists as the runners of Drone, Woodpecker and Harness write them into one variable: joined by commas, or as JSON.

use std::collections::BTreeMap;

use super::setting::Setting;

/// The items of a list as the settings take them, a line each. Other text stays as it is.
pub(super) fn lines(setting: &Setting, text: String) -> String {
    if let Some(items) = json_list(&text) {
        return items.join("\n");
    }
    match setting.name {
        "roles" => targets(&text),
        // A role's name may have a comma in it.
        "role-to-assume" | "managed-session-policies" => text.replace(",arn:", "\narn:"),
        // No tag has one; and a list is one only if each of its items is a pair.
        "custom-tags" | "session-tags" if text.split(',').all(|item| item.contains('=')) => {
            text.replace(',', "\n")
        }
        _ => text,
    }
}

/// `roles` as an object of profiles and chains, or as lines joined by commas, of which a role's name may have some.
fn targets(text: &str) -> String {
    if let Ok(object) = serde_json::from_str::<BTreeMap<String, String>>(text) {
        let line = |(name, roles): (String, String)| format!("{name} = {roles}");
        return object.into_iter().map(line).collect::<Vec<_>>().join("\n");
    }
    let begins = |rest: &str| {
        let pair = rest.split_once('=');
        pair.is_some_and(|(name, roles)| {
            !name.contains(',') && roles.trim_start().starts_with("arn:")
        })
    };
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text;
    loop {
        let ends = rest.match_indices(',').map(|(at, _)| rest.split_at(at));
        let next = ends
            .map(|(line, rest)| (line, rest.trim_start_matches(',')))
            .find(|(_, rest)| begins(rest));
        let Some((line, after)) = next else {
            lines.push(rest.to_owned());
            return lines.join("\n");
        };
        lines.push(line.to_owned());
        rest = after;
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
            (
                "roles",
                "dev = arn:aws:iam::1:role/a,b > arn:aws:iam::2:role/c,x=y,prod=arn:aws:iam::3:role/d",
                "dev = arn:aws:iam::1:role/a,b > arn:aws:iam::2:role/c,x=y\nprod=arn:aws:iam::3:role/d",
            ),
            (
                "roles",
                r#"{"dev": "arn:aws:iam::1:role/a", "env": "b"}"#,
                "dev = arn:aws:iam::1:role/a\nenv = b",
            ),
            ("roles", r#"["a = b", "c = d"]"#, "a = b\nc = d"),
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
