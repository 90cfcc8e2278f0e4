//! What the documentation says of the settings, from the one table: `--help`, `docs/inputs.md`, `action.yml`.

mod hosts;

pub use hosts::hosts_markdown;

use std::fmt::Write as _;

use crate::cli::{COMMANDS, Spec};
use crate::frontend::{Group, OUTPUTS, SETTINGS};

/// The text of `rolehop --help`; of one command, where its name comes first.
pub(crate) fn help(about: Option<&Spec>) -> String {
    about.map_or_else(help_with_all, help_of)
}

fn help_of(spec: &Spec) -> String {
    let mut text = format!(
        "{}\n\nUsage:\n  rolehop {}\n\nOptions:\n",
        spec.help,
        spec.usage()
    );
    for option in spec.options {
        let _ = writeln!(text, "  {:<29} {}", option.usage(), option.help);
    }
    let _ = writeln!(
        text,
        "  {:<29} Show what was decided and why.",
        "--verbose, -v"
    );
    if spec.settings {
        text.push_str(
            "\nSettings are flags (--aws-region eu-west-1) or variables (ROLEHOP_AWS_REGION). Of most use here:\n",
        );
        let named = |name: &&str| SETTINGS.iter().find(|setting| setting.name == *name);
        for setting in spec.usual.iter().filter_map(named) {
            let flag = format!("--{}", setting.name);
            let _ = writeln!(text, "  {flag:<29} {}", setting.help);
        }
        text.push_str("`rolehop --help` lists them all.\n");
    }
    if !spec.example.is_empty() {
        let _ = write!(text, "\nExample:\n  rolehop {}\n", spec.example);
    }
    text.trim_end().to_owned()
}

fn help_with_all() -> String {
    let mut text = format!(
        "rolehop {}: short-lived AWS credentials for CI jobs\n\nUsage:\n",
        env!("CARGO_PKG_VERSION")
    );
    for spec in COMMANDS {
        let _ = writeln!(
            text,
            "  {:<38} {}",
            format!("rolehop {}", spec.usage()),
            spec.help
        );
        for option in spec.options {
            let _ = writeln!(text, "    {:<36} {}", option.usage(), option.help);
        }
    }
    text.push_str(
        "  rolehop --help                         This text; `rolehop help COMMAND` tells of one command.\n  \
         rolehop --version                      The version.\n\n\
         Every command takes --verbose (-v), which shows what was decided and why.\n\n\
         A setting is an input under `with:` of the action. For the commands it is a flag (--aws-region eu-west-1), which wins,\n\
         or a variable (ROLEHOP_AWS_REGION). Secrets have no flag.\n",
    );
    for group in Group::ALL {
        let _ = write!(text, "\n{}:\n", group.title());
        for setting in SETTINGS.iter().filter(|setting| setting.group == group) {
            let _ = writeln!(text, "  {:<29} {}", setting.name, setting.help);
        }
    }
    text.trim_end().to_owned()
}

/// What a person gets who says no more than the program's name.
#[must_use]
pub fn short_help() -> String {
    format!(
        "rolehop {}: short-lived AWS credentials for CI jobs\n\n\
         In a CI job, `rolehop --role-to-assume ARN --aws-region REGION` hands credentials to the later steps.\n\
         In a shell:\n  \
         rolehop exec --role-to-assume ARN -- aws s3 ls      only that command has them\n  \
         eval \"$(rolehop export --role-to-assume ARN)\"       this shell has them\n  \
         rolehop whoami                                      whose the credentials are\n  \
         rolehop explain --policy FILE                       why a trust policy refuses a token\n  \
         rolehop check                                       every mistake in the settings\n\
         each with --aws-region REGION, if AWS_REGION is not set.\n\n\
         `rolehop --help` has all commands and settings.",
        env!("CARGO_PKG_VERSION")
    )
}

