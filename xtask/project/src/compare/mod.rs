//! `cargo xtask compare`: one list of scenarios, run with another action and with ours, and a table of what differs.

mod anchors;
mod aspect;
mod far;
mod judge;
mod normal;
mod observe;
mod page;
mod protocol;
mod run;
mod scenario;
mod subject;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use judge::Judged;
use scenario::{Scenario, Topic};
use subject::Subject;

use crate::{Outcome, at, bench, root, target_dir};

/// Scenarios at a time: most of a scenario is Node starting, or a pause between two requests.
const AT_ONCE: usize = 4;

struct Options {
    peer: PathBuf,
    node: PathBuf,
    binary: Option<PathBuf>,
    only: Option<String>,
    write: bool,
    verbose: bool,
}

pub(crate) fn run(words: &[&str]) -> Outcome {
    let options = parse(words)?;
    let binary = match &options.binary {
        Some(path) => path.clone(),
        None => build()?,
    };
    let peer = Subject::peer(&options.peer, &options.node)?;
    let ours = Subject::ours(&binary)?;
    let topics = scenario::topics()?;
    check(&topics)?;
    let wanted: Vec<&Scenario> = topics
        .iter()
        .flat_map(|topic| &topic.scenarios)
        .filter(|scenario| {
            options
                .only
                .as_ref()
                .is_none_or(|part| scenario.name.contains(part))
        })
        .collect();
    if wanted.is_empty() {
        return Err("no scenario has that in its name".to_owned());
    }
    let lies = compare(&wanted, &peer, &ours, options.verbose)?;
    println!(
        "\n{} against {} {}",
        page::counts(wanted.iter().copied()),
        peer.label,
        peer.version
    );
    if lies > 0 {
        return Err(format!("{lies} scenarios say something else than was seen"));
    }
    if options.write {
        if options.only.is_some() {
            return Err("--write needs every scenario, so not --only".to_owned());
        }
        let path = root().join(page::PAGE);
        fs::write(&path, page::markdown(&topics, &peer)).map_err(at(&path))?;
        println!("wrote {}", page::PAGE);
    }
    Ok(())
}

fn parse(words: &[&str]) -> Outcome<Options> {
    let mut peer = None;
    let mut options = Options {
        peer: PathBuf::new(),
        node: bench::node(),
        binary: None,
        only: None,
        write: false,
        verbose: false,
    };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match *word {
            "--write" => options.write = true,
            "--verbose" => options.verbose = true,
            "--peer" | "--node" | "--bin" | "--only" => {
                let value = rest.next().ok_or_else(|| format!("{word} needs a value"))?;
                let path = || fs::canonicalize(value).map_err(at(Path::new(value)));
                match *word {
                    "--peer" => peer = Some(path()?),
                    "--node" => options.node = path()?,
                    "--bin" => options.binary = Some(path()?),
                    _ => options.only = Some((*value).to_owned()),
                }
            }
            other => return Err(format!("compare does not know {other}")),
        }
    }
    options.peer = peer.ok_or("compare needs --peer DIR, an unpacked copy of the other action")?;
    Ok(options)
}

/// Behaviour is compared, not speed: the debug build is as good, and sooner there.
fn build() -> Outcome<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .current_dir(root())
        .args(["build", "--quiet", "--locked", "--package", "rolehop"]);
    if !build.status().is_ok_and(|status| status.success()) {
        return Err("the build failed".to_owned());
    }
    Ok(target_dir()
        .join("debug")
        .join(format!("rolehop{}", std::env::consts::EXE_SUFFIX)))
}

/// The far side's settings are known, and every difference is explained under a heading that exists.
fn check(topics: &[Topic]) -> Outcome {
    let path = root().join("docs/migrating.md");
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let known = anchors::anchors(&text);
    for scenario in topics.iter().flat_map(|topic| &topic.scenarios) {
        scenario
            .far
            .check()
            .map_err(|fault| format!("{}: {fault}", scenario.name))?;
        if let Some(lost) = scenario
            .differs
            .values()
            .find(|anchor| !known.contains(anchor))
        {
            return Err(format!(
                "{}: docs/migrating.md has no heading #{lost}",
                scenario.name
            ));
        }
    }
    Ok(())
}

/// Runs them, some at a time, and prints a line for each in the order of the list. Returns how many do not tell the truth.
fn compare(wanted: &[&Scenario], peer: &Subject, ours: &Subject, verbose: bool) -> Outcome<usize> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Outcome<Judged<'_>>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(scenario) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let judged = judge(scenario, peer, ours);
                    let at = wanted.iter().position(|known| known.name == scenario.name);
                    if let Ok(mut done) = done.lock() {
                        done.push((at.unwrap_or_default(), judged));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().map_err(|fault| fault.to_string())?;
    done.sort_by_key(|(at, _)| *at);
    let mut wrong = 0;
    for (_, judged) in done {
        let judged = judged?;
        let lies = judged.lies();
        println!("{}", page::line(&judged, lies.is_empty()));
        for lie in &lies {
            println!("    {lie}");
        }
        if verbose {
            println!(
                "--- peer\n{}\n--- ours\n{}",
                judged.peer.log, judged.ours.log
            );
        }
        wrong += usize::from(!lies.is_empty());
    }
    Ok(wrong)
}

fn judge<'a>(scenario: &'a Scenario, peer: &Subject, ours: &Subject) -> Outcome<Judged<'a>> {
    Ok(Judged {
        scenario,
        peer: observe::observe(scenario, peer)?,
        ours: observe::observe(scenario, ours)?,
    })
}
