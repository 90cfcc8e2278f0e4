//! The main job from end to end on a loopback AWS: `cargo run --example demo`. Nothing but Rust is needed.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example shows what happens, and plays the runner, which lays files"
)]

mod page;
mod runner;

use std::process::ExitCode;

use fake_aws::{FakeAws, Recorded, World};
use page::Page;
use runner::{Phase, Runner};

const DEPLOY: &str = "arn:aws:iam::123456789012:role/deploy";
const CHAIN: &str = "arn:aws:iam::123456789012:role/hub > arn:aws:iam::210987654321:role/spoke > arn:aws:iam::333333333333:role/leaf";

const WORKFLOW: &str = "\
permissions:
  id-token: write
steps:
  - uses: OWNER/rolehop@v1
    with:
      aws-region: eu-west-1
      role-to-assume: arn:aws:iam::123456789012:role/deploy
  - run: aws sts get-caller-identity";

fn main() -> ExitCode {
    // The child processes of this demo are the program itself: what `uses:` starts, with the same two words.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == "action")
    {
        return ExitCode::from(rolehop::run(&rolehop::System::capture()));
    }
    match show(&Page::new()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\nthe demo did not do what it says: {why}");
            ExitCode::FAILURE
        }
    }
}

fn show(page: &Page) -> Result<(), String> {
    let aws = FakeAws::start(World::demo());
    page.title("rolehop: how a CI job gets AWS credentials");
    page.text(&format!(
        "A stand-in for AWS listens on {}. It checks signatures, tokens and trust policies as AWS does.",
        aws.url()
    ));

    page.section("1  What you write in the workflow");
    page.code(WORKFLOW);
    let runner = Runner::new(&aws)?.input("role-to-assume", DEPLOY);
    let step = runner.run(Phase::Main)?;
    expect(step.status == 0, "the step fails", &step.log)?;

    page.section("2  What was sent");
    for request in aws.requests() {
        page.row(&sent(&request), &answer(&request));
    }
    page.text("Two requests, and no third: STS' own answer proves whose the credentials are.");

    page.section("3  The log, as the job's page shows it");
    page.code(&step.masked_log());
    expect(
        !step
            .masked_log()
            .contains(&step.env["AWS_SECRET_ACCESS_KEY"]),
        "a secret is in the log",
        "",
    )?;

    page.section("4  What later steps find");
    for (name, value) in &step.env {
        page.row(name, &page::shortened(name, value));
    }
    for (name, value) in &step.output {
        page.row(&format!("output {name}"), value);
    }

    page.section("5  The identity card in the step summary");
    page.code(&page::table(&step.summary));

    page.section("6  A later step: who am I?");
    let later = Runner::new(&aws)?.environment(&step.env).run(Phase::Main)?;
    let arn = later
        .output
        .get("authenticated-arn")
        .cloned()
        .unwrap_or_default();
    page.row("GetCallerIdentity", &arn);
    expect(
        arn == "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions",
        "another identity",
        &later.log,
    )?;

    page.section("7  The job ends: post puts back what was there before");
    let post = runner
        .state(&step.state)
        .environment(&step.env)
        .run(Phase::Post)?;
    page.code(&post.masked_log());
    expect(
        post.env
            .get("AWS_SECRET_ACCESS_KEY")
            .is_some_and(String::is_empty),
        "the key is still there",
        &post.log,
    )?;

    refused(page)?;
    chained(page)?;
    page.title("That is all: two requests, masked secrets, nothing left behind.");
    page.text("Next: README.md for the other sources, docs/usage.md for every setting, `cargo xtask test` for the proof.");
    Ok(())
}

/// The same step in a job that the role does not trust.
fn refused(page: &Page) -> Result<(), String> {
    page.section("8  The same step from another branch");
    let subject = "repo:octo-org/octo-repo:ref:refs/heads/feature";
    let aws = FakeAws::start(World::demo().claim("sub", subject.into()));
    let step = Runner::new(&aws)?
        .input("role-to-assume", DEPLOY)
        .run(Phase::Main)?;
    page.code(&step.masked_log());
    expect(
        step.status == 5 && step.env.is_empty(),
        "it is not refused",
        &step.log,
    )?;
    expect(
        aws.count("AssumeRoleWithWebIdentity") == 1,
        "a denial is repeated",
        &step.log,
    )?;
    page.text("Refused at the first answer: nothing exported, exit status 5, no retries of what cannot succeed.");
    Ok(())
}

/// Three accounts in one step.
fn chained(page: &Page) -> Result<(), String> {
    page.section("9  A chain through three accounts, in one step");
    let aws = FakeAws::start(World::demo());
    page.code(&format!(
        "role-to-assume: {}",
        CHAIN.replace("> ", ">\n                ")
    ));
    let step = Runner::new(&aws)?
        .input("role-to-assume", CHAIN)
        .input("session-tags", "Team=web")
        .run(Phase::Main)?;
    expect(step.status == 0, "the chain fails", &step.log)?;
    for session in aws.sessions() {
        let tags = if session.tags.is_empty() {
            String::new()
        } else {
            format!(", {} tags", session.tags.len())
        };
        page.row(&session.arn, &format!("{} s{tags}", session.duration));
    }
    Ok(())
}

/// A request on one line, without what is secret in it.
fn sent(request: &Recorded) -> String {
    match request.operation.as_str() {
        "GetIdToken" => format!(
            "GET  token endpoint, audience {}",
            request.param("audience")
        ),
        operation => format!("POST {operation} {}", request.param("RoleArn")),
    }
}

fn answer(request: &Recorded) -> String {
    format!("HTTP {}", request.status)
}

fn expect(holds: bool, otherwise: &str, log: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("{otherwise}\n{log}"))
    }
}
