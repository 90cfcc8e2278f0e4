//! Profiles on disk, read back by the AWS SDK.

mod ini;
mod killed;
mod many;
mod undo;

use super::heading::Kind;
use super::journal::Journal;
use super::paths::ProfilePaths;
use super::store::{Prepared, ProfileError, Values, prepare, write_values};
use super::undo::{Outcome, undo};
use crate::model::request::ProfilePlace;
use crate::system::files::tests::Scratch;
use aws_types::os_shim_internal::{Env, Fs};
use std::collections::{BTreeMap, HashMap};

/// A profile's keys as the SDK reads them from a file of that kind.
pub(super) fn read_by_sdk(
    text: &str,
    kind: Kind,
    profile: &str,
) -> Result<BTreeMap<String, String>, String> {
    match kind {
        Kind::Credentials => load(text, "", profile),
        Kind::Config => load("", text, profile),
    }
}

/// A profile's keys as the SDK merges them from both files.
fn load(
    credentials: &str,
    config: &str,
    profile: &str,
) -> Result<BTreeMap<String, String>, String> {
    let fs = Fs::from_map(HashMap::from([
        ("/credentials".to_owned(), credentials.as_bytes().to_vec()),
        ("/config".to_owned(), config.as_bytes().to_vec()),
    ]));
    let env = Env::from_slice(&[
        ("AWS_SHARED_CREDENTIALS_FILE", "/credentials"),
        ("AWS_CONFIG_FILE", "/config"),
    ]);
    #[expect(
        deprecated,
        reason = "its new name is in a crate that nothing else here needs"
    )]
    let files = aws_config::profile::profile_file::ProfileFiles::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let set = runtime
        .block_on(aws_config::profile::load(&fs, &env, &files, None))
        .map_err(|error| format!("{error:?}"))?;
    let Some(profile) = set.get_profile(profile) else {
        return Ok(BTreeMap::new());
    };
    // Its keys cannot be listed, so it is asked for those that tests use.
    let known = [
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "cli_pager",
        "credential_process",
        "endpoint_url",
        "output",
        "region",
        "role_arn",
        "s3",
        "source_profile",
        "sso_session",
        "web_identity_token_file",
    ];
    Ok(known
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), profile.get(key)?.to_owned())))
        .collect())
}

fn paths(scratch: &Scratch) -> ProfilePaths {
    ProfilePaths {
        credentials: Some(scratch.path(".aws/credentials")),
        config: scratch.path(".aws/config"),
    }
}

fn place(name: &str, overwrite: bool) -> ProfilePlace {
    ProfilePlace {
        name: name.parse().unwrap(),
        overwrite,
    }
}

fn ready(scratch: &Scratch, profile: &str) -> Prepared {
    prepare(&paths(scratch), vec![place(profile, true)]).unwrap()
}

fn values(key: &str) -> Values {
    Values {
        credentials: vec![
            ("aws_access_key_id", key.to_owned()),
            ("aws_secret_access_key", format!("secret-of-{key}")),
            ("aws_session_token", format!("token-of-{key}")),
        ],
        config: vec![("region", "eu-west-1".to_owned())],
    }
}

pub(super) fn write(scratch: &Scratch, profile: &str, key: &str) -> Journal {
    written(&ready(scratch, profile), &values(key))
}

/// Several profiles in one go, all of the same keys.
pub(super) fn write_all(scratch: &Scratch, profiles: &[&str], key: &str) -> Journal {
    let places = profiles.iter().map(|name| place(name, true)).collect();
    let prepared = prepare(&paths(scratch), places).unwrap();
    let values = values(key);
    write_values(&prepared, &vec![&values; profiles.len()]).unwrap();
    prepared.journal().clone()
}

fn written(prepared: &Prepared, values: &Values) -> Journal {
    write_values(prepared, &[values]).unwrap();
    prepared.journal().clone()
}

pub(super) fn text(scratch: &Scratch, name: &str) -> String {
    std::fs::read_to_string(scratch.path(name)).unwrap_or_default()
}

pub(super) fn given(credentials: &str, config: &str) -> Scratch {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path(".aws")).unwrap();
    scratch.file(".aws/credentials", credentials);
    scratch.file(".aws/config", config);
    scratch
}

