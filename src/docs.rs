//! What the documentation says of the settings, from the one table: `--help`, `docs/inputs.md`, `action.yml`.

use std::fmt::Write as _;

use crate::frontend::{Group, OUTPUTS, SETTINGS};

/// The text of `rolehop --help`.
#[must_use]
pub fn help() -> String {
    let mut text = format!(
        "rolehop {}: short-lived AWS credentials for CI jobs\n\n\
         Usage:\n  \
         rolehop action main    what `uses:` runs: assume the role, mask, export\n  \
         rolehop action post    what runs when the job ends: put back what was there before\n  \
         rolehop --help         this text\n  \
         rolehop --version      the version\n",
        env!("CARGO_PKG_VERSION")
    );
    for group in Group::ALL {
        let _ = write!(text, "\n{}:\n", group.title());
        for setting in SETTINGS.iter().filter(|setting| setting.group == group) {
            let required = if setting.required { " (required)" } else { "" };
            let _ = writeln!(text, "  {:<29} {}{required}", setting.name, setting.help);
        }
    }
    text.push_str("\nEach is the input of that name under `with:`, which the runner hands over as INPUT_<NAME>.");
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
            if setting.required {
                what.push_str(" Required.");
            }
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
            "  {}:\n    description: {}\n    required: {}",
            setting.name,
            quote(setting.help),
            setting.required
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
    &crate::error::CODES
}