/// The page `docs/commands.md`.
#[must_use]
pub fn commands_markdown() -> String {
    let mut text = "# Commands\n\n\
        Generated from `src/cli/spec.rs` by `cargo xtask docs`.\n\n\
        The commands take the settings of [inputs.md](inputs.md) under the same names: as flags, `--aws-region eu-west-1`, or as\n\
        variables, `ROLEHOP_AWS_REGION`. A flag wins over a variable. A setting that is true or false may stand alone: `--role-chaining`.\n\
        There is no flag for a secret, because other processes of the machine can read it; set its variable. A variable that begins with\n\
        `ROLEHOP_` and is no setting is warned of. Every command takes `--verbose` (`-v`), which shows what was decided and why.\n\n\
        Results go to standard output, everything for people to standard error. The exit status is one of the classes of\n\
        [errors.md](errors.md).\n\n\
        | command | what |\n| --- | --- |\n"
        .to_owned();
    for spec in COMMANDS {
        let _ = writeln!(text, "| `rolehop {}` | {} |", spec.usage(), spec.help);
        for option in spec.options {
            let _ = writeln!(text, "| … `{}` | {} |", option.usage(), option.help);
        }
    }
    text.push_str(
        "\n`rolehop help COMMAND` prints what a command takes, and the settings of most use to it. Examples:\n\n```sh\n",
    );
    for spec in COMMANDS.iter().filter(|spec| !spec.example.is_empty()) {
        let _ = writeln!(text, "rolehop {}", spec.example);
    }
    text.push_str("```\n");
    text
}

/// The page `docs/inputs.md`.
#[must_use]
pub fn inputs_markdown() -> String {
    let mut text = "# Inputs and outputs\n\n\
        Generated from `src/frontend/table.rs` by `cargo xtask docs`.\n\n\
        An input that is empty counts as not given. Flags take true, True, TRUE, false, False, FALSE, and nothing else.\n\
        Every mistake is reported at once, before any request.\n"
        .to_owned();
    for group in Group::ALL {
        let _ = write!(
            text,
            "\n## {}\n\n| input | what | variable |\n| --- | --- | --- |\n",
            group.title()
        );
        for setting in SETTINGS.iter().filter(|setting| setting.group == group) {
            let mut what = setting.help.replace('|', "\\|");
            if let Some(default) = setting.default {
                let _ = write!(what, " Default: `{default}`.");
            }
            let variables: Vec<String> = setting
                .variables
                .iter()
                .map(|name| format!("`{name}`"))
                .collect();
            let _ = writeln!(
                text,
                "| `{}` | {what} | {} |",
                setting.name,
                variables.join(" ")
            );
        }
    }
    text.push_str("\nA variable serves when its input is not given; of several, the first one that is set.\n\n## Outputs\n\n| output | what |\n| --- | --- |\n");
    for output in OUTPUTS {
        let _ = writeln!(text, "| `{}` | {} |", output.name, output.help);
    }
    text
}

const ACTION_HEAD: &str = "\
# The inputs and outputs are generated from src/frontend/table.rs by `cargo xtask docs`.
name: rolehop
description: Short-lived AWS credentials for the next steps. Assumes a role, masks the secrets, restores what was there before.
author: the rolehop developers
branding:
  icon: log-in
  color: orange
runs:
  using: node24
  main: dist/main.js
  post: dist/post.js
  post-if: env.AWS_SKIP_CLEANUP_STEP != 'true'
inputs:
";

/// The file `action.yml`.
#[must_use]
pub fn action_yaml() -> String {
    let quote = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut text = ACTION_HEAD.to_owned();
    for setting in SETTINGS {
        let _ = writeln!(
            text,
            "  {}:\n    description: {}\n    required: false",
            setting.name,
            quote(setting.help)
        );
        if let Some(default) = setting.default {
            let _ = writeln!(text, "    default: {default}");
        }
    }
    text.push_str("outputs:\n");
    for output in OUTPUTS {
        let _ = writeln!(
            text,
            "  {}:\n    description: {}",
            output.name,
            quote(output.help)
        );
    }
    text
}

/// Every error code, which `docs/errors.md` has as headings.
#[must_use]
pub fn error_codes() -> &'static [&'static str] {
    crate::error::CODES
}
