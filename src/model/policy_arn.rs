//! The ARN of a managed policy.

use std::str::FromStr;

use super::arn::AccountId;
use super::invalid::{Invalid, shown};

/// A managed policy, AWS' or the account's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyArn(String);

impl PolicyArn {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PolicyArn {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if let Some(fault) = Invalid::length(text, 20, 2048) {
            return Err(Invalid::new(format!("{} {fault}", shown(text))));
        }
        let mut parts = text.splitn(6, ':');
        let shape = [
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ];
        let [
            Some("arn"),
            Some(partition),
            Some("iam"),
            Some(""),
            Some(account),
            Some(resource),
        ] = shape
        else {
            return Err(not_a_policy(text));
        };
        let owner_known = account == "aws" || account.parse::<AccountId>().is_ok();
        let graphic = text.chars().all(|c| c.is_ascii_graphic());
        if !partition.starts_with("aws")
            || !owner_known
            || !graphic
            || !resource.starts_with("policy/")
        {
            return Err(not_a_policy(text));
        }
        Ok(Self(text.to_owned()))
    }
}

fn not_a_policy(text: &str) -> Invalid {
    Invalid::new(format!(
        "{} is not a managed policy's ARN; expected arn:aws:iam::aws:policy/NAME or arn:aws:iam::ACCOUNT:policy/NAME",
        shown(text)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_arns_are_of_aws_or_of_an_account() {
        assert!(
            "arn:aws:iam::aws:policy/ReadOnlyAccess"
                .parse::<PolicyArn>()
                .is_ok()
        );
        assert!(
            "arn:aws:iam::123456789012:policy/p/q"
                .parse::<PolicyArn>()
                .is_ok()
        );
        for bad in [
            "ReadOnlyAccess",
            "arn:aws:iam::aws:role/ReadOnlyAccess",
            "arn:aws:s3:::bucket/policy/xyz",
        ] {
            assert!(bad.parse::<PolicyArn>().is_err(), "{bad}");
        }
    }
}
