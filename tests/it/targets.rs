//! Several targets in one step: a chain each, a common first role assumed once, profiles for all of them or for none.

mod mistakes;

use std::collections::BTreeSet;
use std::fs;

use fake_aws::{FakeAws, Misbehaviour, World};

use crate::harness::{DEPLOY, KEY_ID, OPS, Step};

const HUB: &str = "arn:aws:iam::123456789012:role/hub";
const SPOKE: &str = "arn:aws:iam::210987654321:role/spoke";

/// `roles` for so many accounts of the fleet, behind the hub.
fn behind_hub(targets: usize) -> String {
    let line = |n| format!("account-{n} = {HUB} > {}\n", World::fleet_role(n));
    (0..targets).map(line).collect()
}

/// The same without a hub.
fn direct(targets: usize) -> String {
    let line = |n| format!("account-{n} = {}\n", World::fleet_role(n));
    (0..targets).map(line).collect()
}

fn step<'f>(fake: &'f FakeAws, roles: &str) -> Step<'f> {
    Step::oidc(fake)
        .without("INPUT_ROLE-TO-ASSUME")
        .input("roles", roles)
}

fn profiles(step: &Step<'_>) -> (String, String) {
    let read = |name: &str| {
        fs::read_to_string(step.path("home").join(".aws").join(name)).unwrap_or_default()
    };
    (read("credentials"), read("config"))
}

fn home_is_untouched(step: &Step<'_>) -> bool {
    fs::read_dir(step.path("home")).is_ok_and(|mut entries| entries.next().is_none())
}

#[test]
fn connections_side_by_side_resume_the_tls_session_of_the_first() {
    // The latency keeps the requests under way together, so that each wants a connection of its own.
    let fake = FakeAws::builder(World::fleet(12))
        .tls()
        .latency(std::time::Duration::from_millis(100))
        .start();
    step(&fake, &behind_hub(12)).run().succeeds();
    let (all, full) = (fake.connections(), fake.full_handshakes());
    assert!(
        all > 3 && full < all,
        "{full} of {all} showed the certificate"
    );
}

#[test]
fn two_hundred_targets_behind_a_hub_take_two_hundred_and_one_calls() {
    let fake = FakeAws::start(World::fleet(200));
    let step = step(&fake, &behind_hub(200));
    let main = step.run().succeeds();
    assert_eq!(fake.count("GetIdToken"), 1);
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1, "the hub, once");
    assert_eq!(fake.count("AssumeRole"), 200);
    assert_eq!(fake.count("*"), 202);
    assert!(main.env.is_empty() && main.output.is_empty(), "{main:?}");

    let (credentials, config) = profiles(&step);
    let sessions = fake.sessions();
    for number in 0..200 {
        let account = World::fleet_account(number);
        let session = sessions.iter().find(|session| session.account == account);
        let session = session.expect("a session of every account");
        let section = format!(
            "[account-{number}]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n",
            session.access_key_id, session.secret_access_key, session.session_token
        );
        assert!(credentials.contains(&section), "account-{number}");
        assert!(config.contains(&format!("[profile account-{number}]\nregion = eu-west-1\n")));
        assert!(main.log.contains(&format!(
            "assumed for account-{number}: arn:aws:sts::{account}:"
        )));
        assert!(
            main.summary
                .contains(&format!("<code>account-{number}</code>"))
        );
    }
    assert_eq!(main.summary.matches("| Target |").count(), 1, "one table");

    let post = step
        .post(&main, &main.env)
        .succeeds()
        .says("restored 200 profiles in");
    assert!(home_is_untouched(&step), "{}", post.log);
}

#[test]
fn without_a_hub_one_token_serves_all() {
    let fake = FakeAws::start(World::fleet(20));
    step(&fake, &direct(20)).run().succeeds();
    assert_eq!(fake.count("GetIdToken"), 1);
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 20);
    assert_eq!(fake.count("*"), 21);
}

#[test]
fn the_environment_and_profiles_in_one_step() {
    let fake = FakeAws::start(World::fleet(2));
    let roles = format!(
        "# all behind the hub\nenv = {HUB} > {SPOKE}\n\n{}",
        behind_hub(2)
    );
    let named = step(&fake, &roles).input("output-credentials", "true");
    let main = named.run().succeeds();
    assert_eq!(fake.count("AssumeRole*"), 4, "the hub, and three behind it");
    assert_eq!(
        main.arn(),
        "arn:aws:sts::210987654321:assumed-role/spoke/GitHubActions"
    );
    assert_eq!(
        main.output["aws-access-key-id"],
        main.env["AWS_ACCESS_KEY_ID"]
    );
    assert!(!main.env.contains_key("AWS_PROFILE"));
    assert!(profiles(&named).0.contains("[account-1]"));
    let post = named.post(&main, &main.env).succeeds();
    assert_eq!(post.env["AWS_ACCESS_KEY_ID"], "");
    assert!(home_is_untouched(&named));

    let beside = Step::oidc(&fake)
        .input("role-to-assume", &format!("{HUB} > {SPOKE}"))
        .input("roles", &behind_hub(2));
    let same = beside.run().succeeds();
    assert_eq!(same.arn(), main.arn(), "role-to-assume is the line `env`");
}

