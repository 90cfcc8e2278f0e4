//! What `roles` cannot say, told all at once and before any request; and what commands make of it.

use fake_aws::{FakeAws, World};

use super::{HUB, SPOKE, behind_hub, step};
use crate::harness::{DEPLOY, OPS, Step};

#[test]
fn all_mistakes_of_all_lines_at_once() {
    let fake = FakeAws::start(World::demo());
    let roles = format!(
        "dev = {DEPLOY}\n# a comment\nprod {DEPLOY}\nbad name = {DEPLOY}\n= {DEPLOY}\nempty =\ndev = {OPS}\nhole = {HUB} > > {SPOKE}\nname = deploy\nuser = arn:aws:iam::123456789012:user/x\nenv = {DEPLOY}\nenv = {OPS}"
    );
    let said = step(&fake, &roles).run().fails("invalid-inputs", 3);
    for part in [
        &format!("roles: line 3, `prod {DEPLOY}`: is not `PROFILE = ARN`, nor `env = ARN`"),
        "line 4, `bad name = arn",
        "its profile has a space at position 4",
        "line 5, `= arn",
        "has no profile before the `=`",
        "line 6, `empty =`: has no role after the `=`",
        "line 7, `dev = arn:aws:iam::123456789012:role/ops`: the profile `dev` is on line 1 already",
        "line 8, `hole = ",
        "has an empty place in its chain",
        "line 9: `deploy` is a name; a token has no account",
        "line 10, `user = ",
        "the environment is on line 11 already",
    ] {
        assert!(said.log.contains(part), "no `{part}` in\n{}", said.log);
    }
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn what_cannot_go_together_is_refused() {
    let fake = FakeAws::start(World::demo());
    let dev = format!("dev = {DEPLOY}");
    let lines: Vec<String> = (0..1001).map(|n| format!("p{n} = {DEPLOY}")).collect();
    let many = lines.join("\n");
    for (roles, more, part) in [
        (
            many.as_str(),
            &[][..],
            "has 1001 targets; one step takes at most 1000",
        ),
        ("# nothing", &[], "roles: has no target"),
        (
            &dev,
            &[("aws-profile", "x")],
            "aws-profile: is about the target of role-to-assume",
        ),
        (
            &dev,
            &[("output-credentials", "true")],
            "output-credentials: is about the target of",
        ),
        (
            &dev,
            &[("refresh", "process"), ("aws-profile", "x")],
            "aws-profile: is about the target of role-to-assume",
        ),
        (
            &dev,
            &[("use-existing-credentials", "true")],
            "use-existing-credentials: is about the environment",
        ),
        (
            &dev,
            &[("role-to-assume", DEPLOY), ("aws-profile", "dev")],
            "`dev` is the profile of a line of roles too",
        ),
        (
            &format!("env = {DEPLOY}"),
            &[("role-to-assume", DEPLOY)],
            "the environment is the target of role-to-assume already",
        ),
        (
            &format!("env = {DEPLOY}"),
            &[("output-env-credentials", "false")],
            "output-env-credentials: is false, and roles has a line for `env`",
        ),
        (
            &format!("dev = {HUB} > {SPOKE}"),
            &[("role-duration-seconds", "7200")],
            "(line 1 of roles is one)",
        ),
    ] {
        let mut step = step(&fake, roles);
        for (name, value) in more {
            step = step.input(name, value);
        }
        step.run().fails("invalid-inputs", 3).says(part);
    }
    step(&fake, &dev)
        .input("role-for-pull-requests", OPS)
        .run()
        .fails("invalid-inputs", 3)
        .says("role-for-pull-requests: takes the place of role-to-assume only");
    assert_eq!(fake.requests().len(), 0);
}

#[test]
fn check_tells_the_plan_and_commands_want_one_role() {
    let fake = FakeAws::start(World::fleet(3));
    let shell = |roles: &str| {
        Step::shell()
            .sts(&fake)
            .static_keys_as_variables()
            .var("ROLEHOP_ROLES", roles)
    };
    let roles = behind_hub(3);
    shell(&roles)
        .command(&["check"])
        .succeeds()
        .says(&format!(
            "account-2: {HUB} > {} as session rolehop for 3600 s, to profile `account-2`",
            World::fleet_role(2)
        ))
        .says("4 to assume for 3 targets");
    shell(&roles)
        .command(&["whoami"])
        .ends("invalid-inputs", 3)
        .says("has no line for `env`");
    assert_eq!(fake.requests().len(), 0);
    shell(&format!("{roles}env = {OPS}"))
        .command(&["whoami"])
        .succeeds()
        .says("assumed-role/ops/");
    assert_eq!(
        fake.count("AssumeRole"),
        1,
        "only the one that was asked about"
    );
}
