//! `rolehop exec`: the command alone has the credentials, and all else about it is as if it had been started without us.

#![cfg(unix)]

use std::collections::BTreeMap;

use fake_aws::{FakeAws, World};

use crate::harness::{DEPLOY, KEY_ID, OPS, Outcome, SECRET_KEY, Step};

/// A shell with static keys as settings, and a role.
fn shell(fake: &FakeAws) -> Step<'_> {
    Step::shell()
        .sts(fake)
        .static_keys_as_variables()
        .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
        .var("PATH", "/usr/bin:/bin")
}

/// A program that prints its environment.
const ENVIRONMENT: &str = r#"print map("$_=$ENV{$_}\0", keys %ENV)"#;

/// What it printed.
fn environment(outcome: &Outcome) -> BTreeMap<String, String> {
    let pairs = outcome.out.split_terminator('\0');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn the_command_has_the_session_and_nothing_that_wins_over_it() {
    let fake = FakeAws::start(World::demo());
    let rivals = [
        ("AWS_PROFILE", "other"),
        ("AWS_DEFAULT_PROFILE", "other"),
        ("AWS_ROLE_ARN", DEPLOY),
        ("AWS_ROLE_SESSION_NAME", "other"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://127.0.0.1:1/credentials",
        ),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/credentials"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "token"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token"),
        ("AWS_SECURITY_TOKEN", "an-old-session-token"),
        ("AWS_ACCESS_KEY", "AKIAOLD"),
        ("AWS_SECRET_KEY", "old"),
        ("PLUGIN_AWS_SECRET_ACCESS_KEY", "a-plugins-secret-key"),
        ("PLUGIN_AWS_ACCESS_KEY_ID", "AKIAPLUGIN"),
        (
            "BUILDKITE_PLUGIN_ROLEHOP_AWS_SECRET_ACCESS_KEY",
            "another-plugins-secret",
        ),
        ("INPUT_AWS-SECRET-ACCESS-KEY", "an-inputs-secret-key"),
    ];
    let mut step = shell(&fake)
        .var("AWS_SESSION_TOKEN", "left-over-from-before")
        .var("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")
        .var("UNRELATED", "stays");
    for (name, value) in rivals {
        step = step.var(name, value);
    }
    let outcome = step
        .hands_on(&["exec", "--", "perl", "-e", ENVIRONMENT])
        .succeeds();
    let env = environment(&outcome);
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(env["AWS_ACCESS_KEY_ID"], session.access_key_id);
    assert_eq!(env["AWS_SECRET_ACCESS_KEY"], session.secret_access_key);
    assert_eq!(env["AWS_SESSION_TOKEN"], session.session_token);
    assert_eq!(env["AWS_REGION"], "eu-west-1");
    assert_eq!(env["AWS_DEFAULT_REGION"], "eu-west-1");
    assert!(
        env["AWS_CREDENTIAL_EXPIRATION"].ends_with('Z')
            && !env["AWS_CREDENTIAL_EXPIRATION"].starts_with("2020")
    );
    assert_eq!(env["UNRELATED"], "stays");
    assert_eq!(env["ROLEHOP_ROLE_TO_ASSUME"], OPS);
    let ours = ["ROLEHOP_AWS_ACCESS_KEY_ID", "ROLEHOP_AWS_SECRET_ACCESS_KEY"];
    for name in rivals.iter().map(|(name, _)| *name).chain(ours) {
        assert!(!env.contains_key(name), "{name} is still there");
    }
    assert!(
        !outcome.out.contains(SECRET_KEY),
        "the source's own secret went along"
    );
}

#[test]
fn permanent_keys_leave_no_token_and_no_expiry_behind() {
    let fake = FakeAws::start(World::demo());
    let outcome = shell(&fake)
        .without("ROLEHOP_ROLE_TO_ASSUME")
        .var("AWS_SESSION_TOKEN", "left-over-from-before")
        .var("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z")
        .hands_on(&["exec", "--", "perl", "-e", ENVIRONMENT])
        .succeeds();
    let env = environment(&outcome);
    assert_eq!(env["AWS_ACCESS_KEY_ID"], KEY_ID);
    assert_eq!(env["AWS_SECRET_ACCESS_KEY"], SECRET_KEY);
    for name in ["AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"] {
        assert!(!env.contains_key(name), "{name} is still there");
    }
}

#[test]
fn standard_output_is_the_commands_and_a_runner_masks_first() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .may_request_tokens(&fake)
        .var("AWS_REGION", "eu-west-1")
        .var("PATH", "/usr/bin:/bin");
    let words = ["exec", "--role-to-assume", DEPLOY, "--", "printenv"];
    let outcome = step
        .hands_on(&[&words[..], &["AWS_SECRET_ACCESS_KEY"]].concat())
        .succeeds();
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(outcome.out, format!("{}\n", session.secret_access_key));
    for secret in [&session.secret_access_key, &session.session_token] {
        assert!(outcome.masks().contains(secret), "{}", outcome.log);
    }
    assert!(outcome.err().contains("assumed: arn:aws:sts::"));
    assert!(
        outcome.env.is_empty() && outcome.output.is_empty() && outcome.state.is_empty(),
        "nothing of the job changes"
    );
}

#[test]
fn arguments_and_status_pass_through() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake);
    let print = [
        "exec",
        "sh",
        "-c",
        "printf '<%s>' \"$@\"; exit 42",
        "sh",
        "--",
        "-v",
        "a b",
        "",
        "--help",
    ];
    let outcome = step.command(&print);
    assert_eq!(outcome.status, 42, "{}", outcome.log);
    assert_eq!(outcome.out, "<--><-v><a b><><--help>");
}

