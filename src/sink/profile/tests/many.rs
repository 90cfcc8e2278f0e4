//! Several profiles in one go.

use super::super::undo::{Outcome, undo};
use super::*;

#[test]
fn each_file_is_replaced_once_and_has_one_record() {
    let scratch = given("[x]\ny = z\n", "");
    let names: Vec<String> = (0..200).map(|n| format!("account-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let journal = write_all(&scratch, &names, "ASIA1");
    assert_eq!(extra(&scratch).len(), 2, "{:?}", extra(&scratch));
    for name in [names[0], names[117], names[199]] {
        assert_eq!(
            loaded(&scratch, name)["aws_session_token"],
            "token-of-ASIA1"
        );
    }
    let lines = undo(&journal).unwrap().lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].starts_with("restored 200 profiles in "),
        "{lines:?}"
    );
    assert_eq!(text(&scratch, ".aws/credentials"), "[x]\ny = z\n");
    assert_eq!(extra(&scratch), [""; 0]);
}

#[test]
fn one_that_exists_keeps_all_from_being_written() {
    let scratch = given("[b]\naws_access_key_id = AKIA\n", "");
    let places = ["a", "b", "c"].map(|name| place(name, false)).to_vec();
    let refused = prepare(&paths(&scratch), places).unwrap_err();
    assert!(matches!(refused, ProfileError::Exists { name, .. } if name == "b"));
    assert_eq!(extra(&scratch), [""; 0]);
}

#[test]
fn one_value_that_cannot_be_kept_keeps_all_from_being_written() {
    let scratch = Scratch::new();
    let places = ["a", "b"].map(|name| place(name, false)).to_vec();
    let prepared = prepare(&paths(&scratch), places).unwrap();
    let (good, mut bad) = (values("ASIA1"), values("ASIA2"));
    bad.credentials
        .push(("aws_session_token", "a\nb".to_owned()));
    assert!(write_values(&prepared, &[&good, &bad]).is_err());
    assert!(scratch.names().is_empty(), "{:?}", scratch.names());
}

#[test]
fn a_later_step_keeps_its_own_of_them() {
    let scratch = given("", "");
    let first = write_all(&scratch, &["a", "b", "c"], "ASIA1");
    let second = write_all(&scratch, &["b", "d"], "ASIA2");
    let lines = undo(&first).unwrap().lines();
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("restored 2 profiles"))
            && lines
                .iter()
                .any(|line| line.starts_with("left the profile `b`")),
        "{lines:?}"
    );
    assert_eq!(loaded(&scratch, "b")["aws_access_key_id"], "ASIA2");
    assert_eq!(loaded(&scratch, "a").len(), 0);
    assert_eq!(outcomes(&second), [const { Outcome::Restored }; 4]);
    assert_eq!(text(&scratch, ".aws/credentials"), "");
    assert_eq!(extra(&scratch), [""; 0]);
}

#[test]
fn a_step_on_one_of_them_can_be_undone_after_them() {
    let scratch = given("[b]\naws_access_key_id = AKIA\n", "");
    let first = write(&scratch, "b", "ASIA1");
    let second = write_all(&scratch, &["a", "b"], "ASIA2");
    undo(&first).unwrap();
    assert_eq!(loaded(&scratch, "b")["aws_access_key_id"], "ASIA2");
    undo(&second).unwrap();
    assert_eq!(
        text(&scratch, ".aws/credentials"),
        "[b]\naws_access_key_id = AKIA\n"
    );
    assert_eq!(extra(&scratch), [""; 0]);
}
