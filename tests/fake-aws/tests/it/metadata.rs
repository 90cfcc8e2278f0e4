//! The container credentials endpoint and the instance metadata service.

use fake_aws::{FakeAws, World};

use crate::client::{call, send, signer_of};

#[test]
fn containers() {
    let fake = FakeAws::start(World::demo());
    let url = fake.container_credentials_url();
    let path = url.strip_prefix(&fake.url()).unwrap();
    assert_eq!(send(&fake, "GET", path, &[], "").status, 401);
    let token = fake.container_auth_token();
    let reply = send(&fake, "GET", path, &[("authorization", &token)], "").json();
    assert_eq!(reply["RoleArn"], "arn:aws:iam::123456789012:role/container");
    let session = fake.sessions().pop().unwrap();
    assert_eq!(reply["Token"], session.session_token);
    assert_eq!(
        call(
            &fake,
            &signer_of(&session),
            &[("Action", "GetCallerIdentity")]
        )
        .text("Arn"),
        session.arn
    );
    assert!(fake.secrets().contains(&token));
}

#[test]
fn instances_take_version_two_only() {
    let fake = FakeAws::start(World::demo());
    let base = "/latest/meta-data/iam/security-credentials";
    assert_eq!(send(&fake, "GET", base, &[], "").status, 401);
    let ttl = ("x-aws-ec2-metadata-token-ttl-seconds", "60");
    assert_eq!(send(&fake, "PUT", "/latest/api/token", &[], "").status, 400);
    assert_eq!(
        send(
            &fake,
            "PUT",
            "/latest/api/token",
            &[ttl, ("x-forwarded-for", "1.2.3.4")],
            ""
        )
        .status,
        403
    );
    let token = send(&fake, "PUT", "/latest/api/token", &[ttl], "").body;
    let with = |path: &str| {
        send(
            &fake,
            "GET",
            path,
            &[("x-aws-ec2-metadata-token", &token)],
            "",
        )
    };
    assert_eq!(with(&format!("{base}/")).body, "instance");
    assert_eq!(with(&format!("{base}/instance")).json()["Code"], "Success");
    assert_eq!(with(&format!("{base}/other")).status, 404);
    assert_eq!(
        with("/latest/meta-data/placement/region").body,
        "eu-central-1"
    );
    assert_eq!(fake.count("Imds*"), 8);
    fake.advance_clock(61);
    assert_eq!(with(base).status, 401);
}