#[test]
fn one_chain_for_two_profiles_is_one_session() {
    let fake = FakeAws::start(World::demo());
    let roles = format!("a = {DEPLOY}\nb = {DEPLOY}\nc = {HUB} > {SPOKE}");
    let step = step(&fake, &roles);
    step.run().succeeds();
    assert_eq!(fake.count("AssumeRole*"), 3);
    let (credentials, _) = profiles(&step);
    let is_deploy = |session: &fake_aws::Session| session.role_arn.as_deref() == Some(DEPLOY);
    let of_deploy = fake.sessions().into_iter().find(is_deploy);
    let key = of_deploy.expect("a session").access_key_id;
    assert_eq!(credentials.matches(&key).count(), 2);
}

#[test]
fn another_tag_or_duration_is_another_session() {
    let fake = FakeAws::start(World::fleet(1));
    // The hub as a target has the whole session, the hub on the way as short a one as can be.
    step(&fake, &format!("hub = {HUB}\n{}", behind_hub(1)))
        .run()
        .succeeds();
    let durations: BTreeSet<i64> = fake.sessions().iter().map(|s| s.duration).collect();
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 2);
    assert_eq!(durations, BTreeSet::from([900, 3600]));
}

#[test]
fn one_of_fifty_fails_and_nothing_is_written() {
    let fake = FakeAws::start(World::fleet(50));
    let roles = behind_hub(50).replace(
        &World::fleet_role(33),
        "arn:aws:iam::500000000033:role/nobody",
    );
    let step = step(&fake, &roles);
    let failed = step
        .run()
        .fails("targets-failed", 5)
        .says("1 of 50 targets failed, so nothing was handed over: account-33")
        .says("account-33: [sts-access-denied] STS denied sts:AssumeRole on arn:aws:iam::500000000033:role/nobody");
    assert_eq!(fake.count("AssumeRole"), 50, "the others were tried");
    assert!(home_is_untouched(&step));
    assert_eq!(failed.masks().len(), 1, "the token's: no session was told");
}

#[test]
fn every_failed_target_has_what_helps_it() {
    let fake = FakeAws::start(World::demo());
    let (no_tags, partner) = (
        "arn:aws:iam::123456789012:role/no-tags",
        "arn:aws:iam::210987654321:role/partner",
    );
    let several = |roles: &str| {
        let step = Step::keys(&fake).without("INPUT_ROLE-TO-ASSUME");
        step.input("roles", roles).run()
    };
    let tag_session = "or set `role-skip-session-tagging: true`";
    several(&format!("a = {no_tags}\nb = {partner}\nc = {OPS}"))
        .fails("targets-failed", 5)
        .says("a: [sts-access-denied] STS denied")
        .says("most likely: ")
        .says(tag_session)
        .says("or asks for an external ID (none is sent)")
        .says("hint:  each needs something else: see `next` above")
        .says("a trust policy that admits exactly this caller, for the role")
        .says(&format!("\"Resource\": \"{partner}\""));
    // What is the same for all stands once.
    let alone = several(&format!("a = {no_tags}")).fails("sts-access-denied", 5);
    alone.says(tag_session);
    let both = several(&format!("a = {OPS} > {no_tags}\nb = {no_tags}")).fails("targets-failed", 5);
    both.does_not_say("next: ").says(tag_session);
}

#[test]
fn every_failed_target_is_named_with_its_own_cause() {
    let fake = FakeAws::start(World::fleet(4));
    let roles = format!(
        "{}lost = arn:aws:iam::123456789012:role/nowhere > {SPOKE}\nalso-lost = arn:aws:iam::123456789012:role/nowhere > {HUB}\n",
        behind_hub(4)
    );
    let failed = step(&fake, &roles)
        .input("allowed-account-ids", &format!("{},{}", World::fleet_account(0), World::fleet_account(2)))
        .run()
        .fails("targets-failed", 5)
        .says("4 of 6 targets failed, so nothing was handed over: account-1, account-3, lost, also-lost")
        .says("account-1: [account-not-allowed] the credentials are of account 500000000001")
        .says("lost, also-lost: [sts-access-denied] STS denied sts:AssumeRoleWithWebIdentity on arn:aws:iam::123456789012:role/nowhere");
    let annotation = failed
        .log
        .lines()
        .find(|line| line.starts_with("::error "))
        .expect("one");
    for name in ["account-1", "account-3", "lost", "also-lost"] {
        assert!(annotation.contains(name), "{annotation}");
    }
    assert_eq!(
        fake.count("AssumeRoleWithWebIdentity"),
        2,
        "the lost role was asked for once"
    );
}

