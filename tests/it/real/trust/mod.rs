//! The policies that `explain` writes, judged by others: a simulator of IAM, and ministack after the AWS CLI has set them up.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use fake_aws::{FakeAws, World};
use serde_json::{Value, json};

use super::ministack::Ministack;
use super::tools::Tools;
use crate::harness::Step;
use crate::trust::{claims, neighbours, proposal, proposed};

/// A program of the tools with text on its standard input; what it prints.
fn pipe(mut command: Command, input: &str) -> String {
    let mut child = command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("written");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn beside(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/real/trust")
        .join(file)
}

#[test]
fn a_simulator_of_iam_admits_the_job_and_no_other() {
    let Some(tools) = Tools::find() else { return };
    let names = proposed();
    let cases: Vec<Value> = names
        .iter()
        .map(|name| {
            let token = claims(name);
            let policy: Value =
                serde_json::from_str(&proposal(&token, crate::trust::ROLE, &[])).expect("JSON");
            let mut tokens = vec![token.clone()];
            tokens.extend(neighbours(&token));
            json!({"policy": policy, "role": crate::trust::ROLE, "tokens": tokens})
        })
        .collect();
    let mut node = Command::new(tools.path("node/bin/node"));
    node.arg(beside("simulate.mjs"))
        .arg(tools.path("simulator"));
    let judged: Vec<Value> =
        serde_json::from_str(&pipe(node, &json!(cases).to_string())).expect("JSON");
    assert_eq!(judged.len(), names.len());
    let mut refused = 0;
    for (name, found) in names.iter().zip(&judged) {
        assert_eq!(found["faults"], json!([]), "{name}");
        let admitted: Vec<bool> =
            serde_json::from_value(found["admitted"].clone()).expect("a list");
        assert_eq!(admitted.first(), Some(&true), "{name}: {found}");
        assert!(!admitted[1..].contains(&true), "{name}: {found}");
        refused += admitted.len() - 1;
    }
    assert!(refused > 80, "{refused}");
}

#[test]
fn the_aws_cli_sets_up_provider_and_role_and_the_job_gets_in() {
    let Some(sts) = Ministack::find() else { return };
    let token = claims("ghe-com");
    let role = "arn:aws:iam::000000000000:role/proposed";
    let script = proposal(&token, role, &["--format", "aws-cli"]);
    let folder = tempfile::tempdir().expect("a folder");
    // The role is there already, as one that nobody may assume.
    let made = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*"}]}"#;
    let script = format!(
        "set -e\naws iam create-role --role-name proposed --assume-role-policy-document '{made}'\n{script}"
    );
    sts.shell(folder.path(), &script);

    let run = |token: &Value| {
        let mut world = World::demo();
        world.claims = token.clone();
        let issuer = FakeAws::start(world);
        sts.step()
            .may_request_tokens(&issuer)
            .input("role-to-assume", role)
            .run()
    };
    run(&token).succeeds();
    for other in neighbours(&token) {
        if other["aud"] == token["aud"] {
            run(&other).fails("sts-access-denied", 5);
        }
    }
}

#[test]
fn cloudformation_has_the_same_policy_and_the_exact_provider() {
    let Some(tools) = Tools::find() else { return };
    for name in proposed() {
        let token = claims(name);
        let template = proposal(&token, crate::trust::ROLE, &["--format", "cloudformation"]);
        let mut python = Command::new(tools.path("bin/python"));
        python.arg(beside("forms.py"));
        let found: Value = serde_json::from_str(&pipe(python, &template)).expect("JSON");
        let mut policy: Value =
            serde_json::from_str(&proposal(&token, crate::trust::ROLE, &[])).expect("JSON");
        // The one action is a list of one.
        let action = &mut policy["Statement"][0]["Action"];
        if action.is_string() {
            *action = json!([action.clone()]);
        }
        assert_eq!(found["policy"], policy, "{name}\n{template}");
        assert_eq!(found["provider"]["Url"], token["iss"], "{name}");
        assert_eq!(
            found["provider"]["ClientIdList"],
            json!([token["aud"]]),
            "{name}"
        );
    }
    let shell = Step::shell();
    assert_eq!(
        shell
            .command(&["explain", "--format", "cloudformation"])
            .status,
        2
    );
}
