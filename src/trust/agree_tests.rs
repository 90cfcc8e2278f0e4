//! Two evaluators that share no code say the same of random policies: this one and the fake AWS'.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::context::Context;
use super::evaluate::{Verdict, evaluate};
use super::policy::Policy;
use crate::model::Claims;

const HOST: &str = "token.actions.githubusercontent.com";
const ACCOUNT: &str = "123456789012";

fn operator() -> impl Strategy<Value = String> {
    let bases = [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "Null",
        "Bool",
        "NumericLessThan",
        "NumericGreaterThanEquals",
    ];
    let quantifiers = ["", "ForAnyValue:", "ForAllValues:"];
    (0..bases.len(), 0..quantifiers.len(), any::<bool>()).prop_map(
        move |(base, quantifier, if_exists)| {
            let base = bases[base];
            if base == "Null" {
                return base.to_owned();
            }
            let suffix = if if_exists { "IfExists" } else { "" };
            format!("{}{base}{suffix}", quantifiers[quantifier])
        },
    )
}

/// Keys that the token has, lacks, and that AWS does not take.
fn key() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "sub",
        "aud",
        "amr",
        "ref",
        "environment",
        "repository_id",
        "sha",
    ])
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[aAb:*?]{0,3}",
        Just("true".to_owned()),
        Just("false".to_owned()),
        "[0-9]{1,2}",
        Just(format!("${{{HOST}:ref}}")),
        Just("a${*}".to_owned()),
    ]
}

fn statement() -> impl Strategy<Value = Value> {
    let condition = (operator(), key(), prop::collection::vec(value(), 1..3));
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    let provider = prop_oneof![
        5 => Just(json!({"Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}")})),
        1 => Just(json!({"Federated": format!("arn:aws:iam::210987654321:oidc-provider/{HOST}")})),
        1 => Just(json!("*")),
    ];
    let action = prop::sample::select(vec![
        json!("sts:AssumeRoleWithWebIdentity"),
        json!(["sts:AssumeRole", "sts:Assume*"]),
        json!("sts:TagSession"),
    ]);
    let conditions = prop::collection::vec(condition, 0..3);
    (effect, provider, action, conditions).prop_map(|(effect, principal, action, conditions)| {
        let mut block = json!({});
        for (operator, key, values) in conditions {
            block[operator][format!("{HOST}:{key}")] = json!(values);
        }
        json!({"Effect": effect, "Principal": principal, "Action": action, "Condition": block})
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn two_evaluators_agree(
        statements in prop::collection::vec(statement(), 1..4),
        sub in "[aAb:]{1,3}", aud in "[ab]", amr in prop::collection::vec("[ab]", 0..3), branch in prop::option::of("[ab:]{1,2}"), id in 0..20u8,
    ) {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let mut token = json!({"iss": format!("https://{HOST}"), "sub": sub, "aud": aud, "amr": amr, "repository_id": id.to_string(), "sha": "a"});
        if let Some(branch) = &branch {
            token["ref"] = json!(branch);
        }
        let context = Context::of_token(&Claims::from(token), Some(("aws", ACCOUNT))).expect("a context");
        let ours = match evaluate(&Policy::read(&policy).expect("a policy"), &context) {
            Verdict::Admits { provided, .. } => {
                prop_assert!(provided.is_empty(), "all keys are known");
                true
            }
            Verdict::Denied(_) | Verdict::Refuses(_) => false,
        };
        let provider = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}");
        let principal = fake_aws::trust::Principal::Federated(provider);
        let mut theirs = fake_aws::trust::Context::new("sts:AssumeRoleWithWebIdentity", principal);
        let mut tell = |claim: &str, values: Vec<String>| theirs.set(&format!("{HOST}:{claim}"), values);
        tell("sub", vec![sub]);
        tell("aud", vec![aud]);
        tell("amr", amr);
        tell("repository_id", vec![id.to_string()]);
        tell("ref", branch.into_iter().collect());
        prop_assert_eq!(ours, fake_aws::trust::evaluate(&policy, &theirs).is_allowed(), "{}", policy);
    }
}
