//! What a request brings to a policy's conditions: which keys it has, which it lacks, and which only AWS can see.

use std::collections::BTreeMap;

use super::issuer::Issuer;
use super::text::shown;
use crate::model::Claims;

/// What is known of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    Values(Vec<String>),
    /// A role's ARN as it would be without a path: which path it has, the ARN of its session does not say.
    Pathless(String),
    /// The request does not have it; why, where there is more to say.
    Absent(Option<String>),
    /// Only AWS sees it: the caller's address, its organisation.
    Hidden,
}

/// Who asks, and with what. Keys are compared without regard to case.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(super) actions: Vec<&'static str>,
    pub(super) asker: Asker,
    keys: BTreeMap<String, Known>,
    issuer: Option<(Issuer, Claims)>,
}

/// Who asks, as a policy's principal names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asker {
    /// A token; the account of the role, where it is known, has the provider.
    Token { account: Option<(String, String)> },
    /// A user or a session of a role.
    Caller(Caller),
}

/// A user, or a session of a role, or an account's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) arn: String,
    pub(crate) partition: String,
    pub(crate) account: String,
    /// The role behind a session. Its path is not in the session's ARN.
    pub(crate) role: Option<String>,
}

impl Caller {
    /// None for what is no ARN of IAM or STS.
    pub(crate) fn read(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, "iam" | "sts", "", account, resource] = parts.as_slice() else {
            return None;
        };
        let kinds = ["user/", "role/", "assumed-role/", "federated-user/"];
        let known = *resource == "root" || kinds.iter().any(|kind| resource.starts_with(kind));
        if account.parse::<crate::model::AccountId>().is_err() || !known {
            return None;
        }
        let role = resource
            .strip_prefix("assumed-role/")
            .and_then(|rest| rest.split_once('/'))
            .map(|(name, _)| format!("arn:{partition}:iam::{account}:role/{name}"))
            .or_else(|| resource.starts_with("role/").then(|| arn.to_owned()));
        Some(Self {
            arn: arn.to_owned(),
            partition: (*partition).to_owned(),
            account: (*account).to_owned(),
            role,
        })
    }

    /// What a policy should name: the role behind a session, which outlives it.
    pub(crate) fn principal(&self) -> &str {
        self.role.as_deref().unwrap_or(&self.arn)
    }
}

impl Context {
    /// AssumeRoleWithWebIdentity with this token; `place` is the partition and account of the role.
    pub(crate) fn of_token(claims: &Claims, place: Option<(&str, &str)>) -> Option<Self> {
        let issuer = Issuer::of(claims)?;
        let account = place.map(|(partition, account)| (partition.to_owned(), account.to_owned()));
        let mut actions = vec!["sts:AssumeRoleWithWebIdentity"];
        let tags = claims.session_tags();
        if !tags.is_empty() {
            actions.push("sts:TagSession");
        }
        let identity = claims.text("https://aws.amazon.com/source_identity");
        if identity.is_some() {
            actions.push("sts:SetSourceIdentity");
        }
        let mut context = Self {
            actions,
            asker: Asker::Token {
                account: account.clone(),
            },
            keys: BTreeMap::new(),
            issuer: Some((issuer.clone(), claims.clone())),
        };
        context.tell("sts:SourceIdentity", identity);
        context.set("aws:TagKeys", tags.into_iter().map(|(key, _)| key));
        if let Some((partition, account)) = account {
            context.tell(
                "aws:FederatedProvider",
                Some(&issuer.principal(&partition, &account)),
            );
        }
        let why = "AssumeRoleWithWebIdentity sends none";
        context.lack("sts:ExternalId", why);
        for key in [
            "aws:PrincipalArn",
            "aws:PrincipalAccount",
            "aws:PrincipalType",
            "aws:userid",
            "aws:username",
            "aws:MultiFactorAuthPresent",
            "aws:MultiFactorAuthAge",
        ] {
            context.lack(key, "a token is not an AWS principal");
        }
        Some(context)
    }

    /// AssumeRole by this caller. What its settings send is told with `tell` and `need`.
    pub(crate) fn of_caller(caller: &Caller) -> Self {
        let mut context = Self {
            actions: vec!["sts:AssumeRole"],
            asker: Asker::Caller(caller.clone()),
            keys: BTreeMap::new(),
            issuer: None,
        };
        match &caller.role {
            // AWS compares the role's ARN with its path.
            Some(role) if caller.arn != *role => {
                context.put("aws:PrincipalArn", Known::Pathless(role.clone()));
            }
            _ => context.tell("aws:PrincipalArn", Some(&caller.arn)),
        }
        context.tell("aws:PrincipalAccount", Some(&caller.account));
        context
    }

    /// A key with one value, or one that the request does not have.
    pub(crate) fn tell(&mut self, key: &str, value: Option<&str>) {
        self.set(key, value.map(str::to_owned));
    }

    pub(crate) fn set(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        let values: Vec<String> = values.into_iter().collect();
        let known = if values.is_empty() {
            Known::Absent(None)
        } else {
            Known::Values(values)
        };
        self.put(key, known);
    }

    /// An action that the request needs beside its own.
    pub(crate) fn need(&mut self, action: &'static str) {
        if !self.actions.contains(&action) {
            self.actions.push(action);
        }
    }

    /// A key that the request does not have, and why.
    pub(crate) fn lack(&mut self, key: &str, why: &str) {
        self.put(key, Known::Absent(Some(why.to_owned())));
    }

    fn put(&mut self, key: &str, known: Known) {
        self.keys.insert(key.to_ascii_lowercase(), known);
    }

