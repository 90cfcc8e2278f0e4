//! The scripts of CircleCI, Azure Pipelines, TeamCity and of the image that leaves a profile, each run by its own shell, and
//! a consumer that does with the result what the system does.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Output;

use fake_aws::{FakeAws, World};

use super::staged::{Staged, fails, succeeds};
use crate::real::tools::Tools;

/// The script of a step in a YAML file: the block below this key.
fn block(staged: &Staged, file: &str, key: &str) -> String {
    let text = fs::read_to_string(staged.path("integrations").join(file)).expect("a file");
    let mut lines = text
        .lines()
        .skip_while(|line| !line.trim_start_matches([' ', '-']).starts_with(key));
    let indent = lines
        .next()
        .expect(key)
        .find(|c: char| c != ' ' && c != '-');
    let indent = indent.expect("a key") + 2;
    let body =
        lines.take_while(|line| line.is_empty() || line.len() - line.trim_start().len() >= indent);
    body.map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n")
        .collect()
}

fn shell(staged: &Staged, shell: &str, script: &str) -> Output {
    staged
        .command(shell)
        .args(["-c", script])
        .output()
        .expect("a shell")
}

fn is_the_session(fake: &FakeAws, env: &BTreeMap<String, String>) {
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(env["AWS_ACCESS_KEY_ID"], session.access_key_id);
    assert_eq!(env["AWS_SECRET_ACCESS_KEY"], session.secret_access_key);
    assert_eq!(env["AWS_SESSION_TOKEN"], session.session_token);
}

/// The profile in a credentials file, as the AWS tools read it.
fn profile(file: &Path, name: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(file).expect("the profile");
    let section = text
        .split(&format!("[{name}]\n"))
        .nth(1)
        .expect("the section");
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs
        .map(|(key, value)| (key.trim().to_uppercase(), value.trim().to_owned()))
        .collect()
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("a file").permissions().mode() & 0o777
}

fn circleci(fake: &FakeAws) -> Staged {
    let staged = Staged::with(fake);
    let file = staged.path("bash_env").display().to_string();
    let mut staged = staged.var("CIRCLECI", "true").var("BASH_ENV", &file);
    for name in [
        "AWS_REGION",
        "ROLE_TO_ASSUME",
        "AUDIENCE",
        "ROLE_DURATION_SECONDS",
        "AWS_PROFILE",
    ] {
        staged = staged.var(&format!("PARAM_{name}"), "");
    }
    let binary = env!("CARGO_BIN_EXE_rolehop");
    let sum = super::staged::sha256(Path::new(binary));
    staged
        .var("PARAM_ROLE_SESSION_NAME", "from-the-parameter")
        .var("PARAM_BINARY_URL", &format!("file://{binary}"))
        .var("PARAM_BINARY_SHA256", &sum)
}

#[test]
fn circlecis_later_steps_have_the_session_until_the_clean_up() {
    let Some(_) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let staged = circleci(&fake);
    let log = succeeds(&fake, &staged.run("circleci/src/scripts/assume.sh"));
    assert!(log.contains("assumed-role/ops/from-the-parameter"), "{log}");
    let later = |name: &str| {
        let output = shell(&staged, "bash", &format!("printf %s \"${{{name}:-}}\""));
        (
            name.to_owned(),
            String::from_utf8(output.stdout).expect("text"),
        )
    };
    let names = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ];
    is_the_session(&fake, &names.map(later).into());
    succeeds(&fake, &staged.run("circleci/src/scripts/clean-up.sh"));
    assert_eq!(names.map(later).map(|(_, value)| value), ["", "", ""]);
    assert!(!staged.path("home/.rolehop").exists());
    // Where nothing was assumed there is nothing to undo.
    succeeds(&fake, &staged.run("circleci/src/scripts/clean-up.sh"));
}

#[test]
fn circleci_runs_no_other_binary_not_even_one_of_before() {
    let Some(_) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let staged = circleci(&fake);
    succeeds(&fake, &staged.run("circleci/src/scripts/assume.sh"));
    let staged = staged.var("PARAM_BINARY_SHA256", &"0".repeat(64));
    let log = fails(&fake, &staged.run("circleci/src/scripts/assume.sh"));
    assert!(log.contains("has not the SHA-256 000000"), "{log}");
    let staged = staged.var("PARAM_BINARY_URL", "file:///nowhere");
    fails(&fake, &staged.run("circleci/src/scripts/assume.sh"));
    assert!(!staged.path("home/.rolehop/rolehop").exists());
    assert_eq!(fake.sessions().len(), 1);
}

