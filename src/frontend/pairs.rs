//! Keys with values, as a JSON object or as lines.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::Invalid;
use crate::model::invalid::shown;

/// In the order in which they are written, repeated keys too.
pub(super) fn read(text: &str) -> Result<Vec<(String, String)>, Invalid> {
    if text.starts_with(['{', '[']) {
        from_json(text)
    } else {
        from_lines(text)
    }
}

/// The members of a JSON object, numbers as they are written and none lost to another of its name.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(All)
    }
}

fn from_json(text: &str) -> Result<Vec<(String, String)>, Invalid> {
    let members: Members<'_> = serde_json::from_str(text).map_err(|fault| {
        if fault.is_data() {
            Invalid::new("is not a JSON object, as in {\"Team\": \"web\"}")
        } else {
            Invalid::new(format!("is not valid JSON: {fault}"))
        }
    })?;
    let pair = |(key, value): (String, &RawValue)| match value.get() {
        text if text.starts_with('"') => serde_json::from_str(text)
            .map(|text| (key, text))
            .map_err(|fault| Invalid::new(format!("is not valid JSON: {fault}"))),
        text if text == "null" || text.starts_with(['{', '[']) => Err(Invalid::new(format!(
            "value of {} is not a string, number or boolean",
            shown(&key)
        ))),
        text => Ok((key, text.to_owned())),
    };
    members.0.into_iter().map(pair).collect()
}

fn from_lines(text: &str) -> Result<Vec<(String, String)>, Invalid> {
    let pair = |line: &str| {
        let (key, value) = line.split_once('=').ok_or_else(|| {
            Invalid::new(format!(
                "line {} is not `Key=Value`, nor is the whole a JSON object",
                shown(line)
            ))
        })?;
        Ok((key.trim().to_owned(), value.trim().to_owned()))
    };
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(pair)
        .collect()
}
