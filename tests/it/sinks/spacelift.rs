//! Spacelift: masks of its own form, which white space would split.

use fake_aws::{FakeAws, World};

use super::systems::SPACELIFT;
use super::{ODD, job, odd_job, odd_world};
use crate::harness::Custody;

#[test]
fn every_secret_is_masked_in_its_own_form() {
    let fake = FakeAws::start(World::demo());
    let done = job(&fake, &SPACELIFT)
        .command(&["--aws-profile", "deploy"])
        .succeeds()
        .does_not_say("::add-mask::")
        .does_not_say("not masked");
    let masked = done.masks_of(Custody::Spacelift);
    let session = fake.sessions().pop().expect("a session");
    for value in [session.secret_access_key, session.session_token] {
        assert!(masked.contains(&value));
        assert!(!value.contains(char::is_whitespace));
    }
    let fake = FakeAws::start(odd_world());
    let done = odd_job(&fake, &SPACELIFT)
        .command(&["--aws-profile", "deploy"])
        .succeeds();
    assert!(done.masks_of(Custody::Spacelift).contains(&ODD.to_owned()));
}
