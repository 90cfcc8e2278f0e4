//! Bad input: an error that names the input and the limit, all mistakes at once, no request, nothing written.

use fake_aws::{FakeAws, World};

use crate::harness::{DEPLOY, Step};

/// Input, value, and a part of what is said of it.
const FAULTS: &[(&str, &str, &str)] = &[
    (
        "aws-region",
        "EU West 1",
        "aws-region: has `E` at position 1",
    ),
    (
        "role-to-assume",
        "arn:aws:iam::1234:role/x",
        "`1234` is not an AWS account ID, which is exactly 12 digits",
    ),
    (
        "role-to-assume",
        "123456789012:role/x",
        "`123456789012:role/x` is neither a role's ARN nor its name",
    ),
    (
        "role-to-assume",
        "arn:aws:sts::123456789012:assumed-role/x/y",
        "this is a session of a role",
    ),
    (
        "role-to-assume",
        "arn:aws:iam::123456789012:user/x",
        "does not name a role",
    ),
    (
        "role-to-assume",
        "arn:aws:iam::123456789012:role/a > > b",
        "has an empty place in its chain",
    ),
    (
        "role-to-assume",
        "deploy",
        "is a name; a token has no account",
    ),
    (
        "role-session-name",
        "x",
        "has 1 character; AWS STS accepts 2 to 64",
    ),
    (
        "role-session-name",
        "my session",
        "has a space at position 3",
    ),
    (
        "role-duration-seconds",
        "899",
        "`899` is outside 900 to 43200 seconds",
    ),
    (
        "role-duration-seconds",
        "43201",
        "`43201` is outside 900 to 43200 seconds",
    ),
    ("role-duration-seconds", "1h", "`1h` is not a whole number"),
    (
        "role-external-id",
        "x",
        "has 1 character; AWS STS accepts 2 to 1224",
    ),
    ("role-external-id", "a b", "has a space at position 2"),
    ("source-identity", "aws:me", "begins with `aws:`"),
    ("source-identity", "x", "has 1 character"),
    (
        "mfa-serial",
        "short",
        "has 5 characters; AWS STS accepts 9 to 256",
    ),
    (
        "mfa-code",
        "12345",
        "has 5 characters; a code is exactly 6 digits",
    ),
    (
        "mfa-totp-secret",
        "123456",
        "has a character at position 1 that base32 does not have",
    ),
    (
        "mfa-session-seconds",
        "60",
        "`60` is outside 900 to 129600 seconds",
    ),
    ("min-remaining", "soon", "`soon` is no length of time"),
    ("inline-session-policy", "{", "is not valid JSON"),
    (
        "inline-session-policy",
        "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [,]\n}",
        "is not valid JSON: expected value at line 3 column 17",
    ),
    (
        "inline-session-policy",
        "file://no-such-policy.json",
        "no-such-policy.json: no such file or directory",
    ),
    (
        "role-for-pull-requests",
        "arn:aws:iam::1:role/x",
        "role-for-pull-requests: `1` is not an AWS account ID",
    ),
    (
        "policy-for-pull-requests",
        "{",
        "policy-for-pull-requests: is not valid JSON",
    ),
    ("inline-session-policy", "Allow", "is not a JSON object"),
    (
        "managed-session-policies",
        "ReadOnlyAccess",
        "`ReadOnlyAccess` has 14 characters; AWS STS accepts 20 to 2048",
    ),
    (
        "managed-session-policies",
        "arn:aws:iam::aws:role/NotAPolicy",
        "is not a managed policy's ARN",
    ),
    ("custom-tags", "[1]", "is not a JSON object"),
    (
        "custom-tags",
        "{\"a\": [1]}",
        "value of `a` is not a string, number or boolean",
    ),
    (
        "custom-tags",
        "{\"a#\": \"1\"}",
        "key `a#` has `#` at position 2",
    ),
    (
        "custom-tags",
        "{\"repository\": \"1\"}",
        "key `repository` is one that rolehop sets",
    ),
    (
        "custom-tags",
        "{\"a\": \"1\", \"A\": \"2\"}",
        "is given twice",
    ),
    ("custom-tags", "Team", "line `Team` is not `Key=Value`"),
    (
        "role-chaining",
        "yes",
        "`yes` is neither true nor false; allowed are true, True, TRUE, false, False, FALSE",
    ),
    ("output-credentials", "1", "`1` is neither true nor false"),
    (
        "gitlab-proxy-exec",
        "yes",
        "`yes` is neither true nor false",
    ),
    (
        "use-existing-credentials",
        "no",
        "`no` is neither true nor false",
    ),
    (
        "allowed-account-ids",
        "123456789012, 1234",
        "`1234` is not an AWS account ID",
    ),
    ("aws-profile", "my profile", "has a space at position 3"),
    (
        "cleanup",
        "maybe",
        "`maybe` is not one of restore, clear, none",
    ),
    ("sts-endpoint", "sts.example.com", "is not a URL"),
    ("retry-max-attempts", "0", "`0` is outside 1 to 100"),
    ("retry-max-attempts", "many", "`many` is not a whole number"),
    ("action-timeout-s", "-1", "`-1` is not a whole number"),
    (
        "aws-access-key-id",
        "AKIAIOSFODNN7EXAMPLE",
        "aws-secret-access-key: is missing",
    ),
    (
        "sts-endpoint",
        "https://me:secret@sts.example.com",
        "has a user name or a password",
    ),
    ("http-proxy", "not a url", "is not a proxy's URL"),
    (
        "http-proxy",
        "socks5://proxy:1080",
        "has the scheme `socks5`",
    ),
];

