//! Secrets in settings: masked before anything else is said, used or not, and nothing that is none.

use fake_aws::{FakeAws, World};

use crate::harness::{Custody, DEPLOY, KEY_ID, Step};
use crate::hosts::variables;

/// A device's key, and tokens of nobody; none is the fake's.
const GIVEN: [(&str, &str); 5] = [
    ("aws-access-key-id", "AKIAUNUSEDUNUSED0000"),
    ("aws-secret-access-key", "unused-secret-key"),
    ("aws-session-token", "unused-session-token"),
    ("web-identity-token", "unused.identity.token"),
    ("mfa-totp-secret", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
];

fn with_all(step: Step<'_>, name_of: impl Fn(&str) -> String) -> Step<'_> {
    GIVEN.iter().fold(step, |step, (name, value)| {
        step.secret(value).var(&name_of(name), value)
    })
}

#[test]
fn a_secret_that_a_setting_gives_is_masked_whether_it_is_used_or_not() {
    let fake = FakeAws::start(World::demo());
    let token = fake.id_token("sts.amazonaws.com");
    let by_file = || {
        let step = Step::new().sts(&fake).file("token", &token);
        step.input("role-to-assume", DEPLOY)
            .input("web-identity-token-file", "token")
    };
    // Used by nobody, since the token assumes the role.
    let [id, secret, session, ..] = GIVEN;
    let pair = by_file().input(id.0, id.1).input(secret.0, secret.1);
    let done = pair.run().succeeds().says("aws-access-key-id not used");
    assert_eq!(done.masks()[..2], [id.1, secret.1]);
    for (name, value) in [secret, session] {
        let done = by_file().input(name, value).run().succeeds();
        let warning = format!("{name} not used");
        let said = done.log.find(&warning).expect("a warning");
        assert!(done.log.find(value).expect("a mask") < said, "{}", done.log);
        assert!(done.masks().contains(&value.to_owned()));
    }
    // By nobody, since there is another mistake: each of them, on every system that hides something.
    let as_input = |name: &str| format!("INPUT_{}", name.to_uppercase());
    let as_variable = |name: &str| format!("ROLEHOP_{}", name.to_uppercase().replace('-', "_"));
    let failed = with_all(Step::new(), as_input)
        .run()
        .fails("invalid-inputs", 3);
    assert_eq!(failed.masks(), GIVEN.map(|(_, value)| value));
    // Of Spacelift only standard output is certain to be read, which is a step's.
    let (step, others): (&[&str], &[&str]) = (&[], &["check"]);
    for (title, custody, commands) in [
        (
            "Azure Pipelines",
            Custody::Azure,
            vec![step, others, &["whoami"]],
        ),
        ("Spacelift", Custody::Spacelift, vec![step]),
    ] {
        let step = with_all(variables::of(title).step(), as_variable);
        for words in commands {
            let failed = step.command(words);
            assert_eq!(failed.status, 3, "{}", failed.log);
            let masks = failed.masks_of(custody);
            assert_eq!(masks, GIVEN.map(|(_, value)| value), "{title} {words:?}");
        }
    }
}

#[test]
fn an_account_that_is_to_be_hidden_is_masked_before_a_warning_names_it() {
    let account = "210987654321";
    let step = Step::new()
        .var("PATH", "/usr/bin:/bin")
        .var("ROLEHOP_AWS_REGION", "eu-west-1")
        .var("ROLEHOP_MASK_AWS_ACCOUNT_ID", "true")
        .var(
            "ROLEHOP_ROLE_TO_ASSUME",
            &format!("arn:aws-cn:iam::{account}:role/deploy"),
        );
    let commands: [&[&str]; 5] = [
        &[],
        &["check"],
        &["whoami"],
        &["guard", "--min-remaining", "1s"],
        &["exec", "--", "true"],
    ];
    for words in commands {
        let failed = step.command(words);
        let warning = "is in the partition aws, but the role is";
        let said = failed.log.find(warning).expect("a warning");
        let masked = failed.log.find(&format!("::add-mask::{account}"));
        assert!(masked.expect("a mask") < said, "{words:?}: {}", failed.log);
    }
}

#[test]
fn accounts_that_only_aws_names_are_masked_before_a_failure_is_told() {
    let fake = FakeAws::start(World::demo());
    let account = "123456789012";
    // The role is given by its name, so that nobody but STS knows the account.
    let step = Step::new()
        .sts(&fake)
        .static_keys_as_variables()
        .var("PATH", "/usr/bin:/bin")
        .var("ROLEHOP_AWS_REGION", "eu-west-1")
        .var("ROLEHOP_ROLE_TO_ASSUME", "nowhere")
        .var("ROLEHOP_MASK_AWS_ACCOUNT_ID", "true");
    let commands: [&[&str]; 4] = [&[], &["whoami"], &["exec", "--", "true"], &["export"]];
    for words in commands {
        let failed = step.command(words).ends("sts-access-denied", 5);
        let said = failed.log.find(&format!(":iam::{account}:role/nowhere"));
        let masked = failed.log.find(&format!("::add-mask::{account}"));
        let (said, masked) = (said.expect("the role"), masked.expect("a mask"));
        assert!(masked < said, "{words:?}: {}", failed.log);
    }
}

#[test]
fn what_is_too_short_to_be_a_secret_hides_nothing_of_the_log() {
    let fake = FakeAws::start(World::demo());
    let step = Step::oidc(&fake).input("aws-secret-access-key", "1");
    let done = step.run().succeeds();
    assert!(!done.masks().contains(&"1".to_owned()), "{}", done.log);
    let open = Step::keys(&fake).input("mask-access-key-id", "false");
    let done = open.run().succeeds();
    assert!(!done.masks().contains(&KEY_ID.to_owned()), "{}", done.log);
}