fn loaded(scratch: &Scratch, profile: &str) -> BTreeMap<String, String> {
    load(
        &text(scratch, ".aws/credentials"),
        &text(scratch, ".aws/config"),
        profile,
    )
    .unwrap()
}

/// What is in the directory beside the two files.
pub(super) fn extra(scratch: &Scratch) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(scratch.path(".aws"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "credentials" && name != "config")
        .collect();
    names.sort();
    names
}

fn outcomes(journal: &Journal) -> Vec<Outcome> {
    undo(journal)
        .unwrap()
        .outcomes
        .into_iter()
        .map(|(_, _, outcome)| outcome)
        .collect()
}

#[test]
fn a_new_profile_comes_and_goes_without_a_trace() {
    let scratch = Scratch::new();
    let prepared = ready(&scratch, "dev");
    assert!(scratch.names().is_empty(), "prepare wrote something");
    let journal = written(&prepared, &values("ASIA1"));
    assert_eq!(
        text(&scratch, ".aws/credentials"),
        "[dev]\naws_access_key_id = ASIA1\naws_secret_access_key = secret-of-ASIA1\naws_session_token = token-of-ASIA1\n"
    );
    assert_eq!(
        text(&scratch, ".aws/config"),
        "[profile dev]\nregion = eu-west-1\n"
    );
    assert_eq!(outcomes(&journal), [Outcome::Restored, Outcome::Restored]);
    assert!(scratch.names().is_empty(), "{:?}", scratch.names());
}

#[cfg(unix)]
#[test]
fn everything_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = given("[dev]\naws_secret_access_key = old\n", "");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let _journal = write(&scratch, "dev", "ASIA1");
    assert_eq!(mode(&scratch.path(".aws/credentials")), 0o600);
    for name in extra(&scratch) {
        assert_eq!(
            mode(&scratch.path(&format!(".aws/{name}"))),
            0o600,
            "{name}"
        );
    }
}

#[test]
fn the_journal_has_no_secret() {
    let scratch = given(
        "[dev]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old-secret\n",
        "",
    );
    let journal = serde_json::to_string(&write(&scratch, "dev", "ASIA1")).unwrap();
    for secret in ["old-secret", "secret-of", "token-of", "ASIA1", "AKIAOLD"] {
        assert!(!journal.contains(secret), "{journal}");
    }
    assert!(journal.len() < 1000, "{journal}");
    let journal: Journal = serde_json::from_str(&journal).unwrap();
    assert_eq!(outcomes(&journal), [Outcome::Restored, Outcome::Restored]);
    assert!(text(&scratch, ".aws/credentials").contains("old-secret"));
    assert_eq!(extra(&scratch), [""; 0]);
    assert_eq!(outcomes(&journal), [Outcome::Forgotten, Outcome::Absent]);
}