#[test]
fn azures_template_masks_then_sets_and_empties_at_the_end() {
    let Some(_) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let staged = Staged::with(&fake);
    let temp = staged.path("temp").display().to_string();
    let binary = env!("CARGO_BIN_EXE_rolehop");
    let sum = super::staged::sha256(Path::new(binary));
    let staged = staged
        .var("TF_BUILD", "True")
        .var("AGENT_TEMPDIRECTORY", &temp)
        .var("FETCH_URL", &format!("file://{binary}"))
        .var("FETCH_SHA256", &sum);
    let output = shell(
        &staged,
        "bash",
        &block(&staged, "azure/assume.yml", "bash: |"),
    );
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{log}");
    let session = fake.sessions().pop().expect("a session");
    let at = |text: &str| log.find(text).unwrap_or_else(|| panic!("no {text}"));
    let mask = at(&format!(
        "##vso[task.setsecret]{}",
        session.secret_access_key
    ));
    let set = at("##vso[task.setvariable variable=AWS_SECRET_ACCESS_KEY");
    assert!(mask < set, "masked before it is set");
    let staged = staged
        .var("AWS_ACCESS_KEY_ID", &session.access_key_id)
        .var("AWS_SECRET_ACCESS_KEY", &session.secret_access_key)
        .var("AWS_SESSION_TOKEN", &session.session_token);
    let output = shell(
        &staged,
        "bash",
        &block(&staged, "azure/clean-up.yml", "bash: |"),
    );
    let log = succeeds(&fake, &output);
    assert!(
        log.contains("##vso[task.setvariable variable=AWS_SECRET_ACCESS_KEY"),
        "{log}"
    );
}

#[test]
fn teamcitys_recipe_leaves_a_profile_and_its_name() {
    let Some(_) = Tools::find() else { return };
    let fake = FakeAws::start(World::demo());
    let binary = env!("CARGO_BIN_EXE_rolehop");
    let sum = super::staged::sha256(Path::new(binary));
    let staged = Staged::with(&fake)
        .var("TEAMCITY_VERSION", "2026.1")
        .var("ROLEHOP_AWS_PROFILE", "ci")
        .var("FETCH_URL", &format!("file://{binary}"))
        .var("FETCH_SHA256", &sum);
    let temp = staged.path("temp").display().to_string();
    // The server puts its parameters in before the agent runs the script.
    let script = block(&staged, "teamcity/rolehop.yml", "script: |-")
        .replace("%system.teamcity.build.tempDir%", &temp);
    let log = succeeds(&fake, &shell(&staged, "sh", &script));
    let parameter = |name: &str| {
        let start = format!("##teamcity[setParameter name='env.{name}' value='");
        let rest = log
            .split(&start)
            .nth(1)
            .unwrap_or_else(|| panic!("no {name} in\n{log}"));
        rest.split("']").next().expect("an end").to_owned()
    };
    let file = parameter("AWS_SHARED_CREDENTIALS_FILE");
    let file = Path::new(&file);
    assert!(file.starts_with(&temp) && mode(file) == 0o600);
    is_the_session(&fake, &profile(file, &parameter("AWS_PROFILE")));
}

/// The image's entry point, with the variables of a plugin step of these systems.
#[test]
fn the_image_leaves_a_profile_in_the_folder_of_all_steps() {
    let Some(_) = Tools::find() else { return };
    for (mark, shared, plugin) in [
        (
            ("BITBUCKET_BUILD_NUMBER", "7"),
            "BITBUCKET_CLONE_DIR",
            false,
        ),
        (("CI_SYSTEM_NAME", "woodpecker"), "CI_WORKSPACE", true),
        (("DRONE", "true"), "DRONE_WORKSPACE", true),
    ] {
        let fake = FakeAws::start(World::demo());
        let staged = Staged::with(&fake);
        let bin = staged.path("bin");
        fs::create_dir(&bin).expect("a folder");
        symlink(env!("CARGO_BIN_EXE_rolehop"), bin.join("rolehop")).expect("a link");
        let path = format!("{}:/usr/bin:/bin", bin.display());
        let work = staged.path("work").display().to_string();
        let mut staged = staged
            .var("PATH", &path)
            .var(mark.0, mark.1)
            .var(shared, &work);
        if plugin {
            staged = staged.var("PLUGIN_AWS_PROFILE", "named");
        }
        // A restarted step finds the profile of before.
        for _ in 0..2 {
            succeeds(&fake, &staged.run("container/workspace.sh"));
        }
        let folder = staged.path("work/.rolehop");
        let name = if plugin { "named" } else { "rolehop" };
        is_the_session(&fake, &profile(&folder.join("credentials"), name));
        assert_eq!(
            (mode(&folder), mode(&folder.join("credentials"))),
            (0o700, 0o600)
        );
        assert!(
            fs::read_to_string(folder.join("config"))
                .expect("the region")
                .contains("eu-west-1")
        );
        assert_eq!(
            fs::read_to_string(folder.join(".gitignore")).expect("a file"),
            "*\n"
        );
        let names: Vec<_> = fs::read_dir(&folder)
            .expect("the folder")
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert!(
            names
                .iter()
                .all(|name| !name.to_string_lossy().contains("undo")),
            "{names:?}"
        );
    }
}
