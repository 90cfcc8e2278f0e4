//! The token endpoint, and `AssumeRoleWithWebIdentity` with its tokens.

use fake_aws::{FakeAws, Provider, Role, World};
use serde_json::json;

use crate::client::{HOME, Reply, encode, send};

fn ask(fake: &FakeAws, query: &str, bearer: &str) -> Reply {
    let url = fake.oidc_request_url();
    let target = url.strip_prefix(&fake.url()).unwrap();
    send(
        fake,
        "GET",
        &format!("{target}{query}"),
        &[("authorization", &format!("Bearer {bearer}"))],
        "",
    )
}

fn assume(fake: &FakeAws, role: &str, token: &str, more: &[(&str, &str)]) -> Reply {
    let role = if role.starts_with("arn:") {
        role.to_owned()
    } else {
        format!("{HOME}{role}")
    };
    let params: Vec<_> = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("RoleArn", &role),
        ("RoleSessionName", "GitHubActions"),
        ("WebIdentityToken", token),
    ]
    .iter()
    .chain(more)
    .copied()
    .collect();
    send(
        fake,
        "POST",
        "/",
        &[(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )],
        &encode(&params),
    )
}

#[test]
fn from_the_endpoint_to_the_role() {
    let fake = FakeAws::start(World::demo());
    let reply = ask(
        &fake,
        "&audience=sts.amazonaws.com",
        &fake.oidc_request_token(),
    );
    let token = reply.json()["value"].as_str().unwrap().to_owned();
    let reply = assume(&fake, "deploy", &token, &[("DurationSeconds", "43200")]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    for (name, expected) in [
        (
            "Arn",
            "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions",
        ),
        (
            "Provider",
            "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        ),
        ("Audience", "sts.amazonaws.com"),
        (
            "SubjectFromWebIdentityToken",
            "repo:octo-org/octo-repo:ref:refs/heads/main",
        ),
    ] {
        assert_eq!(reply.text(name), expected);
    }
    assert!(fake.secrets().contains(&token));
    assert_eq!(
        fake.last("AssumeRoleWithWebIdentity")
            .unwrap()
            .param("RoleSessionName"),
        "GitHubActions"
    );
}

#[test]
fn the_endpoint_checks_its_callers() {
    let fake = FakeAws::start(World::demo());
    assert_eq!(ask(&fake, "&audience=x", "wrong").status, 401);
    assert_eq!(
        ask(&fake, "&audience=%zz", &fake.oidc_request_token()).status,
        400
    );
    let asked = ask(
        &fake,
        "&audience=https%3A%2F%2Fexample.com%2Fa%20b",
        &fake.oidc_request_token(),
    );
    let payload = asked.json()["value"]
        .as_str()
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap()
        .to_owned();
    let claims = String::from_utf8(base64_url(&payload)).unwrap();
    assert!(
        claims.contains(r#""aud":"https://example.com/a b""#),
        "{claims}"
    );
    assert_eq!(
        fake.requests().last().unwrap().param("audience"),
        "https://example.com/a b"
    );
}

fn base64_url(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .unwrap()
}

#[test]
fn refusals() {
    let fake = FakeAws::start(World::demo());
    let token = |edit: serde_json::Value| {
        let mut claims = json!({"sub": "repo:octo-org/octo-repo:ref:refs/heads/main", "aud": "sts.amazonaws.com"});
        claims
            .as_object_mut()
            .unwrap()
            .extend(edit.as_object().unwrap().clone());
        fake.mint(&claims)
    };
    let good = token(json!({}));
    let expired = token(json!({"exp": fake.now() - 1}));
    let fork = token(json!({"sub": "repo:mallory/octo-repo:ref:refs/heads/main"}));
    for (role, token, more, code, message) in [
        ("deploy", &*good, &[][..], "200 ", ""),
        (
            "deploy",
            &fork,
            &[],
            "403 AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ),
        (
            "ops",
            &good,
            &[],
            "403 AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ),
        (
            "nope",
            &good,
            &[],
            "403 AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ),
        (
            "deploy",
            &token(json!({"aud": "x"})),
            &[],
            "400 InvalidIdentityToken",
            "Incorrect token audience",
        ),
        (
            "deploy",
            &expired,
            &[],
            "400 ExpiredTokenException",
            "Token expired: current date/time",
        ),
        (
            "deploy",
            "x.y.z",
            &[],
            "400 InvalidIdentityToken",
            "not a valid JWT",
        ),
        (
            "arn:aws:iam::210987654321:role/partner",
            &good,
            &[],
            "400 InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com",
        ),
        (
            "deploy",
            &good,
            &[("ExternalId", "ext-42")],
            "400 ValidationError",
            "'ExternalId'",
        ),
        (
            "deploy",
            &good,
            &[("Tags.member.1.Key", "a")],
            "400 ValidationError",
            "'Tags.member.1.Key'",
        ),
        (
            "deploy",
            &good,
            &[("DurationSeconds", "899")],
            "400 ValidationError",
            "900",
        ),
        (
            "hub",
            &good,
            &[("DurationSeconds", "7200")],
            "400 ValidationError",
            "MaxSessionDuration",
        ),
    ] {
        let reply = assume(&fake, role, token, more);
        assert_eq!(reply.code(), code, "{}", reply.body);
        assert!(reply.text("Message").contains(message), "{}", reply.body);
    }
}

#[test]
fn tokens_expire() {
    let fake = FakeAws::start(World::demo());
    let token = fake.id_token("sts.amazonaws.com");
    fake.advance_clock(290);
    assert_eq!(assume(&fake, "deploy", &token, &[]).status, 200);
    fake.advance_clock(20);
    assert_eq!(
        assume(&fake, "deploy", &token, &[]).code(),
        "400 ExpiredTokenException"
    );
}

#[test]
fn claims_that_iam_does_not_know_match_nothing() {
    let github = "token.actions.githubusercontent.com";
    let provider = Provider::new("123456789012", &format!("https://{github}"), "x").arn();
    let role = |name: &str, claim: &str, value: &str| {
        let condition = json!({"StringEquals": {format!("{github}:{claim}"): value}});
        let trust = json!({"Statement": {"Effect": "Allow", "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}});
        Role::new(&format!("{HOME}{name}"), &trust.to_string())
    };
    let world = World::demo()
        .role(role("by-repository", "repository", "octo-org/octo-repo"))
        .role(role("by-owner", "repository_owner", "octo-org"));
    let fake = FakeAws::start(world);
    let token = fake.id_token("sts.amazonaws.com");
    assert_eq!(assume(&fake, "by-repository", &token, &[]).status, 200);
    assert_eq!(
        assume(&fake, "by-owner", &token, &[]).code(),
        "403 AccessDenied"
    );
}

#[test]
fn tags_come_from_the_token() {
    let issuer = "https://ci.example.com/oidc";
    let provider = Provider::new("123456789012", issuer, "sts.amazonaws.com");
    let trust = json!({"Statement": {"Effect": "Allow", "Principal": {"Federated": provider.arn()},
        "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        "Condition": {"StringEquals": {"ci.example.com/oidc:sub": "job", "aws:RequestTag/Project": "Blue"}}}});
    let world = World::demo()
        .issuer(issuer)
        .provider(provider)
        .role(Role::new(&format!("{HOME}tagged"), &trust.to_string()));
    let fake = FakeAws::start(world);
    let token = fake.mint(&json!({"sub": "job", "aud": "sts.amazonaws.com",
        "https://aws.amazon.com/tags": {"principal_tags": {"Project": ["Blue"]}, "transitive_tag_keys": ["Project"]}}));
    let reply = assume(&fake, "tagged", &token, &[]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let session = fake.sessions().pop().unwrap();
    assert_eq!(
        (session.tags["Project"].as_str(), session.transitive),
        ("Blue", vec!["Project".to_owned()])
    );
}

#[test]
fn public_documents() {
    let fake = FakeAws::start(World::demo());
    let configuration = send(&fake, "GET", "/.well-known/openid-configuration", &[], "").json();
    assert_eq!(configuration["issuer"], fake.issuer());
    assert_eq!(
        configuration["jwks_uri"],
        format!("{}/.well-known/jwks", fake.url())
    );
    let keys = send(&fake, "GET", "/.well-known/jwks", &[], "").json();
    assert_eq!(
        (&keys["keys"][0]["kty"], &keys["keys"][0]["e"]),
        (&json!("RSA"), &json!("AQAB"))
    );
}
