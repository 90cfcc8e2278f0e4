//! GitLab: sections, and masks only where the user says that the runner reads them.

use fake_aws::{FakeAws, World};

use super::job;
use super::systems::{Ci, GITLAB};
use crate::harness::Custody;

/// Name and whether it is a start, as GitLab finds them: `section_start:TIME:NAME` and `section_end`, each closed by a
/// carriage return and the erase code.
fn sections(log: &str) -> Vec<(bool, String)> {
    let marks = log.match_indices("section_").filter_map(|(at, word)| {
        let rest = &log[at + word.len()..];
        let (kind, rest) = rest.split_once(':')?;
        let (time, rest) = rest.split_once(':')?;
        let (name, rest) = rest.split_once('\r')?;
        assert!(time.parse::<u64>().expect("a time") > 1_700_000_000);
        assert!(rest.starts_with("\u{1b}[0K"), "{rest:?}");
        assert!(log[..at].ends_with("\u{1b}[0K"));
        Some((kind == "start", name.to_owned()))
    });
    marks.collect()
}

#[test]
fn what_is_said_is_a_section_that_ends_also_when_it_fails() {
    let fake = FakeAws::start(World::demo());
    let both = [(true, "rolehop".to_owned()), (false, "rolehop".to_owned())];
    let step = job(&fake, &GITLAB).var("ROLEHOP_AWS_PROFILE", "deploy");
    let done = step.command(&[]).succeeds();
    assert_eq!(sections(&done.log), both);
    let failed = step
        .var(
            "ROLEHOP_ROLE_TO_ASSUME",
            "arn:aws:iam::123456789012:role/nowhere",
        )
        .var("ROLEHOP_AWS_PROFILE", "another")
        .command(&[])
        .ends("sts-access-denied", 5);
    assert_eq!(sections(&failed.log), both);
    let end = failed.log.find("section_end").expect("the end");
    let error = failed.log.find("error[").expect("the failure");
    assert!(end < error, "the failure is not folded away");
}

#[test]
fn masks_are_printed_only_for_a_runner_that_reads_them() {
    let fake = FakeAws::start(World::demo());
    let profile = ["--aws-profile", "deploy"];
    let step = job(&fake, &GITLAB);
    step.command(&profile).succeeds().does_not_say("add-mask");
    step.command(&["post"]).succeeds();
    let proxy = Ci {
        custody: Some(Custody::GitlabProxy),
        ..GITLAB
    };
    for word in ["true", "True"] {
        let step = job(&fake, &proxy).var("ROLEHOP_GITLAB_PROXY_EXEC", word);
        let done = step.command(&profile).succeeds();
        let masked = done.masks_of(Custody::GitlabProxy);
        let session = fake.sessions().pop().expect("a session");
        for value in [session.secret_access_key, session.session_token] {
            assert!(masked.contains(&value), "{word}");
        }
    }
    // Where standard output is for the result, nothing is known to read the masks: none is printed.
    job(&fake, &GITLAB)
        .var("ROLEHOP_GITLAB_PROXY_EXEC", "true")
        .command(&["whoami"])
        .succeeds()
        .does_not_say("add-mask");
}
