//! Every error code, provoked through the real binary: how many requests it takes and how long, as `docs/errors-measured.md`
//! says. `cargo test -p rolehop --test it -- --ignored write_the_page` measures anew.

mod job;
mod lend;
mod network;
mod people;
mod refusals;
mod settings;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fake_aws::FakeAws;

use crate::harness::{Outcome, Step};

/// What one provoked failure came to.
struct Seen {
    outcome: Outcome,
    took: Duration,
    /// Requests that reached the token endpoint, and STS.
    requests: (usize, usize),
}

impl Seen {
    /// A run of the action against these servers.
    fn run(step: &Step<'_>, fakes: &[&FakeAws]) -> Self {
        Self::of(fakes, || step.run())
    }

    fn of(fakes: &[&FakeAws], run: impl FnOnce() -> Outcome) -> Self {
        let started = Instant::now();
        let outcome = run();
        let took = started.elapsed();
        let count = |operation| {
            fakes
                .iter()
                .map(|fake| fake.count(operation))
                .sum::<usize>()
        };
        Self {
            outcome,
            took,
            requests: (
                count("GetIdToken"),
                count("AssumeRole*") + count("GetCallerIdentity"),
            ),
        }
    }
}

/// A code, the test that provokes it, and how.
struct Case {
    code: &'static str,
    test: &'static str,
    how: &'static str,
    provoke: fn() -> Seen,
}

macro_rules! cases {
    ($($code:literal $test:ident $how:literal $provoke:path;)*) => {
        /// In the order of the codes.
        const CASES: &[Case] = &[$(Case {
            code: $code,
            test: stringify!($test),
            how: $how,
            provoke: $provoke,
        }),*];

        $(#[test]
        fn $test() {
            check(stringify!($test));
        })*
    };
}

cases! {
    "internal" internal "post with a state that something has changed" job::internal;
    "usage" usage "a command that there is not" settings::usage;
    "invalid-inputs" invalid_inputs "a session of five seconds" settings::invalid_inputs;
    "host-incomplete" host_incomplete "no GITHUB_ENV" settings::host_incomplete;
    "ca-bundle" ca_bundle "a CA file that is not there" settings::ca_bundle;
    "oidc-permission-missing" oidc_permission_missing "a job without id-token: write" settings::oidc_permission_missing;
    "oidc-fork-pull-request" oidc_fork_pull_request "a pull request from a fork" settings::oidc_fork_pull_request;
    "oidc-refused" oidc_refused "HTTP 403 from the token endpoint" refusals::oidc_refused;
    "oidc-answer-invalid" oidc_answer_invalid "a log-in page instead of a token" refusals::oidc_answer_invalid;
    "oidc-throttled" oidc_throttled "HTTP 429, three attempts" network::oidc_throttled;
    "oidc-unreachable" oidc_unreachable "a port where nobody listens, three attempts" network::oidc_unreachable;
    "oidc-tls" oidc_tls "a certificate of an unknown CA" network::oidc_tls;
    "oidc-timed-out" oidc_timed_out "no answer, two seconds in all" network::oidc_timed_out;
    "oidc-interrupted" oidc_interrupted "connections that are reset, three attempts" network::oidc_interrupted;
    "token-file" token_file "a token file that is not there" settings::token_file;
    "no-credentials" no_credentials "nothing given, nothing found" settings::no_credentials;
    "mfa-code-missing" mfa_code_missing "an MFA device, and no terminal to ask at" people::mfa_code_missing;
    "sts-access-denied" sts_access_denied "a token of another repository" refusals::sts_access_denied;
    "sts-mfa-refused" sts_mfa_refused "a wrong MFA code" people::sts_mfa_refused;
    "sts-token-rejected" sts_token_rejected "an account without the OIDC provider" refusals::sts_token_rejected;
    "sts-issuer-unreachable" sts_issuer_unreachable "IDPCommunicationError, three attempts" network::sts_issuer_unreachable;
    "sts-token-expired" sts_token_expired "an old token file" refusals::sts_token_expired;
    "sts-keys-rejected" sts_keys_rejected "a secret key that was cut" refusals::sts_keys_rejected;
    "sts-request-invalid" sts_request_invalid "a session policy that is JSON, but no policy" refusals::sts_request_invalid;
    "sts-session-too-large" sts_session_too_large "policies that do not fit" refusals::sts_session_too_large;
    "sts-region-disabled" sts_region_disabled "a region that is not activated" refusals::sts_region_disabled;
    "sts-refused" sts_refused "a code of STS that is new" refusals::sts_refused;
    "sts-answer-invalid" sts_answer_invalid "a log-in page instead of STS" refusals::sts_answer_invalid;
    "sts-throttled" sts_throttled "Throttling, three attempts" network::sts_throttled;
    "sts-unreachable" sts_unreachable "a port where nobody listens, three attempts" network::sts_unreachable;
    "sts-tls" sts_tls "an expired certificate" network::sts_tls;
    "sts-timed-out" sts_timed_out "an answer by drips, two seconds in all" network::sts_timed_out;
    "sts-interrupted" sts_interrupted "answers that break off, three attempts" network::sts_interrupted;
    "proxy-unreachable" proxy_unreachable "a proxy where nobody listens, three attempts" network::proxy_unreachable;
    "proxy-refused" proxy_refused "a proxy that wants a password" network::proxy_refused;
    "trust-policy-invalid" trust_policy_invalid "explain with a policy that lacks a bracket" settings::trust_policy_invalid;
    "trust-policy-refuses" trust_policy_refuses "explain with a policy for another branch" settings::trust_policy_refuses;
    "account-not-allowed" account_not_allowed "allowed-account-ids with another account" job::account_not_allowed;
    "other-role" other_role "a guard for a role, with a user's keys" people::other_role;
    "expires-too-soon" expires_too_soon "a guard with keys that have ended" people::expires_too_soon;
    "special-characters" special_characters "a server that never issues plain keys" job::special_characters;
    "targets-failed" targets_failed "two targets behind a role that is not there" refusals::targets_failed;
    "timed-out" timed_out "a profile's program that sleeps, one second in all" job::timed_out;
    "profile-exists" profile_exists "a profile of that name" job::profile_exists;
    "no-private-hand-over" no_private_hand_over "`rolehop` without a command in a shell" settings::no_private_hand_over;
    "hand-over-failed" hand_over_failed "a runner's file that is not there" job::hand_over_failed;
    "file-locked" file_locked "another process that holds the lock" job::file_locked;
    "export-to-terminal" export_to_terminal "rolehop export at a prompt" lend::export_to_terminal;
    "export-refused" export_refused "a secret with a % for cmd" lend::export_refused;
    "profile-asks-itself" profile_asks_itself "a default profile that is its own source" lend::profile_asks_itself;
    "command-not-found" command_not_found "rolehop exec with a name that no folder has" lend::command_not_found;
    "command-not-started" command_not_started "rolehop exec with a folder" lend::command_not_started;
    "refresh-ended" refresh_ended "a profile's process after the clean-up" lend::refresh_ended;
    "refresh-source-gone" refresh_source_gone "a profile's process without the job's variables" lend::refresh_source_gone;
    "refresh-failed" refresh_failed "a profile of an endpoint whose role was taken away" lend::refresh_failed;
}

