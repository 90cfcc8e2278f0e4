//! What goes wrong in the job itself: its files, its profile, its accounts, its time.

use std::fs;

use fake_aws::{FakeAws, Secrets, World};

use super::Seen;
use crate::harness::Step;

pub(super) fn internal() -> Seen {
    let step = Step::new().var("STATE_rolehop", "{");
    Seen::of(&[], || step.command(&["action", "post"]))
}

pub(super) fn account_not_allowed() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("allowed-account-ids", "111111111111");
    Seen::run(&step, &[&fake])
}

pub(super) fn special_characters() -> Seen {
    let fake = FakeAws::start(World::demo().secrets(Secrets::Special));
    let step = Step::keys(&fake).input("special-characters-workaround", "true");
    Seen::run(&step, &[&fake])
}

fn with_aws_folder(step: &Step<'_>, file: &str, text: &str) {
    let folder = step.path("home").join(".aws");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join(file), text).expect("a file");
}

pub(super) fn timed_out() -> Seen {
    let step = Step::new()
        .input("source-profile", "slow")
        .input("action-timeout-s", "1");
    let profile = "[profile slow]\ncredential_process = sleep 3\n";
    with_aws_folder(&step, "config", profile);
    Seen::run(&step, &[])
}

pub(super) fn profile_exists() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("aws-profile", "dev");
    with_aws_folder(&step, "config", "[profile dev]\nregion=x\n");
    Seen::run(&step, &[&fake])
}

pub(super) fn hand_over_failed() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake);
    fs::remove_file(step.path("env")).expect("removed");
    Seen::run(&step, &[&fake])
}

pub(super) fn file_locked() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("aws-profile", "dev");
    with_aws_folder(&step, "config", "");
    let lock = step.path("home").join(".aws/.credentials.rolehop-lock");
    let held = fs::File::create(lock).expect("a lock file");
    held.lock().expect("the lock");
    Seen::run(&step, &[&fake])
}
