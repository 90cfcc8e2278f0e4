//! `logout: true`, a step between others: what earlier steps handed over is gone for those that follow, and `post` finds nothing more to do.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use fake_aws::{FakeAws, World};

use crate::harness::{Custody, DEPLOY, KEY_ID, OPS, Outcome, SECRET_KEY, Step};

const NAMES: [&str; 5] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
];

/// The step on the same runner, in the environment that the job has by then.
fn logout<'f>(earlier: &Step<'f>, job: &BTreeMap<String, String>) -> Step<'f> {
    let mut step = Step::new()
        .without("INPUT_AWS-REGION")
        .input("logout", "true");
    for name in ["RUNNER_TEMP", "HOME"] {
        step.env.insert(name.to_owned(), earlier.env[name].clone());
    }
    step.later(job)
}

/// The files below the runner's folder for the job.
fn left(step: &Step<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![step.path("temp"), step.path("home")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            found.push(entry.path().display().to_string());
            if entry.file_type().expect("a kind").is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}

fn with(job: &BTreeMap<String, String>, done: &Outcome) -> BTreeMap<String, String> {
    let mut job = job.clone();
    job.extend(done.env.clone());
    job
}

#[test]
fn later_steps_have_no_credentials_and_post_has_nothing_to_do() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("aws-profile", "deploy").input(
        "roles",
        "env = arn:aws:iam::123456789012:role/deploy\nhub = arn:aws:iam::123456789012:role/hub",
    );
    let step = step
        .without("INPUT_AWS-PROFILE")
        .without("INPUT_ROLE-TO-ASSUME");
    let main = step.run().succeeds();
    let written = fs::read_to_string(step.path("home/.aws/credentials")).unwrap();
    assert!(written.contains("[hub]"), "{written}");
    let requests = fake.requests().len();
    let done = logout(&step, &main.env).run().succeeds().says(
        "emptied AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_DEFAULT_REGION, AWS_REGION",
    );
    for name in NAMES {
        assert_eq!(done.env[name], "", "{name}");
    }
    assert_eq!(fake.requests().len(), requests, "nothing is asked of AWS");
    assert_eq!(left(&step), Vec::<String>::new());
    // The end of the job: the posts of the logout and of the step.
    let job = with(&main.env, &done);
    let last = logout(&step, &job);
    last.post(&done, &job)
        .succeeds()
        .says("nothing to clean up");
    let post = step.post(&main, &job).succeeds();
    let post = post.says("an earlier step has undone what this one handed over (logout)");
    assert!(post.env.is_empty(), "{}", post.log);
    assert_eq!(left(&step), Vec::<String>::new());
}

#[test]
fn steps_are_undone_in_reverse_and_what_was_there_before_them_is_back() {
    let fake = FakeAws::start(World::demo());
    let before = [
        ("AWS_ACCESS_KEY_ID", KEY_ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_REGION", "us-east-1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let before = BTreeMap::from(before);
    let first = Step::oidc(&fake).later(&before);
    let one = first.run().succeeds();
    let temp = first.env["RUNNER_TEMP"].clone();
    let second = Step::oidc(&fake)
        .var("RUNNER_TEMP", &temp)
        .later(&one.env)
        .input("aws-region", "ap-south-1")
        .input("role-to-assume", &DEPLOY.replace("deploy", "hub"));
    let two = second.run().succeeds();
    let job = with(&with(&before, &one), &two);
    let done = logout(&first, &job).run().succeeds();
    assert_eq!(done.env["AWS_ACCESS_KEY_ID"], KEY_ID);
    assert_eq!(done.env["AWS_SECRET_ACCESS_KEY"], SECRET_KEY);
    assert_eq!(done.env["AWS_SESSION_TOKEN"], "");
    assert_eq!(done.env["AWS_REGION"], "us-east-1");
    // What had to be kept for that was for this user alone, and is gone.
    assert!(
        !fs::exists(format!(
            "{temp}/rolehop-{}",
            rustix::process::geteuid().as_raw()
        ))
        .unwrap()
    );
    let mut job = with(&job, &done);
    job.extend(second.post(&two, &job).succeeds().env);
    job.extend(first.post(&one, &job).succeeds().env);
    assert_eq!(job["AWS_ACCESS_KEY_ID"], KEY_ID);
    assert_eq!(job["AWS_SECRET_ACCESS_KEY"], SECRET_KEY);
}

#[test]
fn a_step_after_it_logs_in_as_if_nothing_had_been() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake);
    let one = first.run().succeeds();
    let out = logout(&first, &one.env).run().succeeds();
    let again = first.run().succeeds();
    assert_ne!(again.env["AWS_ACCESS_KEY_ID"], one.env["AWS_ACCESS_KEY_ID"]);
    let job = with(&with(&one.env, &out), &again);
    let post = first.post(&again, &job).succeeds();
    assert_eq!(post.env["AWS_ACCESS_KEY_ID"], "");
    let job = with(&job, &post);
    assert!(first.post(&one, &job).succeeds().env.is_empty());
    assert_eq!(left(&first), Vec::<String>::new());
}

