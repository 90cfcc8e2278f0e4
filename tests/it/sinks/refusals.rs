//! Where a system has no private way, nothing is asked of AWS, and the user learns what works there.

use fake_aws::{FakeAws, World};

use super::systems::{AZURE, CIRCLECI, GITLAB, without};
use super::{job, refused};
use crate::harness::{DEPLOY, Step};

#[test]
fn the_refusal_names_the_system_and_ways_to_paste() {
    let fake = FakeAws::start(World::demo());
    let all = without();
    assert_eq!(all.len(), 13);
    for ci in &all {
        let outcome = job(&fake, ci).command(&[]);
        let title = format!("{} has no private way", ci.title);
        refused(
            &fake,
            outcome,
            &[&title, "docs/errors.md#no-private-hand-over"],
        );
        let outcome = job(&fake, ci).command(&[]);
        let pasted = [
            "rolehop exec -- ",
            "eval \"$(rolehop export --format sh)\"",
            "credential_process",
        ];
        let named = pasted
            .iter()
            .filter(|way| outcome.log.contains(**way))
            .count();
        assert!(named >= 1, "{}: {}", ci.title, outcome.log);
    }
}

#[test]
fn a_profile_works_everywhere_and_is_undone() {
    let fake = FakeAws::start(World::demo());
    let all = without();
    for ci in all.iter().chain([&CIRCLECI, &AZURE]) {
        let step = job(&fake, ci);
        step.command(&["--aws-profile", "deploy"])
            .succeeds()
            .says("AWS_PROFILE=deploy selects it");
        let credentials = step.path("home").join(".aws/credentials");
        let text = std::fs::read_to_string(&credentials).expect("the file");
        let session = fake.sessions().pop().expect("a session");
        assert!(text.contains(&session.secret_access_key), "{}", ci.title);
        step.command(&["post"]).succeeds();
        assert!(!step.path("home").join(".aws").exists(), "{}", ci.title);
        let left = std::fs::read_dir(step.path("temp"))
            .expect("the folder")
            .count();
        assert_eq!(left, 0, "{}", ci.title);
    }
}

#[test]
fn a_renewed_profile_works_where_variables_do_not() {
    let fake = FakeAws::start(World::demo());
    for ci in &without() {
        let step = renewable(&fake, ci);
        step.command(&["--refresh", "process", "--aws-profile", "deploy"])
            .succeeds()
            .does_not_say("exported")
            .says("profile: deploy in the AWS config files; AWS_PROFILE=deploy selects it");
        let config = std::fs::read_to_string(step.path("home/.aws/config")).expect("the file");
        let line = config
            .lines()
            .find_map(|line| line.strip_prefix("credential_process = "))
            .expect("a program");
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        let answer = step.hands_on(&words).succeeds();
        let session = fake.sessions().pop().expect("a session");
        assert!(answer.out.contains(&session.access_key_id), "{}", ci.title);
        step.command(&["post"]).succeeds();
        assert!(!step.path("home/.aws").exists(), "{}", ci.title);
        // What was asked for by its name is not left out.
        fake.clear();
        let both = [
            "--refresh",
            "process",
            "--aws-profile",
            "deploy",
            "--output-env-credentials",
        ];
        let said = format!("{} has no private way", ci.title);
        refused(&fake, step.command(&both), &[&said]);
    }
    // Where there is a way, it is taken.
    let step = renewable(&fake, &AZURE);
    step.command(&["--refresh", "process", "--aws-profile", "deploy"])
        .succeeds()
        .says("exported: ");
}

#[test]
fn check_tells_what_a_renewed_profile_comes_to() {
    let fake = FakeAws::start(World::demo());
    let words = ["check", "--refresh", "process", "--aws-profile", "deploy"];
    renewable(&fake, &GITLAB)
        .command(&words)
        .succeeds()
        .does_not_say("would be refused")
        .says("hand-over  profile `deploy`");
}

