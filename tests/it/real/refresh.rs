//! A step that outlives its sessions: the AWS CLI, boto3 and the SDK for Rust with `refresh`, while STS throttles for a
//! part of it; and the same step with plain keys.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fake_aws::{FakeAws, Misbehaviour, World};

use super::cli::Cli;
use super::tools::Tools;
use crate::harness::{DEPLOY, Step};
use crate::refresh::Refreshed;

/// How long everything lasts.
struct Times {
    session: u64,
    step: u64,
    throttled: u64,
}

/// One client for the whole step, as a long program has it. It says `ok` or what failed, a line for each call.
const BOTO3: &str = "import boto3, sys, time\n\
    client = boto3.Session().client('sts')\n\
    end = time.time() + float(sys.argv[1])\n\
    while time.time() < end:\n\
    \x20   try:\n\
    \x20       client.get_caller_identity(); print('ok', flush=True)\n\
    \x20   except Exception as error:\n\
    \x20       print('failed', str(error).replace('\\n', ' '), flush=True)\n\
    \x20   time.sleep(1.5)\n";

/// The SDK for Rust, in a process of its own that this test starts.
const RUST: &str = "real::refresh::the_sdk_for_rust_as_a_program_of_a_step";
const SECONDS: &str = "ROLEHOP_TEST_SDK_SECONDS";

#[test]
#[ignore = "another test starts it with the environment of a later step"]
fn the_sdk_for_rust_as_a_program_of_a_step() {
    let Some(seconds) = std::env::var(SECONDS)
        .ok()
        .and_then(|text| text.parse().ok())
    else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(http)
            .load()
            .await;
        let client = aws_sdk_sts::Client::new(&config);
        let began = Instant::now();
        let mut out = std::io::stdout();
        while began.elapsed() < Duration::from_secs(seconds) {
            let said = match client.get_caller_identity().send().await {
                Ok(_) => "ok".to_owned(),
                Err(fault) => format!("failed {fault:?}").replace('\n', " "),
            };
            writeln!(out, "\n{said}").unwrap();
            tokio::time::sleep(Duration::from_millis(1500)).await;
        }
    });
}

