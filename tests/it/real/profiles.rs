//! Profiles that were written into random files, read by the AWS CLI's own library.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use fake_aws::{FakeAws, World};

use super::tools::Tools;
use crate::harness::{Dice, Step};

/// Enough to meet every way in which a file can be written; each costs a run of the program.
const FILES: usize = 24;

/// Prints, for each folder, the profile's keys and region if it is to be asked, and every other profile.
///
/// What the CLI takes for a part of a name (a blank, a comment up to a bracket) still makes it ours for the SDKs.
const READER: &str = r#"
import json, os, sys
import botocore.session
for folder in sys.argv[2:]:
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = folder + "/credentials"
    os.environ["AWS_CONFIG_FILE"] = folder + "/config"
    profiles = botocore.session.Session().full_config["profiles"].items()
    others = {name: {key: str(value) for key, value in profile.items()}
              for name, profile in profiles if name.split("]")[0].strip() != "dev"}
    dev = {}
    if sys.argv[1] == "after":
        session = botocore.session.Session(profile="dev")
        keys = session.get_credentials().get_frozen_credentials()
        dev = {"key": keys.access_key, "secret": keys.secret_key, "token": keys.token,
               "region": session.get_config_variable("region")}
    print(json.dumps([dev, others]))
"#;

/// A file that the CLI reads: it takes no section and no key twice.
fn file(dice: &Dice, devs: &[&str], others: &[&str]) -> String {
    let mut headings: Vec<&str> = others
        .iter()
        .filter(|_| dice.below(2) == 0)
        .copied()
        .collect();
    if dice.below(3) > 0 {
        let at = usize::try_from(dice.below(headings.len() as u64 + 1)).expect("an index");
        headings.insert(at, dice.pick(devs));
    }
    let mut lines: Vec<&str> = vec!["# größe", "", "; [dev]"];
    lines.truncate(usize::try_from(dice.below(4)).expect("a small number"));
    for heading in headings {
        lines.push(heading);
        for group in [
            &[
                "aws_access_key_id = AKIAOLD",
                "aws_secret_access_key=old/secret+x=",
            ][..],
            &["# a comment = 1"],
            &["aws_session_token = stale"],
            &[
                "s3 =",
                "  max_concurrent_requests = 20",
                "",
                "  region = nested",
            ],
            &["Region: us-east-1"],
            &["; another"],
            &["output = größe"],
            &[
                "role_arn = arn:aws:iam::123456789012:role/x",
                "source_profile = default",
            ],
            &[""],
        ] {
            if dice.below(2) == 0 {
                lines.extend(group);
            }
        }
    }
    let mut text = lines.join(dice.pick(&["\n", "\r\n"]));
    if dice.below(3) > 0 {
        text.push('\n');
    }
    text
}

/// What botocore makes of each folder's files.
fn read(
    tools: &Tools,
    when: &str,
    folders: &[String],
) -> Vec<(BTreeMap<String, String>, serde_json::Value)> {
    let output = Command::new(tools.path("bin/python"))
        .args(["-c", READER, when])
        .args(folders)
        .env_clear()
        .env("PYTHONUTF8", "1")
        .output()
        .expect("python starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout)
        .expect("UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of the reader"))
        .collect()
}

#[test]
fn the_cli_reads_what_was_written_and_all_else_as_before() {
    let Some(tools) = Tools::find() else { return };
    let dice = Dice::new();
    let fake = FakeAws::start(World::demo());
    let devs = [
        "[dev]",
        "[ dev\t]",
        "[dev ]",
        "[dev] # mine",
        "[dev] ; see [x]",
    ];
    let config_devs = [
        "[profile dev]",
        "[ profile dev]",
        "[profile\tdev ]",
        "[profile \"dev\"]",
    ];
    let steps: Vec<Step<'_>> = (0..FILES)
        .map(|_| {
            let step = Step::keys(&fake)
                .input("aws-profile", "dev")
                .input("overwrite-aws-profile", "true");
            let folder = step.path("home").join(".aws");
            fs::create_dir(&folder).expect("a folder");
            let credentials = file(&dice, &devs, &["[prod]", "[default] # x", "[größe]"]);
            let config = file(
                &dice,
                &config_devs,
                &["[profile prod]", "[default]", "[sso-session dev]"],
            );
            fs::write(folder.join("credentials"), credentials).expect("a file");
            fs::write(folder.join("config"), config).expect("a file");
            step
        })
        .collect();
    let folders: Vec<String> = steps
        .iter()
        .map(|step| step.path("home").join(".aws").display().to_string())
        .collect();
    let texts = || -> Vec<_> {
        let read = |name: &str| {
            let folders = folders.iter();
            folders
                .map(|folder| fs::read_to_string(format!("{folder}/{name}")).expect("a file"))
                .collect::<Vec<_>>()
        };
        read("credentials")
            .into_iter()
            .zip(read("config"))
            .collect()
    };
    let (texts_before, before) = (texts(), read(&tools, "before", &folders));
    let mains: Vec<_> = steps.iter().map(|step| step.run().succeeds()).collect();
    let sessions = fake.sessions();
    for (n, (dev, others)) in read(&tools, "after", &folders).into_iter().enumerate() {
        let files = &texts()[n];
        let session = &sessions[n];
        let expected = [
            ("key", session.access_key_id.as_str()),
            ("secret", &session.secret_access_key),
            ("token", &session.session_token),
            ("region", "eu-west-1"),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(dev, BTreeMap::from(expected), "{files:?}");
        assert_eq!(others, before[n].1, "{files:?}");
    }
    for (step, main) in steps.iter().zip(&mains) {
        step.post(main, &BTreeMap::new()).succeeds();
    }
    assert_eq!(texts(), texts_before);
}