#[test]
fn the_record_is_for_this_user_alone() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake)
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    step.run().succeeds();
    let records: Vec<String> = left(&step)
        .into_iter()
        .filter(|path| path.ends_with("/0.json"))
        .collect();
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert!(fs::read_to_string(record).unwrap().contains(SECRET_KEY));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let path = std::path::Path::new(record);
    assert_eq!(mode(path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[test]
fn where_no_record_can_be_kept_the_step_works_and_says_what_that_means() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    // Somebody else has laid a link there.
    let user = rustix::process::geteuid().as_raw();
    let folder = step.path("temp").join(format!("rolehop-{user}"));
    std::os::unix::fs::symlink("/", &folder).unwrap();
    let main = step
        .run()
        .succeeds()
        .says("a later step with `logout: true` will not find this one, the end of the job will: cannot use");
    logout(&step, &main.env).run().fails("hand-over-failed", 7);
    let post = step.post(&main, &main.env).succeeds();
    assert_eq!(post.env["AWS_ACCESS_KEY_ID"], "");
}

#[test]
fn nothing_is_kept_where_nothing_is_to_be_put_back() {
    let fake = FakeAws::start(World::demo());
    for (mode, name) in [("", "AWS_ACCESS_KEY_ID"), ("process", "AWS_PROFILE")] {
        let step = Step::oidc(&fake)
            .input("cleanup", "none")
            .input("refresh", mode);
        let main = step.run().succeeds();
        assert!(left(&step).iter().all(|path| !path.ends_with("/0.json")));
        let done = logout(&step, &main.env).run().succeeds();
        done.says("nothing to clean up").says(&format!(
            "{name} stays in the environment, so later steps still have credentials"
        ));
    }
}

#[test]
fn credentials_of_others_are_left_and_said() {
    let step = Step::new().input("logout", "true");
    step.run().succeeds().says("nothing to clean up");
    let done = step.var("AWS_ACCESS_KEY_ID", KEY_ID).run().succeeds();
    let stays = "AWS_ACCESS_KEY_ID stays in the environment, so later steps still have credentials";
    assert!(done.says(stays).env.is_empty());
    // They come back where they were overwritten.
    let fake = FakeAws::start(World::demo());
    let own = Step::keys(&fake).var("AWS_ACCESS_KEY_ID", KEY_ID);
    let main = own.run().succeeds();
    let done = logout(&own, &main.env).run().succeeds().says(stays);
    assert_eq!(done.env["AWS_ACCESS_KEY_ID"], KEY_ID);
}

#[test]
fn an_empty_profile_name_is_told_with_what_helps() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("refresh", "process");
    let main = step.run().succeeds();
    let done = logout(&step, &main.env)
        .run()
        .succeeds()
        .says("a later step that uses them begins with `unset AWS_PROFILE`");
    assert_eq!(done.env["AWS_PROFILE"], "");
    let post = step.post(&main, &with(&main.env, &done)).succeeds();
    post.does_not_say("unset AWS_PROFILE");
}

#[test]
fn a_role_beside_it_is_two_wishes_in_one_step() {
    for rival in ["role-to-assume", "roles"] {
        Step::new()
            .input("logout", "true")
            .input(rival, OPS)
            .run()
            .fails("invalid-inputs", 3)
            .says(&format!("{rival}: is given beside logout"))
            .says("make two steps of it");
    }
    // A variable that the whole job has is no wish of this step.
    Step::new()
        .input("logout", "true")
        .var("ROLE_TO_ASSUME", OPS)
        .run()
        .succeeds();
    Step::new()
        .input("logout", "yes")
        .run()
        .fails("invalid-inputs", 3)
        .says("`yes` is neither true nor false");
}

#[test]
fn commands_have_it_too() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .static_keys_as_variables()
        .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
        .without("GITHUB_STATE");
    let main = step.command(&["--aws-region", "eu-west-1"]).succeeds();
    let step = step.later(&main.env);
    let check = step.command(&["check", "--logout"]).succeeds();
    assert!(
        check.out.contains("undo what earlier steps handed over"),
        "{}",
        check.out
    );
    let done = step.command(&["--logout"]).succeeds();
    assert_eq!(done.env["AWS_ACCESS_KEY_ID"], "");
    step.command(&["--logout", "--role-to-assume", OPS])
        .fails("invalid-inputs", 3)
        .says("--role-to-assume: is given beside logout");
    for command in ["exec", "export", "whoami"] {
        step.command(
            &[command, "--logout", "--role-to-assume", OPS, "--", "true"]
                [..if command == "exec" { 6 } else { 4 }],
        )
        .ends("invalid-inputs", 3)
        .says("--logout: is a step of its own (`rolehop post` on the command line)");
    }
}