/// What the three did, by name: how many calls, and those that failed.
type Calls = Vec<(&'static str, usize, Vec<String>)>;

/// A step of so many seconds.
fn work(tools: &Tools, env: &[(String, String)], seconds: u64) -> Calls {
    let start = |program: std::path::PathBuf, words: &[&str]| {
        Command::new(program)
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs(env.iter().cloned())
            .env(SECONDS, seconds.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
    };
    let length = seconds.to_string();
    let boto3 = start(tools.path("bin/python"), &["-c", BOTO3, &length]);
    let own = std::env::current_exe().expect("this program");
    let rust = start(own, &["--ignored", "--exact", "--nocapture", RUST]);
    let began = Instant::now();
    let (mut cli, mut failed) = (0, Vec::new());
    while began.elapsed() < Duration::from_secs(seconds) {
        let call = start(tools.path("bin/aws"), &["sts", "get-caller-identity"]);
        let output = call.wait_with_output().expect("its end");
        cli += 1;
        if !output.status.success() {
            failed.push(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    let lines = |child: std::process::Child| {
        let output = child.wait_with_output().expect("its end");
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let good = out.lines().filter(|line| *line == "ok").count();
        let bad = out.lines().filter_map(|line| line.strip_prefix("failed "));
        let bad: Vec<String> = bad.map(str::to_owned).collect();
        assert!(
            good + bad.len() > 0,
            "{out}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        (good + bad.len(), bad)
    };
    let (boto3, rust) = (lines(boto3), lines(rust));
    vec![
        ("the AWS CLI", cli, failed),
        ("boto3", boto3.0, boto3.1),
        ("the SDK for Rust", rust.0, rust.1),
    ]
}

fn told(mode: &str, calls: &Calls, fake: &FakeAws) -> String {
    let each = calls
        .iter()
        .map(|(name, count, failed)| format!("{name} {count} calls, {} failed", failed.len()));
    let each: Vec<String> = each.collect();
    format!(
        "{mode}: {}; STS was asked {} times and issued {} sessions",
        each.join("; "),
        fake.count("AssumeRoleWithWebIdentity"),
        fake.sessions().len()
    )
}

/// One way of a step; throttled in its middle.
fn one(tools: &Tools, times: &Times, mode: Option<&str>) -> (Calls, String) {
    let world = World::demo().session_lifetime(Duration::from_secs(times.session));
    let fake = FakeAws::start(world);
    let refreshed = mode.map(|mode| Refreshed::oidc(&fake, mode));
    let env = refreshed.as_ref().map_or_else(
        || {
            let step = Step::oidc(&fake);
            let mut env = step.env.clone();
            env.extend(step.run().succeeds().env);
            env.into_iter().collect()
        },
        Refreshed::later,
    );
    let calls = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_secs((times.step - times.throttled) / 2));
            fake.misbehave("AssumeRoleWithWebIdentity", Misbehaviour::Throttle.always());
            std::thread::sleep(Duration::from_secs(times.throttled));
            fake.behave();
        });
        work(tools, &env, times.step)
    });
    let words = told(mode.unwrap_or("plain keys"), &calls, &fake);
    if let Some(refreshed) = refreshed {
        refreshed.post().succeeds();
    }
    (calls, words)
}

fn shown(times: &Times) {
    let Some(tools) = Tools::find() else { return };
    let modes = [Some("process"), Some("server"), None];
    let results = std::thread::scope(|scope| {
        let threads = modes.map(|mode| {
            let tools = tools.clone();
            scope.spawn(move || (mode, one(&tools, times, mode)))
        });
        threads.map(|thread| thread.join().expect("no panic"))
    });
    for (mode, (calls, words)) in &results {
        // Where everybody who runs it sees it.
        let _ = writeln!(std::io::stderr(), "{words}");
        for (name, count, failed) in calls {
            assert!(*count > 2, "{words}");
            if mode.is_some() {
                assert_eq!(failed, &Vec::<String>::new(), "{name}: {words}");
            } else {
                assert!(!failed.is_empty(), "{name} did not notice: {words}");
                assert!(
                    failed.iter().any(|text| text.contains("ExpiredToken")),
                    "{failed:?}"
                );
            }
        }
    }
}

#[test]
fn a_step_outlives_its_sessions() {
    shown(&Times {
        session: 10,
        step: 25,
        throttled: 4,
    });
}

#[test]
#[ignore = "takes two minutes"]
fn a_step_of_two_minutes_outlives_sessions_of_twenty_seconds() {
    shown(&Times {
        session: 20,
        step: 120,
        throttled: 15,
    });
}

#[test]
fn every_profile_of_a_step_outlives_its_sessions() {
    let Some(tools) = Tools::find() else { return };
    let spoke = "arn:aws:iam::210987654321:role/spoke";
    let main = World::fleet_role(0);
    let roles = format!(
        "env = {main}\ndeploy = {DEPLOY}\nspoke = arn:aws:iam::123456789012:role/hub > {spoke}"
    );
    for mode in ["process", "server"] {
        let world = World::fleet(1).session_lifetime(Duration::from_secs(6));
        let fake = FakeAws::start(world);
        let step = Step::oidc(&fake)
            .without("INPUT_ROLE-TO-ASSUME")
            .input("roles", &roles);
        let refreshed = Refreshed::new(step, mode);
        let env: BTreeMap<String, String> = refreshed.later().into_iter().collect();
        let selects = |profile: &str| {
            let mut env = env.clone();
            env.insert("AWS_PROFILE".to_owned(), profile.to_owned());
            Cli::new(&tools, &fake.url(), env).arn()
        };
        let cli = Cli::new(&tools, &fake.url(), env.clone());
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(14) {
            let arn = cli.arn();
            assert!(arn.starts_with("arn:aws:sts::500000000000:"), "{arn}");
            let arn = selects("deploy");
            assert!(arn.starts_with("arn:aws:sts::123456789012:"), "{arn}");
            let words = ["--profile", "spoke", "sts", "get-caller-identity"];
            let said = cli.succeeds(&words);
            assert!(said.contains("arn:aws:sts::210987654321:"), "{said}");
        }
        for role in [main.as_str(), DEPLOY, spoke] {
            let sessions = fake.sessions();
            let of_role = |session: &&fake_aws::Session| session.role_arn.as_deref() == Some(role);
            let count = sessions.iter().filter(of_role).count();
            assert!(count > 2, "{mode}: {count} sessions of {role}");
        }
        refreshed.post().succeeds();
    }
}
