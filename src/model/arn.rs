//! Names of AWS things: accounts, roles, policies, and the assumed role in an answer.

use std::fmt;
use std::str::FromStr;

use super::invalid::{Invalid, shown};
use super::region::Partition;

/// Twelve digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AccountId(String);

impl AccountId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new(format!(
            "{} is not an AWS account ID, which is exactly 12 digits",
            shown(text)
        )))
    }
}

/// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`, 20 to 2,048 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleArn(String);

impl RoleArn {
    /// The ARN of a role that was given by its name (with its path, if it has one).
    pub(crate) fn of_name(
        partition: &Partition,
        account: &AccountId,
        name: &RoleName,
    ) -> Result<Self, Invalid> {
        format!("arn:{partition}:iam::{account}:role/{}", name.0).parse()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl RoleArn {
    /// `aws` in `arn:aws:iam::…`.
    pub(crate) fn partition(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    pub(crate) fn account(&self) -> &str {
        self.0.split(':').nth(4).unwrap_or_default()
    }

    /// `deploy` in `…:role/teams/web/deploy`.
    pub(crate) fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// `teams/web/deploy` in `…:role/teams/web/deploy`.
    pub(crate) fn path_and_name(&self) -> &str {
        self.0.split_once(":role/").map_or("", |(_, name)| name)
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RoleArn {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if let Some(fault) = Invalid::length(text, 20, 2048) {
            return Err(fault);
        }
        let arn = Arn::split(text)?;
        if arn.service != "iam" {
            let hint = if arn.resource.starts_with("assumed-role/") {
                "; this is a session of a role, give the role itself: arn:aws:iam::ACCOUNT:role/NAME"
            } else {
                "; expected arn:aws:iam::ACCOUNT:role/NAME"
            };
            return Err(Invalid::new(format!(
                "{} is not a role's ARN{hint}",
                shown(text)
            )));
        }
        let Some(path) = arn.resource.strip_prefix("role/") else {
            return Err(Invalid::new(format!(
                "{} does not name a role; expected arn:aws:iam::ACCOUNT:role/NAME",
                shown(text)
            )));
        };
        let _: RoleName = path.parse()?;
        Ok(Self(text.to_owned()))
    }
}

/// A role's name with its optional path: `deploy`, `teams/web/deploy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleName(String);

impl RoleName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoleName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // A path is any printable ASCII between slashes; the name after the last slash is stricter.
        let (path, name) = text.rsplit_once('/').unwrap_or(("", text));
        if let Some(fault) = Invalid::character(path, "printable ASCII", |c| c.is_ascii_graphic()) {
            return Err(fault);
        }
        let count = name.chars().count();
        if !(1..=64).contains(&count) {
            return Err(Invalid::new(format!(
                "{} has a role name of {count} characters; IAM accepts 1 to 64",
                shown(text)
            )));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        if let Some(fault) =
            Invalid::character(name, "A-Z a-z 0-9 _ + = , . @ - in a role's name", allowed)
        {
            return Err(fault);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A role as a user writes it: the whole ARN, or a name in the account of the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RoleRef {
    /// The whole ARN.
    Arn(RoleArn),
    /// A name, resolved with the caller's account and the region's partition.
    Name(RoleName),
}

impl RoleRef {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Arn(arn) => arn.as_str(),
            Self::Name(name) => name.as_str(),
        }
    }

    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) => Some(arn.account()),
            Self::Name(_) => None,
        }
    }
}

impl FromStr for RoleRef {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.starts_with("arn:") {
            return text.parse().map(Self::Arn);
        }
        // All of these could be paths, and hardly ever are.
        if text.starts_with('/') || text.starts_with("role/") || text.contains(":role/") {
            return Err(Invalid::new(format!(
                "{} is neither a role's ARN nor its name; expected arn:aws:iam::ACCOUNT:role/NAME, or NAME alone",
                shown(text)
            )));
        }
        text.parse().map(Self::Name)
    }
}

