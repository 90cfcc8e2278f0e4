//! What keeps credentials from another program.

use std::path::Path;
use std::time::Duration;

use fake_aws::{FakeAws, Misbehaviour, User, World};

use super::Seen;
use crate::harness::{DEPLOY, KEY_ID, OPS, Step};

fn shell(fake: &FakeAws) -> Step<'_> {
    Step::shell()
        .sts(fake)
        .static_keys_as_variables()
        .var("ROLEHOP_ROLE_TO_ASSUME", OPS)
        .var("PATH", "/usr/bin:/bin")
}

/// A terminal is what `script` makes its program believe in.
pub(super) fn export_to_terminal() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake).var("SHELL", "/bin/sh");
    let rolehop = step.binary().display().to_string();
    let line = format!("{rolehop} export");
    let step = step.program(Path::new("/usr/bin/script"));
    let words: &[&str] = if cfg!(target_os = "macos") {
        &["-q", "/dev/null", &rolehop, "export"]
    } else {
        &["-q", "-e", "-c", &line, "/dev/null"]
    };
    Seen::of(&[&fake], || step.command(words))
}

pub(super) fn export_refused() -> Seen {
    let secret = "a secret with a % in it";
    let arn = "arn:aws:iam::123456789012:user/ci-user";
    let fake = FakeAws::start(World::empty().user(User::new(arn, KEY_ID, secret)));
    let step = Step::shell()
        .sts(&fake)
        .var("AWS_ACCESS_KEY_ID", KEY_ID)
        .var("AWS_SECRET_ACCESS_KEY", secret);
    Seen::of(&[&fake], || step.command(&["export", "--format", "cmd"]))
}

pub(super) fn profile_asks_itself() -> Seen {
    let fake = FakeAws::start(World::demo());
    let config = "[default]\ncredential_process = rolehop credential-process\n";
    let step = Step::shell().sts(&fake).file("config", config);
    let config = step.path("workspace").join("config").display().to_string();
    let step = step.var("AWS_CONFIG_FILE", &config);
    Seen::of(&[&fake], || step.command(&["credential-process"]))
}

pub(super) fn command_not_found() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake);
    Seen::of(&[&fake], || {
        step.command(&["exec", "--", "no-such-command"])
    })
}

pub(super) fn command_not_started() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = shell(&fake);
    let folder = step.path("workspace").display().to_string();
    Seen::of(&[&fake], || step.command(&["exec", "--", &folder]))
}

/// The line that `refresh: process` wrote into the profile, as words.
fn profile_process(step: &Step<'_>) -> [String; 3] {
    step.run().succeeds();
    process_of(step)
}

fn process_of(step: &Step<'_>) -> [String; 3] {
    let config = std::fs::read_to_string(step.path("home/.aws/config")).expect("a config file");
    let file = config.split("--from ").nth(1).expect("a file").trim();
    ["credential-process", "--from", file].map(str::to_owned)
}

pub(super) fn refresh_ended() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("refresh", "process");
    let words = profile_process(&step);
    let folder = Path::new(&words[2]).parent().expect("a folder");
    for file in ["settings.json", "session.json"] {
        std::fs::remove_file(folder.join(file)).expect("it was there");
    }
    fake.clear();
    Seen::of(&[&fake], || {
        step.command(&words.each_ref().map(String::as_str))
    })
}

pub(super) fn refresh_source_gone() -> Seen {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("refresh", "process");
    let words = profile_process(&step);
    let folder = Path::new(&words[2]).parent().expect("a folder");
    std::fs::remove_file(folder.join("session.json")).expect("it was there");
    fake.clear();
    let step = step.without("ACTIONS_ID_TOKEN_REQUEST_URL");
    Seen::of(&[&fake], || {
        step.command(&words.each_ref().map(String::as_str))
    })
}

pub(super) fn refresh_failed() -> Seen {
    let fake = FakeAws::start(World::demo().session_lifetime(Duration::from_secs(1)));
    let step = Step::oidc(&fake)
        .without("INPUT_ROLE-TO-ASSUME")
        .input("roles", &format!("deploy = {DEPLOY}"))
        .input("refresh", "server");
    let main = step.run().succeeds();
    let words = process_of(&step);
    std::thread::sleep(Duration::from_secs(2));
    let denied = Misbehaviour::error(403, "AccessDenied", "no").always();
    fake.misbehave("AssumeRoleWithWebIdentity", denied);
    fake.clear();
    let seen = Seen::of(&[&fake], || {
        step.command(&words.each_ref().map(String::as_str))
    });
    step.post(&main, &main.env).succeeds();
    seen
}
