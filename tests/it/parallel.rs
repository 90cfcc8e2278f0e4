//! Many steps at once on one pair of profile files, and steps that are killed on the way.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fake_aws::{FakeAws, World};

use crate::harness::{Dice, Outcome, Step};

const STEPS: usize = 32;
/// How often they are killed at most, each time at other points; a slow machine does it once.
const ROUNDS: usize = 5;
const ENOUGH: Duration = Duration::from_secs(5);
/// What is in the files before. The last lines have no ending, on purpose.
const CREDENTIALS: &str = "# mine ü\r\n[ own ]\naws_access_key_id=AKIAOWN ; first\n\n[p]\nx=1";
const CONFIG: &str = "[profile own]\ns3 =\n  max_concurrent_requests = 20\n\n\n# the end";

/// The two files that all steps share.
struct Shared(tempfile::TempDir);

impl Shared {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("credentials"), CREDENTIALS).expect("a file");
        fs::write(folder.path().join("config"), CONFIG).expect("a file");
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file that is there at any time")
    }

    fn step<'f>(&self, fake: &'f FakeAws, profile: &str) -> Step<'f> {
        let path = |name: &str| self.path(name).display().to_string();
        Step::oidc(fake)
            .input("aws-profile", profile)
            .var("AWS_SHARED_CREDENTIALS_FILE", &path("credentials"))
            .var("AWS_CONFIG_FILE", &path("config"))
    }

    /// What is beside the two files.
    fn extra(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().into_string())
            .map(|name| name.expect("a name in UTF-8"))
            .filter(|name| name != "credentials" && name != "config")
            .collect();
        names.sort();
        names
    }

    /// How many of the records that a journal names are there.
    fn records(&self, journal: &str) -> usize {
        let named = journal.split("\"record\":\"").skip(1);
        let extra = self.extra();
        named
            .filter_map(|rest| rest.split('"').next())
            .filter(|record| extra.iter().any(|name| name.ends_with(record)))
            .count()
    }

    fn assert_as_before(&self) {
        assert_eq!(self.text("credentials"), CREDENTIALS);
        assert_eq!(self.text("config"), CONFIG);
    }
}

/// The profiles that the steps wrote, each with its keys; panics on a file that is not whole.
fn profiles(text: &str, before: &str, keys: &[&str]) -> BTreeMap<String, BTreeMap<String, String>> {
    let added = text
        .strip_prefix(before)
        .unwrap_or_else(|| panic!("what was there before is not whole:\n{text}"));
    assert!(
        added.is_empty() || added.ends_with('\n'),
        "cut off:\n{text}"
    );
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut name = String::new();
    for line in added.lines().filter(|line| !line.is_empty()) {
        if let Some(heading) = line.strip_prefix('[') {
            let inside = heading.trim_end_matches(']');
            inside.trim_start_matches("profile ").clone_into(&mut name);
            let twice = found.insert(name.clone(), BTreeMap::new());
            assert!(twice.is_none(), "{name} is there twice:\n{text}");
        } else {
            let (key, value) = line.split_once(" = ").expect("a property");
            let profile = found.get_mut(&name).expect("a heading above");
            profile.insert(key.to_owned(), value.to_owned());
        }
    }
    for (name, profile) in &found {
        let there: Vec<&str> = profile.keys().map(String::as_str).collect();
        assert_eq!(there, keys, "{name} is not whole:\n{text}");
    }
    found
}

fn credentials(shared: &Shared) -> BTreeMap<String, BTreeMap<String, String>> {
    profiles(
        &shared.text("credentials"),
        CREDENTIALS,
        &[
            "aws_access_key_id",
            "aws_secret_access_key",
            "aws_session_token",
        ],
    )
}

fn config(shared: &Shared) -> BTreeMap<String, BTreeMap<String, String>> {
    profiles(&shared.text("config"), CONFIG, &["region"])
}

/// Does the work for every number, all at once, and gives the results in order.
fn at_once<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..count).map(|n| scope.spawn(move || work(n))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    })
}

/// Reads the files all the while, as a later step might, until the work is done.
fn while_read<T>(shared: &Shared, work: impl FnOnce() -> T) -> T {
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut times = 0_u32;
            while !is_done.load(Ordering::SeqCst) {
                credentials(shared);
                config(shared);
                times += 1;
                std::thread::sleep(Duration::from_micros(200));
            }
            times
        });
        // When the work panics, the reader has to end, or the scope never would.
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        is_done.store(true, Ordering::SeqCst);
        assert!(reader.join().expect("no half-written file") > 0);
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(unix)]
fn assert_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata().expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "{}", path.display());
}

#[cfg(windows)]
fn assert_private(_: &Path) {}

