//! Several hops in one step.

use fake_aws::{FakeAws, World};

use crate::harness::Step;

const HUB: &str = "arn:aws:iam::123456789012:role/hub";
const SPOKE: &str = "arn:aws:iam::210987654321:role/spoke";
const LEAF: &str = "arn:aws:iam::333333333333:role/leaf";

#[test]
fn a_chain_from_a_token_across_three_accounts() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("role-to-assume", &format!("{HUB} > {SPOKE}\n{LEAF}"));
    let done = step
        .input("transitive-tag-keys", "Repository")
        .run()
        .succeeds();
    assert_eq!(
        done.arn(),
        "arn:aws:sts::333333333333:assumed-role/leaf/GitHubActions"
    );
    let sessions = fake.sessions();
    let durations: Vec<i64> = sessions.iter().map(|session| session.duration).collect();
    assert_eq!(
        durations,
        [900, 900, 3600],
        "what only leads on lives as short as possible"
    );
    assert_eq!(sessions[1].transitive, ["Repository"]);
    assert_eq!(
        sessions[2].tags.get("Repository").map(String::as_str),
        Some("octo-org/octo-repo"),
        "inherited"
    );
    assert_eq!(fake.count("*"), 4);
    assert!(done.summary.contains(" → "), "{}", done.summary);
    let masks = done.masks();
    assert!(
        !masks.contains(&sessions[0].secret_access_key),
        "what is never handed over needs no mask"
    );
}

#[test]
fn a_chain_from_static_keys_ends_with_a_name_in_the_account_before() {
    let fake = FakeAws::start(World::demo());
    let done = Step::keys(&fake)
        .input("role-to-assume", &format!("hub > {SPOKE}"))
        .run()
        .succeeds();
    assert_eq!(
        done.arn(),
        "arn:aws:sts::210987654321:assumed-role/spoke/GitHubActions"
    );
}

#[test]
fn policies_narrow_the_last_session_only() {
    let fake = FakeAws::start(World::demo());
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let step = Step::oidc(&fake)
        .input("role-to-assume", &format!("{HUB}>{SPOKE}"))
        .input("inline-session-policy", policy);
    step.run().succeeds();
    let policies: Vec<bool> = fake
        .sessions()
        .iter()
        .map(|session| session.policy.is_some())
        .collect();
    assert_eq!(policies, [false, true]);
}

#[test]
fn a_duration_above_an_hour_is_refused_before_any_request() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("role-to-assume", &format!("{HUB} > {SPOKE}"))
        .input("role-duration-seconds", "7200");
    step.run()
        .fails("invalid-inputs", 3)
        .says("`7200` is above 3600 seconds");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn a_refusal_names_the_hop() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("role-to-assume", &format!("{HUB} > {LEAF}"));
    step.run()
        .fails("sts-access-denied", 5)
        .says(&format!("STS denied sts:AssumeRole on {LEAF}"));
}
