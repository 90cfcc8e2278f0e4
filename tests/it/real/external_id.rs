//! A partner's account whose role asks for an external id.

use super::ministack::Ministack;

const PARTNER: &str = "arn:aws:iam::111122223333:role/partner";

#[test]
fn the_right_external_id() {
    let Some(sts) = Ministack::find() else { return };
    let step = sts
        .step_of("ci")
        .input("role-to-assume", PARTNER)
        .input("role-external-id", "ext-42");
    assert_eq!(
        sts.arn_after(&step),
        "arn:aws:sts::111122223333:assumed-role/partner/GitHubActions"
    );
}

#[test]
fn a_wrong_or_missing_external_id() {
    let Some(sts) = Ministack::find() else { return };
    for id in ["ext-43", ""] {
        let step = sts
            .step_of("ci")
            .input("role-to-assume", PARTNER)
            .input("role-external-id", id);
        step.run()
            .fails("sts-access-denied", 5)
            .says(&format!("STS denied sts:AssumeRole on {PARTNER}"));
    }
}
