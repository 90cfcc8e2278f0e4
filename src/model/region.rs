//! The AWS region of the exchange, and the partition that it implies.

use std::fmt;
use std::str::FromStr;

use super::invalid::Invalid;

/// A region's name, in the form that can be a host name's label. Whether AWS has it is for AWS to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region(String);

impl Region {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The global endpoint stands in one region, whose name its signatures bear.
    pub(crate) fn of_signatures(&self) -> &str {
        match self.0.as_str() {
            "aws-global" => "us-east-1",
            region => region,
        }
    }

    pub(crate) fn partition(&self) -> Partition {
        Partition::of_region(&self.0)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Region {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if let Some(fault) = Invalid::character(text, "a-z 0-9 -, as in eu-west-1", allowed) {
            return Err(fault);
        }
        if text.is_empty() || text.len() > 63 || text.starts_with('-') || text.ends_with('-') {
            return Err(Invalid::new(
                "is not a region's name: 1 to 63 characters, no `-` at either end, as in eu-west-1",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// An isolated set of regions with its own ARNs, endpoints and audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partition(&'static str);

impl Partition {
    /// By the region's prefix, as AWS' endpoint rules do.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
    fn of_region(region: &str) -> Self {
        const PREFIXES: [(&str, &str); 7] = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("us-isob-", "aws-iso-b"),
            ("us-isof-", "aws-iso-f"),
            ("us-iso-", "aws-iso"),
            ("eu-isoe-", "aws-iso-e"),
            ("eusc-", "aws-eusc"),
        ];
        let known = PREFIXES
            .iter()
            .find(|(prefix, _)| region.starts_with(prefix));
        Self(known.map_or("aws", |(_, partition)| partition))
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_partition_follows_the_region() {
        for (region, partition) in [
            ("eu-west-1", "aws"),
            ("us-east-1", "aws"),
            ("cn-northwest-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            ("eusc-de-east-1", "aws-eusc"),
            ("xx-new-9", "aws"),
        ] {
            let parsed: Region = region.parse().expect("a region");
            assert_eq!(parsed.partition().0, partition, "{region}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_a_host_name() {
        for region in [
            "",
            "EU-WEST-1",
            "eu_west_1",
            "eu-west-1.",
            "-eu",
            "eu west 1",
            "eu-west-1/x",
        ] {
            assert!(region.parse::<Region>().is_err(), "{region}");
        }
    }
}