#[test]
fn each_fault_is_named_with_its_input_and_limit() {
    let fake = FakeAws::start(World::demo());
    for (input, value, part) in FAULTS {
        let outcome = Step::oidc(&fake)
            .input(input, value)
            .run()
            .fails("invalid-inputs", 3);
        outcome.says(input).says(part);
    }
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn values_at_and_past_a_limit_of_length() {
    let fake = FakeAws::start(World::demo());
    let text = |n: usize| "x".repeat(n);
    let policy = |n: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(n - 8));
    let arns = |n: usize| vec!["arn:aws:iam::aws:policy/ReadOnlyAccess"; n].join("\n");
    let tags = |n: usize| {
        (0..n)
            .map(|i| format!("k{i}=v"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let own_tags = 11;
    for (input, fits, too_much, part) in [
        ("role-session-name", text(64), text(65), "has 65 characters"),
        (
            "role-external-id",
            text(1224),
            text(1225),
            "has 1225 characters",
        ),
        ("source-identity", text(64), text(65), "has 65 characters"),
        (
            "inline-session-policy",
            policy(2048),
            policy(2049),
            "has 2049 characters without blanks",
        ),
        (
            "managed-session-policies",
            arns(10),
            arns(11),
            "has 11 policies; AWS STS accepts at most 10",
        ),
        (
            "custom-tags",
            tags(50 - own_tags),
            tags(51 - own_tags),
            "makes 51 tags with the 11 of the job",
        ),
        (
            "custom-tags",
            format!("{}=v", text(128)),
            format!("{}=v", text(129)),
            "has 129 characters; AWS STS accepts 1 to 128",
        ),
        (
            "custom-tags",
            format!("k={}", text(256)),
            format!("k={}", text(257)),
            "has 257 characters; AWS STS accepts 0 to 256",
        ),
    ] {
        let refused = Step::oidc(&fake).input(input, &too_much).run();
        refused.fails("invalid-inputs", 3).says(part);
        assert_eq!(fake.requests().len(), 0, "{input}");
        Step::oidc(&fake)
            .input(input, &fits)
            .run()
            .does_not_say("error[invalid-inputs]");
        fake.clear();
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let fake = FakeAws::start(World::demo());
    let mut step = Step::oidc(&fake).input("role-to-assume", DEPLOY);
    for (input, value) in [
        ("role-session-name", "x"),
        ("role-duration-seconds", "5"),
        ("cleanup", "maybe"),
    ] {
        step = step.input(input, value);
    }
    let outcome = step
        .without("INPUT_AWS-REGION")
        .run()
        .fails("invalid-inputs", 3);
    outcome
        .says("4 inputs were refused")
        .says("aws-region: is missing")
        .says("role-session-name: has 1 character")
        .says("role-duration-seconds: `5`")
        .says("cleanup: `maybe`");
}

#[test]
fn a_secret_is_not_quoted_when_it_is_refused() {
    let step = Step::new()
        .input("aws-access-key-id", "AKIAIOSFODNN7EXAMPLE")
        .secret("wJalrXUtnFEMI K7MDENG");
    let step = step.input("aws-secret-access-key", "wJalrXUtnFEMI K7MDENG");
    step.run()
        .fails("invalid-inputs", 3)
        .says("aws-secret-access-key: has blanks or line breaks among its 21 characters");
}

#[test]
fn inputs_may_come_from_the_variables_that_the_incumbent_reads() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .may_request_tokens(&fake)
        .without("INPUT_AWS-REGION");
    let step = step
        .var("AWS_REGION", "eu-central-1")
        .var("ROLE_TO_ASSUME", DEPLOY)
        .var("ROLE_SESSION_NAME", "from-variable");
    let done = step.run().succeeds();
    assert_eq!(done.env["AWS_DEFAULT_REGION"], "eu-central-1");
    assert!(done.arn().ends_with("/from-variable"));
    let step = Step::oidc(&fake).var("ROLE_DURATION_SECONDS", "5");
    step.run()
        .fails("invalid-inputs", 3)
        .says("role-duration-seconds (from ROLE_DURATION_SECONDS): `5`");
    let step = Step::oidc(&fake)
        .var("ROLE_SESSION_NAME", "from-variable")
        .input("role-session-name", "from-input");
    assert!(
        step.run().succeeds().arn().ends_with("/from-input"),
        "the input wins"
    );
}

#[test]
fn inputs_may_be_spelled_with_underscores() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .may_request_tokens(&fake)
        .var("INPUT_ROLE_TO_ASSUME", DEPLOY);
    step.run().succeeds();
}

#[test]
fn blanks_around_a_value_do_not_count() {
    let fake = FakeAws::start(World::demo());
    Step::oidc(&fake)
        .input("role-to-assume", &format!("  {DEPLOY}\n"))
        .input("role-session-name", "  ")
        .run()
        .succeeds();
}

#[test]
fn an_unknown_command_is_a_usage_error() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rolehop"))
        .arg("assume")
        .env_clear()
        .output()
        .expect("ran");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("error[usage]: `assume` is not a command")
    );
}

