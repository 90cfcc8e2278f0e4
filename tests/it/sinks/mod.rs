//! Each system's own way to hide, hand over, report and undo: the real binary in that system's environment, and a consumer
//! that does with the result what the system does.

mod appveyor;
mod azure;
mod azure_agent;
mod buildkite;
mod circleci;
mod codefresh;
mod foreign;
mod github;
mod gitlab;
mod harness_ci;
mod redirected;
mod refusals;
mod server;
mod spacelift;
mod systems;
mod teamcity;
mod teamcity_server;
mod travis;

use std::collections::BTreeMap;

use fake_aws::{FakeAws, User, World};

use crate::harness::{OPS, Outcome, Step};
use systems::Ci;

const KEYS: [&str; 3] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];
const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// What a key of another STS may hold: everything that means something to a shell, an agent or a server.
const ODD: &str = r#"q'd"a$HOME\e]f;g|h`i`%25j[k&l!m<n>(o)*~#{p}^,.:+/=%0A%AZP25%5D|n|'$(id)"#;
const ODD_ID: &str = "AKIAODDODDODDODDODD1";

/// A job of this system whose static keys may assume a role.
fn job<'f>(fake: &'f FakeAws, ci: &Ci) -> Step<'f> {
    ci.step()
        .sts(fake)
        .static_keys_as_variables()
        .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
}

/// AWS with a user whose secret key has every character that STS does not issue.
fn odd_world() -> World {
    World::demo().user(User::new("arn:aws:iam::123456789012:user/odd", ODD_ID, ODD))
}

/// A job that hands over that user's keys as they are.
fn odd_job<'f>(fake: &'f FakeAws, ci: &Ci) -> Step<'f> {
    ci.step()
        .sts(fake)
        .var("ROLEHOP_AWS_ACCESS_KEY_ID", ODD_ID)
        .var("ROLEHOP_AWS_SECRET_ACCESS_KEY", ODD)
        .secret(ODD)
}

/// A later step has the whole session that STS issued, and the region.
#[track_caller]
fn has_the_session(fake: &FakeAws, env: &BTreeMap<String, String>) {
    let issued = fake.session(&env[KEYS[0]]).expect("a session of the fake");
    assert_eq!(env[KEYS[1]], issued.secret_access_key);
    assert_eq!(env[KEYS[2]], issued.session_token);
    for name in REGION {
        assert_eq!(env[name], "eu-west-1");
    }
}

/// Refused before anything was asked of AWS, with every one of these words.
#[track_caller]
fn refused(fake: &FakeAws, outcome: Outcome, words: &[&str]) {
    let outcome = outcome.ends("no-private-hand-over", 3);
    for word in words {
        assert!(
            outcome.log.contains(word),
            "no `{word}` in\n{}",
            outcome.log
        );
    }
    assert_eq!(fake.requests().len(), 0, "{}", outcome.log);
}
