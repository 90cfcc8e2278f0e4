//! `rolehop export`: each format's text, what is refused, and a failure that a shell cannot overlook.

use fake_aws::{FakeAws, World};
use serde_json::Value;

use crate::harness::{DEPLOY, OPS, Step};

fn shell(fake: &FakeAws) -> Step<'_> {
    Step::shell()
        .sts(fake)
        .static_keys_as_variables()
        .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
}

const FORMATS: [&str; 13] = [
    "sh",
    "bash",
    "zsh",
    "fish",
    "powershell",
    "pwsh",
    "cmd",
    "nushell",
    "nu",
    "dotenv",
    "json",
    "github",
    "credential-process",
];

#[test]
fn every_format_has_every_value_and_says_nothing_else() {
    let fake = FakeAws::start(World::demo());
    for format in FORMATS {
        let outcome = shell(&fake)
            .hands_on(&["export", "--format", format])
            .succeeds();
        let session = fake.sessions().pop().expect("a session");
        for value in [
            &session.access_key_id,
            &session.secret_access_key,
            &session.session_token,
        ] {
            assert!(outcome.out.contains(value), "{format}: {}", outcome.out);
        }
        assert!(outcome.out.ends_with('\n') && !outcome.out.ends_with("\n\n"));
        assert!(
            outcome.err().contains("assumed: arn:aws:sts::"),
            "{}",
            outcome.err()
        );
    }
    assert_eq!(fake.count("AssumeRole"), FORMATS.len());
}

#[test]
fn the_format_is_that_of_posix_unless_another_is_named() {
    let fake = FakeAws::start(World::demo());
    let outcome = shell(&fake)
        .var("SHELL", "/usr/bin/fish")
        .hands_on(&["export"])
        .succeeds();
    let session = fake.sessions().pop().expect("a session");
    let lines: Vec<&str> = outcome.out.lines().collect();
    assert_eq!(
        lines[0],
        "unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_ROLE_ARN AWS_ROLE_SESSION_NAME AWS_WEB_IDENTITY_TOKEN_FILE \
         AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_AUTHORIZATION_TOKEN \
         AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE AWS_SECURITY_TOKEN AWS_ACCESS_KEY AWS_SECRET_KEY"
    );
    assert_eq!(
        lines[1],
        format!("export AWS_ACCESS_KEY_ID='{}'", session.access_key_id)
    );
    assert_eq!(lines.len(), 7);
    shell(&fake)
        .command(&["export", "--format", "csh"])
        .ends("usage", 2)
        .says("`csh` is not a format of `rolehop export`; there are sh, bash, zsh, fish,");
}

#[test]
fn json_is_in_the_order_and_form_of_the_aws_cli() {
    let fake = FakeAws::start(World::demo());
    let outcome = shell(&fake)
        .hands_on(&["export", "--format", "json"])
        .succeeds();
    let session = fake.sessions().pop().expect("a session");
    let document: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let expected = format!(
        "{{\n    \"Credentials\": {{\n        \"AccessKeyId\": \"{}\",\n        \"SecretAccessKey\": \"{}\",\n        \
         \"SessionToken\": \"{}\",\n        \"Expiration\": \"{}\"\n    }},\n    \"AssumedRoleUser\": {{\n        \
         \"AssumedRoleId\": \"{}\",\n        \"Arn\": \"{}\"\n    }}",
        session.access_key_id,
        session.secret_access_key,
        session.session_token,
        text(&document["Credentials"]["Expiration"]),
        session.user_id,
        session.arn
    );
    assert!(outcome.out.starts_with(&expected), "{}", outcome.out);
}

