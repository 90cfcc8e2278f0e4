//! The doctor: the first cause that a failing run names is the true one. STS is asked once.

use fake_aws::{FakeAws, Misbehaviour, Provider, World};
use serde_json::json;

use super::fixture::{ROLE, Trust, claims, fake, text, world};
use super::situations::{self, Situation};
use crate::harness::{DEPLOY, KEY_ID, Step};

/// The step of a job with that token: asked for where the CI is GitHub's, from a file elsewhere.
fn step<'f>(fake: &'f FakeAws, situation: &Situation) -> Step<'f> {
    let token = situation.token();
    let step = Step::new().sts(fake).input("role-to-assume", ROLE);
    let step = match situation.event {
        None => step,
        Some(event) => {
            let step = step.file("event.json", event);
            let path = step.path("workspace").join("event.json");
            let name = token["event_name"].as_str().unwrap_or("push").to_owned();
            step.var("GITHUB_EVENT_PATH", &path.display().to_string())
                .var("GITHUB_EVENT_NAME", &name)
        }
    };
    if token["repository"].is_string() {
        let audience = text(&token, "aud").to_owned();
        return step.may_request_tokens(fake).input("audience", &audience);
    }
    let minted = fake.mint(&token);
    step.file("token", &minted)
        .input("web-identity-token-file", "token")
}

/// The first cause after STS' words, and the hint.
fn told(log: &str) -> (String, String) {
    let line = |label: &str, nth: usize| {
        let mut lines = log.lines().filter_map(|line| line.strip_prefix(label));
        lines.nth(nth).unwrap_or_default().to_owned()
    };
    (line("  cause: ", 1), line("  hint:  ", 0))
}

#[test]
fn the_first_cause_is_the_true_one() {
    let all = situations::all();
    assert!(all.len() > 25);
    for situation in &all {
        let name = situation.name;
        let fake = fake(&situation.token(), &situation.policy());
        let outcome = step(&fake, situation).run().fails("sts-access-denied", 5);
        let (cause, next) = told(&outcome.log);
        assert!(
            cause.contains(situation.cause),
            "{name}: {cause}\n{}",
            outcome.log
        );
        assert!(
            next.contains(situation.next),
            "{name}: {next}\n{}",
            outcome.log
        );
        let certain = situation.cause.contains("carries session tags");
        assert_eq!(
            cause.starts_with("most likely: "),
            !certain,
            "{name}: {cause}"
        );
        let annotation = outcome
            .log
            .lines()
            .find(|line| line.starts_with("::error title=rolehop sts-access-denied::"));
        let annotation = annotation.unwrap_or_default().replace("%25", "%");
        assert!(
            annotation.contains(situation.cause) && annotation.contains(situation.next),
            "{name}: {annotation}"
        );
        assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1, "{name}");
    }
}

#[test]
fn the_claims_the_policy_and_the_way_on_are_in_the_log() {
    let token = claims("environment");
    let fake = fake(
        &token,
        &Trust::of_subject(&token, "repo:octo-org/octo-repo:ref:refs/heads/main").json(&token),
    );
    let step = Step::new()
        .sts(&fake)
        .input("role-to-assume", ROLE)
        .may_request_tokens(&fake);
    let outcome = step.run().fails("sts-access-denied", 5);
    for (name, value) in [
        ("iss", "https://token.actions.githubusercontent.com"),
        ("sub", "repo:octo-org/octo-repo:environment:production"),
        ("aud", "sts.amazonaws.com"),
        ("repository", "octo-org/octo-repo"),
        ("ref", "refs/heads/main"),
        ("environment", "production"),
        ("actor", "octocat"),
        ("event_name", "push"),
    ] {
        assert!(
            outcome.log.contains(&format!("    {name:<16} {value}\n")),
            "{name}: {}",
            outcome.log
        );
    }
    let outcome = outcome
        .says("  a trust policy that admits exactly this job\n    {\n      \"Version\"")
        .says("      \"token.actions.githubusercontent.com:sub\": \"repo:octo-org/octo-repo:environment:production\"")
        .says("rolehop explain --policy FILE: which line of the role's policy refuses")
        .says("--write-policy --format aws-cli");
    let lines = outcome
        .log
        .lines()
        .filter(|line| !line.starts_with("::"))
        .count();
    assert!(
        lines < 60,
        "a person reads it: {lines} lines\n{}",
        outcome.log
    );
}