/// Fails as the page says, and as every permanent error has to: at most one request to STS, and no wait.
#[track_caller]
fn check(test: &str) {
    let case = CASES
        .iter()
        .find(|case| case.test == test)
        .expect("a case of that name");
    if cfg!(windows) && test == "export_to_terminal" {
        // No program of Windows makes another one believe in a terminal.
        return;
    }
    let seen = (case.provoke)();
    let log = &seen.outcome.log;
    assert!(log.contains(&format!("error[{}]", case.code)), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    if seen.outcome.status != 6 {
        assert!(seen.requests.1 <= 1, "{:?}\n{log}", seen.requests);
        assert!(!log.contains("trying again"), "{log}");
    }
    let said = row(case, &seen);
    let page = std::fs::read_to_string(page()).expect("the page of measures");
    let counted = |line: &str| Some(line.rsplit_once(" | ")?.0.to_owned());
    assert!(
        page.lines().filter_map(counted).any(|row| row == said),
        "docs/errors-measured.md lacks\n{said}\nmeasure anew, if this is meant"
    );
}

#[test]
fn every_code_has_one_case_and_one_row_in_order() {
    let codes: Vec<&str> = CASES.iter().map(|case| case.code).collect();
    assert_eq!(codes, rolehop::docs::error_codes());
    let page = std::fs::read_to_string(page()).expect("the page of measures");
    let rows: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| [")?.split(']').next())
        .collect();
    assert_eq!(rows, codes);
}

#[test]
#[ignore = "writes docs/errors-measured.md; each case alone, so that the seconds are its own"]
fn write_the_page() {
    let mut text = INTRODUCTION.to_owned();
    for case in CASES {
        let seen = (case.provoke)();
        let log = &seen.outcome.log;
        assert!(log.contains(&format!("error[{}]", case.code)), "{log}");
        let seconds = seen.took.as_secs_f64();
        let _ = writeln!(text, "{} | {seconds:.2} |", row(case, &seen));
    }
    std::fs::write(page(), text).expect("written");
}

const INTRODUCTION: &str = "\
# Errors, measured

Every code of [errors.md](errors.md), provoked by a test through the real binary: how many requests reached the token endpoint and
STS before the step ended, and the seconds from its start to its end. Where an attempt may help, the case has `retry-max-attempts: 3`
or a short `action-timeout-s`, as it says; the defaults are 12 attempts and 60 seconds. What a repeat cannot mend is sent to STS once
at most, and nothing is waited for.

The tests are in `tests/it/provoked/`; they fail when the requests are not those of this page, which
`cargo test -p rolehop --test it -- --ignored write_the_page` writes. The seconds are those of a development build on one machine.

| code | test | provoked by | status | token endpoint | STS | seconds |
| --- | --- | --- | --: | --: | --: | --: |
";

/// What a run has to come to again: all but the seconds.
fn row(case: &Case, seen: &Seen) -> String {
    let Case {
        code, test, how, ..
    } = case;
    let (token, sts) = seen.requests;
    let status = seen.outcome.status;
    format!(
        "| [{code}](errors.md#{code}) | `provoked::{test}` | {how} | {status} | {token} | {sts}"
    )
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors-measured.md")
}
