//! What is left after an undo, when others were at work too.

use super::super::undo::{Outcome, forget, undo};
use super::*;

#[test]
fn only_what_still_holds_our_values_is_taken_out() {
    let scratch = given(
        "[dev]\naws_access_key_id = AKIA\naws_secret_access_key = old\n",
        "",
    );
    let journal = write(&scratch, "dev", "ASIA1");
    let edited =
        text(&scratch, ".aws/credentials").replace("= ASIA1\n", "= AKIANEW\noutput = json\n");
    scratch.file(".aws/credentials", &edited);
    let left = vec!["aws_access_key_id".to_owned()];
    assert_eq!(
        outcomes(&journal),
        [Outcome::Partial { left }, Outcome::Restored]
    );
    let now = text(&scratch, ".aws/credentials");
    assert!(
        now.contains("AKIANEW") && now.contains("output = json"),
        "{now}"
    );
    assert!(
        !now.contains("-of-ASIA1\n") && !now.contains("= old"),
        "{now}"
    );
}

#[test]
fn a_key_that_somebody_added_stays_when_the_rest_is_restored() {
    let scratch = given(
        "[dev]\naws_access_key_id = AKIA\naws_secret_access_key = old\n",
        "",
    );
    let journal = write(&scratch, "dev", "ASIA1");
    let edited = text(&scratch, ".aws/credentials").replace("[dev]\n", "[dev]\noutput = json\n");
    scratch.file(".aws/credentials", &edited);
    assert_eq!(
        outcomes(&journal),
        [Outcome::Partial { left: vec![] }, Outcome::Restored]
    );
    assert_eq!(
        text(&scratch, ".aws/credentials"),
        "[dev]\noutput = json\naws_access_key_id = AKIA\naws_secret_access_key = old\n"
    );
}

#[test]
fn a_profile_that_is_gone_stays_gone() {
    let scratch = given("", "");
    let journal = write(&scratch, "dev", "ASIA1");
    scratch.file(".aws/credentials", "[other]\n");
    std::fs::remove_file(scratch.path(".aws/config")).unwrap();
    assert_eq!(outcomes(&journal), [Outcome::Gone, Outcome::Gone]);
    assert_eq!(text(&scratch, ".aws/credentials"), "[other]\n");
    std::fs::remove_dir_all(scratch.path(".aws")).unwrap();
    assert_eq!(outcomes(&journal), [Outcome::Absent, Outcome::Absent]);
    assert!(scratch.names().is_empty(), "undo left a directory");
}

#[test]
fn steps_can_be_undone_in_any_order() {
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let scratch = Scratch::new();
        let steps = [
            write(&scratch, "dev", "ASIA1"),
            write(&scratch, "dev", "ASIA2"),
            write(&scratch, "prod", "ASIA3"),
        ];
        let mut is_undone = [false; 3];
        for (nth, step) in order.into_iter().enumerate() {
            undo(&steps[step]).unwrap();
            is_undone[step] = true;
            let prod = loaded(&scratch, "prod");
            assert_eq!(
                prod.contains_key("aws_access_key_id"),
                !is_undone[2],
                "{order:?} {nth}"
            );
            let dev = loaded(&scratch, "dev").remove("aws_access_key_id");
            let expected = match (is_undone[0], is_undone[1]) {
                (_, false) => Some("ASIA2"),
                (false, true) => Some("ASIA1"),
                (true, true) => None,
            };
            assert_eq!(dev.as_deref(), expected, "{order:?} {nth}");
        }
        assert!(
            scratch.names().is_empty(),
            "{order:?} left {:?}",
            scratch.names()
        );
    }
}

#[test]
fn what_is_to_stay_leaves_no_record() {
    let scratch = given("[dev]\naws_access_key_id = AKIA\n", "");
    let journal = write(&scratch, "dev", "ASIA1");
    assert_eq!(extra(&scratch).len(), 2);
    forget(&journal).unwrap();
    assert_eq!(extra(&scratch), [""; 0]);
    assert_eq!(loaded(&scratch, "dev")["aws_access_key_id"], "ASIA1");
}

#[test]
fn thirty_two_at_once_lose_nothing() {
    let scratch = Scratch::new();
    let each = |work: &(dyn Fn(usize) + Sync)| {
        std::thread::scope(|scope| {
            for n in 0..32 {
                scope.spawn(move || work(n));
            }
        });
    };
    let journals: Vec<_> = (0..32).map(|_| std::sync::Mutex::new(None)).collect();
    each(&|n| {
        let journal = write(&scratch, &format!("p{n}"), &format!("ASIA{n}"));
        *journals[n].lock().unwrap() = Some(journal);
    });
    for n in 0..32 {
        let found = loaded(&scratch, &format!("p{n}"));
        assert_eq!(found["aws_access_key_id"], format!("ASIA{n}"));
        assert_eq!(found["region"], "eu-west-1");
    }
    each(&|n| {
        undo(journals[n].lock().unwrap().as_ref().unwrap()).unwrap();
    });
    assert!(scratch.names().is_empty(), "left {:?}", scratch.names());
}

#[test]
fn readers_see_whole_files_only() {
    let scratch = given(
        "[dev]\naws_access_key_id = ASIA0\naws_secret_access_key = secret-of-ASIA0\n",
        "",
    );
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0..50 {
                write(&scratch, "dev", &format!("ASIA{n}"));
            }
        });
        while !writer.is_finished() {
            let found = load(&text(&scratch, ".aws/credentials"), "", "dev").unwrap();
            let key = &found["aws_access_key_id"];
            assert_eq!(found["aws_secret_access_key"], format!("secret-of-{key}"));
        }
    });
}