/// `arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION`, or whatever else GetCallerIdentity answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssumedRole {
    text: String,
    account: AccountId,
}

impl AssumedRole {
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn account(&self) -> &AccountId {
        &self.account
    }

    /// Whether it is a session of this role. An assumed role's ARN leaves the role's path out.
    pub(crate) fn is_session_of(&self, role: &RoleRef) -> bool {
        let own = self
            .text
            .splitn(6, ':')
            .nth(5)
            .and_then(|resource| resource.strip_prefix("assumed-role/"))
            .and_then(|rest| rest.split('/').next());
        let wanted = role.as_str().rsplit('/').next();
        let account_fits = role.account().is_none_or(|id| id == self.account.as_str());
        account_fits && own.is_some() && own == wanted
    }
}

impl FromStr for AssumedRole {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let account = Arn::split(text)?.account;
        Ok(Self {
            text: text.to_owned(),
            account,
        })
    }
}

/// The parts of an ARN of an account: `arn:PARTITION:SERVICE::ACCOUNT:RESOURCE`.
struct Arn<'a> {
    service: &'a str,
    account: AccountId,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn split(text: &'a str) -> Result<Self, Invalid> {
        if let Some(fault) = Invalid::character(text, "printable ASCII without blanks", |c| {
            c.is_ascii_graphic()
        }) {
            return Err(fault);
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, _region, account, resource] = parts.as_slice() else {
            return Err(Invalid::new(format!(
                "{} is not an ARN; expected arn:aws:iam::ACCOUNT:role/NAME",
                shown(text)
            )));
        };
        if *partition != "aws" && !partition.starts_with("aws-") {
            return Err(Invalid::new(format!(
                "{} names the partition `{partition}`; AWS has aws, aws-cn, aws-us-gov, aws-eusc and aws-iso…",
                shown(text)
            )));
        }
        Ok(Self {
            service,
            account: account.parse()?,
            resource,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_role_arns_of_every_partition_and_path() {
        for arn in [
            "arn:aws:iam::123456789012:role/deploy",
            "arn:aws-cn:iam::123456789012:role/teams/web/deploy",
            "arn:aws-us-gov:iam::123456789012:role/a+=,.@-_b",
            "arn:aws-eusc:iam::123456789012:role/x",
        ] {
            assert_eq!(
                arn.parse::<RoleArn>().map(|a| a.as_str().to_owned()),
                Ok(arn.to_owned())
            );
        }
    }

    #[test]
    fn says_what_is_wrong_with_other_arns() {
        for (arn, part) in [
            (
                "arn:aws:iam::12345678901:role/deploy",
                "`12345678901` is not an AWS account ID",
            ),
            (
                "arn:aws:sts::123456789012:assumed-role/deploy/me",
                "session of a role",
            ),
            (
                "arn:aws:iam::123456789012:user/alice",
                "does not name a role",
            ),
            (
                "arn:aws:iam::123456789012:role/",
                "role name of 0 characters",
            ),
            (
                "arn:aws:iam::123456789012:role/de ploy",
                "a space at position 34",
            ),
            ("arn:minio:iam::123456789012:role/x", "partition `minio`"),
            ("arn:aws:iam::x", "14 characters"),
        ] {
            let fault = arn.parse::<RoleArn>().expect_err(arn).to_string();
            assert!(fault.contains(part), "{arn}: {fault}");
        }
    }

    #[test]
    fn a_role_may_be_given_by_name() {
        assert!(matches!("deploy".parse(), Ok(RoleRef::Name(_))));
        assert!(matches!("team/deploy".parse(), Ok(RoleRef::Name(_))));
        for bad in [
            "dep loy",
            "/deploy",
            "role/deploy",
            "123456789012:role/deploy",
            "iam::123456789012:role/deploy",
        ] {
            assert!(bad.parse::<RoleRef>().is_err(), "{bad}");
        }
    }
}