#[test]
fn thirty_two_steps_at_once_write_and_undo_their_profiles() {
    let fake = FakeAws::start(World::demo());
    let shared = Shared::new();
    let steps: Vec<Step<'_>> = (0..STEPS)
        .map(|n| shared.step(&fake, &format!("p{n}")))
        .collect();
    let mains: Vec<Outcome> = while_read(&shared, || at_once(STEPS, |n| steps[n].run()));
    let mains: Vec<Outcome> = mains.into_iter().map(Outcome::succeeds).collect();

    let (keys, regions) = (credentials(&shared), config(&shared));
    assert_eq!(keys.len(), STEPS);
    assert_eq!(regions.len(), STEPS);
    for profile in keys.values() {
        let session = fake.session(&profile["aws_access_key_id"]).expect("issued");
        assert_eq!(profile["aws_secret_access_key"], session.secret_access_key);
        assert_eq!(profile["aws_session_token"], session.session_token);
    }
    // A record for each edit, and nothing else.
    let extra = shared.extra();
    assert_eq!(extra.len(), 2 * STEPS, "{extra:?}");
    assert!(
        extra.iter().all(|name| name.contains(".rolehop-undo-")),
        "{extra:?}"
    );
    for name in extra
        .iter()
        .map(String::as_str)
        .chain(["credentials", "config"])
    {
        assert_private(&shared.path(name));
    }

    while_read(&shared, || {
        at_once(STEPS, |n| {
            steps[n].post(&mains[n], &BTreeMap::new()).succeeds()
        })
    });
    shared.assert_as_before();
    assert_eq!(shared.extra(), [""; 0]);
}

/// Kills the process at any time, most often soon after it has `begun` to work on the files.
fn kill(child: &mut Child, begun: &dyn Fn() -> bool, dice: &Dice) {
    if dice.below(8) == 0 {
        std::thread::sleep(Duration::from_millis(dice.below(200)));
    } else {
        while !begun() && child.try_wait().is_ok_and(|end| end.is_none()) {
            std::thread::sleep(Duration::from_micros(50));
        }
        std::thread::sleep(Duration::from_micros(dice.below(1 << dice.below(14))));
    }
    // One that has ended is not an error.
    child.kill().expect("killed");
}

#[test]
fn steps_that_are_killed_lose_nothing_and_block_nobody() {
    let (dice, began) = (Dice::new(), Instant::now());
    for _ in 0..ROUNDS {
        one_round_of_killing(&dice);
        if began.elapsed() > ENOUGH {
            break;
        }
    }
}

fn one_round_of_killing(dice: &Dice) {
    let fake = FakeAws::start(World::demo());
    let shared = Shared::new();
    let steps: Vec<Step<'_>> = (0..STEPS)
        .map(|n| shared.step(&fake, &format!("p{n}")))
        .collect();
    // A journal is saved, then there is a record of each file, then the file is written. Clean-ups go backwards.
    let write_and_die = |n: usize| {
        let stage = dice.below(4);
        let journal = || fs::read_to_string(steps[n].path("state")).unwrap_or_default();
        let begun = || match stage {
            0 => journal().contains("record"),
            1 => shared.records(&journal()) > 0,
            2 => shared.records(&journal()) > 1,
            _ => shared.text("credentials").contains(&format!("[p{n}]")),
        };
        steps[n].run_with(&|child| kill(child, &begun, dice))
    };
    // Two of three are killed.
    let is_killed = |n: usize| !n.is_multiple_of(3);
    let mains: Vec<Outcome> = while_read(&shared, || {
        at_once(STEPS, |n| {
            if is_killed(n) {
                write_and_die(n)
            } else {
                steps[n].run()
            }
        })
    });

    let (keys, regions) = (credentials(&shared), config(&shared));
    for (n, main) in mains.iter().enumerate() {
        let name = format!("p{n}");
        assert!(is_killed(n) || main.status == 0, "{}", main.log);
        if main.status == 0 {
            assert!(
                keys.contains_key(&name) && regions.contains_key(&name),
                "{name}"
            );
        } else {
            assert_eq!(main.status, -1, "{}", main.log);
        }
        // Whoever wrote has said so before.
        if keys.contains_key(&name) || regions.contains_key(&name) {
            assert!(main.state.contains_key("rolehop"), "{name}");
        }
    }

    // The next one is not held up, and clears up after the dead.
    let next = shared.step(&fake, "next");
    let main = next.run().succeeds();
    let rubbish = |name: &String| !name.contains(".rolehop-undo-");
    assert!(!shared.extra().iter().any(rubbish), "{:?}", shared.extra());
    next.post(&main, &BTreeMap::new()).succeeds();

    // Half of the clean-ups are killed as well; their users start them again.
    let post = |n: usize, meddle: &dyn Fn(&mut Child)| {
        steps[n].post_with(&mains[n], &BTreeMap::new(), meddle)
    };
    while_read(&shared, || {
        at_once(STEPS, |n| match n % 2 {
            0 => {
                let state = mains[n].state.get("rolehop").cloned().unwrap_or_default();
                let is_locked = || shared.extra().iter().any(|name| name.ends_with("-lock"));
                let begun = || shared.records(&state) < 2 || dice.below(64) == 0 && is_locked();
                post(n, &|child| kill(child, &begun, dice))
            }
            _ => post(n, &|_| {}).succeeds(),
        });
        at_once(STEPS, |n| post(n, &|_| {}).succeeds());
    });
    shared.assert_as_before();

    // Nor do the records of the dead stay.
    let last = shared.step(&fake, "last");
    let main = last.run().succeeds();
    last.post(&main, &BTreeMap::new()).succeeds();
    shared.assert_as_before();
    assert_eq!(shared.extra(), [""; 0]);
}
