//! A proposed policy in the form in which people keep theirs: JSON, the AWS CLI, Terraform, CloudFormation.

use std::fmt::Write as _;

use super::context::Caller;
use super::propose::{Proposal, Sends, identity_policy, quoted};
use crate::model::RoleArn;

/// In which form to write a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    AwsCli,
    Terraform,
    CloudFormation,
}

impl Form {
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("json", Self::Json),
        ("aws-cli", Self::AwsCli),
        ("terraform", Self::Terraform),
        ("cloudformation", Self::CloudFormation),
    ];

    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, form)| *form)
    }

    /// `role` is the role's name, with its path.
    pub(crate) fn render(self, proposal: &Proposal, role: &str) -> String {
        match self {
            Self::Json => proposal.json(),
            Self::AwsCli => aws_cli(proposal, role),
            Self::Terraform => terraform(proposal, role),
            Self::CloudFormation => cloudformation(proposal, role),
        }
    }

    /// The identity policy, attached to the caller.
    pub(crate) fn render_identity(self, caller: &Caller, role: &RoleArn, sends: &Sends) -> String {
        let policy = identity_policy(role.as_str(), sends);
        let kind = if caller.principal().contains(":user/") {
            "user"
        } else {
            "role"
        };
        let name = caller.principal().rsplit('/').next().unwrap_or_default();
        let title = format!("assume-{}", role.name());
        match self {
            Self::Json => policy,
            Self::AwsCli => format!(
                "cat > caller.json <<'JSON'\n{policy}\nJSON\n\
                 aws iam put-{kind}-policy --{kind}-name {} --policy-name {} --policy-document file://caller.json",
                shell(name),
                shell(&title)
            ),
            Self::Terraform => format!(
                "resource \"aws_iam_{kind}_policy\" \"assume\" {{\n  name   = {}\n  {kind}   = {}\n  policy = <<-JSON\n{}\n  JSON\n}}",
                hcl(&title),
                hcl(name),
                indented(&policy, 4)
                    .replace("${", "$${")
                    .replace("%{", "%%{")
            ),
            Self::CloudFormation => {
                let (resource, property) = if kind == "user" {
                    ("UserPolicy", "UserName")
                } else {
                    ("RolePolicy", "RoleName")
                };
                format!(
                    "Resources:\n  CallerPolicy:\n    Type: AWS::IAM::{resource}\n    Properties:\n      PolicyName: {}\n      {property}: {}\n      PolicyDocument:\n{}",
                    quoted(&title),
                    quoted(name),
                    indented(&policy, 8)
                )
            }
        }
    }
}

fn indented(text: &str, by: usize) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| format!("{}{line}", " ".repeat(by)))
        .collect();
    lines.join("\n")
}

fn aws_cli(proposal: &Proposal, role: &str) -> String {
    let mut text = String::new();
    if let Some(provider) = &proposal.provider {
        let _ = writeln!(
            text,
            "# Once in an account, if it has no provider for this issuer yet:\n\
             aws iam create-open-id-connect-provider --url {} --client-id-list {}\n",
            shell(&provider.url),
            shell(&provider.audience)
        );
    }
    let (_, name) = split(role);
    let _ = write!(
        text,
        "cat > trust.json <<'JSON'\n{}\nJSON\naws iam update-assume-role-policy --role-name {} --policy-document file://trust.json",
        proposal.json(),
        shell(name)
    );
    text
}

fn terraform(proposal: &Proposal, role: &str) -> String {
    let (path, name) = split(role);
    let mut text = String::new();
    let principal = match &proposal.provider {
        Some(provider) => {
            let _ = writeln!(
                text,
                "# An account has one provider for an issuer; if yours has it, use `data` in place of `resource` and keep the url only.\n\
                 resource \"aws_iam_openid_connect_provider\" \"ci\" {{\n  url            = {}\n  client_id_list = [{}]\n}}\n",
                hcl(&provider.url),
                hcl(&provider.audience)
            );
            "aws_iam_openid_connect_provider.ci.arn".to_owned()
        }
        None => hcl(&proposal.principal),
    };
    let actions: Vec<String> = proposal.actions.iter().map(|action| hcl(action)).collect();
    let _ = write!(
        text,
        "data \"aws_iam_policy_document\" \"trust\" {{\n  statement {{\n    actions = [{}]\n\n    principals {{\n      type        = {}\n      identifiers = [{principal}]\n    }}\n",
        actions.join(", "),
        hcl(proposal.kind)
    );
    for (operator, key, value) in &proposal.conditions {
        // The provider writes a policy's variables with `&`.
        let value = hcl(&value.replace("${", "&{"));
        let _ = write!(
            text,
            "\n    condition {{\n      test     = {}\n      variable = {}\n      values   = [{value}]\n    }}\n",
            hcl(operator),
            hcl(key)
        );
    }
    let path = path.map_or_else(String::new, |path| {
        format!("  path               = {}\n", hcl(&path))
    });
    let _ = write!(
        text,
        "  }}\n}}\n\nresource \"aws_iam_role\" \"ci\" {{\n  name               = {}\n{path}  assume_role_policy = data.aws_iam_policy_document.trust.json\n}}",
        hcl(name)
    );
    text
}

