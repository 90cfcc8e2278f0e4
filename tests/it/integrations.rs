//! `integrations/` and `docs/ci/`: what is written in several places says the same, and nothing is run unchecked. Vendors'
//! schemas and real runs are in `real/integrations`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The texts below a folder, with their paths from the root.
fn texts(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(root()).expect("below the root");
            let name = name.display().to_string().replace('\\', "/");
            found.push((name, fs::read_to_string(&path).expect("a text")));
        }
    }
    found.sort();
    found
}

fn is_page(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| kind == "md")
}

fn all() -> Vec<(String, String)> {
    [texts("integrations"), texts("docs/ci")].concat()
}

/// The names of the settings, as action.yml has them.
fn settings() -> BTreeSet<String> {
    let yaml = rolehop::docs::action_yaml();
    let inputs = yaml.split("\ninputs:\n").nth(1).expect("inputs");
    let lines = inputs
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with(' '));
    let name = |line: &str| Some(line.strip_prefix("  ")?.strip_suffix(':')?.to_owned());
    lines
        .filter_map(name)
        .filter(|name| !name.starts_with(' '))
        .collect()
}

/// Every word that begins with this.
fn words(text: &str, prefix: &str) -> BTreeSet<String> {
    let part = |c: &char| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_';
    text.split(prefix)
        .skip(1)
        .map(|rest| rest.chars().take_while(part).collect::<String>())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_ascii_lowercase().replace('_', "-"))
        .collect()
}

/// The keys one level below a line that is this key.
fn keys_below(text: &str, key: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let indent = |line: &str| line.len() - line.trim_start().len();
        if line.trim_start_matches([' ', '-']) != key {
            continue;
        }
        let below = lines.get(at + 1).map_or(0, |next| indent(next));
        let block = lines[at + 1..]
            .iter()
            .take_while(|line| !line.trim().is_empty() && indent(line) >= below);
        let keys = block.filter(|line| indent(line) == below);
        let name = |line: &&str| Some(line.trim().split_once(':')?.0.replace('_', "-"));
        found.extend(keys.filter_map(name));
    }
    found
}

