//! The commands that people and other programs call: flags and variables, `check`, `whoami`.

use fake_aws::{FakeAws, World};
use serde_json::Value;

use crate::harness::{DEPLOY, KEY_ID, OPS, SECRET_KEY, Step};

/// A shell whose environment has the demo world's static keys.
fn with_keys(fake: &FakeAws) -> Step<'_> {
    Step::shell()
        .sts(fake)
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

#[test]
fn whoami_tells_whose_the_environments_keys_are() {
    let fake = FakeAws::start(World::demo());
    let outcome = with_keys(&fake).command(&["whoami"]).succeeds();
    let arn = "arn:aws:iam::123456789012:user/ci-user";
    assert!(
        outcome.out.contains(&format!("arn      {arn}\n")),
        "{}",
        outcome.out
    );
    assert!(
        outcome.out.starts_with("account  123456789012\n"),
        "{}",
        outcome.out
    );
    assert_eq!(fake.count("GetCallerIdentity"), 1);
    let outcome = with_keys(&fake).command(&["whoami", "--json"]).succeeds();
    let answer = json(&outcome.out);
    assert_eq!(answer["Account"], "123456789012");
    assert_eq!(answer["Arn"], arn);
    assert!(answer["UserId"].as_str().is_some_and(|id| !id.is_empty()));
}

#[test]
fn whoami_follows_the_settings_and_verifies_the_last_session() {
    let fake = FakeAws::start(World::demo());
    let outcome = with_keys(&fake)
        .var("ROLEHOP_ROLE_SESSION_NAME", "from-variable")
        .command(&["whoami", "--json", "--role-to-assume", OPS])
        .succeeds();
    assert_eq!(
        json(&outcome.out)["Arn"],
        "arn:aws:sts::123456789012:assumed-role/ops/from-variable"
    );
    assert_eq!(fake.count("AssumeRole"), 1);
    assert_eq!(fake.count("GetCallerIdentity"), 1);
}

#[test]
fn whoami_refuses_another_account() {
    let fake = FakeAws::start(World::demo());
    with_keys(&fake)
        .command(&["whoami", "--allowed-account-ids", "999999999999"])
        .ends("account-not-allowed", 5);
}

#[test]
fn a_flag_wins_over_a_variable_and_ours_over_a_plugins() {
    let step = Step::shell()
        .var("ROLEHOP_ROLE_DURATION_SECONDS", "900")
        .var("PLUGIN_ROLE_DURATION_SECONDS", "1000")
        .var("PLUGIN_ROLE_SESSION_NAME", "plugin")
        .var("ROLE_SESSION_NAME", "an-actions-variable")
        .static_keys_as_variables();
    let plan = |words: &[&str]| step.command(words).succeeds().out;
    let text = plan(&["check", "--role-to-assume", OPS]);
    assert!(
        text.contains(&format!("{OPS} as session plugin for 900 s")),
        "{text}"
    );
    let text = plan(&[
        "check",
        "--role-to-assume",
        OPS,
        "--role-duration-seconds=1200",
    ]);
    assert!(text.contains("for 1200 s"), "{text}");
}

