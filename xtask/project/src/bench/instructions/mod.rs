//! How many instructions the main paths take. The same binary takes nearly the same number each time, whatever else the
//! machine does, so a path that became a little slower is seen here where times would not show it.

mod baseline;
mod callgrind;
mod report;

use std::fs;
use std::path::Path;

use super::case::{self, Case, Cast, Expect, Group};
use super::far::{Distance, FarSide};
use super::one_run;
use super::options::{Counting, Options};
use crate::{Outcome, at, root};
use baseline::{Baseline, Measured};
use callgrind::Callgrind;
use report::Report;

/// In the tree, so that a change is seen beside what made it.
const FILE: &str = "xtask/project/instructions.toml";

/// The counts of one path, one for each run.
struct Counted {
    path: String,
    counts: Vec<u64>,
}

/// Counts, and compares with the baseline. None where there is no valgrind.
pub(super) fn table(
    options: &Options,
    binary: &Path,
    cast: &Cast,
    place: &Path,
    far_side: &FarSide,
) -> Outcome<Option<String>> {
    let Some(callgrind) = Callgrind::find() else {
        return Ok(None);
    };
    let report = report(&callgrind, options, binary, cast, place, far_side)?;
    Ok((!report.counted.is_empty()).then(|| report.markdown()))
}

/// `cargo xtask bench --instructions`.
pub(super) fn run(
    options: &Options,
    binary: &Path,
    cast: &Cast,
    place: &Path,
    far_side: &FarSide,
) -> Outcome {
    let callgrind = Callgrind::find().ok_or(callgrind::MISSING)?;
    let report = report(&callgrind, options, binary, cast, place, far_side)?;
    print!("{}", report.markdown());
    if options.write {
        let path = root().join(FILE);
        fs::write(&path, report.renewed(options.only.is_some()).text()).map_err(at(&path))?;
        println!("\n{FILE} is renewed");
        return Ok(());
    }
    let grown = report.grown();
    for line in &grown {
        eprintln!("{line}");
    }
    if std::env::var_os("GITHUB_ACTIONS").is_some() {
        for line in &grown {
            println!("::warning title=instruction counts::{line}");
        }
    }
    if options.counting == Counting::Checked && !grown.is_empty() {
        return Err(format!(
            "{} of {} paths have grown; where that is the price of something, say so in the commit that renews the \
             baseline: cargo xtask bench --instructions --write",
            grown.len(),
            report.counted.len()
        ));
    }
    Ok(())
}

fn report(
    callgrind: &Callgrind,
    options: &Options,
    binary: &Path,
    cast: &Cast,
    place: &Path,
    far_side: &FarSide,
) -> Outcome<Report> {
    let path = root().join(FILE);
    let before = match fs::read_to_string(&path) {
        Ok(text) => Baseline::read(&text).map_err(|fault| format!("{FILE}: {fault}"))?,
        Err(_) => Baseline::default(),
    };
    let mut counted = Vec::new();
    for case in paths(cast) {
        if !options.wants("instructions", &case.name) {
            continue;
        }
        let given = one_run::prepare(&case, place, far_side)?;
        let mut counts = Vec::new();
        for _ in 0..options.counts() {
            let onlooker = callgrind.command(place);
            one_run::under(&onlooker, &case, &given, place, far_side)?;
            counts.push(callgrind::total(place)?);
        }
        counted.push(Counted {
            path: case.name,
            counts,
        });
    }
    Ok(Report {
        before,
        now: Measured {
            built_with: built_with(options, binary),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            profile: profile()?,
            valgrind: callgrind.version.clone(),
        },
        counted,
    })
}

/// The release profile of this checkout.
fn profile() -> Outcome<String> {
    let path = root().join("Cargo.toml");
    let manifest = fs::read_to_string(&path).map_err(at(&path))?;
    baseline::profile(&manifest).ok_or_else(|| format!("{}: no release profile", path.display()))
}

/// What the binary was built with: what the task says that built it, or the note beside a released one.
fn built_with(options: &Options, binary: &Path) -> String {
    let note = || fs::read_to_string(binary.with_file_name("BUILD")).ok();
    let known = options.built_with.clone().or_else(note);
    known.map_or_else(
        || "an unknown compiler".to_owned(),
        |text| text.trim().to_owned(),
    )
}

/// The main paths, as the binary alone goes them.
fn paths(cast: &Cast) -> Vec<Case> {
    let binary = cast.binary.as_str();
    let path = |name: &str, words: &[&str], variables, distance, expect| Case {
        group: Group::Near,
        name: name.to_owned(),
        command: std::iter::once(&binary)
            .chain(words)
            .map(|word| (*word).to_owned())
            .collect(),
        variables,
        distance,
        expect,
        before: None,
        once: false,
    };
    let (near, far, main) = (Distance::Near, Distance::Far, ["action", "main"]);
    let oidc = || case::oidc(case::DEPLOY);
    let credentials = Expect::Credentials;
    vec![
        path("the step, OIDC", &main, oidc(), near, credentials),
        path("the step, OIDC over TLS", &main, oidc(), far, credentials),
        path(
            "the step, keys and role over TLS",
            &main,
            case::keys(),
            far,
            credentials,
        ),
        Case {
            name: "100 targets over TLS".to_owned(),
            ..case::several(cast, 100)
        },
        case::after(
            path("post", &["action", "post"], oidc(), near, Expect::CleanedUp),
            &[binary, "action", "main"],
        ),
        case::process(
            path(
                "credential-process, kept",
                &[],
                Vec::new(),
                near,
                Expect::Silence,
            ),
            binary,
        ),
        path(
            "check",
            &["check"],
            case::as_commands(&oidc()),
            near,
            Expect::Silence,
        ),
    ]
}
