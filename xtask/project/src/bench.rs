//! `cargo xtask bench`: what a step costs, against a fake AWS in this process, so that nothing but the step is slow.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fake_aws::{FakeAws, World};

use crate::measure::{Cost, measure};
use crate::{Outcome, at, root, table, target_dir};

const BASE: &str = "node -e 0";

struct Options {
    binary: Option<PathBuf>,
    peer: Option<PathBuf>,
    node: Option<PathBuf>,
    runs: usize,
}

/// One thing to measure; a step must have exported credentials.
struct Case {
    name: String,
    command: Vec<String>,
    step: bool,
}

pub(crate) fn run(options: &[&str]) -> Outcome {
    let options = parse(options)?;
    let binary = match &options.binary {
        Some(path) => path.clone(),
        None => release_build()?,
    };
    let node = options.node.clone().unwrap_or_else(node);
    let place = Scratch::new()?;
    let cases = cases(&options, &binary, &node, &place.0)?;
    let fake = FakeAws::start(World::demo());
    let mut rows: Vec<(String, Vec<Cost>)> = cases
        .iter()
        .map(|case| (case.name.clone(), Vec::new()))
        .collect();
    // Interleaved, so that a slow moment of the machine falls on all; the first round only warms up.
    for round in 0..=options.runs {
        for (case, (_, costs)) in cases.iter().zip(&mut rows) {
            let cost = once(case, &place.0, &fake)?;
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    let size = fs::metadata(&binary).map_err(at(&binary))?.len();
    println!(
        "{} runs each, interleaved; the binary has {size} bytes; memory is that of the largest process\n",
        options.runs
    );
    table::print(&rows, BASE);
    Ok(())
}

fn parse(words: &[&str]) -> Outcome<Options> {
    let mut options = Options {
        binary: None,
        peer: None,
        node: None,
        runs: 20,
    };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("{word} needs a value"))?;
        let path = || fs::canonicalize(value).map_err(at(Path::new(value)));
        match *word {
            "--bin" => options.binary = Some(path()?),
            "--peer" => options.peer = Some(path()?),
            "--node" => options.node = Some(path()?),
            "--runs" => {
                options.runs = value
                    .parse()
                    .ok()
                    .filter(|n| *n > 0)
                    .ok_or("--runs needs a number above 0")?;
            }
            other => return Err(format!("bench does not know {other}")),
        }
    }
    Ok(options)
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
fn node() -> PathBuf {
    let fetched = target_dir().join("tools/node/bin/node");
    if fetched.exists() {
        fetched
    } else {
        "node".into()
    }
}

fn cases(options: &Options, binary: &Path, node: &Path, place: &Path) -> Outcome<Vec<Case>> {
    let word = |path: &Path| path.display().to_string();
    let case = |name: &str, command: Vec<String>, step| Case {
        name: name.to_owned(),
        command,
        step,
    };
    let step = stage(&place.join("step"), binary, node)?;
    let mut cases = vec![
        case(BASE, vec![word(node), "-e".into(), "0".into()], false),
        case(
            "the step, through the launcher",
            vec![word(node), word(&step)],
            true,
        ),
        case(
            "the binary alone",
            vec![word(binary), "action".into(), "main".into()],
            true,
        ),
    ];
    let idle = Path::new("/bin/true");
    if idle.exists() {
        let empty = stage(&place.join("empty"), idle, node)?;
        cases.insert(
            1,
            case(
                "the launcher and /bin/true",
                vec![word(node), word(&empty)],
                false,
            ),
        );
    }
    if let Some(peer) = &options.peer {
        let main = peer_main(peer)?;
        cases.push(case(
            &format!("peer {}", peer.display()),
            vec![word(node), word(&main)],
            true,
        ));
    }
    Ok(cases)
}

/// A copy of `dist` with `binary` as the program of this platform, under the name that Node has for it.
fn stage(place: &Path, binary: &Path, node: &Path) -> Outcome<PathBuf> {
    let script = "process.stdout.write(`${process.platform}-${process.arch}`)";
    let asked = Command::new(node)
        .args(["-e", script])
        .output()
        .map_err(at(node))?;
    let shelf = place
        .join("bin")
        .join(String::from_utf8_lossy(&asked.stdout).as_ref());
    fs::create_dir_all(&shelf).map_err(at(&shelf))?;
    for name in ["launch.js", "main.js", "post.js"] {
        fs::copy(root().join("dist").join(name), place.join(name)).map_err(at(place))?;
    }
    let program = shelf.join(format!("rolehop{}", std::env::consts::EXE_SUFFIX));
    fs::copy(binary, &program).map_err(at(binary))?;
    Ok(place.join("main.js"))
}

/// What the `main:` line of an action names.
fn peer_main(peer: &Path) -> Outcome<PathBuf> {
    let path = peer.join("action.yml");
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let main = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("main:"));
    let main = main.ok_or_else(|| format!("{} has no main", path.display()))?;
    Ok(peer.join(main.trim().trim_matches(['"', '\''])))
}

fn once(case: &Case, place: &Path, fake: &FakeAws) -> Outcome<Cost> {
    let files = place.join("files");
    fs::create_dir_all(&files).map_err(at(&files))?;
    let mut environment = environment(fake, place);
    for name in [
        "GITHUB_ENV",
        "GITHUB_OUTPUT",
        "GITHUB_STATE",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_PATH",
    ] {
        let file = files.join(name);
        fs::write(&file, "").map_err(at(&file))?;
        environment.push((name.to_owned(), file.display().to_string()));
    }
    let cost = measure(&case.command, &environment)?;
    let exported = fs::read_to_string(files.join("GITHUB_ENV")).unwrap_or_default();
    if case.step && !exported.contains("AWS_SECRET_ACCESS_KEY") {
        return Err(format!("{}: no credentials were exported", case.name));
    }
    Ok(cost)
}

/// A step's environment, as GitHub's runner makes it.
fn environment(fake: &FakeAws, place: &Path) -> Vec<(String, String)> {
    let here = place.display().to_string();
    let (url, request, bearer) = (
        fake.url(),
        fake.oidc_request_url(),
        fake.oidc_request_token(),
    );
    let mut pairs = vec![
        ("GITHUB_ACTIONS", "true"),
        ("INPUT_AWS-REGION", "eu-west-1"),
        (
            "INPUT_ROLE-TO-ASSUME",
            "arn:aws:iam::123456789012:role/deploy",
        ),
        ("INPUT_AUDIENCE", "sts.amazonaws.com"),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", &request),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &bearer),
        ("AWS_ENDPOINT_URL_STS", &url),
        ("GITHUB_REPOSITORY", "octo-org/octo-repo"),
        ("GITHUB_WORKFLOW", "deploy"),
        ("GITHUB_ACTION", "__octo-org_rolehop"),
        ("GITHUB_ACTOR", "octocat"),
        ("GITHUB_SHA", "ffac537e6cbbf934b08745a378932722df287a53"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_WORKSPACE", &here),
        ("RUNNER_TEMP", &here),
        ("HOME", &here),
    ];
    // Windows starts hardly anything without these two.
    let inherited: Vec<(&str, String)> = ["PATH", "SystemRoot"]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var(name).ok()?)))
        .collect();
    pairs.extend(
        inherited
            .iter()
            .map(|(name, value)| (*name, value.as_str())),
    );
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
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