fn cloudformation(proposal: &Proposal, role: &str) -> String {
    let (path, name) = split(role);
    let mut text = "Resources:\n".to_owned();
    if let Some(provider) = &proposal.provider {
        let _ = write!(
            text,
            "  # An account has one provider for an issuer; leave this out if yours has it.\n  \
             CiProvider:\n    Type: AWS::IAM::OIDCProvider\n    Properties:\n      Url: {}\n      ClientIdList:\n        - {}\n",
            quoted(&provider.url),
            quoted(&provider.audience)
        );
    }
    let _ = write!(
        text,
        "  CiRole:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: {}\n",
        quoted(name)
    );
    if let Some(path) = path {
        let _ = writeln!(text, "      Path: {}", quoted(&path));
    }
    let _ = write!(
        text,
        "      AssumeRolePolicyDocument:\n        Version: \"2012-10-17\"\n        Statement:\n          - Effect: Allow\n            Principal:\n              {}: {}\n            Action:\n",
        proposal.kind,
        quoted(&proposal.principal)
    );
    for action in &proposal.actions {
        let _ = writeln!(text, "              - {action}");
    }
    let mut last = "";
    for (operator, key, value) in &proposal.conditions {
        if last.is_empty() {
            text.push_str("            Condition:\n");
        }
        if last != *operator {
            let _ = writeln!(text, "              {operator}:");
        }
        let _ = writeln!(text, "                {}: {}", quoted(key), quoted(value));
        last = operator;
    }
    text.trim_end().to_owned()
}

/// `teams/web/deploy` as its path, `/teams/web/`, and its name.
fn split(role: &str) -> (Option<String>, &str) {
    match role.rsplit_once('/') {
        Some((path, name)) => (Some(format!("/{path}/")), name),
        None => (None, role),
    }
}

/// A word for a POSIX shell.
pub(super) fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A string of Terraform's language, without its templates.
fn hcl(text: &str) -> String {
    quoted(text).replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Claims;

    fn proposal() -> Proposal {
        let claims = Claims::from(json!({
            "iss": "https://ghe.example.com/_services/token", "aud": "it's",
            "sub": "repo:o/r:environment:${x}%{y}",
        }));
        Proposal::for_token(&claims, Some(("aws", "123456789012"))).expect("a proposal")
    }

    #[test]
    fn the_aws_cli_gets_quoted_words_and_the_exact_provider() {
        let text = Form::AwsCli.render(&proposal(), "teams/deploy");
        assert!(
            text.contains(
                "--url https://ghe.example.com/_services/token --client-id-list 'it'\\''s'"
            ),
            "{text}"
        );
        assert!(
            text.contains("--role-name deploy --policy-document"),
            "{text}"
        );
        assert!(text.contains(&proposal().json()), "{text}");
    }

    #[test]
    fn terraform_and_cloudformation_keep_what_they_would_expand() {
        let text = Form::Terraform.render(&proposal(), "teams/deploy");
        assert!(
            text.contains(r#"values   = ["repo:o/r:environment:&{$}{x}%%{y}"]"#),
            "{text}"
        );
        assert!(text.contains("path               = \"/teams/\""), "{text}");
        let text = Form::CloudFormation.render(&proposal(), "deploy");
        assert!(
            text.contains(
                r#""ghe.example.com/_services/token:sub": "repo:o/r:environment:${$}{x}%{y}""#
            ),
            "{text}"
        );
        assert!(!text.contains("Path:"), "{text}");
    }
}