#[test]
fn throttled_calls_are_repeated_each_by_itself() {
    let fake = FakeAws::start(World::fleet(40));
    fake.misbehave("AssumeRole", Misbehaviour::Throttle.times(60));
    let done = step(&fake, &behind_hub(40)).run().succeeds();
    assert_eq!(fake.count("AssumeRole"), 100);
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 1);
    // Each line says whose call it is that waits.
    for number in 0..40 {
        let role = World::fleet_role(number);
        let line = format!("sts:AssumeRole of {role}: Throttling (HTTP 400): ");
        let of_it = |text: &&str| text.contains(&line) && text.contains("; trying again in ");
        let calls = fake.requests().into_iter();
        let calls = calls.filter(|call| call.param("RoleArn") == role).count();
        assert_eq!(done.log.lines().filter(of_it).count(), calls - 1, "{role}");
    }
}

#[test]
fn a_single_target_has_no_need_of_its_name_in_each_line() {
    let fake = FakeAws::start(World::fleet(1));
    fake.misbehave("AssumeRoleWithWebIdentity", Misbehaviour::Throttle);
    step(&fake, &direct(1))
        .run()
        .succeeds()
        .says("sts:AssumeRoleWithWebIdentity: Throttling (HTTP 400): ");
}

#[test]
fn an_expired_token_is_renewed_once_for_all() {
    let fake = FakeAws::start(World::fleet(20));
    let expired = Misbehaviour::error(400, "ExpiredTokenException", "Token expired");
    fake.misbehave("AssumeRoleWithWebIdentity", expired.times(5));
    step(&fake, &direct(20))
        .run()
        .succeeds()
        .says("asking for a new one");
    assert_eq!(fake.count("GetIdToken"), 2);
    assert_eq!(fake.count("AssumeRoleWithWebIdentity"), 25);
}

#[test]
fn a_target_that_hangs_fails_inside_the_deadline_and_takes_the_others_with_it() {
    let fake = FakeAws::start(World::fleet(3));
    fake.misbehave("AssumeRole", Misbehaviour::Hang.times(1));
    let step = step(&fake, &behind_hub(3)).input("action-timeout-s", "4");
    step.run()
        .fails("targets-failed", 6)
        .says("1 of 3 targets failed");
    assert!(home_is_untouched(&step));
}

#[test]
fn an_existing_profile_is_refused_before_any_request_unless_all_may_be_overwritten() {
    let fake = FakeAws::start(World::fleet(3));
    let roles = behind_hub(3);
    let aws = |step: &Step<'_>| {
        fs::create_dir(step.path("home").join(".aws")).expect("a folder");
        let text = format!("# mine\n[account-1]\naws_access_key_id = {KEY_ID}\n\n[x]\ny = z");
        fs::write(step.path("home").join(".aws/credentials"), &text).expect("a file");
        text
    };
    let refused = step(&fake, &roles);
    aws(&refused);
    refused
        .run()
        .fails("profile-exists", 3)
        .says("`account-1` exists already");
    assert_eq!(fake.requests().len(), 0);
    let allowed = step(&fake, &roles).input("overwrite-aws-profile", "true");
    let before = aws(&allowed);
    let main = allowed.run().succeeds();
    let (now, _) = profiles(&allowed);
    assert!(
        now.starts_with("# mine\n[account-1]\n") && now.contains("[x]\ny = z\n"),
        "{now}"
    );
    allowed.post(&main, &main.env).succeeds();
    assert_eq!(profiles(&allowed), (before, String::new()));
}

#[test]
fn one_mfa_code_opens_a_session_for_all() {
    let fake = FakeAws::start(World::demo());
    let serial = "arn:aws:iam::123456789012:mfa/ci-user";
    Step::keys(&fake)
        .without("INPUT_ROLE-TO-ASSUME")
        .input("mfa-serial", serial)
        .input("mfa-code", &fake.mfa_code(serial).expect("a device"))
        .input("roles", "a = ops\nb = mfa-only")
        .run()
        .succeeds();
    assert_eq!(fake.count("GetSessionToken"), 1);
    assert_eq!(fake.count("AssumeRole"), 2);
}

#[test]
fn keys_and_names_ask_for_the_own_account_once() {
    let fake = FakeAws::start(World::demo());
    Step::keys(&fake)
        .without("INPUT_ROLE-TO-ASSUME")
        .input("roles", &format!("a = ops\nb = long\nc = {OPS}"))
        .run()
        .succeeds();
    assert_eq!(fake.count("GetCallerIdentity"), 1);
    assert_eq!(fake.count("AssumeRole"), 3);
}

#[test]
fn accounts_are_hidden_in_the_table_where_the_user_wants_it() {
    let fake = FakeAws::start(World::fleet(2));
    let done = step(&fake, &behind_hub(2))
        .input("mask-aws-account-id", "true")
        .run()
        .succeeds();
    assert!(
        !done.summary.contains(&World::fleet_account(1)),
        "{}",
        done.summary
    );
    assert!(done.masks().contains(&World::fleet_account(1)));
}

#[test]
fn cleanup_none_leaves_profiles_and_no_records() {
    let fake = FakeAws::start(World::fleet(3));
    let step = step(&fake, &behind_hub(3)).input("cleanup", "none");
    let main = step.run().succeeds();
    step.post(&main, &main.env).succeeds();
    assert!(profiles(&step).0.contains("[account-2]"));
    let names = fs::read_dir(step.path("home").join(".aws")).expect("the folder");
    assert_eq!(names.count(), 2, "the two files and nothing else");
}
