//! What is to be had: the target of `role-to-assume`, and one for each line of `roles`.

use super::hops::{self, Chain};
use super::raw::Reader;
use super::refresh;
use crate::host::Job;
use crate::model::Invalid;
use crate::model::arn::RoleRef;
use crate::model::invalid::shown;
use crate::model::profile::ProfileName;
use crate::model::request::{EnvironmentPlace, Hop, Place, ProfilePlace, Source, Target};

/// More than any organisation's step has; a limit so that a slip cannot send requests for hours.
const MOST: usize = 1000;
/// The name on a line of `roles` that stands for the environment.
const ENVIRONMENT: &str = "env";

/// A line of `roles`.
struct Line {
    number: usize,
    text: String,
    /// Without one, the line is the environment's.
    profile: Option<ProfileName>,
    roles: Vec<RoleRef>,
}

/// Every target; the main one first, where there is one.
pub(super) fn parse(
    reader: &mut Reader<'_>,
    job: &Job,
    source: &Source,
    warnings: &mut Vec<String>,
) -> Vec<Target> {
    let asked = Chain::of_setting(hops::roles(reader, "role-to-assume"));
    let mut lines = lines(reader);
    refuse_doubles(reader, &lines);
    let many = reader.raw.has("roles");
    let named = lines.iter().position(|line| line.profile.is_none());
    let named = named.map(|at| lines.remove(at));
    let on_line = named.is_some();
    // Without `roles`, the source's own credentials are the result where no role is given.
    let is_main = !many || on_line || !asked.roles.is_empty();
    let main = named.map_or(asked, |line| Chain::of_line(line.number, line.roles));
    let mut chains: Vec<Chain> = is_main.then_some(main).into_iter().collect();
    let mut profiles = Vec::new();
    for line in lines {
        profiles.extend(line.profile);
        chains.push(Chain::of_line(line.number, line.roles));
    }
    refuse_names(reader, source, &chains);
    let mut dealt = hops::parse(reader, job, source, &chains, warnings).into_iter();
    let main = is_main.then(|| dealt.next().unwrap_or_default());
    let overwrite = reader.flag("overwrite-aws-profile", false);
    let place = place(reader, source, main.as_deref(), on_line, overwrite);
    if let (true, Some(own)) = (many, place.profile.as_ref().map(|own| &own.name))
        && profiles.contains(own)
    {
        let fault = format!("`{own}` is the profile of a line of roles too");
        reader.wrong("aws-profile", fault);
    }
    let on_lines = profiles.into_iter().zip(dealt).map(|(name, hops)| Target {
        hops,
        place: Place {
            environment: EnvironmentPlace::Nothing,
            outputs: false,
            profile: Some(ProfilePlace { name, overwrite }),
            profile_will_do: true,
        },
        main: false,
    });
    let main = main.map(|hops| Target {
        hops,
        place,
        main: true,
    });
    if many {
        check_together(reader);
    }
    main.into_iter().chain(on_lines).collect()
}

/// The lines of `roles` that are usable; each of the others is a mistake with its number and text.
fn lines(reader: &mut Reader<'_>) -> Vec<Line> {
    let Some(text) = reader.raw.text("roles") else {
        return Vec::new();
    };
    let numbered = text.lines().map(str::trim).zip(1..);
    let given: Vec<(String, usize)> = numbered
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, number)| (line.to_owned(), number))
        .collect();
    if given.is_empty() {
        reader.wrong(
            "roles",
            "has no target, as in `dev = arn:aws:iam::ACCOUNT:role/NAME`",
        );
    }
    if given.len() > MOST {
        reader.wrong(
            "roles",
            format!("has {} targets; one step takes at most {MOST}", given.len()),
        );
        return Vec::new();
    }
    let mut lines = Vec::new();
    for (text, number) in given {
        match line(&text, number) {
            Ok(line) => lines.push(line),
            Err(faults) => {
                for fault in faults {
                    reader.fault("roles", on_line(number, &text, &fault));
                }
            }
        }
    }
    lines
}

/// `PROFILE = ARN [> ARN …]`.
fn line(text: &str, number: usize) -> Result<Line, Vec<Invalid>> {
    let Some((name, roles)) = text.split_once('=') else {
        return Err(vec![Invalid::new(
            "is not `PROFILE = ARN`, nor `env = ARN`",
        )]);
    };
    let (name, roles) = (name.trim(), roles.trim());
    let parsed = hops::chain(roles);
    let mut faults = parsed.faults;
    if roles.is_empty() {
        faults.push(Invalid::new("has no role after the `=`"));
    }
    let profile = match name {
        ENVIRONMENT => None,
        "" => {
            faults.push(Invalid::new("has no profile before the `=`"));
            None
        }
        name => match name.parse() {
            Ok(name) => Some(name),
            Err(fault) => {
                faults.push(Invalid::new(format!("its profile {fault}")));
                None
            }
        },
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Line {
        number,
        text: text.to_owned(),
        profile,
        roles: parsed.roles,
    })
}

