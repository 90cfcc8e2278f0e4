//! The AWS CLI and boto3 with what rolehop hands to other programs: `credential_process`, `exec`, the CLI's own document.

use std::process::{Command, Output};

use fake_aws::{FakeAws, World};
use serde_json::Value;

use super::tools::Tools;
use crate::harness::{DEPLOY, OPS, Step};

/// Says who the caller is and when the credentials end, as a program that uses boto3 does.
const BOTO3: &str = "import boto3; session = boto3.Session(); \
    print(session.client('sts').get_caller_identity()['Arn']); \
    credentials = session.get_credentials(); \
    print(credentials.method, credentials.refresh_needed(refresh_in=0))";

/// A program that finds credentials by itself, in a shell with static keys for rolehop and a config file.
fn run(step: &Step<'_>, tools: &Tools, words: &[&str]) -> Output {
    let Some((program, args)) = words.split_first() else {
        panic!("no program");
    };
    Command::new(tools.path(program))
        .args(args)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(&step.env)
        .output()
        .expect("the program starts")
}

fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A config file whose profile `ci` starts the binary for a role.
fn with_profile<'f>(fake: &'f FakeAws, role: &str) -> Step<'f> {
    let step = Step::shell().sts(fake).static_keys_as_variables();
    let rolehop = step.binary().display();
    let text = format!(
        "[profile ci]\nregion = eu-west-1\n\
         credential_process = \"{rolehop}\" credential-process --role-to-assume {role} --aws-region eu-west-1\n"
    );
    let step = step.file("config", &text);
    let config = step.path("workspace").join("config").display().to_string();
    step.var("AWS_CONFIG_FILE", &config)
        .var("AWS_PROFILE", "ci")
        .without("AWS_REGION")
}

#[test]
fn the_sdks_start_it_for_a_profile() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let step = with_profile(&fake, OPS);
    let arn = "arn:aws:sts::123456789012:assumed-role/ops/";
    let whoami = ["bin/aws", "sts", "get-caller-identity"];
    let answer: Value = serde_json::from_str(&said(&run(&step, &tools, &whoami))).expect("JSON");
    assert!(
        answer["Arn"]
            .as_str()
            .is_some_and(|found| found.starts_with(arn))
    );
    let answer = said(&run(&step, &tools, &["bin/python", "-c", BOTO3]));
    assert!(answer.starts_with(arn), "{answer}");
    assert!(answer.ends_with("custom-process False\n"), "{answer}");
    assert_eq!(fake.count("AssumeRole"), 2);
}

#[test]
fn what_the_sdk_tells_of_a_failure_is_our_block_and_no_secret() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    // In a job, where every other command prints masks.
    let step = with_profile(&fake, DEPLOY).var("GITHUB_ACTIONS", "true");
    let output = run(&step, &tools, &["bin/aws", "sts", "get-caller-identity"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        errors.contains("error[sts-access-denied]: STS denied sts:AssumeRole"),
        "{errors}"
    );
    assert!(!errors.contains(crate::harness::SECRET_KEY), "{errors}");
    assert!(!errors.contains("::add-mask::"), "{errors}");
}

#[test]
fn the_cli_as_the_command_of_exec() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let aws = tools.path("bin/aws").display().to_string();
    let outcome = Step::shell()
        .sts(&fake)
        .static_keys_as_variables()
        .var("PATH", "/usr/bin:/bin")
        // The CLI would not find it, and would read this token ahead of the right one.
        .var("AWS_PROFILE", "not-there")
        .var("AWS_SECURITY_TOKEN", "left-over-from-before")
        .command(&[
            "exec",
            "--role-to-assume",
            OPS,
            "--",
            &aws,
            "sts",
            "get-caller-identity",
        ])
        .succeeds();
    let answer: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(answer["Arn"], session.arn);
}

#[test]
fn the_json_document_is_the_clis_byte_for_byte() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let step = Step::shell()
        .sts(&fake)
        .static_keys_as_variables()
        .var("ROLEHOP_SOURCE_IDENTITY", "octocat")
        .var("ROLEHOP_ROLE_SESSION_NAME", "same")
        .var("ROLEHOP_SESSION_TAGS", "Team=web");
    let ours = step
        .hands_on(&["export", "--format", "json", "--role-to-assume", OPS])
        .succeeds()
        .out;
    let keys = Step::shell()
        .sts(&fake)
        .var("AWS_ACCESS_KEY_ID", crate::harness::KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", crate::harness::SECRET_KEY)
        .var("AWS_DEFAULT_REGION", "eu-west-1");
    let words = "bin/aws sts assume-role --role-session-name same --source-identity octocat --tags Key=Team,Value=web --role-arn";
    let words: Vec<&str> = words.split(' ').chain([OPS]).collect();
    let theirs = said(&run(&keys, &tools, &words));
    let sessions = fake.sessions();
    let [first, second] = sessions.as_slice() else {
        panic!("two sessions")
    };
    // Ours says one tag more, so that the room which is used differs.
    let own = |text: &str| {
        let document: Value = serde_json::from_str(text).expect("JSON");
        let expiration = document["Credentials"]["Expiration"].to_string();
        let packed = format!("\"PackedPolicySize\": {},", document["PackedPolicySize"]);
        (expiration, packed)
    };
    let alike = theirs
        .replace(&second.access_key_id, &first.access_key_id)
        .replace(&second.secret_access_key, &first.secret_access_key)
        .replace(&second.session_token, &first.session_token)
        .replace(&own(&theirs).0, &own(&ours).0)
        .replace(&own(&theirs).1, &own(&ours).1);
    assert_eq!(ours, alike);
    assert!(
        ours.contains("\"PackedPolicySize\": ") && ours.contains("\"SourceIdentity\": \"octocat\"")
    );
}
