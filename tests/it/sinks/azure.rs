//! Azure Pipelines, read by its agent.

use fake_aws::{FakeAws, World};

use super::azure_agent::Agent;
use super::systems::AZURE;
use super::{KEYS, ODD, ODD_ID, has_the_session, job, odd_job, odd_world};

#[test]
fn later_steps_have_the_session_in_their_environment_and_nobody_sees_it() {
    let fake = FakeAws::start(World::demo());
    let done = job(&fake, &AZURE).command(&[]).succeeds();
    assert!(!done.log.contains("add-mask"), "{}", done.log);
    let agent = Agent::read(&done.log);
    has_the_session(&fake, &agent.env);
    let open: Vec<&str> = agent.unmasked.iter().map(String::as_str).collect();
    assert_eq!(
        open,
        ["AWS_DEFAULT_REGION", "AWS_REGION"],
        "the region is no secret"
    );
    for name in KEYS {
        assert!(!agent.shown.contains(&agent.env[name]), "{}", agent.shown);
    }
    assert!(
        agent.shown.contains("##[group]rolehop: AWS credentials"),
        "{}",
        agent.shown
    );
    assert!(agent.shown.contains("##[endgroup]"), "{}", agent.shown);
    assert!(
        agent
            .shown
            .contains("assumed: arn:aws:sts::123456789012:assumed-role/ops/")
    );
}

#[test]
fn every_character_of_a_secret_arrives() {
    let fake = FakeAws::start(odd_world());
    for mode in ["auto", "secret"] {
        let done = odd_job(&fake, &AZURE)
            .var("ROLEHOP_HAND_OVER", mode)
            .command(&[])
            .succeeds();
        let agent = Agent::read(&done.log);
        let found = if mode == "auto" {
            &agent.env
        } else {
            &agent.secret
        };
        assert_eq!(found[KEYS[1]], ODD);
        assert_eq!(found[KEYS[0]], ODD_ID);
        assert!(!agent.shown.contains(ODD));
    }
}

#[test]
fn flagged_as_secret_they_have_to_be_mapped() {
    let fake = FakeAws::start(World::demo());
    let done = job(&fake, &AZURE)
        .command(&["--hand-over", "secret"])
        .succeeds()
        .says("a later step has to map them");
    let agent = Agent::read(&done.log);
    for name in KEYS {
        assert!(!agent.env.contains_key(name), "{name}");
        assert!(!agent.secret[name].is_empty());
    }
    assert_eq!(agent.env["AWS_REGION"], "eu-west-1");
}

#[test]
fn post_empties_them_or_puts_back_what_was_there() {
    let fake = FakeAws::start(World::demo());
    let step = job(&fake, &AZURE).var("AWS_REGION", "us-east-1");
    let first = Agent::read(&step.command(&["--aws-region", "eu-west-1"]).succeeds().log);
    let step = step.later(&first.env);
    let post = step
        .command(&["post"])
        .succeeds()
        .says("emptied AWS_ACCESS_KEY_ID");
    let after = Agent::read(&post.log).env;
    for name in KEYS {
        assert_eq!(after[name], "", "{name}");
    }
    assert_eq!(after["AWS_REGION"], "us-east-1");
    assert_eq!(after["AWS_DEFAULT_REGION"], "");
    step.command(&["post"])
        .succeeds()
        .says("nothing to clean up");
}

#[test]
fn post_empties_secret_variables_too_though_it_cannot_see_them() {
    let fake = FakeAws::start(World::demo());
    let step = job(&fake, &AZURE).var("ROLEHOP_HAND_OVER", "secret");
    step.command(&[]).succeeds();
    let after = Agent::read(&step.command(&["post"]).succeeds().log);
    for name in KEYS {
        assert_eq!(after.env[name], "", "{name}");
    }
}

#[test]
fn failures_and_warnings_are_issues_and_the_card_is_a_summary() {
    let fake = FakeAws::start(World::demo());
    let temp = |step: &crate::harness::Step<'_>| step.path("temp").display().to_string();
    let step = job(&fake, &AZURE);
    let folder = temp(&step);
    let step = step.var("AGENT_TEMPDIRECTORY", &folder);
    let agent = Agent::read(&step.command(&[]).succeeds().log);
    let [summary] = &agent.summaries[..] else {
        panic!("{:?}", agent.summaries)
    };
    let card = std::fs::read_to_string(summary).expect("the file of the summary");
    assert!(
        card.contains("| Account | <code>123456789012</code> |"),
        "{card}"
    );
    let denied = step
        .var(
            "ROLEHOP_ROLE_TO_ASSUME",
            "arn:aws:iam::123456789012:role/nowhere",
        )
        .var("ROLEHOP_ROLE_TO_ASUME", "x")
        .command(&[])
        .ends("sts-access-denied", 5);
    let agent = Agent::read(&denied.log);
    let kinds: Vec<&str> = agent.issues.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["warning", "error"]);
    assert!(
        agent.issues[1]
            .1
            .starts_with("rolehop sts-access-denied: STS denied")
    );
    assert!(agent.env.is_empty() && agent.secret.is_empty());
}
