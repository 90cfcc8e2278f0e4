//! From one job to what was seen of it: every aspect as lines of text, with what differs by nature replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use fake_aws::{FakeAws, Recorded};

use super::aspect::{Aspect, Observation};
use super::normal::Normal;
use super::protocol::{self, Command};
use super::run::{End, Job, Ran, Scratch};
use super::scenario::Scenario;
use super::subject::Subject;
use crate::Outcome;

/// Runs the scenario with that action and looks.
pub(crate) fn observe(scenario: &Scenario, subject: &Subject) -> Outcome<Observation> {
    let side = if subject.is_peer { "peer" } else { "ours" };
    let scratch = Scratch::new(&format!("{}-{side}", scenario.name))?;
    let folder = &scratch.0;
    let fake = scenario.far.start()?;
    let proxy = match (scenario.far.proxy, scenario.far.proxy_password) {
        (_, true) => Some(fake.proxy_with_password("robot", "sesame-opens")),
        (true, _) => Some(fake.proxy()),
        _ => None,
    };
    let mut job = Job::prepare(scenario, subject, &fake, proxy.as_ref(), folder)?;
    let cap = Duration::from_secs(scenario.cap);
    let none = BTreeMap::new();
    let mut stepped = Vec::new();
    for step in &scenario.earlier {
        let done = job.main(step, &none, cap)?;
        if done.main.end != End::Succeeded {
            return Err(format!(
                "{}: an earlier step of {} did not succeed\n{}",
                scenario.name, subject.label, done.main.log
            ));
        }
        stepped.push(done);
    }
    fake.clear();
    let further = if subject.is_peer {
        &scenario.peer_inputs
    } else {
        &none
    };
    let done = job.main(&scenario.step(), further, cap)?;
    let normal = Normal::new(
        &fake,
        &[
            (folder.display().to_string(), "<folder>"),
            (
                proxy
                    .as_ref()
                    .map(|proxy| proxy.address().to_string())
                    .unwrap_or_default(),
                "<proxy>",
            ),
        ],
    );
    let mut seen = of_main(&done.main, &normal, scenario.cap);
    // A mask holds until the job ends.
    let logs = stepped
        .iter()
        .map(|step| &step.main.log)
        .chain([&done.main.log]);
    seen.insert(Aspect::Masks, masks(logs, &normal));
    of_requests(&fake, &normal, &mut seen);
    let hosts: BTreeSet<String> = proxy
        .iter()
        .flat_map(fake_aws::Proxy::seen)
        .map(|request| normal.text(&host(&request.target)))
        .collect();
    seen.insert(Aspect::Proxied, hosts.into_iter().collect());
    seen.insert(Aspect::Files, files(&folder.join("home"), &normal));
    let mut observation = Observation {
        requests: fake.requests().len(),
        millis: done.main.took.as_millis(),
        saved: !done.main.state.is_empty(),
        log: normal.text(&done.main.log),
        seen,
    };
    job.exported.extend(scenario.meanwhile.clone());
    stepped.push(done);
    let mut ends = Vec::new();
    for step in stepped.iter().rev() {
        if let Some(post) = job.post(step, cap)? {
            ends.push(end(post.end, scenario.cap));
            observation
                .log
                .push_str(&normal.text(&format!("--- post\n{}", post.log)));
        }
    }
    let job_level = scenario.step().variables;
    let left = job_level
        .iter()
        .chain(&job.exported)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<BTreeMap<_, _>>();
    let left = left
        .iter()
        .filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
    let seen = &mut observation.seen;
    seen.insert(Aspect::PostOutcome, ends);
    seen.insert(
        Aspect::PostVariables,
        left.map(|(name, value)| normal.text(&format!("{name}={value}")))
            .collect(),
    );
    seen.insert(Aspect::PostFiles, files(&folder.join("home"), &normal));
    Ok(observation)
}

fn end(end: End, cap: u64) -> String {
    match end {
        End::Succeeded => "succeeded".to_owned(),
        End::Failed => "failed".to_owned(),
        End::Stopped => format!("still running after {cap} s"),
    }
}

fn of_main(main: &Ran, normal: &Normal, cap: u64) -> BTreeMap<Aspect, Vec<String>> {
    let pairs = |pairs: &BTreeMap<String, String>| {
        pairs
            .iter()
            .map(|(name, value)| normal.text(&format!("{name}={value}")))
            .collect::<Vec<_>>()
    };
    let commands = protocol::commands(&main.log);
    let named = |name: &'static str| commands.iter().filter(move |command| command.name == name);
    let levels = ["error", "warning", "notice"];
    let count = |level: &'static str| (named(level).count(), level);
    let annotations = levels
        .into_iter()
        .map(count)
        .filter(|(count, _)| *count > 0);
    let usual = |command: &&Command| {
        ["add-mask", "debug", "group", "endgroup"].contains(&command.name)
            || levels.contains(&command.name)
    };
    let foreign = commands.iter().filter(|command| !usual(command));
    BTreeMap::from([
        (Aspect::Outcome, vec![end(main.end, cap)]),
        (Aspect::Variables, pairs(&main.env)),
        (Aspect::Outputs, pairs(&main.output)),
        (
            Aspect::Annotations,
            annotations
                .map(|(count, level)| format!("{count} {level}"))
                .collect(),
        ),
        (
            Aspect::Commands,
            foreign
                .map(|command| format!("{} {}", command.name, normal.text(&command.value)))
                .collect(),
        ),
    ])
}

