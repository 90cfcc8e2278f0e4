//! The limits of `AssumeRole`'s parameters.

use fake_aws::{FakeAws, World};

use crate::client::{HOME, assume, ci_user};

fn check(world: World, params: &[(&str, &str)], code: &str, message: &str) {
    let fake = FakeAws::start(world);
    let reply = assume(&fake, &ci_user(), &format!("{HOME}ops"), params);
    assert_eq!(reply.code(), code, "{}", reply.body);
    assert!(reply.text("Message").contains(message), "{}", reply.body);
}

fn tags(n: usize, value: &str) -> Vec<(String, String)> {
    let one = |i: usize| {
        [
            (format!("Tags.member.{i}.Key"), format!("key{i}")),
            (format!("Tags.member.{i}.Value"), value.to_owned()),
        ]
    };
    (1..=n).flat_map(one).collect()
}

fn borrowed(tags: &[(String, String)]) -> Vec<(&str, &str)> {
    tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
}

#[test]
fn single_parameters() {
    let (long_name, long_id, long_policy) = ("a".repeat(65), "a".repeat(1225), " ".repeat(2049));
    for (name, value, expected) in [
        ("RoleSessionName", "a", "greater than or equal to 2"),
        ("RoleSessionName", &*long_name, "less than or equal to 64"),
        ("RoleSessionName", "a/b", "regular expression"),
        ("DurationSeconds", "899", "greater than or equal to 900"),
        ("DurationSeconds", "43201", "less than or equal to 43200"),
        (
            "DurationSeconds",
            "3601",
            "exceeds the MaxSessionDuration set for this role.",
        ),
        ("DurationSeconds", "1h", "integer"),
        ("ExternalId", "a", "greater than or equal to 2"),
        ("ExternalId", &*long_id, "less than or equal to 1224"),
        ("ExternalId", "a#b", "regular expression"),
        ("SourceIdentity", "a b", "regular expression"),
        ("SourceIdentity", "aws:me", "regular expression"),
        ("Policy", &*long_policy, "less than or equal to 2048"),
        ("Policy", "\u{2603}", "regular expression"),
        ("RoleArn", "role/short", "greater than or equal to 20"),
        ("RoleArn", "arn:aws:iam::123456789012:user/x", "is invalid"),
        ("SerialNumber", "short", "greater than or equal to 9"),
        (
            "WebIdentityToken",
            "x.y.z",
            "no parameter 'WebIdentityToken'",
        ),
    ] {
        check(
            World::demo(),
            &[(name, value)],
            "400 ValidationError",
            expected,
        );
    }
    check(
        World::demo(),
        &[("Policy", "{")],
        "400 MalformedPolicyDocument",
        "invalid Json",
    );
}

#[test]
fn lists() {
    let long = "v".repeat(257);
    let (fine, many) = (tags(50, "v"), tags(51, "v"));
    let policies: Vec<(String, String)> = (1..=11)
        .map(|n| {
            (
                format!("PolicyArns.member.{n}.arn"),
                "arn:aws:iam::aws:policy/ReadOnlyAccess".into(),
            )
        })
        .collect();
    check(World::demo(), &borrowed(&fine), "200 ", "");
    check(
        World::demo(),
        &borrowed(&many),
        "400 ValidationError",
        "less than or equal to 50",
    );
    check(
        World::demo(),
        &borrowed(&policies),
        "400 ValidationError",
        "less than or equal to 10",
    );
    check(World::demo(), &borrowed(&policies[..10]), "200 ", "");
    let tag = |key, value| [("Tags.member.1.Key", key), ("Tags.member.1.Value", value)];
    check(
        World::demo(),
        &tag("", "v"),
        "400 ValidationError",
        "tags.1.member.key",
    );
    check(
        World::demo(),
        &tag("k", "a#b"),
        "400 ValidationError",
        "tags.1.member.value",
    );
    check(
        World::demo(),
        &tag("k", &long),
        "400 ValidationError",
        "less than or equal to 256",
    );
    check(
        World::demo(),
        &tag("AWS:x", "v"),
        "400 InvalidParameterValue",
        "reserved",
    );
    let twice = [
        tag("k", "v"),
        [("Tags.member.2.Key", "K"), ("Tags.member.2.Value", "w")],
    ]
    .concat();
    check(
        World::demo(),
        &twice,
        "400 InvalidParameterValue",
        "Duplicate tag keys",
    );
    let absent = [&tag("k", "v")[..], &[("TransitiveTagKeys.member.1", "j")]].concat();
    check(
        World::demo(),
        &absent,
        "400 InvalidParameterValue",
        "must be included",
    );
}

#[test]
fn packed_size() {
    let big = tags(20, &"v".repeat(120));
    check(
        World::demo(),
        &borrowed(&big),
        "400 PackedPolicyTooLarge",
        "Packed size of session tags consumes 124%",
    );
    let small = World::demo().packed_budget(40);
    let policy = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}, "Version": "2012-10-17"}"#;
    check(
        small,
        &[("Policy", policy)],
        "400 PackedPolicyTooLarge",
        "please use smaller policy.",
    );
}