#[test]
fn check_finds_every_mistake_without_a_request() {
    let fake = FakeAws::start(World::demo());
    let step = Step::shell()
        .sts(&fake)
        .without("AWS_REGION")
        .var("ROLEHOP_ROLE_TO_ASUME", DEPLOY)
        .var("ROLEHOP_ROLE_SESSION_NAME", "my session")
        .file("no-pem", "hello");
    let bundle = step.path("workspace").join("no-pem");
    let bundle = bundle.display().to_string();
    let words = [
        "check",
        "--role-to-assume",
        "arn:aws:iam::1:role/x",
        "--role-duration-seconds",
        "5",
        "--ca-bundle",
        &bundle,
        "--web-identity-token-file",
        "/nowhere/token",
    ];
    let outcome = step.command(&words).ends("invalid-inputs", 3);
    for said in [
        "aws-region: is missing",
        "--role-to-assume: `1` is not an AWS account ID",
        "role-session-name (from ROLEHOP_ROLE_SESSION_NAME): has a space at position 3",
        "--role-duration-seconds: `5` is outside 900 to 43200",
        "error[ca-bundle]",
        "error[token-file]",
        "ROLEHOP_ROLE_TO_ASUME is no setting of rolehop; did you mean ROLEHOP_ROLE_TO_ASSUME?",
    ] {
        assert!(
            outcome.log.contains(said),
            "no `{said}` in\n{}",
            outcome.log
        );
    }
    assert_eq!(outcome.out, "");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn check_hides_the_account_as_a_run_does() {
    let outcome = Step::new()
        .without("INPUT_AWS-REGION")
        .var("AWS_REGION", "eu-west-1")
        .static_keys_as_variables()
        .var("ROLEHOP_MASK_AWS_ACCOUNT_ID", "true")
        .command(&["check", "--role-to-assume", OPS])
        .succeeds()
        .says(OPS);
    assert!(outcome.masks().contains(&"123456789012".to_owned()));
}

#[test]
fn check_answers_an_editor_in_json() {
    let outcome = Step::shell().command(&["check", "--json", "--role-session-name", "x"]);
    assert_eq!(outcome.status, 3);
    let answer = json(&outcome.out);
    assert_eq!(answer["ok"], false);
    assert_eq!(answer["errors"][0]["code"], "invalid-inputs");
    assert_eq!(
        answer["errors"][0]["causes"][0]["setting"],
        "--role-session-name"
    );
    let outcome = Step::shell()
        .static_keys_as_variables()
        .command(&["check", "--json", "--role-to-assume", OPS])
        .succeeds();
    let answer = json(&outcome.out);
    assert_eq!(answer["ok"], true);
    assert_eq!(
        answer["plan"][1],
        serde_json::json!(["region", "eu-west-1"])
    );
}

#[test]
fn check_tells_of_a_permission_that_a_job_lacks() {
    Step::new()
        .var("AWS_REGION", "eu-west-1")
        .command(&["check", "--role-to-assume", DEPLOY])
        .ends("oidc-permission-missing", 4);
}

#[test]
fn check_tells_of_a_profile_that_exists() {
    let step = Step::shell().static_keys_as_variables();
    let folder = step.path("home").join(".aws");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("credentials"), "[dev]\naws_access_key_id = x\n").expect("a file");
    step.command(&["check", "--role-to-assume", OPS, "--aws-profile", "dev"])
        .ends("profile-exists", 3);
}

#[test]
fn no_secret_is_taken_from_the_command_line() {
    Step::shell()
        .command(&["whoami", "--aws-secret-access-key", SECRET_KEY])
        .ends("usage", 2)
        .says("set the variable ROLEHOP_AWS_SECRET_ACCESS_KEY instead");
}

#[test]
fn an_unknown_command_and_an_unknown_flag_are_named() {
    Step::shell()
        .command(&["whoam"])
        .ends("usage", 2)
        .says("did you mean whoami?");
    Step::shell()
        .command(&["check", "--role-to-asume=x"])
        .ends("usage", 2)
        .says("did you mean --role-to-assume?");
}

#[test]
fn the_help_of_a_command_is_its_own() {
    let help = |words: &[&str]| Step::shell().command(words).succeeds().out;
    let of_exec = help(&["help", "exec"]);
    for said in [
        "Usage:\n  rolehop exec [SETTINGS] -- COMMAND …",
        "  --verbose, -v ",
        "  --role-to-assume ",
        "`rolehop --help` lists them all.",
        "Example:\n  rolehop exec --aws-region eu-west-1 ",
    ] {
        assert!(of_exec.contains(said), "no `{said}` in\n{of_exec}");
    }
    // The commands and settings of others are not in it.
    for other in ["--force", "rolehop whoami", "http-proxy"] {
        assert!(!of_exec.contains(other), "`{other}` in\n{of_exec}");
    }
    assert_eq!(help(&["exec", "--help"]), of_exec);
    assert_eq!(help(&["--help", "exec"]), of_exec);
    assert!(help(&["help", "export"]).contains("  --format F "));
    assert!(help(&["help"]).contains("rolehop whoami"));
    Step::shell()
        .command(&["help", "exce"])
        .ends("usage", 2)
        .says("did you mean exec?");
}

#[test]
fn a_wrong_word_is_told_with_the_help_that_has_the_right_ones() {
    for (words, hint) in [
        (&["exec"][..], "see `rolehop help exec`"),
        (&["export", "--nope"], "see `rolehop help export`"),
        (&["explain"], "see `rolehop help explain`"),
        (&["action", "main", "-r"], "see `rolehop help action main`"),
        (&["--nope"], "see `rolehop --help`"),
        (&["nope"], "see `rolehop --help`"),
    ] {
        Step::shell().command(words).ends("usage", 2).says(hint);
    }
    // Nobody in a shell can give a job a permission.
    Step::shell()
        .command(&["whoami"])
        .ends("no-credentials", 4)
        .says("source-profile")
        .does_not_say("id-token: write");
}