#[test]
fn what_contradicts_the_keys_goes_from_both_files_and_comes_back() {
    let credentials = "[dev]\nAWS_Session_Token = stale\naws_security_token: stale\nregion = us-east-1\ns3 =\n  region = nested\n";
    let config = "# mine\n[profile dev]\nrole_arn = arn\nsource_profile = base\nsso_session = s\n  # indented\naws_session_token = stale\noutput = json\n";
    let scratch = given(credentials, config);
    let mut new = values("ASIA1");
    new.credentials.pop();
    let journal = written(&ready(&scratch, "dev"), &new);
    let expected = [
        ("aws_access_key_id", "ASIA1"),
        ("aws_secret_access_key", "secret-of-ASIA1"),
        ("output", "json"),
        ("region", "eu-west-1"),
        ("s3", "\nregion = nested"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(loaded(&scratch, "dev"), BTreeMap::from(expected));
    assert_eq!(
        text(&scratch, ".aws/config"),
        "# mine\n[profile dev]\noutput = json\nregion = eu-west-1\n"
    );
    assert_eq!(outcomes(&journal), [Outcome::Restored, Outcome::Restored]);
    assert_eq!(text(&scratch, ".aws/credentials"), credentials);
    assert_eq!(text(&scratch, ".aws/config"), config);
}

#[test]
fn a_credential_process_replaces_static_keys() {
    let credentials = "[dev]\naws_access_key_id = AKIA\naws_secret_access_key = old\n";
    let scratch = given(credentials, "");
    let new = Values {
        config: vec![(
            "credential_process",
            "/opt/rolehop credential-process --profile 'dev'".to_owned(),
        )],
        ..Values::default()
    };
    let journal = written(&ready(&scratch, "dev"), &new);
    assert_eq!(text(&scratch, ".aws/credentials"), "[dev]\n");
    let found = loaded(&scratch, "dev");
    assert_eq!(found.keys().collect::<Vec<_>>(), ["credential_process"]);
    undo(&journal).unwrap();
    assert_eq!(text(&scratch, ".aws/credentials"), credentials);
    assert_eq!(text(&scratch, ".aws/config"), "");
}

#[test]
fn both_spellings_of_the_default_profile_say_the_same() {
    let config = "[default]\nregion = us-east-1\n\n[profile default]\nrole_arn = arn\n";
    let scratch = given("", config);
    let journal = write(&scratch, "default", "ASIA1");
    assert_eq!(
        text(&scratch, ".aws/config"),
        "[default]\nregion = eu-west-1\n\n[profile default]\nregion = eu-west-1\n"
    );
    assert_eq!(loaded(&scratch, "default").len(), 4);
    undo(&journal).unwrap();
    assert_eq!(text(&scratch, ".aws/config"), config);
}

#[test]
fn one_file_can_be_both() {
    let scratch = given("# one\n", "");
    let one = ProfilePaths {
        credentials: Some(scratch.path(".aws/credentials")),
        config: scratch.path(".aws/../.aws/credentials"),
    };
    for profile in ["default", "dev"] {
        let prepared = prepare(&one, vec![place(profile, false)]).unwrap();
        let journal = written(&prepared, &values("ASIA1"));
        let now = text(&scratch, ".aws/credentials");
        assert_eq!(load(&now, &now, profile).unwrap().len(), 4, "{now}");
        assert!(prepare(&one, vec![place(profile, false)]).is_err());
        assert_eq!(outcomes(&journal), [Outcome::Restored, Outcome::Restored]);
        assert_eq!(text(&scratch, ".aws/credentials"), "# one\n");
        assert_eq!(extra(&scratch), [""; 0]);
    }
}

#[test]
fn an_existing_profile_is_kept_unless_it_may_be_overwritten() {
    let scratch = given("", "[profile dev]\n");
    let refused = prepare(&paths(&scratch), vec![place("dev", false)]).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("the profile `dev` exists already in "),
        "{refused}"
    );
    // The other process that was quicker.
    let prepared = prepare(&paths(&scratch), vec![place("new", false)]).unwrap();
    let _journal = write(&scratch, "new", "ASIA1");
    let refused = write_values(&prepared, &[&values("ASIA2")]).unwrap_err();
    assert!(matches!(refused, ProfileError::Exists { .. }), "{refused}");
    assert_eq!(loaded(&scratch, "new")["aws_access_key_id"], "ASIA1");
}

#[test]
fn a_value_cannot_smuggle_in_another_key() {
    let scratch = given("", "");
    for value in [
        "x\nrole_arn = y",
        "x\ry",
        "",
        " ",
        " x",
        "x # y",
        "x\t;y",
        "#x",
    ] {
        let new = Values {
            credentials: vec![("aws_access_key_id", value.to_owned())],
            config: vec![],
        };
        let refused = write_values(&ready(&scratch, "dev"), &[&new]).unwrap_err();
        assert!(
            matches!(refused, ProfileError::Value { .. }),
            "{value:?}: {refused}"
        );
    }
    assert_eq!(text(&scratch, ".aws/credentials"), "");
}

#[cfg(unix)]
#[test]
fn when_the_second_file_cannot_be_written_the_first_is_as_it_was() {
    let credentials = "[dev]\naws_access_key_id = AKIA";
    let scratch = given(credentials, "");
    let prepared = ready(&scratch, "dev");
    std::fs::remove_file(scratch.path(".aws/config")).unwrap();
    std::os::unix::fs::symlink("/nowhere", scratch.path(".aws/config")).unwrap();
    assert!(write_values(&prepared, &[&values("ASIA1")]).is_err());
    assert_eq!(text(&scratch, ".aws/credentials"), credentials);
    assert_eq!(extra(&scratch), [""; 0]);
}
