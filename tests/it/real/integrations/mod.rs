//! The integrations as their users have them: validated by their vendors' schemas and tools, and run.

mod agents;
mod buildkite;
mod gitlab;
mod jenkins;
mod staged;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tools::Tools;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the validator says of these folders, and whether it took everything.
fn validate(tools: &Tools, integrations: &Path, pages: &Path) -> (bool, String) {
    let output = Command::new(tools.path("bin/python"))
        .arg(root().join("tests/it/real/integrations/validate.py"))
        .args([integrations, pages])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .expect("python starts");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn every_file_and_every_example_is_taken_by_its_vendors_schema_or_linter() {
    let Some(tools) = Tools::find() else { return };
    let (taken, said) = validate(
        &tools,
        &root().join("integrations"),
        &root().join("docs/ci"),
    );
    assert!(taken, "{said}");
    let count = said.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(count > 80, "{count} of\n{said}");
    for how in [
        "vendor.azure-pipelines",
        "vendor.bitbucket-pipelines",
        "vendor.buildkite",
        "vendor.circle-ci",
        "vendor.cloudbuild",
        "vendor.drone-ci",
        "vendor.github-workflows",
        "vendor.gitlab-ci",
        "vendor.travis",
        "vendor.woodpecker-ci",
        "hadolint",
        "kubernetes-validate",
        "shellcheck",
    ] {
        assert!(said.contains(&format!(": {how}\n")), "no {how} in\n{said}");
    }
}

/// A slip in each of these files, and each is refused.
#[test]
fn the_validator_refuses_what_the_vendor_would() {
    let Some(tools) = Tools::find() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (files, pages) = (folder.path().join("integrations"), folder.path().join("ci"));
    staged::copy(&root().join("integrations"), &files, &|text| text);
    staged::copy(&root().join("docs/ci"), &pages, &|text| text);
    for (file, right, wrong, _) in SLIPS {
        let file = folder.path().join(file);
        let text = fs::read_to_string(&file).expect("a file");
        assert!(text.contains(right), "{}: {right}", file.display());
        fs::write(&file, text.replace(right, wrong)).expect("a file");
    }
    let (taken, said) = validate(&tools, &files, &pages);
    assert!(!taken, "{said}");
    for (file, _, wrong, name) in SLIPS {
        let line = format!("\nrefused {name}: ");
        assert!(said.contains(&line), "{file}: `{wrong}` was taken\n{said}");
    }
}

/// The file, what is right there, what is wrong, and the name under which the validator speaks of it.
const SLIPS: &[(&str, &str, &str, &str)] = &[
    (
        "integrations/gitlab/templates/rolehop.yml",
        "  id_tokens:",
        "  id_tokens: [1]\n  identity:",
        "gitlab jobs",
    ),
    (
        "integrations/circleci/src/commands/assume.yml",
        "type: string",
        "type: text",
        "circleci orb",
    ),
    (
        "integrations/azure/assume.yml",
        "displayName:",
        "display-name:",
        "azure assume",
    ),
    (
        "integrations/buildkite/plugin.yml",
        "requirements:",
        "requires:",
        "buildkite plugin",
    ),
    (
        "integrations/bitbucket/pipe.yml",
        "maintainer:",
        "maintained-by:",
        "bitbucket pipe",
    ),
    (
        "integrations/teamcity/rolehop.yml",
        "type: text",
        "type: words",
        "teamcity recipe",
    ),
    (
        "integrations/woodpecker/pipeline.yml",
        "settings:",
        "setting:",
        "woodpecker",
    ),
    (
        "integrations/drone/pipeline.yml",
        "image:",
        "images:",
        "drone",
    ),
    (
        "integrations/kubernetes/irsa.yml",
        "backoffLimit: 0",
        "backoffLimits: 0",
        "kubernetes irsa",
    ),
    (
        "integrations/container/Dockerfile",
        "USER 65532:65532\n",
        "USER 65532:65532\nMAINTAINER me\n",
        "container Dockerfile",
    ),
    (
        "integrations/circleci/src/scripts/clean-up.sh",
        "rm -rf \"$HOME",
        "rm -rf $HOME",
        "circleci/src/scripts/clean-up.sh",
    ),
    (
        "integrations/teamcity/README.md",
        "aws sts",
        "cd $x; aws sts",
        "teamcity/README.md#0",
    ),
    ("ci/gitlab.md", "script:\n", "scripts:\n", "ci/gitlab.md#0"),
    ("ci/bitbucket.md", "- step:", "- stap:", "ci/bitbucket.md#0"),
    (
        "ci/buildkite.md",
        "role-to-assume: arn",
        "role-to-assume: 1 # arn",
        "ci/buildkite.md#1",
    ),
    ("ci/github.md", "runs-on:", "run-on:", "ci/github.md#0"),
    (
        "ci/travis.md",
        "language: minimal",
        "language: [1, {}]",
        "ci/travis.md#0",
    ),
    (
        "ci/woodpecker.md",
        "image:",
        "images:",
        "ci/woodpecker.md#0",
    ),
    (
        "ci/cloud-build.md",
        "args:",
        "arguments:",
        "ci/cloud-build.md#0",
    ),
    (
        "ci/kubernetes.md",
        "containers:",
        "container:",
        "ci/kubernetes.md#0",
    ),
    (
        "ci/semaphore.md",
        "blocks:",
        "blocks: [",
        "ci/semaphore.md#0",
    ),
];

/// A program of this machine.
fn program(name: &str) -> Option<PathBuf> {
    ["/usr/local/bin", "/usr/bin", "/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.exists())
}
