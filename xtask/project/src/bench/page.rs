//! The measurements as text: what is printed, and `docs/performance.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::case::{
    BASE, BINARY, Cast, DENIED, Group, IDLE, KEYS, PEER_DENIED, PEER_KEYS, PEER_POST, PEER_STEP,
    POST, PROCESS, STEP, behind_hub,
};
use super::options::Options;
use super::{Results, stage};
use crate::measure::Cost;
use crate::{Outcome, at, root, table};

/// Each group's table, then the ratios that matter.
pub(crate) fn tables(results: &Results) -> String {
    let mut text = format!(
        "{} runs each, in turn, after one to warm up: median and range. Memory is that of the largest process.\n\
         The binary has {} bytes.\n",
        results.runs, results.binary_bytes
    );
    for group in Group::ALL {
        let rows: Vec<(&str, &[Cost])> = results
            .rows
            .iter()
            .filter(|row| row.group == group)
            .map(|row| (row.name.as_str(), row.costs.as_slice()))
            .collect();
        if rows.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {}\n\n", title(group, results));
        let one = behind_hub(1);
        let base = match group {
            Group::Near => BASE,
            Group::Far => IDLE,
            Group::Targets => &one,
        };
        text.push_str(&table::markdown(&rows, base));
    }
    let _ = write!(text, "\n## Ratios\n\n{}", ratios(results));
    if let Some(instructions) = &results.instructions {
        let _ = write!(
            text,
            "\n## Instructions\n\nOf the binary alone, by callgrind, held against `xtask/project/instructions.toml`. \
             `cargo xtask bench --instructions` counts them and\nnothing else; with `--check` it fails when one has grown.\n\n{instructions}"
        );
    }
    text
}

fn title(group: Group, results: &Results) -> String {
    match group {
        Group::Near => group.title().to_owned(),
        Group::Far | Group::Targets => format!(
            "{}: {} ms a connection and {} ms a request",
            group.title(),
            results.latency_ms,
            results.latency_ms
        ),
    }
}

/// What one number is of another, in the same run.
fn ratios(results: &Results) -> String {
    let near = |name: &str| results.wall(Group::Near, name);
    let far = |name: &str| results.wall(Group::Far, name);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds for people")]
    let latency = results.latency_ms as f64;
    // The token's connection and request, then the request to STS on a connection that was opened meanwhile.
    let oidc_limit = far(IDLE).map(|idle| idle + 3.0 * latency);
    // One connection, one request.
    let keys_limit = far(IDLE).map(|idle| idle + 2.0 * latency);
    let lines = [
        (
            "the step ÷ the launcher starting /bin/true",
            near(STEP),
            near(IDLE),
        ),
        ("the peer's step ÷ the step", near(PEER_STEP), near(STEP)),
        ("a denied role ÷ the step", near(DENIED), near(STEP)),
        (
            "the peer's denied role ÷ ours",
            near(PEER_DENIED),
            near(DENIED),
        ),
        (
            "post ÷ the launcher starting /bin/true",
            near(POST),
            near(IDLE),
        ),
        ("the peer's post ÷ post", near(PEER_POST), near(POST)),
        (
            "with latency: the step with OIDC ÷ the limit",
            far(STEP),
            oidc_limit,
        ),
        (
            "with latency: the step with keys ÷ the limit",
            far(KEYS),
            keys_limit,
        ),
        (
            "with latency: the peer's step with OIDC ÷ the limit",
            far(PEER_STEP),
            oidc_limit,
        ),
        (
            "with latency: the peer's step with keys ÷ the limit",
            far(PEER_KEYS),
            keys_limit,
        ),
        (
            "with latency: the peer's step ÷ the step, OIDC",
            far(PEER_STEP),
            far(STEP),
        ),
        (
            "with latency: 100 targets behind a hub ÷ 1",
            results.wall(Group::Targets, &behind_hub(100)),
            results.wall(Group::Targets, &behind_hub(1)),
        ),
    ];
    let mut text = "| ratio | ms | to ms | × |\n| --- | ---: | ---: | ---: |\n".to_owned();
    for (name, value, unit) in lines {
        if let (Some(value), Some(unit)) = (value, unit) {
            let _ = writeln!(
                text,
                "| {name} | {value:.1} | {unit:.1} | {:.2} |",
                value / unit
            );
        }
    }
    if let Some(alone) = near(BINARY) {
        let _ = writeln!(text, "\nThe binary alone takes {alone:.1} ms.");
    }
    if let Some(process) = near(PROCESS) {
        let _ = writeln!(
            text,
            "`rolehop credential-process` from the session that is kept takes {process:.1} ms."
        );
    }
    text
}

/// What took part, for the page.
pub(crate) fn programs(cast: &Cast, options: &Options) -> Vec<(&'static str, String)> {
    let said = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Some(text.lines().next().unwrap_or_default().to_owned())
    };
    let mut programs = vec![
        ("rolehop", said(&cast.binary, &["--version"])),
        ("Node", said(&cast.node, &["--version"])),
    ];
    if cast.curl {
        let words = |line: String| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        programs.push(("curl", said("curl", &["--version"]).map(words)));
    }
    if let Some(aws) = &cast.aws {
        let words = |line: String| line.split(' ').take(1).collect::<String>();
        programs.push(("AWS CLI", said(aws, &["--version"]).map(words)));
    }
    let peer = options.peer.as_deref().map(stage::peer_version);
    programs.push(("the peer", peer));
    programs.push(("machine", Some(machine())));
    programs
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

/// The processor, as the system names it, and how many of it there are.
fn machine() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!(
        "{model}, {cores} cores, {} {}",
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

/// Writes `docs/performance.md`.
pub(crate) fn write(results: &Results) -> Outcome {
    let mut text = "# Performance\n\n\
        Written by `cargo xtask bench --write`, with `--peer DIR` for an unpacked copy of another action. Everything below is from one run\n\
        on one machine, against a fake AWS in the benchmark's own process; only ratios carry over to yours.\n\n\
        ![wall time of a step, beside the peer's](img/performance.svg)\n\n\
        | program | version |\n| --- | --- |\n"
        .to_owned();
    for (name, version) in &results.programs {
        let _ = writeln!(text, "| {name} | {version} |");
    }
    text.push('\n');
    text.push_str(&tables(results));
    text.push_str(NOTES);
    let path = root().join("docs/performance.md");
    fs::write(&path, text).map_err(at(Path::new(&path)))
}

/// What the numbers are held against, and what was learned on the way to them.
const NOTES: &str = include_str!("notes.md");
