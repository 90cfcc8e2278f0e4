//! What the session carries: name, duration, external id, policies, tags, MFA; as the far side saw it.

use fake_aws::{FakeAws, World};

use crate::harness::Step;

const PARTNER: &str = "arn:aws:iam::210987654321:role/partner";

#[test]
fn the_defaults_are_the_incumbents() {
    let fake = FakeAws::start(World::demo());
    Step::keys(&fake).run().succeeds();
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(
        (session.name.as_str(), session.duration),
        ("GitHubActions", 3600)
    );
    let tags: Vec<String> = session
        .tags
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    assert_eq!(
        tags,
        [
            "Action=__octo-org_rolehop",
            "Actor=octocat",
            "Branch=refs/heads/main",
            "Commit=c0ffee254729296a45a3885639ac7e10f9d54979",
            "EventName=push",
            "GitHub=Actions",
            "Job=deploy",
            "Repository=octo-org/octo-repo",
            "RunId=9876543210",
            "TriggeringActor=octocat",
            "Workflow=deploy",
        ]
    );
    let request = fake.last("AssumeRole").expect("a request");
    let agent = request.header("user-agent");
    assert!(agent.starts_with("rolehop/"), "{agent}");
    assert!(
        agent.contains(" md/action#__octo-org_rolehop md/run_id#9876543210 md/attempt#1 "),
        "{agent}"
    );
    assert!(agent.contains(" exec-env/GitHubActions "), "{agent}");
    assert!(agent.contains("aws-sdk-rust/"), "{agent}");
    Step::keys(&fake)
        .var("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE")
        .run()
        .succeeds();
    let request = fake.last("AssumeRole").expect("a request");
    let agent = request.header("user-agent");
    assert!(agent.contains("exec-env/AWS_ECS_FARGATE"), "{agent}");
    assert!(!agent.contains("GitHubActions"), "{agent}");
}

#[test]
fn name_duration_external_id_source_identity_and_policies() {
    let fake = FakeAws::start(World::demo());
    let done = Step::keys(&fake)
        .input("role-to-assume", PARTNER)
        .input("role-session-name", "deploy-42@main")
        .input("role-duration-seconds", "900")
        .input("role-external-id", "ext-42")
        .input("source-identity", "octocat")
        .input("inline-session-policy", "{ \"Version\": \"2012-10-17\",\n \"Statement\": [ {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"} ] }")
        .input("managed-session-policies", "arn:aws:iam::aws:policy/ReadOnlyAccess\n\n  arn:aws:iam::210987654321:policy/p\n");
    let done = done.run().succeeds();
    assert_eq!(
        done.arn(),
        "arn:aws:sts::210987654321:assumed-role/partner/deploy-42@main"
    );
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(session.duration, 900);
    assert_eq!(session.source_identity.as_deref(), Some("octocat"));
    assert_eq!(
        session.policy.as_deref(),
        Some(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
        )
    );
    assert_eq!(
        session.policy_arns,
        [
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::210987654321:policy/p"
        ]
    );
    for row in [
        "| Session | <code>deploy-42&#64;main</code> |",
        "Session policies",
        "Packed size",
        "15 min after this step",
    ] {
        assert!(done.summary.contains(row), "no {row} in\n{}", done.summary);
    }
}

#[test]
fn a_missing_or_wrong_external_id_is_a_denial() {
    let fake = FakeAws::start(World::demo());
    for id in ["", "ext-43"] {
        let step = Step::keys(&fake)
            .input("role-to-assume", PARTNER)
            .input("role-external-id", id);
        step.run()
            .fails("sts-access-denied", 5)
            .says("STS denied sts:AssumeRole on arn:aws:iam::210987654321:role/partner");
    }
    assert_eq!(fake.count("AssumeRole"), 2, "a denial is not repeated");
}

#[test]
fn session_policies_go_with_a_token_too() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("inline-session-policy", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#)
        .input("managed-session-policies", "arn:aws:iam::aws:policy/ReadOnlyAccess")
        .input("role-duration-seconds", "43200");
    step.run().succeeds();
    let session = fake.sessions().pop().expect("a session");
    assert!(session.policy.is_some());
    assert_eq!(session.duration, 43_200);
}

#[test]
fn what_a_token_cannot_carry_is_left_out_with_a_warning() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .input("role-external-id", "ext-42")
        .input("custom-tags", "{\"Team\": \"web\"}")
        .input("source-identity", "octocat");
    let done = step.run().succeeds();
    done.says("::warning title=rolehop::custom-tags, role-external-id, source-identity not sent");
    let request = fake.last("AssumeRoleWithWebIdentity").expect("a request");
    assert!(
        !request
            .params
            .keys()
            .any(|name| name.starts_with("Tags") || name == "ExternalId"),
        "{:?}",
        request.params
    );
}

