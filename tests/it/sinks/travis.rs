//! Travis: folds.

use fake_aws::{FakeAws, World};

use super::job;
use super::systems::TRAVIS;

#[test]
fn what_is_said_is_a_fold_that_ends() {
    let fake = FakeAws::start(World::demo());
    let done = job(&fake, &TRAVIS)
        .command(&["--aws-profile", "deploy"])
        .succeeds();
    let start = done
        .log
        .find("travis_fold:start:rolehop\r\u{1b}[0K")
        .expect("a start");
    let end = done
        .log
        .find("travis_fold:end:rolehop\r\u{1b}[0K\n")
        .expect("an end");
    assert!(start < end);
    assert!(done.log[start..end].contains("assumed: "), "{}", done.log);
}
