//! Several targets, used by the AWS CLI: in a job under act, and from a step with two hundred.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use fake_aws::{FakeAws, World};

use super::act::Workflow;
use super::cli::Cli;
use super::tools::Tools;
use crate::harness::Step;

#[test]
fn three_accounts_of_one_step_are_used_by_later_steps() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(World::fleet(1));
    let job = Workflow::new(&tools, &fake, "accounts.yml")
        .may_request_tokens()
        .run()
        .succeeds()
        .says("profiles: staging, production in the AWS config files")
        .says("| restored 2 profiles in ");
    assert_eq!(
        job.identities(),
        [
            "arn:aws:sts::210987654321:assumed-role/spoke/GitHubActions",
            "arn:aws:sts::500000000000:assumed-role/deploy/GitHubActions",
            "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions",
        ]
    );
    assert_eq!(fake.count("GetIdToken"), 1);
}

/// Every profile as botocore finds it, the CLI's and boto3's loader.
const READ_ALL: &str = "
import botocore.session
profiles = botocore.session.Session().full_config['profiles']
keys = ('aws_access_key_id', 'aws_secret_access_key', 'aws_session_token', 'region')
for line in sorted(' '.join([name] + [p[key] for key in keys]) for name, p in profiles.items()):
    print(line)
";

#[test]
fn two_hundred_profiles_are_the_clis_own() {
    let Some(tools) = Tools::find() else { return };
    let fake = FakeAws::start(World::fleet(200));
    let line = |n| {
        let hub = "arn:aws:iam::123456789012:role/hub";
        format!("account-{n} = {hub} > {}\n", World::fleet_role(n))
    };
    let step = Step::oidc(&fake)
        .without("INPUT_ROLE-TO-ASSUME")
        .input("roles", &(0..200).map(line).collect::<String>());
    let main = step.run().succeeds();
    let home = BTreeMap::from([("HOME".to_owned(), step.path("home").display().to_string())]);
    let cli = Cli::new(&tools, &fake.url(), home);
    for number in [0, 99, 199] {
        let profile = format!("account-{number}");
        let query = ["--query", "Account", "--output", "text"];
        let asked = [
            &["--profile", &profile, "sts", "get-caller-identity"],
            &query[..],
        ];
        assert_eq!(
            cli.succeeds(&asked.concat()).trim(),
            World::fleet_account(number)
        );
    }
    let read = Command::new(tools.path("bin/python"))
        .args(["-c", READ_ALL])
        .env_clear()
        .env("HOME", step.path("home"))
        .output()
        .expect("Python starts");
    let read = String::from_utf8_lossy(&read.stdout).into_owned();
    let mut issued = Vec::new();
    for session in fake
        .sessions()
        .iter()
        .filter(|session| session.account.starts_with('5'))
    {
        let number: usize = session.account[1..].parse().expect("a number");
        issued.push(format!(
            "account-{number} {} {} {} eu-west-1",
            session.access_key_id, session.secret_access_key, session.session_token
        ));
    }
    issued.sort();
    assert_eq!(
        read.lines().collect::<Vec<_>>(),
        issued,
        "as botocore merges the two files"
    );
    step.post(&main, &main.env).succeeds();
    let left = fs::read_dir(step.path("home").join(".aws")).map_or(0, Iterator::count);
    // The CLI keeps a cache of its own there.
    assert!(left <= 1, "{left}");
}
