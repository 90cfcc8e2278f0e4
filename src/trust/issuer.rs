//! Who issued a token: the CI system, the name of its provider in IAM, and which claims AWS lets a policy test.

use crate::model::Claims;

/// The `iss` of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) system: Ci,
}

/// The systems whose subjects are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ci {
    /// github.com, an enterprise's own issuer on it, and ghe.com.
    Github,
    GithubServer,
    Forgejo,
    Gitlab,
    Buildkite,
    Circle,
    Bitbucket,
    Azure,
    Terraform,
    Spacelift,
    Semaphore,
    Codefresh,
    Google,
    Kubernetes,
    Other,
}

/// The claims that AWS takes of every issuer.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
const COMMON: [&str; 5] = ["amr", "aud", "email", "oaud", "sub"];
/// Of GitHub since 2026, but not of an Enterprise Server.
const GITHUB: [&str; 10] = [
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
];
/// Of gitlab.com only.
const GITLAB: [&str; 9] = [
    "namespace_id",
    "pipeline_source",
    "project_id",
    "ref_protected",
    "runner_environment",
    "user_access_level",
    "user_email",
    "user_id",
    "user_login",
];
const BUILDKITE: [&str; 7] = [
    "build_branch",
    "cluster_id",
    "cluster_name",
    "organization_id",
    "organization_slug",
    "pipeline_id",
    "pipeline_slug",
];

impl Issuer {
    /// None where the token has no `iss`, which STS refuses.
    pub(crate) fn of(claims: &Claims) -> Option<Self> {
        let url = claims.text("iss")?.to_owned();
        let subject = claims.text("sub").unwrap_or_default();
        let system = recognise(&url, subject);
        Some(Self { url, system })
    }

    /// The URL without its scheme: in the provider's ARN, and before the colon of its condition keys.
    pub(crate) fn host(&self) -> &str {
        self.url.strip_prefix("https://").unwrap_or(&self.url)
    }

    /// What names it as `Federated` principal. Google's is known to AWS and has no ARN.
    pub(crate) fn principal(&self, partition: &str, account: &str) -> String {
        if self.system == Ci::Google {
            return self.host().to_owned();
        }
        format!(
            "arn:{partition}:iam::{account}:oidc-provider/{}",
            self.host()
        )
    }

    /// Whether a policy may test this claim at all.
    pub(super) fn takes(&self, claim: &str) -> bool {
        let own: &[&str] = match self.system {
            Ci::Github => &GITHUB,
            Ci::Gitlab if self.host() == "gitlab.com" => &GITLAB,
            Ci::Buildkite => &BUILDKITE,
            Ci::Circle => &["oidc.circleci.com/project-id"],
            Ci::Google => &["google/organization_number"],
            Ci::Other if self.host().ends_with(".identity.oraclecloud.com") => &["rpst_id"],
            _ => &[],
        };
        let lower = claim.to_ascii_lowercase();
        COMMON.contains(&lower.as_str()) || own.contains(&lower.as_str())
    }

    /// Its subjects have GitHub's form.
    pub(super) fn speaks_github(&self) -> bool {
        matches!(self.system, Ci::Github | Ci::GithubServer | Ci::Forgejo)
    }

    /// The system's name in a sentence.
    pub(crate) fn name(&self) -> &'static str {
        match self.system {
            Ci::Github => "GitHub Actions",
            Ci::GithubServer => "GitHub Enterprise Server",
            Ci::Forgejo => "Forgejo Actions",
            Ci::Gitlab => "GitLab CI",
            Ci::Buildkite => "Buildkite",
            Ci::Circle => "CircleCI",
            Ci::Bitbucket => "Bitbucket Pipelines",
            Ci::Azure => "Azure Pipelines",
            Ci::Terraform => "HCP Terraform",
            Ci::Spacelift => "Spacelift",
            Ci::Semaphore => "Semaphore",
            Ci::Codefresh => "Codefresh",
            Ci::Google => "Google",
            Ci::Kubernetes => "Kubernetes",
            Ci::Other => "its issuer",
        }
    }
}

