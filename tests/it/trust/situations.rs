//! What goes wrong between a token and a trust policy, each with the claims, the policy, and what has to be said of it.

use serde_json::Value;

use super::fixture::{ACTION, AUD, PRINCIPAL, SUB, Trust, claims, text};

/// A token that a policy refuses.
pub(super) struct Situation {
    pub(super) name: &'static str,
    /// The claim set.
    pub(super) claims: &'static str,
    /// What the policy is made of, from one that asks for `subject`.
    pub(super) subject: &'static str,
    pub(super) edit: fn(&mut Trust),
    /// The event that the runner gives, where it matters.
    pub(super) event: Option<&'static str>,
    /// In the first cause of the doctor, and in its next step.
    pub(super) cause: &'static str,
    pub(super) next: &'static str,
    /// Which line `explain` names, and in its reason.
    pub(super) line: usize,
    pub(super) reason: &'static str,
}

impl Situation {
    pub(super) fn token(&self) -> Value {
        claims(self.claims)
    }

    pub(super) fn policy(&self) -> String {
        let claims = self.token();
        let subject = if self.subject.is_empty() {
            text(&claims, "sub")
        } else {
            self.subject
        };
        let mut trust = Trust::of_subject(&claims, subject);
        (self.edit)(&mut trust);
        trust.json(&claims)
    }
}

const MAIN: &str = "repo:octo-org/octo-repo:ref:refs/heads/main";
const IMMUTABLE: &str = "repo:octo-org@65890123/octo-repo@74191729:ref:refs/heads/main";
const FORK: &str = r#"{"pull_request":{"head":{"repo":{"full_name":"mallory/octo-repo"}},"base":{"repo":{"full_name":"octo-org/octo-repo"}}}}"#;

/// The subject is all that differs.
const fn subject(
    name: &'static str,
    claims: &'static str,
    subject: &'static str,
    cause: &'static str,
    reason: &'static str,
) -> Situation {
    Situation {
        name,
        claims,
        subject,
        edit: |_| (),
        event: None,
        cause,
        next: "",
        line: SUB,
        reason,
    }
}

/// Every situation in which the trust policy is what refuses.
pub(super) fn all() -> Vec<Situation> {
    let groups = [immutable(), subjects(), policies(), elsewhere()];
    groups.into_iter().flatten().collect()
}

