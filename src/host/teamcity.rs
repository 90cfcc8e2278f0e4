//! TeamCity. Its variables say little; branch, actor and the build's ID are in files that they lead to.
//! <https://www.jetbrains.com/help/teamcity/predefined-build-parameters.html>

use std::path::Path;

use super::Job;
use super::facts::{Export, Facts, Masking, Reporting, TokenWay};
use crate::system::env::Env;
use crate::system::files;

pub(super) const FACTS: Facts = Facts {
    name: "teamcity",
    title: "TeamCity",
    mark: "TEAMCITY_VERSION is set",
    detect: |env| env.has("TEAMCITY_VERSION"),
    job,
    session: "{repo}-{workflow}-{run}",
    token: TokenWay::Ready {
        variables: &["TEAMCITY_BUILD_OIDC_TOKEN"],
        file: None,
    },
    grant: "add the build feature of the OIDC plugin, which puts the token in env.TEAMCITY_BUILD_OIDC_TOKEN; or name its variable with web-identity-token-variable",
    masking: Masking::Nothing,
    export: Export::TeamcityParameters,
    reporting: Reporting::TeamcityMessages,
    page: "docs/ci/teamcity.md",
};

const MOST_BYTES: u64 = 4 << 20;

fn job(env: &Env) -> Job {
    let parameters = parameters(env).unwrap_or_default();
    let parameter = |name| property(&parameters, name);
    Job {
        repository: env.owned(&["TEAMCITY_PROJECT_NAME"]),
        git_ref: parameter("teamcity.build.branch"),
        commit: env
            .owned(&["BUILD_VCS_NUMBER"])
            .or_else(|| parameter("build.vcs.number")),
        actor: parameter("teamcity.build.triggeredBy.username"),
        workflow: env.owned(&["TEAMCITY_BUILDCONF_NAME"]),
        job_id: parameter("teamcity.build.id"),
        run: env.owned(&["BUILD_NUMBER"]),
        url: env.owned(&["BUILD_URL"]),
        ..Job::default()
    }
}

/// The build's parameters: a file that one of the system's properties names, whose file is named by a variable.
fn parameters(env: &Env) -> Option<String> {
    let read = |path: &str| files::read_limited(Path::new(path), MOST_BYTES).ok();
    let system = read(env.get("TEAMCITY_BUILD_PROPERTIES_FILE")?)?;
    read(&property(
        &system,
        "teamcity.configuration.properties.file",
    )?)
}

/// A value of a Java properties file, one entry a line.
fn property(text: &str, name: &str) -> Option<String> {
    let entry = |line: &str| {
        let line = line.trim_start();
        let rest = line.strip_prefix(name)?.trim_start();
        let value = rest.strip_prefix(['=', ':'])?;
        Some(unescape(value.trim_start()))
    };
    text.lines()
        .find_map(entry)
        .filter(|value| !value.is_empty())
}

fn unescape(text: &str) -> String {
    let mut clean = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            clean.push(c);
            continue;
        }
        match rest.next() {
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok();
                clean.extend(code.and_then(char::from_u32));
            }
            Some('n' | 'r' | 't' | 'f') => clean.push(' '),
            Some(escaped) => clean.push(escaped),
            None => {}
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_values_of_a_properties_file() {
        let text = "#comment\nteamcity.build.branch.is_default=true\nteamcity.build.branch=refs/heads/a\\:b\\=c\\\\d\nname = M\\u00f6na\nempty=\n";
        for (name, value) in [
            ("teamcity.build.branch", Some("refs/heads/a:b=c\\d")),
            ("name", Some("Möna")),
            ("empty", None),
            ("teamcity.build", None),
        ] {
            assert_eq!(property(text, name).as_deref(), value, "{name}");
        }
    }
}