#[test]
fn custom_tags_as_json_and_as_lines() {
    let fake = FakeAws::start(World::demo());
    let json = r#"{"Team": "web", "Cost/Center": 42, "Prod": true, "Größe": "ein Wert",
        "Id": 12345678901234567890123, "Version": 1.10, "\u0041": "\u0042"}"#;
    let lines = "Team=web\n  Cost/Center = 42\n\nProd=true\nGröße=ein Wert\nId=12345678901234567890123\nVersion=1.10\nA=B";
    for (name, text) in [("custom-tags", json), ("session-tags", lines)] {
        Step::keys(&fake).input(name, text).run().succeeds();
        let tags = fake.sessions().pop().expect("a session").tags;
        for (key, value) in [
            ("Team", "web"),
            ("Cost/Center", "42"),
            ("Prod", "true"),
            ("Größe", "ein Wert"),
            ("Id", "12345678901234567890123"),
            ("Version", "1.10"),
            ("A", "B"),
        ] {
            assert_eq!(tags.get(key).map(String::as_str), Some(value), "{key}");
        }
    }
}

#[test]
fn what_sts_counts_as_no_letter_is_refused_in_a_tag_and_replaced_in_the_jobs_own() {
    let fake = FakeAws::start(World::demo());
    // A vowel sign is a mark, and a letter in a box a symbol.
    let json = r#"{"Team": "री", "🅰": "x"}"#;
    let refused = Step::keys(&fake).input("custom-tags", json).run();
    refused
        .fails("invalid-inputs", 3)
        .says("custom-tags: value of `Team` has `ी` (U+0940) at position 2; allowed are letters")
        .says("custom-tags: key `🅰` has `🅰` (U+1F170) at position 1; allowed are letters");
    assert_eq!(fake.requests().len(), 0);
    Step::keys(&fake)
        .var("GITHUB_WORKFLOW", "री 試験 Ⅷ")
        .run()
        .succeeds();
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(
        session.tags.get("Workflow").map(String::as_str),
        Some("र_ 試験 Ⅷ")
    );
}

#[test]
fn a_key_that_json_has_twice_is_refused_by_name() {
    let fake = FakeAws::start(World::demo());
    let json = r#"{"Team": "web", "Stage": 1, "Team": "mobile"}"#;
    let refused = Step::keys(&fake).input("custom-tags", json).run();
    refused
        .fails("invalid-inputs", 3)
        .says("custom-tags: key `Team` is given twice");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn transitive_keys_name_tags_that_are_sent() {
    let fake = FakeAws::start(World::demo());
    let done = Step::keys(&fake)
        .input("transitive-tag-keys", "Repository\nNothing\n")
        .run()
        .succeeds();
    done.says("transitive-tag-keys names Nothing");
    assert_eq!(
        fake.sessions().pop().expect("a session").transitive,
        ["Repository"]
    );
}

#[test]
fn tagging_can_be_skipped() {
    let fake = FakeAws::start(World::demo());
    let role = "arn:aws:iam::123456789012:role/no-tags";
    Step::keys(&fake)
        .input("role-to-assume", role)
        .run()
        .fails("sts-access-denied", 5);
    let step = Step::keys(&fake)
        .input("role-to-assume", role)
        .input("role-skip-session-tagging", "true");
    step.run().succeeds();
    assert!(fake.sessions().pop().expect("a session").tags.is_empty());
}

#[test]
fn tags_that_are_nice_to_have_go_when_the_room_is_too_small() {
    let small = |bytes| FakeAws::start(World::demo().packed_budget(bytes));
    let kept = (40..400)
        .find(|bytes| Step::keys(&small(*bytes)).run().status == 0)
        .expect("a budget that suffices");
    let fake = small(kept);
    let done = Step::keys(&fake).run().succeeds();
    let tags = fake.sessions().pop().expect("a session").tags;
    assert!(
        tags.contains_key("Repository") && !tags.contains_key("RunId"),
        "{tags:?}"
    );
    assert!(
        done.summary
            .contains("| Tags left out | EventName, RunId, Job, TriggeringActor |"),
        "{}",
        done.summary
    );
    done.says("too large for AWS; trying without the tags EventName, RunId, Job, TriggeringActor");
    assert_eq!(fake.count("AssumeRole"), 2);
    let step = small(kept - 1);
    Step::keys(&step).run().fails("sts-session-too-large", 5);
}

#[test]
fn mfa_with_the_code_of_the_moment() {
    let fake = FakeAws::start(World::demo());
    let serial = "arn:aws:iam::123456789012:mfa/ci-user";
    let role = "arn:aws:iam::123456789012:role/mfa-only";
    Step::keys(&fake)
        .input("role-to-assume", role)
        .run()
        .fails("sts-access-denied", 5);
    let code = fake.mfa_code(serial).expect("a code");
    let step = Step::keys(&fake)
        .input("role-to-assume", role)
        .input("mfa-serial", serial)
        .input("mfa-code", &code);
    assert!(step.run().succeeds().arn().contains("mfa-only"));
}

#[test]
fn keys_without_special_characters_are_asked_for_again() {
    let fake = FakeAws::start(World::demo());
    let done = Step::keys(&fake)
        .input("special-characters-workaround", "true")
        .run()
        .succeeds();
    assert!(
        done.env["AWS_SECRET_ACCESS_KEY"]
            .chars()
            .all(|c| c.is_ascii_alphanumeric())
    );
    let always = FakeAws::start(World::demo().secrets(fake_aws::Secrets::Special));
    let step = Step::keys(&always).input("special-characters-workaround", "true");
    step.run().fails("special-characters", 6);
    assert_eq!(always.count("AssumeRole"), 32, "bounded");
}