/// The immutable form of the subject against the old one, and the reverse.
fn immutable() -> Vec<Situation> {
    vec![
        subject(
            "immutable form, policy in the old one",
            "immutable-branch",
            MAIN,
            "is in the immutable form, `repo:octo-org@65890123/octo-repo@74191729:ref:refs/heads/main`; the trust policy is probably in the old form, `repo:octo-org/octo-repo:ref:refs/heads/main`",
            "the token's subject is in the immutable form",
        ),
        subject(
            "immutable form, any environment of the old one",
            "immutable-environment",
            "repo:octo-org/octo-repo:environment:*",
            "is in the immutable form",
            "the token's subject is in the immutable form",
        ),
        subject(
            "immutable form, tags of the old one",
            "immutable-tag",
            "repo:octo-org/octo-repo:ref:refs/tags/v*",
            "is in the immutable form",
            "is in the immutable form",
        ),
        subject(
            "immutable form, pull requests of the old one",
            "immutable-pull-request",
            "repo:octo-org/octo-repo:pull_request",
            "is in the immutable form",
            "is in the immutable form",
        ),
        Situation {
            event: Some(r#"{"repository": {"default_branch": "main", "created_at": 1785542400}}"#),
            ..subject(
                "old form, policy in the immutable one",
                "branch",
                IMMUTABLE,
                "though the repository is of 2026-08-01; the trust policy is probably in the immutable form",
                "the policy's subject is in the immutable form",
            )
        },
    ]
}

/// Subjects of github.com that the policy is not written for.
fn subjects() -> Vec<Situation> {
    vec![
        Situation {
            next: "put `environment:production` in place of `ref:refs/heads/main`",
            ..subject(
                "environment against ref",
                "environment",
                MAIN,
                "the job has `environment: production`",
                "the job has `environment: production`, which stands in the subject in place of the ref",
            )
        },
        subject(
            "environment with a colon",
            "environment-colon",
            "repo:octo-org/octo-repo:environment:prod:eu",
            "the job has `environment: prod:eu`",
            "a colon inside a name is %3A",
        ),
        subject(
            "pull request against ref",
            "pull-request",
            MAIN,
            "runs for a pull request, whose subject ends in `pull_request`",
            "a pull request",
        ),
        Situation {
            event: Some(FORK),
            ..subject(
                "pull request from a fork",
                "pull-request",
                MAIN,
                "runs for a pull request from the fork mallory/octo-repo",
                "a pull request",
            )
        },
        Situation {
            next: "ref:refs/tags/v1.2.3",
            ..subject(
                "tag against branch",
                "tag",
                MAIN,
                "runs for the tag `v1.2.3`; the trust policy is probably for a branch",
                "the tag v1.2.3, not for a branch",
            )
        },
        Situation {
            event: Some(
                r#"{"repository": {"default_branch": "main", "created_at": "2019-01-01T00:00:00Z"}}"#,
            ),
            ..subject(
                "another branch",
                "feature-branch",
                MAIN,
                "on the branch `feature/login`; the trust policy is for another one, probably `main`",
                "the branch feature/login",
            )
        },
        subject(
            "letter case",
            "upper-case",
            "repo:octo-org/octo-repo:*",
            "the repository is `Octo-Org/Octo-Repo`: the trust policy has it in other upper and lower case",
            "upper and lower case only",
        ),
    ]
}

/// What of the policy beside the subject refuses, or a subject that no policy is usually written for.
fn policies() -> Vec<Situation> {
    vec![
        Situation {
            line: AUD,
            edit: |trust| "sts.amazonaws.com".clone_into(&mut trust.aud),
            next: "`https://github.com/octo-org`",
            ..subject(
                "audience",
                "branch-other-audience",
                "",
                "the token's audience is `https://github.com/octo-org`, and the trust policy asks for another one",
                "has to be `sts.amazonaws.com` and is `https://github.com/octo-org`",
            )
        },
        subject(
            "customised subject",
            "customised",
            MAIN,
            "the owner's template makes the subject of repository_owner, job_workflow_ref",
            "the owner's template makes the subject of repository_owner, job_workflow_ref",
        ),
        subject(
            "customised subject that begins as usual",
            "customised-repo",
            "repo:octo-org/octo-repo:environment:production",
            "the owner's template makes the subject of repo, environment, actor",
            "template makes the subject of repo, environment, actor",
        ),
        Situation {
            edit: |trust| {
                trust.operator = "StringNotLike";
                trust.key = "job_workflow_ref";
                "octo-org/shared/*".clone_into(&mut trust.value);
            },
            ..subject(
                "reusable workflow",
                "reusable",
                "",
                "in the reusable workflow `octo-org/shared/.github/workflows/deploy.yml@refs/tags/v2`",
                "job_workflow_ref must not be `octo-org/shared/*`",
            )
        },
        subject(
            "another repository",
            "branch",
            "repo:octo-org/other:*",
            "is for another subject than `repo:octo-org/octo-repo:ref:refs/heads/main`, or there is no such role",
            "the token is of the repository `octo-org/octo-repo`",
        ),
        Situation {
            edit: |trust| trust.operator = "StringNotEquals",
            ..subject(
                "a subject that is shut out",
                "branch",
                "",
                "is for another subject than",
                "must not be",
            )
        },
        Situation {
            line: PRINCIPAL,
            edit: |trust| trust.account = "210987654321",
            ..subject(
                "the provider of another account",
                "branch",
                "",
                "is for another subject than",
                "it is in another account than the role",
            )
        },
        Situation {
            line: ACTION,
            edit: |trust| trust.action = "sts:AssumeRole",
            ..subject(
                "the wrong action",
                "branch",
                "",
                "is for another subject than",
                "Action is `sts:AssumeRole`, and sts:AssumeRoleWithWebIdentity is needed",
            )
        },
        Situation {
            edit: |trust| trust.key = "repository_owner",
            ..subject(
                "a claim that AWS does not take",
                "branch",
                "",
                "is for another subject than",
                "AWS does not look at the claim `repository_owner` of GitHub Actions",
            )
        },
    ]
}

/// GitHub's other issuers, and other CI systems.
fn elsewhere() -> Vec<Situation> {
    vec![
        subject(
            "Enterprise Server, environment against ref",
            "ghes-environment",
            MAIN,
            "the job has `environment: production`",
            "in place of the ref",
        ),
        Situation {
            edit: |trust| trust.key = "repository",
            ..subject(
                "Enterprise Server, a claim that AWS does not take of it",
                "ghes",
                "octo-org/octo-repo",
                "is for another subject than",
                "AWS does not look at the claim `repository` of GitHub Enterprise Server",
            )
        },
        subject(
            "ghe.com, pull request against ref",
            "ghe-com-pull-request",
            MAIN,
            "runs for a pull request",
            "a pull request",
        ),
        subject(
            "GitLab, tag against branch",
            "gitlab-tag",
            "project_path:octo-group/octo-project:ref_type:branch:ref:*",
            "the job runs for a tag, so the subject is `project_path:octo-group/octo-project:ref_type:tag:ref:v1.2.3`",
            "ref_type:tag:ref:v1.2.3",
        ),
        subject(
            "GitLab, another branch",
            "gitlab",
            "project_path:octo-group/octo-project:ref_type:branch:ref:release",
            "on the branch `main` of `octo-group/octo-project`",
            "ref:main",
        ),
        subject(
            "Buildkite, another commit",
            "buildkite",
            "organization:octo-org:pipeline:deploy:ref:refs/heads/main:commit:c0ffee254729296a45a3885639ac7e10f9d54979:step:build",
            "the subject has the commit and the step in it",
            "commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485",
        ),
        Situation {
            line: ACTION,
            next: "add \"sts:TagSession\"",
            ..subject(
                "Buildkite, tags in the token",
                "buildkite-tags",
                "",
                "the token carries session tags (organization_slug and pipeline_slug)",
                "sts:TagSession is needed",
            )
        },
        subject(
            "CircleCI, another user",
            "circleci",
            "org/5d5c2d5a-1111-4c5b-9f5e-0f2a3b4c5d6e/project/11112222-3333-4444-5555-666677778888/user/00000000-7777-6666-5555-444433332222",
            "the subject has the user in it",
            "user/99998888",
        ),
        subject(
            "CircleCI, the long token against the short form",
            "circleci-v2",
            "org/5d5c2d5a-1111-4c5b-9f5e-0f2a3b4c5d6e/project/11112222-3333-4444-5555-666677778888/user/99998888-7777-6666-5555-444433332222",
            "that of CIRCLE_OIDC_TOKEN_V2",
            "vcs-origin",
        ),
        subject(
            "Bitbucket, another step",
            "bitbucket",
            "{2f0d1c3b-0000-4000-8000-aabbccddeeff}:{7c6b5a49-0000-4000-8000-112233445566}:{ffffffff-0000-4000-8000-5566778899aa}",
            "ends with the step's UUID",
            "5566778899aa",
        ),
        subject(
            "Terraform, another phase",
            "terraform",
            "organization:octo-org:project:web:workspace:prod:run_phase:plan",
            "for one phase of the run",
            "run_phase:apply",
        ),
    ]
}
