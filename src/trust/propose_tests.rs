//! What is proposed admits the job that it was made for, and nothing beside it.

use serde_json::json;

use super::*;
use crate::trust::context::Context;
use crate::trust::evaluate::{Verdict, evaluate};
use crate::trust::policy::Policy;

fn claims(iss: &str, sub: &str, more: &serde_json::Value) -> Claims {
    let mut claims = json!({"iss": iss, "sub": sub, "aud": "sts.amazonaws.com"});
    for (name, value) in more.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    Claims::from(claims)
}

fn admits(policy: &str, claims: &Claims) -> bool {
    let context = Context::of_token(claims, Some(("aws", "123456789012"))).expect("a context");
    let policy = Policy::read(policy).unwrap_or_else(|fault| panic!("{fault:?}\n{policy}"));
    matches!(evaluate(&policy, &context), Verdict::Admits { provided, .. } if provided.is_empty())
}

const GITHUB: &str = "https://token.actions.githubusercontent.com";

#[test]
fn the_document_reads_as_people_write_it() {
    let token = claims(
        GITHUB,
        "repo:octo-org/octo-repo:ref:refs/heads/main",
        &json!({}),
    );
    let proposal = Proposal::for_token(&token, Some(("aws", "123456789012"))).expect("a proposal");
    assert_eq!(proposal.notes, [""; 0]);
    assert_eq!(
        proposal.json(),
        r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": { "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {
        "StringEquals": {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:sub": "repo:octo-org/octo-repo:ref:refs/heads/main"
        }
      }
    }
  ]
}"#
    );
}

#[test]
fn every_kind_of_subject_gets_a_policy_that_admits_it_and_not_its_neighbour() {
    for (iss, sub, neighbour) in [
        (
            GITHUB,
            "repo:o/r:environment:a*b${x}",
            "repo:o/r:environment:aXb${x}",
        ),
        (
            GITHUB,
            "repo:o@1/r@2:pull_request",
            "repo:o@1/r@3:pull_request",
        ),
        (
            "https://gitlab.example.com",
            "project_path:g/p:ref_type:branch:ref:main",
            "project_path:g/p:ref_type:tag:ref:main",
        ),
        (
            "https://agent.buildkite.com",
            "organization:o:pipeline:p:ref:refs/heads/main:commit:c0ffee:step:s",
            "organization:o:pipeline:q:ref:refs/heads/main:commit:c0ffee:step:s",
        ),
        (
            "https://oidc.circleci.com/org/1",
            "org/1/project/2/user/3/vcs-origin/github.com/o/r/vcs-ref/refs/heads/main",
            "org/1/project/4/user/3/vcs-origin/github.com/o/r/vcs-ref/refs/heads/main",
        ),
        (
            "https://api.bitbucket.org/2.0/workspaces/w/pipelines-config/identity/oidc",
            "{1}:{2}:{3}",
            "{1}:{4}:{3}",
        ),
        (
            "https://app.terraform.io",
            "organization:o:project:p:workspace:w:run_phase:apply",
            "organization:o:project:p:workspace:w:run_phase:plan",
        ),
    ] {
        let token = claims(iss, sub, &json!({}));
        let policy = Proposal::for_token(&token, Some(("aws", "123456789012")))
            .expect("a proposal")
            .json();
        assert!(admits(&policy, &token), "{sub}\n{policy}");
        assert!(
            !admits(&policy, &claims(iss, neighbour, &json!({}))),
            "{neighbour}\n{policy}"
        );
        assert!(
            !admits(&policy, &claims(iss, sub, &json!({"aud": "other"}))),
            "{policy}"
        );
    }
    let buildkite = |commit: &str| {
        claims(
            "https://agent.buildkite.com",
            &format!("organization:o:pipeline:p:ref:main:commit:{commit}:step:s"),
            &json!({}),
        )
    };
    let policy = Proposal::for_token(&buildkite("a"), Some(("aws", "123456789012")))
        .expect("a proposal")
        .json();
    assert!(admits(&policy, &buildkite("b")), "the next commit's job");
}

#[test]
fn what_a_template_leaves_open_is_closed_by_other_claims_or_said() {
    let more = json!({"repository_id": "74", "ref": "refs/heads/main"});
    let token = claims(GITHUB, "repository_owner:octo-org", &more);
    let proposal = Proposal::for_token(&token, Some(("aws", "123456789012"))).expect("a proposal");
    let policy = proposal.json();
    assert!(admits(&policy, &token), "{policy}");
    for other in [
        json!({"repository_id": "75", "ref": "refs/heads/main"}),
        json!({"repository_id": "74", "ref": "refs/heads/x"}),
    ] {
        assert!(!admits(
            &policy,
            &claims(GITHUB, "repository_owner:octo-org", &other)
        ));
    }
    assert_eq!(proposal.notes, [""; 0]);
    let server = claims(
        "https://ghe.example.com/_services/token",
        "repository_owner:octo-org",
        &more,
    );
    let notes = Proposal::for_token(&server, None)
        .expect("a proposal")
        .notes;
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(
        notes[0].contains("every repository that the template serves"),
        "{notes:?}"
    );
    assert!(notes[2].contains("ACCOUNT_ID"), "{notes:?}");
}

#[test]
fn pull_requests_are_warned_of() {
    let token = claims(GITHUB, "repo:o/r:pull_request", &json!({}));
    let notes = Proposal::for_token(&token, Some(("aws", "123456789012")))
        .expect("a proposal")
        .notes;
    assert!(notes[0].contains("EVERY pull request"), "{notes:?}");
}

#[test]
fn a_caller_gets_both_policies() {
    let caller = Caller::read("arn:aws:sts::123456789012:assumed-role/hub/s").expect("a caller");
    let sends = Sends {
        tags: true,
        source_identity: true,
        external_id: Some("e${1}".to_owned()),
        mfa: true,
    };
    let proposal = Proposal::for_caller(&caller, &sends);
    let policy = Policy::read(&proposal.json()).expect("a policy");
    let mut context = Context::of_caller(&caller);
    context.need("sts:TagSession");
    context.need("sts:SetSourceIdentity");
    context.tell("sts:ExternalId", Some("e${1}"));
    context.tell("aws:MultiFactorAuthPresent", Some("true"));
    assert!(
        matches!(evaluate(&policy, &context), Verdict::Admits { .. }),
        "{}",
        proposal.json()
    );
    context.tell("sts:ExternalId", Some("e"));
    assert!(matches!(evaluate(&policy, &context), Verdict::Refuses(_)));
    let identity: serde_json::Value = serde_json::from_str(&identity_policy(
        "arn:aws:iam::210987654321:role/spoke",
        &sends,
    ))
    .expect("JSON");
    assert_eq!(
        identity["Statement"][0]["Action"],
        json!(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
    );
    assert_eq!(
        identity["Statement"][0]["Resource"],
        "arn:aws:iam::210987654321:role/spoke"
    );
}

proptest::proptest! {
    #[test]
    fn a_proposal_admits_its_own_token_and_no_other_subject(sub in "[a-z:*?${}/@%]{1,20}", other in "[a-z:*?${}/@%]{1,20}") {
        let token = claims(GITHUB, &sub, &json!({"repository_id": "1", "ref": "r"}));
        let policy = Proposal::for_token(&token, Some(("aws", "123456789012"))).expect("a proposal").json();
        proptest::prop_assert!(admits(&policy, &token), "{}", policy);
        let neighbour = claims(GITHUB, &other, &json!({"repository_id": "1", "ref": "r"}));
        proptest::prop_assert_eq!(admits(&policy, &neighbour), sub == other, "{} {}", policy, other);
    }
}