/// By the issuer where it is one for all, by the subject where everybody has an own one.
fn recognise(url: &str, subject: &str) -> Ci {
    let rest = url.strip_prefix("https://").unwrap_or(url);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    match host {
        "token.actions.githubusercontent.com" => Ci::Github,
        "github.com" if path.starts_with("enterprises/") => Ci::Github,
        _ if host.starts_with("token.actions.") && host.ends_with(".ghe.com") => Ci::Github,
        "gitlab.com" => Ci::Gitlab,
        "agent.buildkite.com" => Ci::Buildkite,
        "oidc.circleci.com" => Ci::Circle,
        "api.bitbucket.org" => Ci::Bitbucket,
        "vstoken.dev.azure.com" => Ci::Azure,
        "app.terraform.io" => Ci::Terraform,
        "oidc.codefresh.io" => Ci::Codefresh,
        "accounts.google.com" => Ci::Google,
        _ if host.ends_with(".app.spacelift.io") => Ci::Spacelift,
        _ if host.ends_with(".semaphoreci.com") => Ci::Semaphore,
        _ if host.starts_with("oidc.eks.") => Ci::Kubernetes,
        _ if path == "_services/token" => Ci::GithubServer,
        _ if path.ends_with("api/actions") => Ci::Forgejo,
        _ if subject.starts_with("project_path:") => Ci::Gitlab,
        _ if subject.starts_with("system:serviceaccount:") => Ci::Kubernetes,
        _ if subject.starts_with("organization:") && subject.contains(":run_phase:") => {
            Ci::Terraform
        }
        _ => Ci::Other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn systems_are_recognised_by_issuer_or_subject() {
        for (iss, sub, system, host) in [
            (
                "https://token.actions.githubusercontent.com",
                "x",
                Ci::Github,
                "token.actions.githubusercontent.com",
            ),
            (
                "https://token.actions.githubusercontent.com/octo-enterprise",
                "x",
                Ci::Github,
                "token.actions.githubusercontent.com/octo-enterprise",
            ),
            (
                "https://token.actions.octocorp.ghe.com",
                "x",
                Ci::Github,
                "token.actions.octocorp.ghe.com",
            ),
            (
                "https://github.example.com/_services/token",
                "x",
                Ci::GithubServer,
                "github.example.com/_services/token",
            ),
            (
                "https://git.example.com/api/actions",
                "repo:o/r:ref:x",
                Ci::Forgejo,
                "git.example.com/api/actions",
            ),
            (
                "https://gitlab.example.com",
                "project_path:a/b:ref_type:branch:ref:main",
                Ci::Gitlab,
                "gitlab.example.com",
            ),
            (
                "https://oidc.circleci.com/org/1-2",
                "org/1-2/project/3",
                Ci::Circle,
                "oidc.circleci.com/org/1-2",
            ),
            (
                "https://idp.example.com",
                "me",
                Ci::Other,
                "idp.example.com",
            ),
        ] {
            let issuer =
                Issuer::of(&Claims::from(json!({"iss": iss, "sub": sub}))).expect("an issuer");
            assert_eq!((issuer.system, issuer.host()), (system, host));
        }
        assert_eq!(Issuer::of(&Claims::from(json!({"sub": "x"}))), None);
    }

    #[test]
    fn aws_takes_some_claims_of_some_issuers() {
        let of = |iss: &str| Issuer::of(&Claims::from(json!({"iss": iss}))).expect("an issuer");
        let github = of("https://token.actions.githubusercontent.com");
        assert!(github.takes("Repository_ID") && github.takes("sub") && !github.takes("sha"));
        assert!(!of("https://github.example.com/_services/token").takes("repository"));
        assert!(of("https://token.actions.octocorp.ghe.com").takes("environment"));
        assert!(of("https://gitlab.com").takes("project_id"));
        assert_eq!(
            github.principal("aws-us-gov", "123456789012"),
            "arn:aws-us-gov:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
        );
        assert_eq!(
            of("https://accounts.google.com").principal("aws", "1"),
            "accounts.google.com"
        );
    }
}
