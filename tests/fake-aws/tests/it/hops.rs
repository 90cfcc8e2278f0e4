//! `AssumeRole` and `GetSessionToken`: who may, and what goes on to the next hop.

use fake_aws::{FakeAws, Role, User, World};

use crate::client::{HOME, Signer, assume, call, ci_user, session, signer_of};

const PARTNER: &str = "arn:aws:iam::210987654321:role/partner";
const SPOKE: &str = "arn:aws:iam::210987654321:role/spoke";
const LEAF: &str = "arn:aws:iam::333333333333:role/leaf";

#[test]
fn an_answer_has_all_of_it() {
    let fake = FakeAws::start(World::demo());
    let reply = assume(
        &fake,
        &ci_user(),
        &format!("{HOME}ops"),
        &[("SourceIdentity", "octocat")],
    );
    assert_eq!(reply.text("SourceIdentity"), "octocat");
    assert_eq!(reply.text("PackedPolicySize"), "");
    assert!(reply.text("AssumedRoleId").ends_with(":test"));
    let session = fake.session(&reply.text("AccessKeyId")).unwrap();
    assert_eq!(session.expires - session.issued, 3600);
    assert_eq!(session.secret_access_key.len(), 40);
    let secrets = fake.secrets();
    for secret in [
        &session.secret_access_key,
        &session.session_token,
        &ci_user().secret,
        &fake.oidc_request_token(),
    ] {
        assert!(secrets.contains(secret), "{secret}");
    }
}

#[test]
fn who_may_not() {
    let fake = FakeAws::start(World::demo().user(User::new(
        "arn:aws:iam::123456789012:root",
        "AKIAROOT",
        "root",
    )));
    let nobody = Signer {
        key: "AKIAI44QH8DHBEXAMPLE".into(),
        secret: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY".into(),
        ..ci_user()
    };
    let root = Signer {
        key: "AKIAROOT".into(),
        secret: "root".into(),
        ..ci_user()
    };
    let refused = |user: &str, action: &str, role: &str| {
        format!(
            "User: arn:aws:iam::123456789012:user/{user} is not authorized to perform: sts:{action} on resource: {role}"
        )
    };
    let (ops, deploy, plain) = (
        format!("{HOME}ops"),
        format!("{HOME}deploy"),
        format!("{HOME}no-tags"),
    );
    let tag: &[_] = &[("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")];
    for (signer, role, more, expected) in [
        (
            nobody,
            &*ops,
            &[][..],
            refused("nobody", "AssumeRole", &ops)
                + " because no identity-based policy allows the sts:AssumeRole action",
        ),
        (
            ci_user(),
            &*deploy,
            &[],
            refused("ci-user", "AssumeRole", &deploy),
        ),
        (
            ci_user(),
            PARTNER,
            &[],
            refused("ci-user", "AssumeRole", PARTNER),
        ),
        (
            ci_user(),
            PARTNER,
            &[("ExternalId", "ext-43")],
            refused("ci-user", "AssumeRole", PARTNER),
        ),
        (
            ci_user(),
            &*plain,
            tag,
            refused("ci-user", "TagSession", &plain),
        ),
        (
            ci_user(),
            &*plain,
            &[("SourceIdentity", "me")],
            refused("ci-user", "SetSourceIdentity", &plain),
        ),
        (
            root,
            &*ops,
            &[],
            "Roles may not be assumed by root accounts.".to_owned(),
        ),
    ] {
        let reply = assume(&fake, &signer, role, more);
        assert_eq!(
            (reply.code().as_str(), reply.text("Message")),
            ("403 AccessDenied", expected)
        );
    }
    assert!(
        fake.denials()
            .iter()
            .any(|d| d.contains("sts:ExternalId wants ext-42, the request has ext-43"))
    );
    session(&fake, &ci_user(), PARTNER, &[("ExternalId", "ext-42")]);
    session(&fake, &ci_user(), &plain, &[]);
}

#[test]
fn chains_hand_down_tags_and_identity() {
    let fake = FakeAws::start(World::demo());
    let tags = [
        ("Tags.member.1.Key", "Project"),
        ("Tags.member.1.Value", "Blue"),
        ("Tags.member.2.Key", "Branch"),
        ("Tags.member.2.Value", "main"),
        ("TransitiveTagKeys.member.1", "Project"),
        ("SourceIdentity", "octocat"),
    ];
    let hub = session(&fake, &ci_user(), &format!("{HOME}hub"), &tags);
    assert!(!hub.chained);
    let spoke = session(&fake, &signer_of(&hub), SPOKE, &[]);
    assert_eq!(spoke.tags.get("Project").map(String::as_str), Some("Blue"));
    assert_eq!(
        (
            spoke.tags.len(),
            spoke.chained,
            spoke.source_identity.as_deref()
        ),
        (1, true, Some("octocat"))
    );
    let leaf = session(&fake, &signer_of(&spoke), LEAF, &[]);
    assert_eq!(leaf.arn, "arn:aws:sts::333333333333:assumed-role/leaf/test");
    assert_eq!(leaf.transitive, ["Project"]);

    let from_spoke = |more: &[(&str, &str)]| assume(&fake, &signer_of(&spoke), LEAF, more);
    assert!(
        from_spoke(&[("DurationSeconds", "3601")])
            .text("Message")
            .contains("1 hour session limit")
    );
    assert_eq!(
        from_spoke(&[("SourceIdentity", "other")]).code(),
        "403 AccessDenied"
    );
    assert_eq!(from_spoke(&[("SourceIdentity", "octocat")]).status, 200);
    let again = from_spoke(&[
        ("Tags.member.1.Key", "project"),
        ("Tags.member.1.Value", "Red"),
    ]);
    assert_eq!(again.code(), "400 InvalidParameterValue");
    let skipped = assume(&fake, &signer_of(&hub), LEAF, &[]);
    assert_eq!(skipped.code(), "403 AccessDenied");
}

