//! What may succeed later is sent again: how often, how long, and when it ends.

use fake_aws::{FakeAws, Misbehaviour, World};

use crate::harness::Step;

const STS: &str = "AssumeRoleWithWebIdentity";
const TOKEN: &str = "GetIdToken";

#[test]
fn throttling_and_outages_are_waited_out() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(STS, Misbehaviour::Throttle.times(3));
    fake.misbehave(STS, Misbehaviour::Reset);
    fake.misbehave(STS, Misbehaviour::Html);
    fake.misbehave(
        STS,
        Misbehaviour::error(400, "IDPCommunicationError", "slow"),
    );
    fake.misbehave(TOKEN, Misbehaviour::error(500, "x", "y").times(2));
    fake.misbehave(TOKEN, Misbehaviour::Reset);
    let done = Step::oidc(&fake).run().succeeds();
    done.says("OIDC token: HTTP 500; trying again in")
        .says("sts:AssumeRoleWithWebIdentity: Throttling (HTTP 400)");
}

#[test]
fn retries_can_be_bounded_and_switched_off() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(STS, Misbehaviour::Throttle.always());
    let step = Step::oidc(&fake).input("retry-max-attempts", "3");
    step.run().fails("sts-throttled", 6).says("(tried 3 times)");
    assert_eq!(fake.count(STS), 3);
    fake.clear();
    Step::oidc(&fake)
        .input("disable-retry", "true")
        .run()
        .fails("sts-throttled", 6);
    assert_eq!(fake.count(STS), 1);
    fake.misbehave(TOKEN, Misbehaviour::Throttle.always());
    Step::oidc(&fake)
        .input("disable-retry", "true")
        .run()
        .fails("oidc-unreachable", 6)
        .says("HTTP 429");
}

#[test]
fn retry_after_is_honoured() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(
        STS,
        Misbehaviour::RetryAfter {
            status: 503,
            seconds: 1,
        },
    );
    Step::oidc(&fake)
        .run()
        .succeeds()
        .says("trying again in 1.0 s");
    fake.misbehave(
        STS,
        Misbehaviour::RetryAfter {
            status: 503,
            seconds: 3600,
        },
    );
    Step::oidc(&fake).run().fails("sts-throttled", 6);
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(STS, Misbehaviour::Truncated);
    fake.misbehave(TOKEN, Misbehaviour::Truncated);
    Step::oidc(&fake).run().succeeds();
    assert_eq!(fake.count(STS), 2);
}

#[test]
fn a_server_that_hangs_or_drips_ends_with_the_time_limit() {
    for what in [Misbehaviour::Hang, Misbehaviour::Drip] {
        for operation in [STS, TOKEN] {
            let fake = FakeAws::start(World::demo());
            fake.misbehave(operation, what.clone().always());
            let failed = Step::oidc(&fake).input("action-timeout-s", "2").run();
            failed.fails("timed-out", 6).says("after 2 seconds");
        }
    }
}

#[test]
fn a_port_where_nobody_listens() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .var("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
        .input("retry-max-attempts", "2");
    step.run()
        .fails("sts-unreachable", 6)
        .says("Connection refused");
    let step = Step::oidc(&fake)
        .var("ACTIONS_ID_TOKEN_REQUEST_URL", "http://127.0.0.1:9/x?y=z")
        .input("disable-retry", "true");
    step.run()
        .fails("oidc-unreachable", 6)
        .says("Connection refused")
        .does_not_say("y=z");
}