    pub(super) fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref().map(|(issuer, _)| issuer)
    }

    pub(super) fn look(&self, key: &str) -> Known {
        let lower = key.to_ascii_lowercase();
        if let Some(known) = self.keys.get(&lower) {
            return known.clone();
        }
        if let Some(own) = lower.strip_prefix("aws:") {
            return self.global(own);
        }
        match key.rsplit_once(':') {
            // `sts:…` and the like are AWS' own; an issuer has a dot in it.
            Some((host, claim)) if host.contains('.') => self.claim(host, claim),
            _ => Known::Hidden,
        }
    }

    /// `aws:KEY`, in lower case.
    fn global(&self, key: &str) -> Known {
        if key == "securetransport" {
            return Known::Values(vec!["true".to_owned()]);
        }
        match (key.split_once('/'), &self.issuer) {
            (Some(("requesttag", tag)), Some(_)) => self.token_tag(tag),
            (Some(("principaltag", _)), Some(_)) => {
                Known::Absent(Some("a token is not an AWS principal".to_owned()))
            }
            _ => Known::Hidden,
        }
    }

    /// `HOST:claim`.
    fn claim(&self, host: &str, claim: &str) -> Known {
        let Some((issuer, claims)) = &self.issuer else {
            return Known::Absent(Some("the caller has no token".to_owned()));
        };
        if !host.eq_ignore_ascii_case(issuer.host()) {
            return Known::Absent(Some(format!(
                "the token's issuer is {}, whose keys begin with {}:",
                shown(&issuer.url),
                issuer.host()
            )));
        }
        if !issuer.takes(claim) {
            return Known::Absent(Some(format!(
                "AWS does not look at the claim {} of {}, so this condition never holds",
                shown(claim),
                issuer.name()
            )));
        }
        let lower = claim.to_ascii_lowercase();
        let values = match lower.as_str() {
            "aud" => claims.audience().into_iter().collect(),
            "oaud" => claims.values("aud"),
            other => claims.values(other),
        };
        if values.is_empty() {
            return Known::Absent(Some(format!("the token has no claim {}", shown(claim))));
        }
        Known::Values(values)
    }

    fn token_tag(&self, name: &str) -> Known {
        let claims = self.issuer.iter().map(|(_, claims)| claims);
        let mut tags = claims.flat_map(Claims::session_tags);
        match tags.find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            Some((_, value)) => Known::Values(vec![value]),
            None => Known::Absent(Some(format!(
                "the token has no session tag {}",
                shown(name)
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn context() -> Context {
        let claims = Claims::from(json!({
            "iss": "https://token.actions.githubusercontent.com", "sub": "s", "aud": ["a", "b"],
            "repository_id": "74", "sha": "c0ffee",
            "https://aws.amazon.com/tags/principal_tags/Team": "web",
            "https://aws.amazon.com/tags/principal_tags/example.com:team": "a:b",
        }));
        Context::of_token(&claims, Some(("aws", "123456789012"))).expect("a context")
    }

    #[test]
    fn a_token_brings_the_claims_that_aws_takes() {
        let context = context();
        let host = "token.actions.githubusercontent.com";
        let values = |key: &str| match context.look(key) {
            Known::Values(values) => values.join(","),
            Known::Absent(why) => format!("absent: {}", why.unwrap_or_default()),
            Known::Pathless(arn) => format!("pathless: {arn}"),
            Known::Hidden => "hidden".to_owned(),
        };
        assert_eq!(values(&format!("{host}:Sub")), "s");
        assert_eq!(values(&format!("{host}:aud")), "a");
        assert_eq!(values(&format!("{host}:oaud")), "a,b");
        assert_eq!(values(&format!("{host}:repository_id")), "74");
        assert!(values(&format!("{host}:environment")).contains("no claim `environment`"));
        assert!(
            values(&format!("{host}:sha"))
                .contains("does not look at the claim `sha` of GitHub Actions")
        );
        assert!(
            values("gitlab.com:sub")
                .contains("keys begin with token.actions.githubusercontent.com:")
        );
        assert_eq!(values("aws:SourceIp"), "hidden");
        assert_eq!(values("aws:RequestTag/Team"), "web");
        assert!(values("aws:PrincipalTag/Team").starts_with("absent"));
        // No key has a case, and a tag's name may have a colon and a dot.
        for key in ["aws:SecureTransport", "AWS:securetransport"] {
            assert_eq!(values(key), "true");
        }
        assert_eq!(values("AWS:REQUESTTAG/TEAM"), "web");
        assert_eq!(values("aws:RequestTag/example.com:team"), "a:b");
        assert!(values("AWS:principaltag/x").starts_with("absent"));
        assert_eq!(values("aws:ResourceTag/example.com:team"), "hidden");
        assert!(values("sts:ExternalId").contains("sends none"));
        assert!(
            values("aws:FederatedProvider")
                .ends_with("oidc-provider/token.actions.githubusercontent.com")
        );
        assert_eq!(
            context.actions,
            ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
        );
    }

    #[test]
    fn a_session_stands_for_its_role() {
        let caller =
            Caller::read("arn:aws:sts::123456789012:assumed-role/hub/s").expect("a caller");
        assert_eq!(caller.principal(), "arn:aws:iam::123456789012:role/hub");
        let user = Caller::read("arn:aws:iam::123456789012:user/ci").expect("a caller");
        assert_eq!(user.principal(), user.arn);
        for bad in [
            "arn:aws:iam::1:user/x",
            "arn:aws:s3:::b",
            "ci",
            "arn:aws:iam::123456789012:policy/x",
        ] {
            assert_eq!(Caller::read(bad), None, "{bad}");
        }
    }
}