#[test]
fn a_runners_file_takes_what_is_appended_to_it() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .may_request_tokens(&fake)
        .var("AWS_REGION", "eu-west-1")
        .var("AWS_PROFILE", "other");
    let outcome = step
        .hands_on(&["export", "--format", "github", "--role-to-assume", DEPLOY])
        .succeeds()
        .says("AWS_PROFILE cannot be taken away in this format");
    let session = fake.sessions().pop().expect("a session");
    let pairs = crate::harness::parse_runner_file(&outcome.out).expect("as the runner reads it");
    assert_eq!(pairs["AWS_SECRET_ACCESS_KEY"], session.secret_access_key);
    assert_eq!(pairs["AWS_SESSION_TOKEN"], session.session_token);
    assert_eq!(pairs["AWS_SECURITY_TOKEN"], "");
    for secret in [&session.secret_access_key, &session.session_token] {
        assert!(outcome.masks().contains(secret), "{}", outcome.err());
        let mask = format!("::add-mask::{secret}");
        assert!(
            outcome.err().contains(&mask),
            "the mask is on the other stream"
        );
    }
}

#[test]
fn a_failure_fails_the_shell_that_evaluates_it() {
    let fake = FakeAws::start(World::demo());
    let denied = |format: &str| {
        shell(&fake)
            .var("ROLEHOP_ROLE_TO_ASSUME", DEPLOY)
            .command(&["export", "--format", format])
            .ends("sts-access-denied", 5)
            .out
    };
    for (format, said) in [
        ("sh", "false\n"),
        ("fish", "false\n"),
        ("powershell", "throw 'rolehop export failed'\n"),
        ("cmd", ""),
        ("nushell", ""),
        ("dotenv", ""),
        ("json", ""),
        ("github", ""),
        ("credential-process", ""),
    ] {
        assert_eq!(denied(format), said, "{format}");
    }
    for words in [
        &["export", "--role-to-asume", "x"][..],
        &["export", "--format=zsh", "--aws-region", "?"],
    ] {
        let outcome = shell(&fake).command(words);
        assert_ne!(outcome.status, 0);
        assert_eq!(outcome.out, "false\n", "{words:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_script_stops_where_its_credentials_are_missing() {
    let fake = FakeAws::start(World::demo());
    for (role, said) in [(OPS, "has keys\n"), (DEPLOY, "")] {
        let step = shell(&fake).var("ROLEHOP_ROLE_TO_ASSUME", role);
        let line = format!(
            "eval \"$({} export)\"; echo ${{AWS_SESSION_TOKEN:+has keys}}",
            step.binary().display()
        );
        let output = std::process::Command::new("/bin/sh")
            .args(["-ec", &line])
            .env_clear()
            .envs(&step.env)
            .output()
            .expect("sh starts");
        assert_eq!(String::from_utf8_lossy(&output.stdout), said);
        assert_eq!(output.status.success(), role == OPS);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_written_whole_is_a_failure() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake);
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    let output = std::process::Command::new(step.binary())
        .arg("export")
        .env_clear()
        .envs(&step.env)
        .stdout(full)
        .output()
        .expect("the binary starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(7), "{said}");
    assert!(said.contains("cannot write to standard output"), "{said}");
}

/// A terminal is what `script` makes its program believe in.
#[test]
#[cfg(target_os = "linux")]
fn secrets_are_not_shown_on_a_terminal() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake);
    let on_terminal = |words: &str| {
        let line = format!("{} {words}", step.binary().display());
        let output = std::process::Command::new("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .env_clear()
            .envs(&step.env)
            .env("PATH", "/usr/bin:/bin")
            .env("SHELL", "/bin/sh")
            .stdin(std::process::Stdio::null())
            .output()
            .expect("script starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), said)
    };
    for (words, usage) in [
        ("export", "eval \"$(rolehop export)\""),
        (
            "export --format fish",
            "rolehop export --format fish | source",
        ),
        ("credential-process", "in an AWS config file"),
    ] {
        let (status, said) = on_terminal(words);
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains("error[export-to-terminal]"), "{said}");
        assert!(said.contains(usage), "{said}");
    }
    assert_eq!(fake.requests().len(), 0);
    let (status, said) = on_terminal("export --force");
    assert_eq!(status, Some(0), "{said}");
    let session = fake.sessions().pop().expect("a session");
    assert!(said.contains(&session.secret_access_key), "{said}");
}
