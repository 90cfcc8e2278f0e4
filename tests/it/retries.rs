//! What may succeed later is sent again: how often, how long, and when it ends.

use fake_aws::{Broken, BrokenServer, FakeAws, Misbehaviour, World};

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
        .fails("oidc-throttled", 6)
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
    Step::oidc(&fake)
        .run()
        .fails("sts-throttled", 6)
        .says("the server asks to wait 1 h, and of the 60 s for the step ");
    fake.misbehave(
        STS,
        Misbehaviour::RetryAfter {
            status: 503,
            seconds: u64::MAX,
        },
    );
    Step::oidc(&fake)
        .run()
        .fails("sts-throttled", 6)
        .says("the server asks to wait 1193046 h");
}

#[test]
fn a_server_that_asks_for_no_pause_gets_the_usual_ones() {
    let fake = FakeAws::start(World::demo());
    let at_once = Misbehaviour::RetryAfter {
        status: 503,
        seconds: 0,
    };
    fake.misbehave(STS, at_once.times(4));
    let done = Step::oidc(&fake).run().succeeds();
    let pauses = done.log.matches("trying again in ").count();
    let none = done.log.matches("trying again in 0 ms").count();
    assert!(pauses == 4 && none < 4, "{}", done.log);
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
fn the_default_budget_outlasts_ten_throttled_answers_and_three_failures_of_the_token_endpoint() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(STS, Misbehaviour::Throttle.times(10));
    fake.misbehave(TOKEN, Misbehaviour::error(503, "x", "y").times(3));
    let done = Step::oidc(&fake).run().succeeds();
    assert_eq!((fake.count(TOKEN), fake.count(STS)), (4, 11));
    let retries = done.log.matches("; trying again in ").count();
    assert_eq!(retries, 13, "a line for each: {}", done.log);
}

#[test]
fn a_date_in_retry_after_is_read_by_the_servers_clock() {
    let fake = FakeAws::start(World::demo());
    // A day behind: by our clock the date has long passed.
    fake.set_clock_skew(-86_400);
    fake.misbehave(TOKEN, Misbehaviour::RetryAfterDate(2));
    fake.misbehave(TOKEN, Misbehaviour::RetryAfterDate(7200));
    let failed = Step::oidc(&fake).run().fails("oidc-throttled", 6);
    failed
        .says("OIDC token: HTTP 503; trying again in 2.0 s")
        .says("the server asks to wait 2 h, and of the 60 s for the step 5");
    assert_eq!(fake.count(TOKEN), 2);
}

#[test]
fn what_the_last_attempt_hides_is_told_too() {
    let fake = FakeAws::start(World::demo());
    fake.misbehave(STS, Misbehaviour::Throttle);
    fake.misbehave(STS, Misbehaviour::Hang.always());
    let failed = Step::oidc(&fake).input("action-timeout-s", "2").run();
    failed
        .fails("sts-timed-out", 6)
        .says("did not answer within")
        .says("(tried 2 times)")
        .says("cause: the attempt before: Throttling (HTTP 400)");
}

#[test]
fn the_time_limit_says_what_it_cut_off() {
    // Not one of our requests: a program that the SDK waits for.
    let step = Step::new()
        .input("source-profile", "slow")
        .input("action-timeout-s", "1");
    let aws = step.path("home").join(".aws");
    std::fs::create_dir(&aws).expect("a folder");
    std::fs::write(
        aws.join("config"),
        "[profile slow]\ncredential_process = sleep 3\n",
    )
    .expect("a file");
    step.run()
        .fails("timed-out", 6)
        .says("it was waiting for the profile `slow`");
}

#[test]
fn an_old_token_is_replaced_before_the_next_attempt() {
    // A minute and a half a second less: after the pause it is not worth presenting.
    let fake = FakeAws::start(World::demo().token_lifetime(61));
    for _ in 0..2 {
        fake.misbehave(
            STS,
            Misbehaviour::RetryAfter {
                status: 503,
                seconds: 1,
            },
        );
    }
    let step = Step::oidc(&fake).input("retry-max-attempts", "3");
    step.run()
        .succeeds()
        .says("the token has less than a minute left; asking for a new one");
    assert_eq!((fake.count(TOKEN), fake.count(STS)), (3, 3));
    // Opening the connection ahead sends nothing, however often a token is asked for.
    assert_eq!(fake.requests().len(), 6);
    // Another token is no reason for more attempts than were asked for.
    fake.clear();
    let busy = Misbehaviour::RetryAfter {
        status: 503,
        seconds: 1,
    };
    fake.misbehave(STS, busy.always());
    let failed = step.run().fails("sts-throttled", 6);
    assert_eq!(fake.count(STS), 3, "{}", failed.log);
}

#[test]
fn keys_of_the_machine_that_have_expired_are_looked_up_once_more() {
    let fake = FakeAws::start(World::demo());
    let step = || {
        Step::new()
            .sts(&fake)
            .var("RUNNER_ENVIRONMENT", "self-hosted")
            .without("AWS_EC2_METADATA_DISABLED")
            .var("AWS_EC2_METADATA_SERVICE_ENDPOINT", &fake.imds_url())
    };
    let expired = || Misbehaviour::error(403, "ExpiredToken", "The security token has expired");
    fake.misbehave("GetCallerIdentity", expired());
    step()
        .run()
        .succeeds()
        .says("looking whether the machine has others");
    assert_eq!(
        (
            fake.count("ImdsCredentials"),
            fake.count("GetCallerIdentity")
        ),
        (2, 2)
    );
    fake.clear();
    fake.misbehave("GetCallerIdentity", expired().always());
    step().run().fails("sts-keys-rejected", 5);
    assert_eq!(fake.count("GetCallerIdentity"), 2);
}

#[test]
fn a_dead_metadata_service_does_not_cost_the_time_of_the_step() {
    for what in [Broken::Silent, Broken::Blocked] {
        let hole = BrokenServer::start(what.clone());
        let step = Step::new()
            .input("role-to-assume", crate::harness::DEPLOY)
            .var("RUNNER_ENVIRONMENT", "self-hosted")
            .without("AWS_EC2_METADATA_DISABLED")
            .var("AWS_EC2_METADATA_SERVICE_ENDPOINT", &hole.url("http"))
            // Several attempts, or the limits of other requests, would end with `timed-out`.
            .input("action-timeout-s", "4");
        step.run()
            .fails("no-credentials", 4)
            .says("EC2 instance metadata");
        let taken = usize::from(what == Broken::Silent);
        assert_eq!(hole.connections(), taken);
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