fn masks<'a>(logs: impl Iterator<Item = &'a String>, normal: &Normal) -> Vec<String> {
    let masks: BTreeSet<String> = logs
        .flat_map(|log| protocol::commands(log))
        .filter(|command| command.name == "add-mask" && !command.value.is_empty())
        .map(|command| normal.text(&command.value))
        .collect();
    masks.into_iter().collect()
}

/// What was asked of the token endpoint and of STS. GetCallerIdentity changes nothing and is only counted.
fn of_requests(fake: &FakeAws, normal: &Normal, seen: &mut BTreeMap<Aspect, Vec<String>>) {
    let asked = |request: &&Recorded| {
        ["GetIdToken", "AssumeRole", "AssumeRoleWithWebIdentity"]
            .contains(&request.operation.as_str())
    };
    let all = fake.requests();
    let mut distinct: Vec<(String, usize)> = Vec::new();
    for request in all.iter().filter(asked) {
        let text = normal.text(&describe(request));
        match distinct.iter_mut().find(|(known, _)| *known == text) {
            Some((_, count)) => *count += 1,
            None => distinct.push((text, 1)),
        }
    }
    let repeats = distinct.iter().filter(|(_, count)| *count > 1);
    let name = |text: &str| text.split(' ').next().unwrap_or(text).to_owned();
    seen.insert(
        Aspect::Repeats,
        repeats
            .map(|(text, count)| format!("{} {count} times", name(text)))
            .collect(),
    );
    seen.insert(
        Aspect::Requests,
        distinct.into_iter().map(|(text, _)| text).collect(),
    );
    let words: BTreeSet<String> = all
        .iter()
        .filter(|request| request.operation.starts_with("AssumeRole"))
        .flat_map(|request| {
            request
                .header("user-agent")
                .split(' ')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|word| {
            ["md/action#", "md/run_id#", "md/attempt#", "exec-env/"]
                .iter()
                .any(|known| word.starts_with(known))
        })
        .collect();
    seen.insert(Aspect::Agent, words.into_iter().collect());
}

/// Operation, signer and parameters. Lists whose order means nothing are sorted.
fn describe(request: &Recorded) -> String {
    let mut words = vec![request.operation.clone()];
    let header = request.header("authorization");
    if let Some((_, credential)) = header.split_once("Credential=") {
        let mut parts = credential.split(['/', ',']);
        let (key, region) = (
            parts.next().unwrap_or_default(),
            parts.nth(1).unwrap_or_default(),
        );
        words.push(format!("signed-by={key} in={region}"));
    }
    let mut tags: BTreeMap<&str, (String, String)> = BTreeMap::new();
    let mut rest = Vec::new();
    for (name, value) in &request.params {
        match name.split('.').collect::<Vec<_>>()[..] {
            ["Action" | "Version" | "api-version"] => {}
            ["Tags", "member", at, "Key"] => tags.entry(at).or_default().0.clone_from(value),
            ["Tags", "member", at, "Value"] => tags.entry(at).or_default().1.clone_from(value),
            // An empty list is sent as a name without a value.
            [_] if value.is_empty() => {}
            [list, "member", ..] => rest.push(format!("{list}={value}")),
            _ => rest.push(format!("{name}={value}")),
        }
    }
    rest.extend(
        tags.into_values()
            .map(|(key, value)| format!("tag:{key}={value}")),
    );
    rest.sort();
    words.extend(rest);
    words.join(" ")
}

/// The host and port of what a proxy was asked for.
fn host(target: &str) -> String {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

/// Every file below, with its mode and its lines. Ours keeps a record of what a profile was beside the file until post.
fn files(folder: &Path, normal: &Normal) -> Vec<String> {
    let mut lines = Vec::new();
    let mut found = below(folder);
    found.sort();
    for path in found {
        let name = path
            .strip_prefix(folder)
            .unwrap_or(&path)
            .display()
            .to_string();
        if name.contains("rolehop") {
            continue;
        }
        lines.push(format!("{name}{}", mode(&path)));
        let text = fs::read_to_string(&path).unwrap_or_default();
        lines.extend(
            text.split_inclusive('\n')
                .map(|line| format!("| {}", normal.text(line).replace('\n', ""))),
        );
        if !text.is_empty() && !text.ends_with('\n') {
            lines.push("| (no line end)".to_owned());
        }
    }
    lines
}

fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(below(&entry.path())),
            _ => found.push(entry.path()),
        }
    }
    found
}

#[cfg(unix)]
fn mode(path: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).map_or_else(
        |_| String::new(),
        |about| format!(" {:o}", about.permissions().mode() & 0o777),
    )
}

#[cfg(not(unix))]
fn mode(_: &Path) -> String {
    String::new()
}