#[test]
fn it_is_the_command_that_gets_the_signals_and_its_end_is_ours() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake);
    let rolehop = step.binary().display().to_string();
    let ready = step.path("workspace").join("ready").display().to_string();
    for signal in ["TERM", "INT", "HUP", "USR1", "QUIT"] {
        // A background process of a shell ignores some signals, so the command is the one to say which it takes.
        let program = format!(
            "$| = 1; $SIG{{{signal}}} = sub {{ print \"got {signal}\\n\"; exit 7 }}; \
             open(my $ready, \">\", \"{ready}\"); close($ready); sleep 60 while 1"
        );
        let script = format!(
            "rm -f {ready}; {rolehop} exec -- perl -e '{program}' & \
             child=$!; until [ -e {ready} ]; do sleep 0.02; done; \
             kill -{signal} $child; wait $child; echo status $?"
        );
        let outcome = run_sh(&step, &script);
        assert_eq!(outcome, format!("got {signal}\nstatus 7\n"));
    }
    let script = format!("{rolehop} exec -- sh -c 'kill -KILL $$'; echo status $?");
    assert!(run_sh(&step, &script).ends_with("status 137\n"));
}

fn run_sh(step: &Step<'_>, script: &str) -> String {
    let output = std::process::Command::new("/bin/sh")
        .args(["-c", script])
        .env_clear()
        .envs(&step.env)
        .output()
        .expect("sh starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[cfg(target_os = "linux")]
fn the_command_inherits_no_open_file_of_ours() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake);
    let through_us = step
        .command(&["exec", "--", "ls", "/proc/self/fd"])
        .succeeds();
    let directly = Step::program(step, std::path::Path::new("/bin/ls")).command(&["/proc/self/fd"]);
    assert_eq!(through_us.out, directly.out);
}

#[test]
fn a_command_that_is_not_there_costs_no_request() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake)
        .file("plain", "text")
        .file("nothing-special", "");
    step.command(&["exec", "--", "no-such-command-here"])
        .ends("command-not-found", 127)
        .says("the command `no-such-command-here` was not found");
    step.command(&["exec", "--", "/no/such/command"])
        .ends("command-not-found", 127);
    let plain = step.path("workspace").join("plain").display().to_string();
    step.command(&["exec", "--", &plain])
        .ends("command-not-started", 126)
        .says("it is not executable");
    let folder = step.path("workspace").display().to_string();
    step.command(&["exec", "--", &folder])
        .ends("command-not-started", 126)
        .says("it is a directory");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn a_file_that_the_system_cannot_start_is_told() {
    use std::os::unix::fs::PermissionsExt as _;

    let fake = FakeAws::start(World::demo());
    let step = shell(&fake).file("script", "#!/no/such/interpreter\n");
    let script = step.path("workspace").join("script");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&script, mode).expect("executable");
    step.command(&["exec", "--", &script.display().to_string()])
        .ends("command-not-started", 126)
        .says("No such file or directory");
}

#[test]
fn a_refused_role_starts_nothing() {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake).var("ROLEHOP_ROLE_TO_ASSUME", DEPLOY);
    let touched = step.path("workspace").join("touched");
    step.command(&["exec", "--", "touch", &touched.display().to_string()])
        .ends("sts-access-denied", 5);
    assert!(!touched.exists());
    step.command(&["exec"])
        .ends("usage", 2)
        .says("needs a command to start");
}

#[test]
fn credentials_of_the_environment_are_kept_if_asked() {
    let fake = FakeAws::start(World::demo());
    let outcome = shell(&fake)
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .var("ROLEHOP_USE_EXISTING_CREDENTIALS", "true")
        .hands_on(&["exec", "--", "printenv", "AWS_ACCESS_KEY_ID"])
        .succeeds()
        .says("are valid and kept");
    assert_eq!(outcome.out, format!("{KEY_ID}\n"));
    assert_eq!(fake.count("AssumeRole"), 0);
}

#[test]
fn settings_that_do_nothing_here_are_told() {
    let fake = FakeAws::start(World::demo());
    shell(&fake)
        .command(&["exec", "--aws-profile", "dev", "--", "true"])
        .succeeds()
        .says("warning: `rolehop exec` writes no profile");
    let step = shell(&fake);
    step.command(&["exec", "--", "true"])
        .succeeds()
        .does_not_say("warning");
    assert!(!step.path("home").join(".aws").exists());
}

#[test]
fn no_mask_is_written_into_a_file() {
    let fake = FakeAws::start(World::demo());
    let step = Step::new()
        .sts(&fake)
        .static_keys_as_variables()
        .var("AWS_REGION", "eu-west-1")
        .var("PATH", "/usr/bin:/bin");
    let path = step.path("temp").join("err.log");
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_rolehop"))
        .args(["exec", "--role-to-assume", OPS, "--", "true"])
        .env_clear()
        .envs(&step.env)
        .stderr(std::fs::File::create(&path).expect("a file"))
        .status()
        .expect("ran");
    let text = std::fs::read_to_string(&path).expect("the file");
    assert!(status.success(), "{text}");
    assert!(text.contains("assumed: "), "{text}");
    for secret in fake
        .secrets()
        .iter()
        .map(String::as_str)
        .chain([SECRET_KEY, "::add-mask::"])
    {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
