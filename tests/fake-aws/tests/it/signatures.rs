//! What STS says to keys and signatures that are not in order.

use fake_aws::{FakeAws, World};

use crate::client::{
    HOME, Signer, amz, call, ci_user, connect, encode, headers, read, send, session, signer_of,
    write,
};

const WHO: [(&str, &str); 1] = [("Action", "GetCallerIdentity")];

#[test]
fn accepts_the_user_and_its_sessions() {
    let fake = FakeAws::start(World::demo());
    let reply = call(&fake, &ci_user(), &WHO);
    assert_eq!(reply.text("Arn"), "arn:aws:iam::123456789012:user/ci-user");
    assert_eq!(
        (reply.text("Account").as_str(), reply.status),
        ("123456789012", 200)
    );
    assert_eq!(reply.headers["x-amzn-requestid"], reply.text("RequestId"));
    let ops = session(&fake, &ci_user(), &format!("{HOME}ops"), &[]);
    let reply = call(&fake, &signer_of(&ops), &WHO);
    assert_eq!(
        reply.text("Arn"),
        "arn:aws:sts::123456789012:assumed-role/ops/test"
    );
    assert_eq!(fake.count("GetCallerIdentity"), 2);
}

#[test]
fn refuses_what_is_wrong() {
    let fake = FakeAws::start(World::demo().disable_region("ap-east-1"));
    let ops = signer_of(&session(&fake, &ci_user(), &format!("{HOME}ops"), &[]));
    let with = |edit: fn(&mut Signer), base: &Signer| {
        let mut signer = base.clone();
        edit(&mut signer);
        call(&fake, &signer, &WHO)
    };
    for (reply, code, message) in [
        (
            with(|s| s.key = "AKIAUNKNOWN".into(), &ci_user()),
            "403 InvalidClientTokenId",
            "token included in the request is invalid",
        ),
        (
            with(|s| s.secret.push('x'), &ci_user()),
            "403 SignatureDoesNotMatch",
            "we calculated does not match",
        ),
        (
            with(|s| s.token = Some("x".into()), &ci_user()),
            "403 InvalidClientTokenId",
            "is invalid",
        ),
        (
            with(|s| s.token = None, &ops),
            "403 InvalidClientTokenId",
            "is invalid",
        ),
        (
            with(|s| s.token = Some("x".into()), &ops),
            "403 InvalidClientTokenId",
            "is invalid",
        ),
        (
            with(|s| s.ahead = -1000, &ci_user()),
            "403 SignatureDoesNotMatch",
            "Signature expired",
        ),
        (
            with(|s| s.ahead = 1000, &ci_user()),
            "403 SignatureDoesNotMatch",
            "Signature not yet current",
        ),
        (
            with(|s| s.region = "nowhere".into(), &ci_user()),
            "403 SignatureDoesNotMatch",
            "valid region",
        ),
        (
            with(|s| s.region = "ap-east-1".into(), &ci_user()),
            "403 RegionDisabledException",
            "account:123456789012",
        ),
    ] {
        assert_eq!(reply.code(), code);
        assert!(reply.text("Message").contains(message), "{}", reply.body);
    }
    assert_eq!(fake.denials().len(), 9);
}

#[test]
fn expires_sessions() {
    let fake = FakeAws::start(World::demo());
    let ops = signer_of(&session(&fake, &ci_user(), &format!("{HOME}ops"), &[]));
    fake.advance_clock(3599 - 30);
    assert_eq!(call(&fake, &ops, &WHO).status, 200);
    fake.advance_clock(31);
    assert_eq!(call(&fake, &ops, &WHO).code(), "403 ExpiredToken");
    fake.set_clock_skew(1000);
    assert!(
        call(&fake, &ci_user(), &WHO)
            .text("Message")
            .starts_with("Signature expired")
    );
}

#[test]
fn refuses_requests_that_are_not_signed_whole() {
    let fake = FakeAws::start(World::demo());
    let form = ("content-type", "application/x-www-form-urlencoded");
    let body = encode(&WHO);
    assert_eq!(
        send(&fake, "POST", "/", &[form], &body).code(),
        "403 MissingAuthenticationToken"
    );
    assert_eq!(
        send(
            &fake,
            "POST",
            "/",
            &[form, ("authorization", "Bearer x")],
            &body
        )
        .code(),
        "400 IncompleteSignature"
    );

    // A good signature, over another body.
    let date = amz(crate::client::real_now());
    let mut all = headers(&fake, &[form, ("x-amz-date", &date)]);
    let request = fake_aws::sigv4::Request {
        method: "POST",
        path: "/",
        query: "",
        headers: &all,
        body: b"other",
    };
    let (key, secret) = crate::client::KEYS;
    let signed =
        fake_aws::sigv4::authorize(request, key, secret, "us-east-1", crate::client::real_now());
    all.insert("authorization".into(), signed.clone());
    let mut stream = connect(&fake);
    write(&mut stream, "POST", "/", &all, &body);
    assert_eq!(
        read(&mut stream).unwrap().code(),
        "403 SignatureDoesNotMatch"
    );

    // A header of AWS's that the signature leaves out.
    all.insert("x-amz-extra".into(), "1".into());
    write(&mut stream, "POST", "/", &all, &body);
    assert!(
        read(&mut stream)
            .unwrap()
            .text("Message")
            .contains("'x-amz-extra' must be a 'SignedHeader'")
    );
}

#[test]
fn takes_parameters_from_the_query_as_well() {
    let fake = FakeAws::start(World::demo());
    let date = amz(crate::client::real_now());
    let mut all = headers(&fake, &[("x-amz-date", &date)]);
    let query = encode(&WHO);
    let request = fake_aws::sigv4::Request {
        method: "GET",
        path: "/",
        query: &query,
        headers: &all,
        body: b"",
    };
    let (key, secret) = crate::client::KEYS;
    let signed =
        fake_aws::sigv4::authorize(request, key, secret, "us-east-1", crate::client::real_now());
    all.insert("authorization".into(), signed);
    let mut stream = connect(&fake);
    write(&mut stream, "GET", &format!("/?{query}"), &all, "");
    assert_eq!(read(&mut stream).unwrap().status, 200);
}

#[test]
fn unknown_actions_and_versions() {
    let fake = FakeAws::start(World::demo());
    let reply = call(&fake, &ci_user(), &[("Action", "AssumeRoot")]);
    assert_eq!(reply.code(), "400 InvalidAction");
    assert_eq!(
        reply.text("Message"),
        "Could not find operation AssumeRoot for version 2011-06-15"
    );
}