/// What is advised in the place of an endpoint goes with renewal, and works.
#[test]
fn the_refusal_of_an_endpoint_names_ways_that_renew() {
    let fake = FakeAws::start(World::demo());
    for ci in &without() {
        let outcome = renewable(&fake, ci).command(&["--refresh", "server"]);
        assert!(!outcome.log.contains("export --format"), "{}", outcome.log);
        assert!(!outcome.log.contains("as a file"), "{}", outcome.log);
        let said = format!("{} has no private way", ci.title);
        refused(&fake, outcome, &[&said]);
    }
    let outcome = renewable(&fake, &GITLAB).command(&["--refresh", "server"]);
    refused(
        &fake,
        outcome,
        &[
            "for one command, and renewed while it runs: rolehop exec -- ",
            "set refresh to `process` and aws-profile (ROLEHOP_REFRESH=process, ROLEHOP_AWS_PROFILE=deploy)",
        ],
    );
}

/// A job with a source that can be asked again.
fn renewable<'f>(fake: &'f FakeAws, ci: &super::systems::Ci) -> Step<'f> {
    let token = fake.id_token("sts.amazonaws.com");
    let step = ci.step().sts(fake).file("token", &token).secret(&token);
    let file = step.path("workspace/token").display().to_string();
    step.var("ROLEHOP_WEB_IDENTITY_TOKEN_FILE", &file)
        .var("ROLEHOP_ROLE_TO_ASSUME", DEPLOY)
}

#[test]
fn both_a_profile_and_variables_are_refused_where_variables_are() {
    let fake = FakeAws::start(World::demo());
    let outcome =
        job(&fake, &GITLAB).command(&["--aws-profile", "deploy", "--output-env-credentials"]);
    refused(&fake, outcome, &["GitLab CI has no private way"]);
}

#[test]
fn step_outputs_and_choices_of_another_system_are_mistakes() {
    let fake = FakeAws::start(World::demo());
    for (ci, words, said) in [
        (
            &CIRCLECI,
            ["--output-credentials", "--summary=false"],
            "output-credentials: is about step outputs, and CircleCI has none",
        ),
        (
            &CIRCLECI,
            ["--hand-over", "secret"],
            "hand-over: `secret` is for Azure Pipelines only, and this is CircleCI",
        ),
        (
            &AZURE,
            ["--hand-over", "unmasked"],
            "hand-over: `unmasked` is for TeamCity only",
        ),
        (
            &AZURE,
            ["--hand-over", "openly"],
            "`openly` is not one of auto, secret, unmasked",
        ),
    ] {
        job(&fake, ci)
            .command(&words)
            .ends("invalid-inputs", 3)
            .says(said);
    }
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn a_person_who_types_the_name_alone_gets_help() {
    let outcome = Step::shell().command(&[]).succeeds();
    assert!(
        outcome.out.contains("rolehop exec --role-to-assume"),
        "{}",
        outcome.out
    );
    assert!(outcome.out.lines().count() < 15, "it is short");
}

#[test]
fn check_says_that_only_the_bare_call_would_be_refused() {
    let fake = FakeAws::start(World::demo());
    let outcome = job(&fake, &GITLAB).command(&["check"]).succeeds();
    outcome
        .says("GitLab CI has no private way")
        .says("exec, export and credential-process work")
        .says("ok: no mistake was found");
}

#[test]
fn another_user_cannot_lay_out_the_folder_that_post_reads() {
    use std::os::unix::fs::PermissionsExt;

    let fake = FakeAws::start(World::demo());
    let step = job(&fake, &GITLAB).var("ROLEHOP_AWS_PROFILE", "deploy");
    step.command(&[]).succeeds();
    let [folder] = &std::fs::read_dir(step.path("temp"))
        .expect("the folder")
        .flatten()
        .collect::<Vec<_>>()[..]
    else {
        panic!("one folder")
    };
    let mode = |path: &std::path::Path| path.metadata().expect("it").permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path()), 0o700);
    let job_folder = std::fs::read_dir(folder.path())
        .expect("it")
        .flatten()
        .next()
        .expect("a job");
    assert_eq!(mode(&job_folder.path()), 0o700);
    assert_eq!(mode(&job_folder.path().join("0.json")), 0o600);
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).expect("mode");
    step.command(&["post"])
        .ends("hand-over-failed", 7)
        .says("other users can look into it");
}