#[test]
fn session_policies_limit_the_next_hop() {
    let fake = FakeAws::start(World::demo());
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let hub = session(
        &fake,
        &ci_user(),
        &format!("{HOME}hub"),
        &[("Policy", policy)],
    );
    assert_eq!(hub.packed, Some(3));
    assert_eq!(
        assume(&fake, &signer_of(&hub), SPOKE, &[]).code(),
        "403 AccessDenied"
    );
}

#[test]
fn mfa_codes_count_once() {
    let fake = FakeAws::start(World::demo());
    let (role, serial) = (
        format!("{HOME}mfa-only"),
        "arn:aws:iam::123456789012:mfa/ci-user",
    );
    let code = fake.mfa_code(serial).unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for (more, expected) in [
        (vec![], "not authorized to perform: sts:AssumeRole"),
        (vec![("SerialNumber", serial)], "must provide both"),
        (
            vec![("SerialNumber", serial), ("TokenCode", wrong)],
            "invalid MFA one time pass code",
        ),
        (
            vec![
                ("SerialNumber", "arn:aws:iam::1:mfa/x"),
                ("TokenCode", &code),
            ],
            "unable to validate MFA code",
        ),
        (
            vec![("SerialNumber", serial), ("TokenCode", "12345")],
            "length greater than or equal to 6",
        ),
    ] {
        let reply = assume(&fake, &ci_user(), &role, &more);
        assert!(reply.text("Message").contains(expected), "{}", reply.body);
    }
    let good = [("SerialNumber", serial), ("TokenCode", &*code)];
    assert!(session(&fake, &ci_user(), &role, &good).mfa.is_some());
    assert!(
        assume(&fake, &ci_user(), &role, &good)
            .text("Message")
            .contains("invalid MFA")
    );
}

#[test]
fn session_tokens_carry_mfa_and_serve_users_only() {
    let fake = FakeAws::start(World::demo());
    let serial = "arn:aws:iam::123456789012:mfa/ci-user";
    let code = fake.mfa_code(serial).unwrap();
    let get = |signer: &Signer, more: &[(&str, &str)]| {
        let params: Vec<_> = [("Action", "GetSessionToken")]
            .iter()
            .chain(more)
            .copied()
            .collect();
        call(&fake, signer, &params)
    };
    let reply = get(
        &ci_user(),
        &[("SerialNumber", serial), ("TokenCode", &code)],
    );
    let user = fake.session(&reply.text("AccessKeyId")).unwrap();
    assert_eq!(user.expires - user.issued, 43_200);
    assert_eq!(
        call(&fake, &signer_of(&user), &[("Action", "GetCallerIdentity")]).text("Arn"),
        user.arn
    );
    let role = session(&fake, &signer_of(&user), &format!("{HOME}mfa-only"), &[]);
    assert!(!role.chained);
    for signer in [signer_of(&user), signer_of(&role)] {
        assert_eq!(get(&signer, &[]).code(), "403 AccessDenied");
    }
    assert_eq!(
        get(&ci_user(), &[("DurationSeconds", "129601")]).code(),
        "400 ValidationError"
    );
}

#[test]
fn conditions_see_the_caller() {
    let trust = r#"{"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/ci-user"}, "Action": "sts:*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/team": "platform"},
                       "StringLike": {"sts:RoleSessionName": "ci-*"}}},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:*",
         "Condition": {"ForAnyValue:StringNotLike": {"aws:TagKeys": ["Project"]}}}]}"#;
    let role = format!("{HOME}picky");
    let fake = FakeAws::start(World::demo().role(Role::new(&role, trust)));
    let tag = |key| {
        [
            ("RoleSessionName", "ci-1"),
            ("Tags.member.1.Key", key),
            ("Tags.member.1.Value", "b"),
        ]
    };
    assert_eq!(
        assume(&fake, &ci_user(), &role, &[]).code(),
        "403 AccessDenied"
    );
    // Named itself, the user needs no policy of its own.
    session(&fake, &ci_user(), &role, &tag("Project"));
    let denied = assume(&fake, &ci_user(), &role, &tag("Other")).text("Message");
    assert!(
        denied.ends_with("with an explicit deny in a resource-based policy"),
        "{denied}"
    );
}
