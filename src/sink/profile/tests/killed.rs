//! What a process that was killed on its way leaves, and who clears it up.

use super::super::undo::{Outcome, undo};
use super::*;

#[test]
fn records_of_edits_that_were_never_made_go_with_the_next_write() {
    let old = "[dev]\naws_access_key_id = AKIA\naws_secret_access_key = old\n";
    let scratch = given(old, "");
    let killed = write(&scratch, "dev", "ASIA1");
    // As if it had been killed right before its edits.
    scratch.file(".aws/credentials", old);
    scratch.file(".aws/config", "");
    let next = write(&scratch, "prod", "ASIA2");
    assert_eq!(extra(&scratch).len(), 2, "{:?}", extra(&scratch));
    assert_eq!(outcomes(&killed), [Outcome::Forgotten, Outcome::Absent]);
    assert_eq!(outcomes(&next), [Outcome::Restored, Outcome::Restored]);
    assert_eq!(text(&scratch, ".aws/credentials"), old);
    assert_eq!(extra(&scratch), [""; 0]);
}

#[test]
fn what_a_killed_process_made_goes_with_the_next_undo() {
    let scratch = Scratch::new();
    write(&scratch, "dev", "ASIA1");
    for name in ["credentials", "config"] {
        std::fs::remove_file(scratch.path(&format!(".aws/{name}"))).unwrap();
    }
    let next = write(&scratch, "prod", "ASIA2");
    undo(&next).unwrap();
    assert!(scratch.names().is_empty(), "{:?}", scratch.names());
}

#[test]
fn the_post_of_a_killed_step_undoes_what_it_had_done() {
    let old = "[dev]\naws_access_key_id = AKIA\n";
    let scratch = given(old, "");
    let prepared = ready(&scratch, "dev");
    // Saved ahead; the process did not get as far as to write.
    let journal = prepared.journal().clone();
    assert_eq!(outcomes(&journal), [Outcome::Forgotten, Outcome::Absent]);
    write_values(&prepared, &[&values("ASIA1")]).unwrap();
    // It was killed before its second edit.
    scratch.file(".aws/config", "");
    assert_eq!(outcomes(&journal), [Outcome::Restored, Outcome::Gone]);
    assert_eq!(text(&scratch, ".aws/credentials"), old);
    assert_eq!(extra(&scratch), [""; 0]);
}

#[test]
fn half_written_files_go_with_the_next_write() {
    let scratch = given("", "");
    let record = ".aws/.credentials.rolehop-undo-0123456789abcdef";
    scratch.file(record, "{\"order\":18446744073709551615,");
    scratch.file(
        ".aws/.credentials.rolehop-tmp-0123456789abcdef",
        "[dev]\naws_",
    );
    scratch.file(".aws/.config.rolehop-tmp-0123456789abcdef", "{\"order\"");
    scratch.file(".aws/.credentials.rolehop-lock", "");
    let journal = write(&scratch, "dev", "ASIA1");
    assert_eq!(outcomes(&journal), [Outcome::Restored, Outcome::Restored]);
    // What is called a record and is none was not made by us.
    assert_eq!(
        extra(&scratch),
        [".credentials.rolehop-undo-0123456789abcdef"]
    );
}

#[test]
fn a_record_that_is_relied_upon_is_no_rubbish() {
    let scratch = given("", "");
    let first = write(&scratch, "dev", "ASIA1");
    // Changes nothing, and still stands on its own.
    let second = write(&scratch, "dev", "ASIA1");
    let third = write(&scratch, "prod", "ASIA3");
    undo(&first).unwrap();
    undo(&third).unwrap();
    assert_eq!(loaded(&scratch, "dev")["aws_access_key_id"], "ASIA1");
    undo(&second).unwrap();
    assert_eq!(text(&scratch, ".aws/credentials"), "");
    assert_eq!(extra(&scratch), [""; 0]);
}

/// Only root can give a file away; elsewhere there is nothing to try.
#[cfg(unix)]
#[test]
fn records_of_other_users_have_no_say() {
    use std::os::unix::fs::{MetadataExt, chown};

    let scratch = given("", "");
    let first = write(&scratch, "dev", "ASIA1");
    let planted = write(&scratch, "dev", "ASIA2");
    let mut given_away = 0;
    for name in extra(&scratch) {
        let path = scratch.path(&format!(".aws/{name}"));
        let text = std::fs::read_to_string(&path).unwrap();
        if text.contains("ASIA2") || text.contains("\"order\":2") {
            given_away += u8::from(chown(&path, Some(4321), None).is_ok());
            assert!(given_away == 0 || path.metadata().unwrap().uid() == 4321);
        }
    }
    if given_away == 0 {
        return;
    }
    assert!(!outcomes(&first).contains(&Outcome::Superseded));
    drop(planted);
}
