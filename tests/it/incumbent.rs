//! Behaviours that the other action's own tests pin down and ours did not yet. docs/incumbent-tests.md has the list.

use std::collections::BTreeMap;
use std::fs;

use fake_aws::{FakeAws, Misbehaviour, World};

use crate::harness::{DEPLOY, KEY_ID, OPS, SECRET_KEY, Step};

const OTHER_ID: &str = "AKIAOTHEROTHEROTHER0";
const OTHER_SECRET: &str = "another-secret-of-the-machine-0123456789";

fn aws(step: &Step<'_>, name: &str) -> String {
    fs::read_to_string(step.path("home").join(".aws").join(name)).unwrap_or_default()
}

/// A key that AWS does not know, as the runner's own.
fn with_other_keys(step: Step<'_>) -> Step<'_> {
    step.var("AWS_ACCESS_KEY_ID", OTHER_ID)
        .var("AWS_SECRET_ACCESS_KEY", OTHER_SECRET)
        .secret(OTHER_SECRET)
}

#[test]
fn keys_that_are_given_sign_even_when_nothing_is_exported() {
    let fake = FakeAws::start(World::demo());
    let step = with_other_keys(Step::keys(&fake))
        .input("output-env-credentials", "false")
        .input("output-credentials", "true");
    let done = step.run().succeeds();
    assert!(done.env.is_empty(), "{:?}", done.env);
    let session = fake.sessions().pop().expect("a session");
    for (name, value) in [
        ("aws-access-key-id", &session.access_key_id),
        ("aws-secret-access-key", &session.secret_access_key),
        ("aws-session-token", &session.session_token),
    ] {
        assert_eq!(&done.output[name], value, "{name}");
        assert!(done.masks().contains(value), "{name}");
    }
    assert!(step.post(&done, &BTreeMap::new()).succeeds().env.is_empty());
}

#[test]
fn nothing_is_exported_when_it_is_not_wanted() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("output-env-credentials", "false");
    let done = step.run().succeeds();
    assert!(done.env.is_empty(), "{:?}", done.env);
    assert!(!done.output.contains_key("aws-secret-access-key"));
    assert_eq!(
        done.masks().len(),
        4,
        "the token, the id, the secret, the session token"
    );
}

#[test]
fn a_pull_request_has_all_thirteen_tags() {
    let fake = FakeAws::start(World::demo());
    let long = "a".repeat(300);
    for (head, expected) in [
        (
            "feature/has spaces&bad?chars",
            "feature/has spaces_bad_chars",
        ),
        (long.as_str(), &long[..256]),
    ] {
        let step = Step::keys(&fake)
            .var("GITHUB_ACTOR", "octocat[bot]")
            .var("GITHUB_BASE_REF", "main")
            .var("GITHUB_HEAD_REF", head);
        step.run().succeeds();
        let tags = fake.sessions().pop().expect("a session").tags;
        assert_eq!(tags.len(), 13, "{tags:?}");
        assert_eq!(tags["Actor"], "octocat_bot_");
        assert_eq!(tags["BaseRef"], "main");
        assert_eq!(tags["HeadRef"], expected);
    }
}

#[test]
fn missing_variables_of_the_job_make_fewer_tags_and_no_failure() {
    let fake = FakeAws::start(World::demo());
    let names = ["REF", "REPOSITORY", "SHA", "TRIGGERING_ACTOR", "WORKFLOW"];
    let step = names.iter().fold(Step::keys(&fake), |step, name| {
        step.without(&format!("GITHUB_{name}"))
    });
    step.run().succeeds();
    let tags = fake.sessions().pop().expect("a session").tags;
    assert_eq!(
        tags.keys().map(String::as_str).collect::<Vec<_>>(),
        ["Action", "Actor", "EventName", "GitHub", "Job", "RunId"]
    );
}

