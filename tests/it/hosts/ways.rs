//! Settings as each system's plugins get them.

use fake_aws::{FakeAws, World};

use super::{plan, variables};
use crate::harness::{OPS, Step};

#[test]
fn a_woodpecker_plugin_gets_lists_and_maps_as_it_writes_them() {
    let fake = FakeAws::start(World::demo());
    let step = variables::of("Woodpecker").step().sts(&fake);
    step.var("PLUGIN_ROLE_TO_ASSUME", OPS)
        .var("PLUGIN_AWS_REGION", "eu-central-1")
        .var("PLUGIN_SESSION_TAGS", r#"{"Team":"web","Cost":42}"#)
        .var("PLUGIN_TRANSITIVE_TAG_KEYS", "Team,Repository")
        .var(
            "PLUGIN_MANAGED_SESSION_POLICIES",
            "arn:aws:iam::aws:policy/A,arn:aws:iam::aws:policy/B",
        )
        .var("PLUGIN_ROLE_SKIP_SESSION_TAGGING", "false")
        .var("PLUGIN_AWS_ACCESS_KEY_ID", crate::harness::KEY_ID)
        .var("PLUGIN_AWS_SECRET_ACCESS_KEY", crate::harness::SECRET_KEY)
        // Another plugin's.
        .var("PLUGIN_REPO", "x")
        .command(&["whoami"])
        .succeeds()
        .does_not_say("warning");
    let session = fake.sessions().pop().expect("a session");
    assert_eq!(session.tags["Team"], "web");
    assert_eq!(session.tags["Cost"], "42");
    assert_eq!(session.transitive, ["Team", "Repository"]);
    assert_eq!(session.policy_arns.len(), 2);
}

#[test]
fn a_drone_plugins_list_of_pairs_and_chain_of_roles() {
    let step = variables::of("Drone").step().static_keys_as_variables();
    let chain = format!("{OPS},arn:aws:iam::210987654321:role/spoke");
    let step = step
        .var("PLUGIN_ROLE_TO_ASSUME", &chain)
        .var("PLUGIN_CUSTOM_TAGS", "Team=web,Cost=42");
    let out = step.command(&["check"]).succeeds().out;
    assert_eq!(out.matches("\nrole ").count(), 2, "{out}");
}

#[test]
fn a_buildkite_plugins_settings_under_both_names_of_its_repository() {
    for prefix in ["BUILDKITE_PLUGIN_ROLEHOP", "BUILDKITE_PLUGIN_ROLEHOP_GIT"] {
        let fake = FakeAws::start(World::demo());
        let buildkite = variables::of("Buildkite").step().sts(&fake);
        buildkite
            .without("AWS_REGION")
            .static_keys_as_variables()
            .var(&format!("{prefix}_AWS_REGION"), "eu-west-1")
            .var(&format!("{prefix}_ROLE_TO_ASSUME"), OPS)
            .var(&format!("{prefix}_SESSION_TAGS_TEAM"), "web")
            .var(
                &format!("{prefix}_MANAGED_SESSION_POLICIES_0"),
                "arn:aws:iam::aws:policy/A",
            )
            .var(
                "BUILDKITE_PLUGIN_NAME",
                prefix.trim_start_matches("BUILDKITE_PLUGIN_"),
            )
            .var(
                "BUILDKITE_PLUGIN_CONFIGURATION",
                r#"{"session-tags":{"Team":"web"}}"#,
            )
            .command(&["whoami"])
            .succeeds()
            .does_not_say("warning");
        let session = fake.sessions().pop().expect("a session");
        assert_eq!(session.tags["Team"], "web");
        assert_eq!(session.policy_arns, ["arn:aws:iam::aws:policy/A"]);
    }
}

#[test]
fn a_buildkite_setting_that_is_none_is_told_with_its_whole_name() {
    Step::shell()
        .var("BUILDKITE_PLUGIN_ROLEHOP_GIT_ROLE_TO_ASUME", OPS)
        .command(&["check"])
        .says("the variable BUILDKITE_PLUGIN_ROLEHOP_GIT_ROLE_TO_ASUME is no setting of rolehop; did you mean BUILDKITE_PLUGIN_ROLEHOP_GIT_ROLE_TO_ASSUME?");
}

#[test]
fn a_harness_plugins_token_is_no_misspelled_setting() {
    let step = variables::of("Harness CI").step();
    let step = step.var("PLUGIN_OIDC_TOKEN_ID", "a.b.c");
    assert_eq!(
        plan(&step, &["--role-to-assume", OPS], "source"),
        "OIDC token of this job"
    );
    step.command(&["check", "--role-to-assume", OPS])
        .succeeds()
        .does_not_say("is no setting");
}
