//! What `refresh` refuses, each before any request.

use fake_aws::{FakeAws, World};

use crate::harness::{OPS, Step};

#[test]
fn what_cannot_be_had_again_is_refused_before_any_request() {
    let fake = FakeAws::start(World::demo());
    let oidc = || Step::oidc(&fake);
    let token = || Step::new().sts(&fake).input("role-to-assume", OPS);
    for (step, said) in [
        (
            oidc().input("refresh", "always"),
            "`always` is not one of process, server",
        ),
        (
            Step::keys(&fake).input("refresh", "process"),
            "cannot renew from static keys in settings: they would have to lie on disk",
        ),
        (
            Step::keys(&fake).input("refresh", "server"),
            "put them into a profile and name it in source-profile, or use OIDC",
        ),
        (
            token()
                .input("web-identity-token", "a.b.c-of-some-length")
                .input("refresh", "process"),
            "cannot renew from a token that is given as text",
        ),
        (
            token()
                .input("web-identity-token-file", "-")
                .input("refresh", "server"),
            "cannot renew from standard input",
        ),
        (
            token()
                .var("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX")
                .var("AWS_SECRET_ACCESS_KEY", "xxxxxxxxxxxx")
                .input("refresh", "process"),
            "cannot renew from the environment's AWS_ACCESS_KEY_ID",
        ),
        (
            Step::new()
                .sts(&fake)
                .input("source-profile", "x")
                .input("refresh", "process"),
            "needs role-to-assume",
        ),
        (
            token()
                .input("source-profile", "x")
                .input("aws-profile", "x")
                .input("refresh", "process"),
            "`x` is where the first credentials come from",
        ),
        (
            oidc()
                .input("output-credentials", "true")
                .input("refresh", "process"),
            "outputs of a step stay what they are",
        ),
        (
            oidc()
                .input("output-credentials", "True")
                .input("refresh", "process"),
            "outputs of a step stay what they are",
        ),
        (
            oidc()
                .input("use-existing-credentials", "true")
                .input("refresh", "server"),
            "nobody renews the credentials that are there",
        ),
        (
            oidc().input("aws-profile", "x").input("refresh", "server"),
            "which variables select; use `refresh: process`",
        ),
        (
            oidc()
                .input("http-proxy", "http://u:p@proxy:1")
                .input("refresh", "process"),
            "has a password, which would have to lie on disk",
        ),
        (
            oidc().var("AWS_PROFILE", "x").input("refresh", "server"),
            "`server` cannot work while AWS_PROFILE is set",
        ),
        (
            oidc()
                .var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")
                .input("refresh", "server"),
            "cannot work while AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set",
        ),
    ] {
        step.run().fails("invalid-inputs", 3).says(said);
    }
    assert_eq!(fake.count("*"), 0);
}

#[test]
fn so_it_is_beside_roles() {
    let fake = FakeAws::start(World::demo());
    let a = format!("a = {OPS}");
    let oidc = |roles: &str| Step::oidc(&fake).input("roles", roles);
    let machine = |roles: &str| Step::new().sts(&fake).input("roles", roles);
    for (step, mode, said) in [
        (
            machine(&format!("{a}\nx = {OPS}")).input("source-profile", "x"),
            "server",
            "roles: `x` is where the first credentials come from",
        ),
        (
            machine(&format!("x = {OPS}")).var("AWS_PROFILE", "x"),
            "process",
            "roles: `x` is where the first credentials come from",
        ),
        (
            Step::keys(&fake).input("roles", &a),
            "process",
            "cannot renew from static keys in settings",
        ),
        (
            oidc(&a).input("output-credentials", "true"),
            "server",
            "outputs of a step stay what they are",
        ),
        (
            oidc(&a).var("AWS_PROFILE", "x"),
            "server",
            "`server` cannot work while AWS_PROFILE is set: AWS tools",
        ),
        (
            oidc(&a).var("AWS_PROFILE", ""),
            "server",
            "`server` cannot work while AWS_PROFILE is set, though empty: AWS tools",
        ),
        (
            oidc(&a).input("aws-profile", "x"),
            "server",
            "or a line of roles, whose profile asks the endpoint",
        ),
    ] {
        step.input("refresh", mode)
            .run()
            .fails("invalid-inputs", 3)
            .says(said);
    }
    assert_eq!(fake.count("*"), 0);
}
