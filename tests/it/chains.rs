//! Several hops in one step.

use fake_aws::{FakeAws, Misbehaviour, World};

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

#[test]
fn keys_that_aws_does_not_know_yet_are_waited_for_and_other_faults_are_not() {
    for (code, succeeds) in [
        ("InvalidClientTokenId", true),
        ("SignatureDoesNotMatch", false),
        ("ExpiredToken", false),
    ] {
        let fake = FakeAws::start(World::demo());
        let fault = Misbehaviour::error(403, code, "The security token is invalid.");
        fake.misbehave("AssumeRole", fault.times(3));
        let step = Step::oidc(&fake).input("role-to-assume", &format!("{HUB} > {SPOKE}"));
        let done = step.run();
        if succeeds {
            done.succeeds().says("InvalidClientTokenId (HTTP 403)");
        } else {
            done.fails("sts-keys-rejected", 5).says(code);
        }
        let sent = if succeeds { 4 } else { 1 };
        assert_eq!(fake.count("AssumeRole"), sent, "{code}");
    }
}

#[test]
fn the_hour_of_a_chain_is_said() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("role-to-assume", &format!("{HUB} > {SPOKE}"));
    step.run()
        .succeeds()
        .says("a chain of 2 roles: AWS ends its last session after an hour at most");
    Step::oidc(&fake)
        .run()
        .succeeds()
        .does_not_say("a chain of");
}

#[test]
fn role_chaining_from_a_roles_session_is_capped_and_said() {
    let fake = FakeAws::start(World::demo());
    let hub = Step::oidc(&fake)
        .input("role-to-assume", HUB)
        .run()
        .succeeds();
    let step = Step::oidc(&fake)
        .after(&hub)
        .input("role-chaining", "true")
        .input("role-to-assume", SPOKE)
        .input("role-duration-seconds", "7200");
    let done = step.run().succeeds();
    done.says(&format!(
        "::warning title=rolehop::the session gets 3600 instead of 7200 seconds: the credentials that assume {SPOKE} are those of a role"
    ));
    let session = fake.sessions().pop().expect("a session");
    assert_eq!((session.duration, session.chained), (3600, true));
    assert_eq!(fake.count("AssumeRole"), 2);
}

#[test]
fn role_chaining_from_a_users_keys_has_the_roles_own_limit() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .var("AWS_ACCESS_KEY_ID", crate::harness::KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", crate::harness::SECRET_KEY)
        .input("role-chaining", "true")
        .input("role-to-assume", "arn:aws:iam::123456789012:role/long")
        .input("role-duration-seconds", "43200");
    step.run().succeeds().does_not_say("3600");
    assert_eq!(fake.sessions()[0].duration, 43_200);
    // The role's own maximum is another limit, and no chain's.
    let step = step.input("role-to-assume", crate::harness::OPS);
    step.run().fails("sts-request-invalid", 5);
}

#[test]
fn an_external_id_and_a_source_identity_are_where_they_belong() {
    let partner = "arn:aws:iam::210987654321:role/partner";
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("role-to-assume", &format!("{HUB} > {partner}"))
        .input("role-external-id", "ext-42")
        .input("source-identity", "octocat");
    step.run().succeeds();
    let request = fake.last("AssumeRoleWithWebIdentity").expect("a request");
    assert!(
        !request.params.contains_key("ExternalId"),
        "{:?}",
        request.params
    );
    let step = Step::keys(&fake)
        .input("role-to-assume", &format!("{HUB} > {SPOKE} > {LEAF}"))
        .input("source-identity", "octocat")
        .input("custom-tags", "Team=web")
        .input("transitive-tag-keys", "Team\nRunId");
    fake.clear();
    step.run().succeeds();
    let sent: Vec<bool> = fake
        .requests()
        .iter()
        .map(|request| request.params.contains_key("SourceIdentity"))
        .collect();
    assert_eq!(sent, [true, false, false], "set once");
    let sessions = fake.sessions();
    let last = sessions.last().expect("a session");
    assert_eq!(last.source_identity.as_deref(), Some("octocat"), "and kept");
    assert_eq!(last.tags.get("Team").map(String::as_str), Some("web"));
    assert!(last.transitive.contains(&"RunId".to_owned()));
    let hop = |at: usize| format!("{:?}", fake.requests()[at].params);
    assert!(hop(0).contains("\"Team\"") && !hop(1).contains("\"Team\""));
    assert!(
        hop(2).contains("\"Repository\""),
        "what is not transitive is sent again"
    );
}

#[test]
fn a_transitive_tag_is_not_left_out_for_want_of_room() {
    let suffices = |fake: &FakeAws| {
        let step = Step::keys(fake)
            .input("role-to-assume", HUB)
            .input("transitive-tag-keys", "RunId");
        step.run().status == 0
    };
    let fake = (40..400)
        .map(|bytes| FakeAws::start(World::demo().packed_budget(bytes)))
        .find(suffices)
        .expect("a budget that suffices");
    let session = fake.sessions().pop().expect("a session");
    assert!(
        session.tags.contains_key("RunId") && !session.tags.contains_key("Job"),
        "{:?}",
        session.tags
    );
}

#[test]
fn tags_that_the_token_hands_down_are_not_sent_again() {
    let tags = serde_json::json!({
        "principal_tags": {"Repository": ["octo-org/octo-repo"], "Team": ["web"]},
        "transitive_tag_keys": ["Repository"],
    });
    let hub = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession"]}]}"#;
    let world = World::demo()
        .claim("https://aws.amazon.com/tags", tags)
        .role(fake_aws::Role::new(HUB, hub));
    let fake = FakeAws::start(world);
    let step = Step::oidc(&fake).input("role-to-assume", &format!("{HUB} > {SPOKE}"));
    step.run()
        .succeeds()
        .says("tags Repository are the token's own and go along the chain; not sent again");
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(session.transitive, ["Repository"]);
    assert_eq!(session.tags["Repository"], "octo-org/octo-repo");
}

#[test]
fn a_tag_that_an_earlier_step_hands_down_has_its_own_hint() {
    let fake = FakeAws::start(World::demo());
    let hub = Step::keys(&fake)
        .input("role-to-assume", HUB)
        .input("transitive-tag-keys", "Repository")
        .run()
        .succeeds();
    let step = Step::oidc(&fake)
        .after(&hub)
        .input("role-chaining", "true")
        .input("role-to-assume", SPOKE);
    step.run()
        .fails("sts-request-invalid", 5)
        .says("set `role-skip-session-tagging: true`");
    let step = step.input("role-skip-session-tagging", "true");
    step.run().succeeds();
    assert_eq!(
        fake.sessions().pop().expect("a session").tags["Repository"],
        "octo-org/octo-repo"
    );
}
