//! What AWS' logs show of a job: session name, tags and user agent lead back to it, on every system.

use fake_aws::{FakeAws, World};

use super::variables::{self, System};
use crate::harness::{OPS, Step};

/// The last session that this step got with static keys.
fn session(fake: &FakeAws, step: &Step<'_>, words: &[&str]) -> fake_aws::Session {
    let words = [&["whoami", "--role-to-assume", OPS], words].concat();
    step.command(&words).succeeds();
    fake.sessions().pop().expect("a session")
}

fn with_keys<'f>(fake: &'f FakeAws, system: &System) -> Step<'f> {
    system.step().sts(fake).static_keys_as_variables()
}

#[test]
fn a_line_in_cloudtrail_leads_back_to_the_job() {
    for system in variables::all() {
        let fake = FakeAws::start(World::demo());
        let session = session(&fake, &with_keys(&fake, system), &[]);
        assert_eq!(session.name, system.session, "{}", system.title);
        for (key, value) in system.tags {
            let found = session.tags.get(*key).map(String::as_str);
            assert_eq!(found, Some(*value), "{} {key}", system.title);
        }
        assert_eq!(
            session.tags.is_empty(),
            system.tags.is_empty(),
            "{}",
            system.title
        );
        let request = fake.last("AssumeRole").expect("a request");
        let agent = request.header("user-agent");
        assert!(agent.contains(system.agent), "{}: {agent}", system.title);
    }
}

#[test]
fn the_run_is_in_the_name_or_the_user_agent_even_without_tags() {
    for system in variables::all() {
        let Some((_, run)) = system.tags.iter().find(|(key, _)| *key == "RunId") else {
            continue;
        };
        assert!(
            system.session.contains(run) || system.agent.contains(&format!("md/run_id#{run} ")),
            "{}",
            system.title
        );
    }
}

#[test]
fn a_name_is_made_of_words_of_the_job() {
    let fake = FakeAws::start(World::demo());
    let gitlab = with_keys(&fake, variables::of("GitLab CI"));
    let name = "ci/{job}@{environment}-{run}";
    let words = ["--role-session-name", name, "--source-identity", "{actor}"];
    let made = session(&fake, &gitlab, &words);
    assert_eq!(made.name, "ci-deploy--eu@production-1234567890");
    assert_eq!(made.source_identity.as_deref(), Some("octocat"));
    let made = session(&fake, &gitlab, &["--role-session-name", "as.it.is"]);
    assert_eq!(made.name, "as.it.is");
}

#[test]
fn a_literal_name_is_not_altered_and_an_unknown_word_not_guessed() {
    let step = variables::of("CircleCI").step();
    for (name, fault) in [
        ("my session", "has a space at position 3"),
        (
            "{repo}-{rnu}",
            "has no word {rnu}; the words are repo, repository, ref, commit, actor, workflow, job, run, attempt, event, environment, ci",
        ),
        ("{environment}", "this job does not say its environment"),
    ] {
        step.command(&[
            "check",
            "--role-to-assume",
            OPS,
            "--role-session-name",
            name,
        ])
        .ends("invalid-inputs", 3)
        .says(fault);
    }
}

#[test]
fn a_job_too_long_for_a_name_keeps_its_run() {
    let fake = FakeAws::start(World::demo());
    let path = "group/".repeat(15) + "project";
    let gitlab = with_keys(&fake, variables::of("GitLab CI")).var("CI_PROJECT_PATH", &path);
    let made = session(&fake, &gitlab, &[]);
    assert_eq!(made.name.len(), 64);
    assert!(
        made.name.ends_with("-group-project-1234567890"),
        "{}",
        made.name
    );
}

#[test]
fn the_jobs_own_tags_cannot_be_given_and_go_first_when_there_is_no_room() {
    let step = variables::of("GitLab CI").step().static_keys_as_variables();
    step.command(&[
        "check",
        "--role-to-assume",
        OPS,
        "--session-tags",
        "JobUrl=x",
    ])
    .ends("invalid-inputs", 3)
    .says("key `JobUrl` is one that rolehop sets from the job itself");
    // What another system's jobs have is free here.
    step.command(&[
        "check",
        "--role-to-assume",
        OPS,
        "--session-tags",
        "TriggeringActor=x",
    ])
    .succeeds();
    let small = |bytes| FakeAws::start(World::demo().packed_budget(bytes));
    let gitlab = variables::of("GitLab CI");
    let words = ["whoami", "--role-to-assume", OPS];
    let fits = |bytes: &usize| {
        let fake = small(*bytes);
        with_keys(&fake, gitlab).command(&words).status == 0
    };
    let fake = small(
        (40..400)
            .step_by(8)
            .find(fits)
            .expect("a budget that suffices"),
    );
    let made = session(&fake, &with_keys(&fake, gitlab), &[]);
    assert!(made.tags.contains_key("Environment"), "{:?}", made.tags);
    assert!(!made.tags.contains_key("JobUrl"), "{:?}", made.tags);
}

#[test]
fn teamcity_tells_branch_and_actor_in_a_file_that_a_file_names() {
    let fake = FakeAws::start(World::demo());
    let step = with_keys(&fake, variables::of("TeamCity"));
    let path = |name: &str| step.path("workspace").join(name).display().to_string();
    let (system, build) = (path("system.properties"), path("build.properties"));
    let escaped = build.replace('\\', "\\\\").replace(':', "\\:");
    let step = step
        .file(
            "system.properties",
            &format!("agent.name=a\nteamcity.configuration.properties.file={escaped}\n"),
        )
        .file(
            "build.properties",
            "teamcity.build.branch=refs/heads/main\nteamcity.build.id=4242\nteamcity.build.triggeredBy.username=octocat\n",
        )
        .var("TEAMCITY_BUILD_PROPERTIES_FILE", &system);
    let made = session(&fake, &step, &[]);
    assert_eq!(made.tags["Branch"], "refs/heads/main");
    assert_eq!(made.tags["Actor"], "octocat");
    let agent = fake.last("AssumeRole").expect("a request");
    let agent = agent.header("user-agent");
    assert!(agent.contains(" md/job_id#4242 "), "{agent}");
}
