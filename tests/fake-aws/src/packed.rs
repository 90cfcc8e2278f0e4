//! The packed size of session policies and tags.
//!
//! AWS does not publish its packing. This formula is deterministic and of the same order: half of a policy's text
//! without its white space, a policy ARN's full length, and each tag's key and value with two bytes of framing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::policy::SessionPolicies;
use crate::sts::StsError;

/// The size in percent of the budget; `None` when there is nothing to pack.
pub(crate) fn percent(
    policies: &SessionPolicies,
    tags: &BTreeMap<String, String>,
    budget: usize,
) -> Result<Option<usize>, StsError> {
    let inline = policies.inline.as_deref().map_or(0, |text| {
        // Compact JSON: white space between tokens does not count.
        serde_json::from_str::<Value>(text)
            .map_or(text.len(), |v| v.to_string().len())
            .div_ceil(2)
    });
    let policy = inline + policies.arns.iter().map(String::len).sum::<usize>();
    let tags = tags
        .iter()
        .map(|(k, v)| k.len() + v.len() + 2)
        .sum::<usize>();
    if policy + tags == 0 {
        return Ok(None);
    }
    let percent = ((policy + tags) * 100).div_ceil(budget.max(1));
    if percent <= 100 {
        return Ok(Some(percent));
    }
    let message = if policy == 0 {
        format!("Packed size of session tags consumes {percent}% of allotted space.")
    } else {
        format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.")
    };
    Err(StsError::new(400, "PackedPolicyTooLarge", &message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deterministic() {
        let none = SessionPolicies::default();
        let tags = |n: usize| {
            (0..n)
                .map(|i| (format!("key-{i:04}"), "v".repeat(90)))
                .collect::<BTreeMap<_, _>>()
        };
        assert_eq!(percent(&none, &tags(0), 2048).unwrap(), None);
        assert_eq!(percent(&none, &tags(10), 2048).unwrap(), Some(49));
        assert_eq!(percent(&none, &tags(20), 2048).unwrap(), Some(98));
        let error = percent(&none, &tags(21), 2048).unwrap_err();
        assert_eq!(
            (error.status, error.code.as_str()),
            (400, "PackedPolicyTooLarge")
        );
        assert_eq!(
            error.message,
            "Packed size of session tags consumes 103% of allotted space."
        );
        let spaced = SessionPolicies {
            inline: Some("{ \"Statement\" : [ ] }".into()),
            arns: Vec::new(),
        };
        assert_eq!(percent(&spaced, &tags(0), 100).unwrap(), Some(8));
    }
}