#[test]
fn a_provider_that_is_not_there_is_named_with_its_exact_url() {
    for (name, url) in [
        ("branch", "https://token.actions.githubusercontent.com"),
        ("ghes", "https://github.example.com/_services/token"),
        ("ghe-com", "https://token.actions.octocorp.ghe.com"),
    ] {
        let token = claims(name);
        let mut world = world(&token, &Trust::of_subject(&token, "*").json(&token));
        world.providers.clear();
        let fake = FakeAws::start(world);
        let step = Step::new()
            .sts(&fake)
            .input("role-to-assume", ROLE)
            .may_request_tokens(&fake);
        let outcome = step.run().fails("sts-token-rejected", 5);
        let (cause, next) = told(&outcome.log);
        assert_eq!(
            cause,
            format!("the account 123456789012 has no OIDC provider for {url}"),
            "{}",
            outcome.log
        );
        assert_eq!(
            next,
            format!(
                "aws iam create-open-id-connect-provider --url {url} --client-id-list sts.amazonaws.com"
            )
        );
        let listed = step.input("allowed-account-ids", "210987654321").run();
        assert!(
            told(&listed.log).0.contains(
                "in the account 123456789012, which is not in allowed-account-ids (210987654321)"
            ),
            "{}",
            listed.log
        );
    }
}

#[test]
fn an_audience_that_the_provider_does_not_list() {
    let token = claims("branch");
    let mut world = world(&token, &Trust::of_subject(&token, "*").json(&token));
    world.providers = vec![Provider::new(
        "123456789012",
        text(&token, "iss"),
        "my-audience",
    )];
    let fake = FakeAws::start(world);
    let step = Step::new()
        .sts(&fake)
        .input("role-to-assume", ROLE)
        .may_request_tokens(&fake);
    let outcome = step.run().fails("sts-token-rejected", 5);
    let (cause, next) = told(&outcome.log);
    assert!(
        cause.contains("audience is `sts.amazonaws.com`, which the OIDC provider"),
        "{cause}"
    );
    assert!(
        next.starts_with(
            "aws iam add-client-id-to-open-id-connect-provider --client-id sts.amazonaws.com"
        ),
        "{next}"
    );
}

#[test]
fn the_wrong_partition() {
    let token = claims("branch");
    let fake = fake(&token, &Trust::of_subject(&token, "x").json(&token));
    let step = Step::new()
        .sts(&fake)
        .input("role-to-assume", ROLE)
        .may_request_tokens(&fake);
    let outcome = step
        .input("aws-region", "cn-north-1")
        .run()
        .fails("sts-access-denied", 5);
    let (cause, _) = told(&outcome.log);
    assert!(
        cause.contains("is in the partition aws, but STS of cn-north-1 is in aws-cn"),
        "{cause}"
    );
}

#[test]
fn durations_above_the_limits() {
    let fake = FakeAws::start(World::demo());
    let hub = DEPLOY.replace("deploy", "hub");
    let step = Step::oidc(&fake)
        .input("role-to-assume", &hub)
        .input("role-duration-seconds", "7200");
    let (cause, next) = told(&step.run().fails("sts-request-invalid", 5).log);
    assert_eq!(
        cause,
        format!("7200 seconds are asked for, which is above the maximum session duration of {hub}")
    );
    assert!(
        next.ends_with("--role-name hub --max-session-duration 7200"),
        "{next}"
    );

    let first = Step::oidc(&fake)
        .input("role-to-assume", &hub)
        .run()
        .succeeds();
    let chained = Step::new()
        .sts(&fake)
        .after(&first)
        .input("role-chaining", "true")
        .input("role-to-assume", &DEPLOY.replace("deploy", "long"))
        .input("role-duration-seconds", "7200");
    // The hour is applied and said; what STS still refuses is explained.
    let said = "the session gets 3600 instead of 7200 seconds";
    chained.run().succeeds().says(said);
    fake.misbehave(
        "AssumeRole",
        Misbehaviour::error(
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )
        .always(),
    );
    let (cause, next) = told(&chained.run().fails("sts-request-invalid", 5).log);
    assert!(
        cause.contains("a role that is assumed by a role has at most 3600"),
        "{cause}"
    );
    assert!(next.contains("3600 or less"), "{next}");
}

