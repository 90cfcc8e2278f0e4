//! Static keys against an STS that checks signatures: alone, with a role, and wrong.

use super::ministack::Ministack;

const OPS: &str = "arn:aws:iam::000000000000:role/ops";
const OPERATED: &str = "arn:aws:sts::000000000000:assumed-role/ops/GitHubActions";

#[test]
fn static_keys_alone() {
    let Some(sts) = Ministack::find() else { return };
    let step = sts.step_of("ci");
    assert_eq!(sts.arn_after(&step), "arn:aws:iam::000000000000:user/ci");
}

#[test]
fn a_role_by_arn_and_by_name() {
    let Some(sts) = Ministack::find() else { return };
    for role in [OPS, "ops"] {
        let step = sts.step_of("ci").input("role-to-assume", role);
        assert_eq!(sts.arn_after(&step), OPERATED);
    }
}

#[test]
fn a_role_that_trusts_one_session_name() {
    let Some(sts) = Ministack::find() else { return };
    let step = sts.step_of("ci").input("role-to-assume", "named");
    step.run().fails("sts-access-denied", 5);
    let step = step.input("role-session-name", "deploy-42");
    assert_eq!(
        step.run().succeeds().arn(),
        "arn:aws:sts::000000000000:assumed-role/named/deploy-42"
    );
}

#[test]
fn a_second_step_chains_from_the_first_ones_variables() {
    let Some(sts) = Ministack::find() else { return };
    let first = sts
        .step_of("ci")
        .input("role-to-assume", OPS)
        .run()
        .succeeds();
    let second = sts
        .step()
        .after(&first)
        .input("role-chaining", "true")
        .input("role-to-assume", "named")
        .input("role-session-name", "deploy-42");
    assert_eq!(
        sts.arn_after(&second),
        "arn:aws:sts::000000000000:assumed-role/named/deploy-42"
    );
}

#[test]
fn a_wrong_secret_and_an_unknown_key_are_rejected() {
    let Some(sts) = Ministack::find() else { return };
    let wrong = sts.step_of("ci").input(
        "aws-secret-access-key",
        "not/the/secret/of/that/key/0123456789ab",
    );
    wrong.run().fails("sts-keys-rejected", 5);
    let wrong = wrong.input("role-to-assume", OPS);
    wrong.run().fails("sts-keys-rejected", 5);
    let unknown = wrong.input("aws-access-key-id", "AKIAIOSFODNN7EXAMPLE");
    unknown.run().fails("sts-keys-rejected", 5);
}

#[test]
fn a_user_who_may_not_and_a_role_that_is_not_there_are_denied() {
    let Some(sts) = Ministack::find() else { return };
    let idle = sts.step_of("idle").input("role-to-assume", OPS);
    idle.run()
        .fails("sts-access-denied", 5)
        .says("user/idle is not authorized to perform: sts:AssumeRole");
    let absent = sts.step_of("ci").input("role-to-assume", "absent");
    absent.run().fails("sts-access-denied", 5);
}
