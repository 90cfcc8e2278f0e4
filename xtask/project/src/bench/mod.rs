//! `cargo xtask bench`: what a step costs, against a fake AWS in this process, so that nothing but the step is slow.

mod case;
mod chart;
mod far;
mod instructions;
mod one_run;
mod options;
mod page;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use case::{Case, Group};
use far::FarSide;
use options::{Counting, Options};

use crate::measure::Cost;
use crate::{Outcome, at, root, table, target_dir};

/// A case with what each of its runs cost.
pub(crate) struct Row {
    pub(crate) group: Group,
    pub(crate) name: String,
    pub(crate) costs: Vec<Cost>,
}

/// Everything that was measured in one go, and with what.
pub(crate) struct Results {
    pub(crate) rows: Vec<Row>,
    pub(crate) runs: usize,
    pub(crate) latency_ms: u64,
    pub(crate) binary_bytes: u64,
    pub(crate) programs: Vec<(&'static str, String)>,
    /// Instruction counts as a table; none where nobody can count them.
    pub(crate) instructions: Option<String>,
}

impl Results {
    /// The median wall time of a row, in milliseconds.
    pub(crate) fn wall(&self, group: Group, name: &str) -> Option<f64> {
        let is = |row: &&Row| row.group == group && row.name == name;
        let row = self.rows.iter().find(is)?;
        Some(table::median_wall(&row.costs))
    }
}

pub(crate) fn run(words: &[&str]) -> Outcome {
    let options = Options::parse(words)?;
    let binary = match &options.binary {
        Some(path) => path.clone(),
        None => release_build()?,
    };
    let node = options.node.clone().unwrap_or_else(node);
    let place = Scratch::new()?;
    let latency = Duration::from_millis(options.latency_ms);
    let far_side = FarSide::start(latency, &place.0)?;
    let cast = case::cast(&options, &binary, &node, &place.0)?;
    if options.counting != Counting::Beside {
        return instructions::run(&options, &binary, &cast, &place.0, &far_side);
    }
    let cases = case::all(&cast, &options, &far_side, &place.0)?;
    let rows = measure_all(&cases, &options, &place.0, &far_side)?;
    let results = Results {
        rows,
        runs: options.runs(),
        latency_ms: options.latency_ms,
        binary_bytes: fs::metadata(&binary).map_err(at(&binary))?.len(),
        programs: page::programs(&cast, &options),
        instructions: instructions::table(&options, &binary, &cast, &place.0, &far_side)?,
    };
    print!("{}", page::tables(&results));
    if options.write {
        page::write(&results)?;
        chart::write(&results)?;
    }
    Ok(())
}

/// Interleaved, so that a slow moment of the machine falls on all; the first round only warms up.
fn measure_all(
    cases: &[Case],
    options: &Options,
    place: &Path,
    far_side: &FarSide,
) -> Outcome<Vec<Row>> {
    let mut given = Vec::new();
    for case in cases {
        given.push(one_run::prepare(case, place, far_side)?);
    }
    let mut rows: Vec<Row> = cases
        .iter()
        .map(|case| Row {
            group: case.group,
            name: case.name.clone(),
            costs: Vec::new(),
        })
        .collect();
    for round in 0..=options.runs() {
        for ((case, row), given) in cases.iter().zip(&mut rows).zip(&given) {
            if case.once && round != 1 {
                continue;
            }
            let cost = one_run::once(case, given, place, far_side)?;
            if round > 0 {
                row.costs.push(cost);
            }
        }
    }
    Ok(rows)
}

fn release_build() -> Outcome<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.current_dir(root()).args([
        "build",
        "--quiet",
        "--locked",
        "--release",
        "--package",
        "rolehop",
    ]);
    if !build.status().is_ok_and(|status| status.success()) {
        return Err("the release build failed".to_owned());
    }
    Ok(target_dir()
        .join("release")
        .join(format!("rolehop{}", std::env::consts::EXE_SUFFIX)))
}

/// The Node that the tests fetched, else the one in the path.
pub(crate) fn node() -> PathBuf {
    let fetched = target_dir().join("tools/node/bin/node");
    if fetched.exists() {
        fetched
    } else {
        "node".into()
    }
}

/// A folder that goes when this does.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Outcome<Self> {
        let place = std::env::temp_dir().join(format!("rolehop-bench-{}", std::process::id()));
        fs::create_dir_all(&place).map_err(at(&place))?;
        Ok(Self(place))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder left in the temporary place harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
