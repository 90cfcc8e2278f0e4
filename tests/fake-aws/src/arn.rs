//! The parts of an ARN that STS looks at.

/// A parsed ARN; `resource` is all that follows the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (_region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        (arn == "arn" && !partition.is_empty() && !resource.is_empty()).then_some(Self {
            partition,
            service,
            account,
            resource,
        })
    }

    /// The resource's name without its kind and path: `deploy` of `role/ci/deploy`.
    pub(crate) fn name(&self) -> &'a str {
        self.resource.rsplit('/').next().unwrap_or(self.resource)
    }

    pub(crate) fn is_role(&self) -> bool {
        self.service == "iam" && self.account.len() == 12 && self.resource.starts_with("role/")
    }
}

/// The account of an ARN, empty if it has none.
pub(crate) fn account(arn: &str) -> String {
    Arn::parse(arn)
        .map(|a| a.account.to_owned())
        .unwrap_or_default()
}

/// The partition of an ARN, `aws` if it cannot be read.
pub(crate) fn partition(arn: &str) -> String {
    Arn::parse(arn).map_or("aws", |a| a.partition).to_owned()
}

/// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
pub(crate) fn assumed_role(role: &str, session: &str) -> String {
    let (partition, account) = (partition(role), account(role));
    let name = Arn::parse(role).map_or(role, |a| a.name());
    format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_parts() {
        let arn = Arn::parse("arn:aws-cn:iam::123456789012:role/ci/deploy").unwrap();
        assert_eq!(
            (arn.partition, arn.account, arn.name(), arn.is_role()),
            ("aws-cn", "123456789012", "deploy", true)
        );
        assert_eq!(Arn::parse("deploy"), None);
        assert_eq!(
            assumed_role("arn:aws:iam::123456789012:role/ci/deploy", "s"),
            "arn:aws:sts::123456789012:assumed-role/deploy/s"
        );
    }
}
