//! What is written in several places says the same: the table of settings, action.yml, the docs, `--help`, the changelog.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// The names below a key of action.yml: lines that are indented by two.
fn names(yaml: &str, key: &str) -> BTreeSet<String> {
    let below = yaml.split(&format!("\n{key}:\n")).nth(1).expect("the key");
    let lines = below
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with(' '));
    let name = |line: &str| Some(line.strip_prefix("  ")?.strip_suffix(':')?.to_owned());
    lines
        .filter_map(name)
        .filter(|name| !name.starts_with(' '))
        .collect()
}

/// Inputs and outputs of the incumbent's action.yml, version 6.2.3.
const INCUMBENT: &str = "aws-region aws-profile overwrite-aws-profile role-to-assume aws-access-key-id aws-secret-access-key \
    aws-session-token web-identity-token-file role-chaining audience http-proxy no-proxy mask-aws-account-id role-duration-seconds \
    role-external-id role-session-name role-skip-session-tagging transitive-tag-keys inline-session-policy managed-session-policies \
    output-credentials output-env-credentials unset-current-credentials disable-retry retry-max-attempts special-characters-workaround \
    use-existing-credentials allowed-account-ids force-skip-oidc action-timeout-s custom-tags sts-endpoint";

#[test]
fn the_generated_files_are_up_to_date() {
    assert_eq!(
        read("action.yml"),
        rolehop::docs::action_yaml(),
        "run `cargo xtask docs`"
    );
    assert_eq!(
        read("docs/inputs.md"),
        rolehop::docs::inputs_markdown(),
        "run `cargo xtask docs`"
    );
    assert_eq!(
        read("docs/commands.md"),
        rolehop::docs::commands_markdown(),
        "run `cargo xtask docs`"
    );
    assert_eq!(
        read("docs/ci/README.md"),
        rolehop::docs::hosts_markdown(),
        "run `cargo xtask docs`"
    );
}

#[test]
fn every_input_of_the_incumbent_is_there() {
    let ours = names(&read("action.yml"), "inputs");
    let theirs: BTreeSet<String> = INCUMBENT.split_whitespace().map(str::to_owned).collect();
    assert_eq!(theirs.len(), 32);
    assert_eq!(
        theirs.difference(&ours).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

#[test]
fn the_help_names_every_input() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_rolehop"))
        .arg("--help")
        .env_clear()
        .output()
        .expect("ran");
    let help = String::from_utf8(help.stdout).expect("text");
    for name in names(&read("action.yml"), "inputs") {
        assert!(help.contains(&format!("  {name} ")), "{name}");
    }
}

#[test]
fn every_error_code_is_documented_and_nothing_else() {
    let page = read("docs/errors.md");
    let documented: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    assert_eq!(documented, rolehop::docs::error_codes());
}

#[test]
fn every_error_code_has_meaning_causes_fix_and_check() {
    let page = read("docs/errors.md");
    for section in page.split("\n## ").skip(1) {
        let code = section.lines().next().unwrap_or_default();
        // The longest section has parts of its own for some of these.
        for part in [
            ["**Meaning.**", "**Meaning.**"],
            ["**Causes", "\n1. **"],
            ["**Fix", "A trust policy that fits"],
            ["**Check.**", "### How to check"],
        ] {
            assert!(
                part.iter().any(|text| section.contains(text)),
                "{code}: {part:?}"
            );
        }
    }
}

#[test]
fn the_version_is_the_same_everywhere() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        read("CHANGELOG.md").contains(&format!("## {version}")),
        "CHANGELOG.md"
    );
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_rolehop"))
        .arg("--version")
        .env_clear()
        .output()
        .expect("ran");
    assert_eq!(
        String::from_utf8_lossy(&printed.stdout).trim(),
        format!("rolehop {version}")
    );
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    for page in [
        "README.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "docs/inputs.md",
        "docs/commands.md",
        "docs/errors.md",
        "docs/errors-measured.md",
        "docs/trust.md",
        "docs/migrating.md",
        "docs/comparison.md",
        "docs/performance.md",
        "docs/incumbent-tests.md",
        "docs/usage.md",
        "docs/ci/README.md",
        "docs/releasing.md",
    ] {
        let folder = root().join(page).parent().expect("a folder").to_owned();
        for link in read(page)
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            assert!(folder.join(target).exists(), "{page}: {link}");
        }
    }
}