fn on_line(number: usize, text: &str, fault: &Invalid) -> Invalid {
    Invalid::new(format!("line {number}, {}: {fault}", shown(text)))
}

/// Two targets of one place.
fn refuse_doubles(reader: &mut Reader<'_>, lines: &[Line]) {
    let mut first = std::collections::HashMap::new();
    let has_role = reader.raw.has("role-to-assume");
    for line in lines {
        let name = line.profile.as_ref().map(ProfileName::as_str);
        let what = name.map_or_else(
            || "the environment".to_owned(),
            |name| format!("the profile `{name}`"),
        );
        let fault = match (first.get(&name), name) {
            (Some(earlier), _) => format!("{what} is on line {earlier} already"),
            (None, None) if has_role => {
                format!("{what} is the target of role-to-assume already; give one of the two")
            }
            (None, _) => {
                first.insert(name, line.number);
                continue;
            }
        };
        reader.fault(
            "roles",
            on_line(line.number, &line.text, &Invalid::new(fault)),
        );
    }
}

/// A token has no account that a role's name could be in.
fn refuse_names(reader: &mut Reader<'_>, source: &Source, chains: &[Chain]) {
    for chain in chains.iter().filter(|_| source.is_token()) {
        let Some(RoleRef::Name(name)) = chain.roles.first() else {
            continue;
        };
        let role = shown(name.as_str());
        let fault = format!(
            "{role} is a name; a token has no account, so give the whole ARN: arn:aws:iam::ACCOUNT:role/NAME"
        );
        match chain.line {
            Some(number) => reader.wrong("roles", format!("line {number}: {fault}")),
            None => reader.wrong("role-to-assume", fault),
        }
    }
}

/// The place of the main target; without one, its settings have nothing that they could be about.
fn place(
    reader: &mut Reader<'_>,
    source: &Source,
    main: Option<&[Hop]>,
    on_line: bool,
    overwrite: bool,
) -> Place {
    let mut name: Option<ProfileName> = reader.parse("aws-profile");
    let renewed = reader.raw.has("refresh");
    let by_process = reader.raw.text("refresh") == Some("process");
    if by_process && main.is_some() && !reader.raw.has("aws-profile") {
        name = refresh::profile(reader);
    }
    let as_usual = on_line || renewed || !reader.raw.has("aws-profile");
    let into_environment = reader.flag("output-env-credentials", as_usual);
    let outputs = reader.flag("output-credentials", false);
    if main.is_none() {
        let ours = [
            ("aws-profile", name.is_some()),
            ("output-credentials", outputs),
            (
                "output-env-credentials",
                into_environment && reader.raw.has("output-env-credentials"),
            ),
        ];
        for (setting, _) in ours.into_iter().filter(|(_, given)| *given) {
            reader.wrong(
                setting,
                "is about the target of role-to-assume or of the line `env` of roles, and there is neither",
            );
        }
    }
    if on_line && !into_environment {
        reader.wrong(
            "output-env-credentials",
            "is false, and roles has a line for `env`; give that line a profile's name",
        );
    }
    // The machine's own credentials are not copied into the environment unless the user says so.
    let own = matches!(source, Source::Ambient(_))
        && main.is_some_and(<[Hop]>::is_empty)
        && !reader.raw.has("output-env-credentials");
    let environment = match into_environment {
        false => EnvironmentPlace::Nothing,
        true if own => EnvironmentPlace::Region,
        true => EnvironmentPlace::Keys,
    };
    Place {
        environment,
        outputs,
        profile: name.map(|name| ProfilePlace { name, overwrite }),
        profile_will_do: reader.raw.has("aws-profile")
            && !on_line
            && !reader.raw.has("output-env-credentials"),
    }
}

/// What several targets cannot share.
fn check_together(reader: &mut Reader<'_>) {
    if reader.raw.is_true("use-existing-credentials") {
        reader.wrong(
            "use-existing-credentials",
            "is about the environment, and roles asks for profiles, which are always made anew; use a step of its own for one of the two",
        );
    }
    if reader.raw.has("role-for-pull-requests") {
        reader.wrong(
            "role-for-pull-requests",
            "takes the place of role-to-assume only, and a pull request would have the roles of `roles` as they are; give roles in a job that pull requests do not run",
        );
    }
}