#[test]
fn the_posts_after_a_logout_bring_nothing_back() {
    let fake = FakeAws::start(World::demo());
    for mode in ["process", "server"] {
        let first = Step::oidc(&fake);
        let one = first.run().succeeds();
        let second = Step::oidc(&fake)
            .var("RUNNER_TEMP", &first.env["RUNNER_TEMP"])
            .later(&one.env)
            .input("refresh", mode);
        let two = second.run().succeeds();
        let mut job = with(&one.env, &two);
        job.extend(logout(&first, &job).run().succeeds().env);
        assert_eq!(job["AWS_ACCESS_KEY_ID"], "");
        let post = second.post(&two, &job).succeeds();
        assert!(post.env.is_empty(), "{mode}: {}", post.log);
        assert!(first.post(&one, &job).succeeds().env.is_empty());
    }
}

#[test]
fn a_script_that_logs_in_and_out_leaves_nothing_to_later_steps() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .static_keys_as_variables()
        .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
        .var("AWS_REGION", "us-east-1")
        .without("GITHUB_STATE");
    step.command(&["--aws-region", "eu-west-1"]).succeeds();
    // In the same script: the runner has not read the file yet.
    let done = step.command(&["post"]).succeeds();
    assert_eq!(done.env["AWS_ACCESS_KEY_ID"], "");
    assert_eq!(done.env["AWS_SECRET_ACCESS_KEY"], "");
    assert_eq!(done.env["AWS_REGION"], "us-east-1");
}

#[test]
fn a_logout_is_no_clean_up_that_is_skipped() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    let main = step.run().succeeds();
    let step = logout(&step, &main.env).var("AWS_SKIP_CLEANUP_STEP", "true");
    assert_eq!(step.run().succeeds().env["AWS_ACCESS_KEY_ID"], "");
}

#[test]
fn what_cannot_be_undone_keeps_nothing_else_from_it() {
    let fake = FakeAws::start(World::demo());
    let first = Step::oidc(&fake);
    let one = first.run().succeeds();
    let second = Step::oidc(&fake)
        .var("RUNNER_TEMP", &first.env["RUNNER_TEMP"])
        .later(&one.env)
        .input("aws-profile", "deploy")
        .input("output-env-credentials", "false");
    second.run().succeeds();
    let file = second.path("home/.aws/credentials");
    fs::remove_file(&file).expect("a file");
    std::os::unix::fs::symlink("/dev/null", &file).expect("a link");
    let step = logout(&first, &one.env).var("HOME", &second.env["HOME"]);
    let failed = step
        .run()
        .ends("hand-over-failed", 7)
        .says("what an earlier step handed over could not be taken back everywhere")
        .says("run the logout (`rolehop post`) again");
    assert_eq!(failed.env["AWS_ACCESS_KEY_ID"], "");
    // The one that is left is found again.
    fs::remove_file(&file).expect("a link");
    let job = with(&one.env, &failed);
    let step = logout(&first, &job).var("HOME", &second.env["HOME"]);
    step.run().succeeds();
}

#[test]
fn another_step_or_stage_of_the_same_build_undoes_it() {
    let fake = FakeAws::start(World::demo());
    for (host, step_name) in [
        (
            &[
                ("JENKINS_URL", "http://ci.example.com/"),
                ("BUILD_TAG", "jenkins-shop-7"),
            ][..],
            "STAGE_NAME",
        ),
        (
            &[("CI", "woodpecker"), ("CI_PIPELINE_NUMBER", "7")],
            "CI_STEP_NAME",
        ),
        (
            &[("DRONE", "true"), ("DRONE_BUILD_NUMBER", "7")],
            "DRONE_STEP_NAME",
        ),
    ] {
        let mut step = Step::shell()
            .in_custody_of(Custody::Silent)
            .sts(&fake)
            .static_keys_as_variables()
            .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
            .var(step_name, "credentials");
        for (name, value) in host {
            step = step.var(name, value);
        }
        let words = ["--aws-profile", "deploy", "--output-env-credentials=false"];
        step.command(&words).succeeds();
        assert!(step.path("home/.aws/credentials").exists(), "{step_name}");
        let step = step.var(step_name, "remove");
        step.command(&["post"]).succeeds();
        assert!(!step.path("home/.aws").exists(), "{step_name}");
    }
}
