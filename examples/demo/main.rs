//! The main job from end to end on a loopback AWS: `cargo run --example demo`. Nothing but Rust is needed.
//!
//! The demo plays GitHub: it gives a step the variables and files of a runner, starts the program, and reads what it
//! left. `fake-aws` plays AWS. Every section checks what it shows, and the demo fails where that does not hold.

mod chain;
mod later_step;
mod main_job;
mod page;
mod refused;
mod requests;
mod runner;
#[path = "../../tests/it/harness/runner_file.rs"]
mod runner_file;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use fake_aws::{FakeAws, World};
use page::Page;

const REGION: &str = "eu-west-1";
const DEPLOY: &str = "arn:aws:iam::123456789012:role/deploy";

type Done = Result<(), String>;

fn main() -> ExitCode {
    // A step is a process. Ours are copies of this one, which hand over to the program as its own `main` does.
    let first = std::env::args_os().nth(1);
    if first.as_deref().is_some_and(|word| word == "action") {
        return ExitCode::from(rolehop::run(&rolehop::System::capture()));
    }
    if first
        .as_deref()
        .is_some_and(|word| word == later_step::WORD)
    {
        return later_step::main();
    }
    match show() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "\nthe demo failed: {why}");
            ExitCode::FAILURE
        }
    }
}

fn show() -> Done {
    let started = Instant::now();
    let aws = FakeAws::start(World::demo());
    let mut page = Page::new();
    page.title("rolehop: short-lived AWS credentials for a CI job")?;
    page.text(
        "On this machine and nowhere else: the demo plays GitHub's runner; fake-aws, on a loopback port, plays \
         GitHub's token endpoint and AWS STS, and checks signatures, tokens, trust policies and tags as they do. \
         The steps are processes that run rolehop itself.",
    )?;
    main_job::show(&mut page, &aws)?;
    refused::show(&mut page, &aws)?;
    chain::show(&mut page, &aws)?;
    let known = aws.secrets();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    page.holds_none_of(&known)?;
    page.end(
        &format!(
            "Done in {:.1} s. Of the {} secrets in this run, none is in what was printed above: that was checked.",
            started.elapsed().as_secs_f64(),
            known.len()
        ),
        "Next: README.md to put it into a workflow, docs/usage.md for everything that it can do.",
    )
}

/// The demo shows only what it has checked.
fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Done {
    if holds { Ok(()) } else { Err(otherwise()) }
}