#[test]
fn every_setting_that_is_named_is_one_of_the_table() {
    let known = settings();
    // What the integrations themselves read.
    let own = ["binary-url", "binary-sha256"];
    let mut seen = 0;
    for (name, text) in all() {
        let mut named = words(&text, "ROLEHOP_");
        named.extend(words(&text, "PLUGIN_").into_iter().filter(|word| {
            // The agent's own variables, and what Harness puts there.
            !word.starts_with("rolehop-") && word != "oidc-token-id"
        }));
        named.extend(words(&text, "PARAM_"));
        for key in ["settings:", "with:"] {
            named.extend(keys_below(&text, key));
        }
        if name.ends_with("plugin.yml") {
            named.extend(keys_below(&text, "properties:"));
        }
        // A name that goes on in a variable is none yet.
        for setting in named.iter().filter(|name| !name.ends_with('-')) {
            let ours = own.iter().any(|own| setting.ends_with(own));
            assert!(ours || known.contains(setting), "{name}: {setting}");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn every_download_is_of_this_version_and_checked_by_its_digest() {
    let sums = fs::read_to_string(root().join("dist/bin/SHA256SUMS")).expect("the sums");
    let sum = sums
        .lines()
        .find_map(|line| line.strip_suffix("  linux-x64/rolehop"))
        .expect("the sum of linux-x64");
    let url = format!(
        "https://raw.githubusercontent.com/OWNER/rolehop/v{}/dist/bin/linux-x64/rolehop",
        env!("CARGO_PKG_VERSION")
    );
    let mut downloads = 0;
    for (name, text) in all() {
        let urls = text.matches("raw.githubusercontent.com").count();
        assert_eq!(
            text.matches(&url).count(),
            urls,
            "{name}: cargo xtask package"
        );
        assert_eq!(
            text.matches(sum).count(),
            urls,
            "{name}: cargo xtask package"
        );
        let digests = text
            .split(|c: char| !c.is_ascii_hexdigit())
            .filter(|word| word.len() == 64);
        assert_eq!(digests.count(), urls, "{name} has another digest");
        downloads += urls;
        for tool in ["curl ", "wget "] {
            assert!(
                !text.contains(tool) || text.contains("sha256sum"),
                "{name} runs what it has not checked"
            );
        }
    }
    assert!(downloads >= 16, "{downloads}");
}

/// Each integration stands alone, so each has the same lines.
#[test]
fn the_check_of_the_digest_is_the_same_everywhere() {
    let mut checks = BTreeSet::new();
    let mut files = 0;
    for (name, text) in texts("integrations") {
        let Some(start) = text.find("# Fetches URL to FILE") else {
            assert!(
                is_page(&name) || !text.contains("sha256sum -c"),
                "{name} checks in its own way"
            );
            continue;
        };
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let indent = start - line;
        let block = text[line..]
            .lines()
            .map(|line| line.get(indent..).unwrap_or_default());
        let mut whole: Vec<&str> = block.clone().take_while(|line| *line != "}").collect();
        whole.push("}");
        checks.insert(whole.join("\n"));
        files += 1;
    }
    assert_eq!(checks.len(), 1, "{checks:#?}");
    assert_eq!(files, 6);
}

/// The pages that `src/host` names.
fn pages() -> Vec<PathBuf> {
    let hosts = texts("src/host");
    let page = |(_, text): &(String, String)| {
        let rest = text.split("\n    page: \"").nth(1)?;
        Some(root().join(rest.split('"').next()?))
    };
    hosts.iter().filter_map(page).collect()
}

#[test]
fn every_system_has_a_page_with_the_same_parts() {
    let pages = pages();
    assert_eq!(pages.len(), 24);
    for page in &pages {
        let text =
            fs::read_to_string(page).unwrap_or_else(|fault| panic!("{}: {fault}", page.display()));
        let mut rest = text.as_str();
        for part in [
            "\n## Trust policy\n",
            "| issuer |",
            "| audience |",
            "| subject |",
            "Before",
            "```",
            "\nAfter",
            "```",
            "\n## What happens\n",
            "\n- **Settings**: ",
            "\n- **Hand-over**: ",
            "\n- **Hidden in the log**: ",
            "\n- **Not possible**: ",
            "\n- **Undo**: ",
        ] {
            let (_, after) = rest
                .split_once(part)
                .unwrap_or_else(|| panic!("{}: no `{part}` there", page.display()));
            rest = after;
        }
    }
    let written = texts("docs/ci").len() - 1;
    assert_eq!(written, pages.len(), "a page of no system");
}

#[test]
fn every_folder_has_a_readme_of_its_own_and_says_what_to_trust() {
    for entry in fs::read_dir(root().join("integrations"))
        .expect("a folder")
        .flatten()
    {
        if !entry.path().is_dir() {
            continue;
        }
        let readme = entry.path().join("README.md");
        let text = fs::read_to_string(&readme)
            .unwrap_or_else(|fault| panic!("{}: {fault}", readme.display()));
        if entry.file_name() == "container" {
            continue;
        }
        assert!(
            text.contains("trust policy") || text.contains("issuer"),
            "{}",
            readme.display()
        );
        let page = format!("../../docs/ci/{}.md", entry.file_name().display());
        assert!(text.contains(&page), "{}", readme.display());
    }
}

#[test]
fn links_lead_somewhere() {
    for (name, text) in all().into_iter().filter(|(name, _)| is_page(name)) {
        let folder = root().join(&name);
        let folder = folder.parent().expect("a folder");
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            assert!(folder.join(target).exists(), "{name}: {link}");
        }
    }
}

/// The lines of a text that are an item of a list and have to do with `export`.
#[cfg(unix)]
fn export_lines(text: &str) -> Vec<&str> {
    let items = text.lines().filter_map(|line| {
        let (indent, item) = line.split_once("- ")?;
        indent.trim().is_empty().then_some(item)
    });
    items.filter(|item| item.contains("rolehop_env")).collect()
}

#[cfg(unix)]
#[test]
fn a_script_ends_where_the_binary_cannot_start() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a folder");
    let binary = folder.path().join("rolehop");
    let run = |program: &str, lines: &[&str]| {
        fs::write(&binary, program).expect("a program");
        fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).expect("executable");
        let call = binary.display().to_string();
        let script = lines.join("\n").replace("~/rolehop", &call);
        let script = script.replace("/tmp/rolehop", &call);
        let output = std::process::Command::new("/bin/sh")
            .args([
                "-e",
                "-c",
                &format!("{script}\necho \"went on with $MINE\""),
            ])
            .env_clear()
            .env("PATH", folder.path())
            .output()
            .expect("sh starts");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut seen = 0;
    for (name, text) in all() {
        assert!(
            !text.contains("- eval \"$("),
            "{name}: eval of nothing succeeds"
        );
        let lines = export_lines(&text);
        if lines.is_empty() {
            continue;
        }
        seen += 1;
        let good = run("#!/bin/sh\necho \"export MINE='it works'\"\n", &lines);
        assert_eq!(good, "went on with it works\n", "{name}");
        // As for another machine.
        assert_eq!(run("\u{7f}ELF\0\0\0", &lines), "", "{name}");
    }
    assert!(seen >= 7, "{seen}");
}
