//! `rolehop credential-process`: what an AWS SDK starts for a profile. One document on standard output, and nothing else.

use crate::cli::Options;
use crate::error::{Error, LendFailure};
use crate::export;
use crate::frontend::RawInputs;
use crate::host::Host;
use crate::login::lend::Asked;
use crate::model::request::{Existing, Request, Source};
use crate::sink::dialect::Dialect;
use crate::sink::profile::{Asking, asking};
use crate::system::System;

const NAME: &str = "credential-process";

pub(crate) fn run(
    system: &System,
    host: Host,
    raw: &RawInputs,
    options: &Options,
) -> Result<(), Error> {
    let dialect = Dialect::CredentialProcess;
    export::refuse_terminal(options, dialect)?;
    if let Some(plan) = options.value("from") {
        return crate::refresh::process::run(system, std::path::Path::new(plan));
    }
    let asked = Asked::settle(system, host, raw, NAME)?;
    refuse_to_ask_itself(system, asked.request())?;
    export::print(system, &asked.exchange()?, dialect)
}

/// A profile that this process would ask for credentials, and that would start this very command for them, and so on.
fn refuse_to_ask_itself(system: &System, request: &Request) -> Result<(), Error> {
    let env = &system.env;
    let chain =
        matches!(request.source, Source::Ambient(_)) || request.existing == Existing::Prefer;
    let keys_come_first = env.has("AWS_ACCESS_KEY_ID") && !request.hand_over.unset_first;
    let profile = match &request.source {
        Source::Profile(name) => name,
        _ if chain && !keys_come_first => env.get("AWS_PROFILE").unwrap_or("default"),
        _ => return Ok(()),
    };
    let own: Vec<&str> = system
        .args
        .iter()
        .filter_map(|word| word.to_str())
        .collect();
    match asking(env, profile) {
        Some(Asking { profile, command }) if is_this_command(&command, &own) => {
            Err(LendFailure::AsksItself { profile, command }.into())
        }
        _ => Ok(()),
    }
}

/// Whether a line of a config file starts what this process was started as: our name, and then the same words.
fn is_this_command(line: &str, own: &[&str]) -> bool {
    let words = split(line);
    let is_ours = |word: &String| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
        name.trim_end_matches(".exe") == "rolehop"
    };
    let Some(at) = words.iter().position(is_ours) else {
        return false;
    };
    let given: Vec<&String> = words.iter().skip(at + 1).collect();
    // What a shell replaces can be anything.
    let alike = |(given, own): (&&String, &&str)| {
        given.as_str() == *own || given.contains(['$', '%', '`', '~'])
    };
    given.len() == own.len() && given.iter().zip(own).all(alike)
}

/// The words of a command line; quotes hold blanks together.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_starts_this_command_is_known() {
        let own = ["credential-process", "--role-to-assume", "a b", "-v"];
        for line in [
            "rolehop credential-process --role-to-assume 'a b' -v",
            "/opt/bin/rolehop  credential-process --role-to-assume \"a b\" -v",
            "env A=1 'C:\\Program Files\\rolehop.exe' credential-process --role-to-assume \"a b\" -v",
            "rolehop credential-process --role-to-assume \"$ROLE\" -v",
        ] {
            assert!(is_this_command(line, &own), "{line}");
        }
        for line in [
            "rolehop credential-process --role-to-assume 'a c' -v",
            "rolehop credential-process --role-to-assume 'a b'",
            "rolehop export --role-to-assume 'a b' -v",
            "granted credential-process --role-to-assume 'a b' -v",
            "",
        ] {
            assert!(!is_this_command(line, &own), "{line}");
        }
    }
}