#[test]
fn a_region_that_is_not_active_and_clocks_that_are_wrong() {
    let fake = FakeAws::start(World::demo().disable_region("ap-east-1"));
    fake.misbehave(
        "AssumeRoleWithWebIdentity",
        Misbehaviour::error(
            403,
            "RegionDisabledException",
            "STS is not activated in this region for account:123456789012.",
        ),
    );
    let (cause, next) = told(
        &Step::oidc(&fake)
            .input("aws-region", "ap-east-1")
            .run()
            .fails("sts-region-disabled", 5)
            .log,
    );
    assert_eq!(
        cause,
        "STS is not activated in ap-east-1 for the account 123456789012"
    );
    assert!(next.starts_with("activate ap-east-1 for STS"), "{next}");

    let file = |more: &serde_json::Value| {
        let mut token = claims("branch");
        for (name, value) in more.as_object().into_iter().flatten() {
            token[name] = value.clone();
        }
        let minted = fake.mint(&token);
        Step::new()
            .sts(&fake)
            .input("role-to-assume", DEPLOY)
            .file("token", &minted)
            .input("web-identity-token-file", "token")
    };
    let now = fake.now();
    let (cause, next) = told(
        &file(&json!({"iat": now - 4000, "nbf": now - 4000, "exp": now - 3600}))
            .run()
            .fails("sts-token-expired", 5)
            .log,
    );
    assert!(
        cause.starts_with("the token ended at ") && cause.contains(", 1 h ago"),
        "{cause}"
    );
    assert!(next.contains("has to be renewed"), "{next}");
    let (cause, _) = told(
        &file(&json!({"iat": now + 900, "nbf": now + 900, "exp": now + 1800}))
            .run()
            .fails("sts-token-rejected", 5)
            .log,
    );
    assert!(cause.contains("the issuer's clock is ahead"), "{cause}");
    fake.set_clock_offset(1000);
    let (cause, _) = told(
        &file(&json!({"iat": now, "nbf": now, "exp": now + 300}))
            .run()
            .fails("sts-token-expired", 5)
            .log,
    );
    assert!(cause.contains("by the clock of this machine"), "{cause}");
}

#[test]
fn callers_get_both_policies() {
    let fake = FakeAws::start(World::demo());
    let role = |name: &str| DEPLOY.replace("deploy", name);
    let keys = |name: &str| Step::keys(&fake).input("role-to-assume", &role(name));
    let (cause, next) = told(&keys("no-tags").run().fails("sts-access-denied", 5).log);
    assert!(
        cause.starts_with("session tags are sent, and sts:TagSession is not allowed"),
        "{cause}"
    );
    assert!(next.contains("role-skip-session-tagging: true"), "{next}");
    let identity = keys("no-tags")
        .input("role-skip-session-tagging", "true")
        .input("source-identity", "me");
    let (cause, _) = told(&identity.run().fails("sts-access-denied", 5).log);
    assert!(
        cause.contains("sts:SetSourceIdentity is not allowed"),
        "{cause}"
    );

    let nobody = Step::new()
        .sts(&fake)
        .input("aws-access-key-id", "AKIAI44QH8DHBEXAMPLE")
        .input(
            "aws-secret-access-key",
            "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
        )
        .input("role-to-assume", &role("ops"));
    let outcome = nobody.run().fails("sts-access-denied", 5);
    let (cause, _) = told(&outcome.log);
    assert!(cause.contains("the caller arn:aws:iam::123456789012:user/nobody may not call sts:AssumeRole on arn:aws:iam::123456789012:role/ops"), "{cause}");
    outcome
        .says("a trust policy that admits exactly this caller, for the role")
        .says("\"Principal\": { \"AWS\": \"arn:aws:iam::123456789012:user/nobody\" }")
        .says("and the policy that the caller arn:aws:iam::123456789012:user/nobody needs")
        .says("\"Resource\": \"arn:aws:iam::123456789012:role/ops\"")
        .does_not_say("the token says");

    let partner =
        Step::keys(&fake).input("role-to-assume", "arn:aws:iam::210987654321:role/partner");
    let (cause, _) = told(&partner.run().fails("sts-access-denied", 5).log);
    assert!(
        cause.contains("asks for an external ID (none is sent)"),
        "{cause}"
    );
    let (cause, _) = told(&keys("not-there").run().fails("sts-access-denied", 5).log);
    assert!(cause.contains("or there is no such role"), "{cause}");
    assert!(!KEY_ID.is_empty());
}

#[test]
fn what_a_token_says_cannot_issue_commands() {
    let mut token = claims("branch");
    token["sub"] = json!("x\n::set-env name=A::b ##[error]y");
    token["actor"] = json!("\r::error::z");
    let fake = fake(
        &token,
        &Trust::of_subject(&token, "y").json(&claims("branch")),
    );
    let step = Step::new()
        .sts(&fake)
        .input("role-to-assume", ROLE)
        .may_request_tokens(&fake);
    let outcome = step.run().fails("sts-access-denied", 5);
    for line in outcome.log.lines() {
        let ours = ["::error title=rolehop ", "::add-mask::eyJ"]
            .iter()
            .any(|own| line.starts_with(own));
        let command = line.trim_start().starts_with("::") || line.contains("##[");
        assert!(!command || ours, "{line}");
    }
}