#[test]
fn none_of_the_jobs_own_tags_can_be_given() {
    let fake = FakeAws::start(World::demo());
    for key in [
        "GitHub",
        "Repository",
        "Workflow",
        "Action",
        "Actor",
        "Commit",
        "Branch",
        "EventName",
        "BaseRef",
        "HeadRef",
        "RunId",
        "Job",
        "TriggeringActor",
    ] {
        let step = Step::keys(&fake).input("custom-tags", &format!("{{\"{key}\": \"mine\"}}"));
        step.run()
            .fails("invalid-inputs", 3)
            .says(&format!("key `{key}` is one that rolehop sets"));
    }
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn every_spelling_of_true_and_false_is_understood() {
    let fake = FakeAws::start(World::demo());
    for (word, is_on) in [
        ("true", true),
        ("True", true),
        ("TRUE", true),
        ("false", false),
        ("False", false),
        ("FALSE", false),
        ("", false),
    ] {
        let done = Step::oidc(&fake).input("output-credentials", word).run();
        let outputs = done.succeeds().output;
        assert_eq!(outputs.contains_key("aws-access-key-id"), is_on, "{word:?}");
    }
}

#[test]
fn without_oidc_keys_files_and_chains_work_where_a_token_could_be_requested() {
    let fake = FakeAws::start(World::demo());
    let skipping = || Step::oidc(&fake).input("force-skip-oidc", "true");
    let keys = || skipping().static_keys().input("role-to-assume", OPS);
    let hub = keys().input("role-to-assume", "arn:aws:iam::123456789012:role/hub");
    let first = hub.run().succeeds();
    keys().run().succeeds();
    let token = fake.id_token("sts.amazonaws.com");
    let file = skipping()
        .file("token.jwt", &token)
        .input("web-identity-token-file", "token.jwt");
    file.run().succeeds();
    let chained = skipping()
        .after(&first)
        .input("role-chaining", "true")
        .input("role-to-assume", "arn:aws:iam::210987654321:role/spoke");
    chained.run().succeeds();
    let machine = skipping().input("role-to-assume", "");
    let machine = machine
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    machine.run().succeeds();
    assert_eq!(fake.count("GetIdToken"), 0);
    let nothing = skipping().run().fails("no-credentials", 4);
    nothing.says("force-skip-oidc is true, and there are no keys");
    let asking = Step::oidc(&fake).input("force-skip-oidc", "false");
    asking.run().succeeds();
    assert_eq!(fake.count("GetIdToken"), 1);
}

#[test]
fn the_account_is_checked_for_every_source() {
    let fake = FakeAws::start(World::demo());
    for source in [
        "keys",
        "keys and a role",
        "a token",
        "a token, nothing exported",
    ] {
        let step = || match source {
            "keys" => Step::new().sts(&fake).static_keys(),
            "keys and a role" => Step::keys(&fake),
            "a token" => Step::oidc(&fake),
            _ => Step::oidc(&fake).input("output-env-credentials", "false"),
        };
        for allowed in ["", "123456789012", " 111111111111 , 123456789012 "] {
            step()
                .input("allowed-account-ids", allowed)
                .run()
                .succeeds();
        }
        for allowed in ["999999999999", "999999999999,888888888888"] {
            let failed = step().input("allowed-account-ids", allowed).run();
            failed.fails("account-not-allowed", 5);
        }
    }
}

#[test]
fn who_the_keys_are_is_asked_again_after_a_passing_failure() {
    let fake = FakeAws::start(World::demo());
    let step = || {
        let step = Step::new().sts(&fake).static_keys();
        step.input("allowed-account-ids", "123456789012")
    };
    fake.misbehave("GetCallerIdentity", Misbehaviour::Throttle.times(2));
    fake.misbehave("GetCallerIdentity", Misbehaviour::Reset);
    step().run().succeeds();
    assert_eq!(fake.count("GetCallerIdentity"), 4);
    fake.clear();
    fake.misbehave("GetCallerIdentity", Misbehaviour::Throttle.always());
    let once = step().input("disable-retry", "true").run();
    once.fails("sts-throttled", 6).does_not_say("trying again");
    assert_eq!(fake.count("GetCallerIdentity"), 1);
}

#[test]
fn a_clean_up_that_cannot_write_fails() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    let main = step.run().succeeds();
    fs::remove_file(step.path("env")).expect("removed");
    let post = step.post(&main, &main.env);
    assert_eq!(post.status, 7, "{}", post.log);
}

#[test]
fn the_agent_leaves_out_what_is_no_word() {
    let fake = FakeAws::start(World::demo());
    let agent = |step: Step<'_>| {
        step.run().succeeds().does_not_say("warning");
        let request = fake.last("AssumeRole").expect("a request");
        request.header("user-agent").to_owned()
    };
    for bad in ["$(curl evil)", "has space", "1; rm -rf /", &"a".repeat(200)] {
        let step = Step::keys(&fake)
            .input("role-skip-session-tagging", "true")
            .var("GITHUB_ACTION", bad)
            .var("GITHUB_RUN_ID", bad)
            .var("GITHUB_RUN_ATTEMPT", bad);
        let agent = agent(step);
        for part in ["md/action#", "md/run_id#", "md/attempt#"] {
            assert!(!agent.contains(part), "{bad}: {agent}");
        }
    }
}

#[test]
fn a_role_with_a_token_needs_the_region_only() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new().sts(&fake).may_request_tokens(&fake);
    step.input("role-to-assume", DEPLOY).run().succeeds();
}

/// Where the machine has its keys is none of a profile's business.
#[test]
fn a_profile_has_the_keys_that_were_given_and_nothing_is_exported() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .static_keys()
        .input("aws-profile", "production");
    let main = step.run().succeeds();
    assert!(main.env.is_empty(), "{:?}", main.env);
    assert_eq!(
        aws(&step, "credentials"),
        format!(
            "[production]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"
        )
    );
    assert_eq!(
        aws(&step, "config"),
        "[profile production]\nregion = eu-west-1\n"
    );
    assert!(step.post(&main, &BTreeMap::new()).succeeds().env.is_empty());
}