#[test]
fn variables_that_cannot_be_used_are_named() {
    let fake = FakeAws::start(World::demo());
    let garbage = Step::oidc(&fake)
        .var("AWS_ENDPOINT_URL_STS", "garbage")
        .run();
    garbage
        .fails("invalid-inputs", 3)
        .says("sts-endpoint: comes from AWS_ENDPOINT_URL_STS and `garbage` is not a URL");
    let proxy = Step::oidc(&fake).var("HTTPS_PROXY", "not a url").run();
    proxy
        .fails("invalid-inputs", 3)
        .says("http-proxy: comes from HTTPS_PROXY");
    let fips = Step::oidc(&fake).input("use-fips-endpoint", "true").run();
    fips.fails("invalid-inputs", 3)
        .says("comes from AWS_ENDPOINT_URL_STS and cannot be combined with use-fips-endpoint");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn a_role_of_another_partition_is_worth_a_warning() {
    let fake = FakeAws::start(World::demo());
    let proxy = fake.proxy();
    let step = Step::new()
        .static_keys()
        .input("role-to-assume", "arn:aws-cn:iam::123456789012:role/ops");
    let outcome = step
        .var("HTTPS_PROXY", &proxy.url())
        .input("disable-retry", "true")
        .run();
    outcome.says("aws-region eu-west-1 is in the partition aws, but the role is arn:aws-cn:iam::123456789012:role/ops");
}
