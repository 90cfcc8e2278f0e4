//! One run of one case, in fresh files and an environment of its own.

use std::fs;
use std::path::Path;

use super::case::{Case, Expect, Leaves};
use super::far::FarSide;
use crate::measure::{Cost, measure};
use crate::{Outcome, at};

type Variables = Vec<(String, String)>;

const FILES: [&str; 5] = [
    "GITHUB_ENV",
    "GITHUB_OUTPUT",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_PATH",
];

/// What a case is given by what came before it.
#[derive(Default)]
pub(crate) struct Given {
    variables: Variables,
    /// After the case's own.
    arguments: Vec<String>,
}

/// Does what comes before the runs.
pub(crate) fn prepare(case: &Case, place: &Path, far_side: &FarSide) -> Outcome<Given> {
    let Some(before) = &case.before else {
        return Ok(Given::default());
    };
    let files = fresh_files(place)?;
    let mut variables = surroundings(case, place, far_side, &files);
    variables.extend(before.variables.iter().cloned());
    measure(&before.command, &variables)?;
    let mut given = Given::default();
    match before.leaves {
        Leaves::Job => {
            given.variables = pairs(&place.join("files/GITHUB_ENV"))?;
            let state = pairs(&place.join("files/GITHUB_STATE"))?.into_iter();
            let state = state.map(|(name, value)| (format!("STATE_{name}"), value));
            given.variables.extend(state);
        }
        Leaves::Plan => {
            let config = place.join(".aws/config");
            let text = fs::read_to_string(&config).map_err(at(&config))?;
            let plan = text.lines().find_map(|line| line.split_once(" --from "));
            let (_, plan) = plan.ok_or_else(|| format!("{}: no process", config.display()))?;
            given.arguments.push(plan.trim_matches('\'').to_owned());
        }
    }
    Ok(given)
}

/// Runs the case and looks whether it did its work.
pub(crate) fn once(case: &Case, given: &Given, place: &Path, far_side: &FarSide) -> Outcome<Cost> {
    under(&[], case, given, place, far_side)
}

/// The same, under a program that looks on, which ends as the case does.
pub(crate) fn under(
    onlooker: &[String],
    case: &Case,
    given: &Given,
    place: &Path,
    far_side: &FarSide,
) -> Outcome<Cost> {
    let files = fresh_files(place)?;
    let mut variables = surroundings(case, place, far_side, &files);
    variables.extend(case.variables.iter().cloned());
    variables.extend(given.variables.iter().cloned());
    let command = [onlooker, &case.command, &given.arguments].concat();
    let heard = || far_side.of(case.distance).connections();
    let before = heard();
    let cost = measure(&command, &variables)?;
    let exported = fs::read_to_string(place.join("files/GITHUB_ENV")).unwrap_or_default();
    let has_keys = exported.contains("AWS_SECRET_ACCESS_KEY");
    let done = match case.expect {
        Expect::Success => cost.status == 0,
        Expect::Silence => cost.status == 0 && heard() == before,
        Expect::Credentials | Expect::CleanedUp => cost.status == 0 && has_keys,
        Expect::Refusal => cost.status != 0 && !has_keys,
        Expect::Profiles(wanted) => {
            let file = place.join(".aws/credentials");
            let text = fs::read_to_string(file).unwrap_or_default();
            cost.status == 0 && text.matches("aws_session_token").count() == wanted
        }
    };
    if done {
        Ok(cost)
    } else {
        Err(format!(
            "{}: did not do its work (status {}): {}",
            case.name,
            cost.status,
            command.join(" ")
        ))
    }
}

fn fresh_files(place: &Path) -> Outcome<Variables> {
    // The profiles of the run before.
    let _ = fs::remove_dir_all(place.join(".aws"));
    forget_runs(place);
    let folder = place.join("files");
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let mut variables = Vec::new();
    for name in FILES {
        let file = folder.join(name);
        fs::write(&file, "").map_err(at(&file))?;
        variables.push((name.to_owned(), file.display().to_string()));
    }
    Ok(variables)
}

/// Takes away the records that earlier runs left for a clean-up: a job has one or two, and a look at a hundred is another run.
fn forget_runs(place: &Path) {
    let below = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let is_ours = |path: &&std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("rolehop-")
    };
    for job in below(place)
        .iter()
        .filter(is_ours)
        .flat_map(|own| below(own))
    {
        for file in below(&job).iter().filter(|file| file.is_file()) {
            let _ = fs::remove_file(file);
        }
    }
}

/// Names and values of a runner's file.
fn pairs(path: &Path) -> Outcome<Variables> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some((name, delimiter)) = lines.next().and_then(|line| line.split_once("<<")) {
        let value: Vec<&str> = lines
            .by_ref()
            .take_while(|line| *line != delimiter)
            .collect();
        found.push((name.to_owned(), value.join("\n")));
    }
    Ok(found)
}

/// A step's environment, as GitHub's runner makes it, without the case's own variables.
fn surroundings(case: &Case, place: &Path, far_side: &FarSide, files: &Variables) -> Variables {
    let here = place.display().to_string();
    let fixed = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_REPOSITORY", "octo-org/octo-repo"),
        ("GITHUB_WORKFLOW", "deploy"),
        ("GITHUB_ACTION", "__octo-org_rolehop"),
        ("GITHUB_ACTOR", "octocat"),
        ("GITHUB_SHA", "ffac537e6cbbf934b08745a378932722df287a53"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_WORKSPACE", &here),
        ("RUNNER_TEMP", &here),
        ("HOME", &here),
        ("AWS_REGION", "eu-west-1"),
    ];
    let fixed = fixed
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    // Windows starts hardly anything without these two.
    let inherited = ["PATH", "SystemRoot"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)));
    let mut variables: Variables = fixed.chain(inherited).collect();
    variables.extend(far_side.variables(case.distance));
    variables.extend(files.iter().cloned());
    variables
}
