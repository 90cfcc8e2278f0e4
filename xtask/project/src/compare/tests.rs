//! The scenarios as data: complete, without slips, and each with its row on the page. Runs in CI, without the peer.

use std::collections::BTreeSet;
use std::fs;

use super::anchors::anchors;
use super::page;
use super::scenario::{Expect, Scenario, Topic, topics};
use crate::root;

/// The inputs of the peer's action.yml, version 6.2.3.
const INPUTS: &str = "aws-region aws-profile overwrite-aws-profile role-to-assume aws-access-key-id aws-secret-access-key \
    aws-session-token web-identity-token-file role-chaining audience http-proxy no-proxy mask-aws-account-id role-duration-seconds \
    role-external-id role-session-name role-skip-session-tagging transitive-tag-keys inline-session-policy managed-session-policies \
    output-credentials output-env-credentials unset-current-credentials disable-retry retry-max-attempts special-characters-workaround \
    use-existing-credentials allowed-account-ids force-skip-oidc action-timeout-s custom-tags sts-endpoint";

/// The variables that stand for an input there.
const VARIABLES: &str = "AWS_REGION ROLE_TO_ASSUME WEB_IDENTITY_TOKEN_FILE ROLE_CHAINING AUDIENCE HTTP_PROXY MASK_AWS_ACCOUNT_ID \
    ROLE_DURATION_SECONDS ROLE_EXTERNAL_ID ROLE_SESSION_NAME ROLE_SKIP_SESSION_TAGGING TRANSITIVE_TAG_KEYS INLINE_SESSION_POLICY \
    MANAGED_SESSION_POLICIES OUTPUT_CREDENTIALS UNSET_CURRENT_CREDENTIALS DISABLE_RETRY RETRY_MAX_ATTEMPTS \
    SPECIAL_CHARACTERS_WORKAROUND USE_EXISTING_CREDENTIALS NO_PROXY OVERWRITE_AWS_PROFILE HTTPS_PROXY";

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

fn all() -> (Vec<Topic>, Vec<Scenario>) {
    let topics = topics().expect("the scenario files are read");
    let scenarios = topics
        .iter()
        .flat_map(|topic| topic.scenarios.clone())
        .collect();
    (topics, scenarios)
}

#[test]
fn there_are_enough_scenarios_and_each_has_a_name_of_its_own() {
    let (_, scenarios) = all();
    assert!(scenarios.len() >= 80, "{}", scenarios.len());
    let names: BTreeSet<&str> = scenarios
        .iter()
        .map(|scenario| scenario.name.as_str())
        .collect();
    assert_eq!(names.len(), scenarios.len(), "a name is there twice");
    for scenario in &scenarios {
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(scenario.name.chars().all(kebab), "{}", scenario.name);
        assert!(scenario.why.ends_with('.'), "{}: why", scenario.name);
        scenario
            .far
            .check()
            .unwrap_or_else(|fault| panic!("{}: {fault}", scenario.name));
    }
}

#[test]
fn every_input_and_every_variable_of_the_peer_is_in_a_scenario() {
    let (_, scenarios) = all();
    let earlier = scenarios
        .iter()
        .flat_map(|scenario| scenario.earlier.clone());
    let steps: Vec<_> = scenarios
        .iter()
        .map(Scenario::step)
        .chain(earlier)
        .collect();
    let inputs: BTreeSet<&str> = steps
        .iter()
        .flat_map(|step| step.inputs.keys().map(String::as_str))
        .collect();
    let variables: BTreeSet<&str> = steps
        .iter()
        .flat_map(|step| step.variables.keys().map(String::as_str))
        .collect();
    assert_eq!(INPUTS.split_whitespace().count(), 32);
    for name in INPUTS.split_whitespace() {
        assert!(inputs.contains(name), "no scenario gives {name}");
    }
    for name in VARIABLES.split_whitespace() {
        assert!(variables.contains(name), "no scenario sets {name}");
    }
    let ours = rolehop::docs::action_yaml();
    for name in inputs {
        assert!(
            ours.contains(&format!("\n  {name}:\n")),
            "{name} is no input"
        );
    }
}

#[test]
fn a_difference_has_a_reason_and_a_heading_and_sameness_has_none() {
    let (_, scenarios) = all();
    let known = anchors(&read("docs/migrating.md"));
    for scenario in &scenarios {
        let name = &scenario.name;
        if scenario.expect == Expect::Same {
            assert!(scenario.differs.is_empty(), "{name} is said to be the same");
            assert!(scenario.because.is_none(), "{name} is said to be the same");
            continue;
        }
        assert!(!scenario.differs.is_empty(), "{name} does not say in what");
        let because = scenario.because.as_deref().unwrap_or_default();
        assert!(because.ends_with('.'), "{name} does not say why");
        for anchor in scenario.differs.values() {
            assert!(
                known.contains(anchor),
                "{name}: no heading #{anchor} in docs/migrating.md"
            );
        }
    }
}

#[test]
fn the_page_has_a_row_for_each_scenario_and_no_other() {
    let (topics, scenarios) = all();
    let text = read(page::PAGE);
    let rows: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let wanted: Vec<String> = scenarios.iter().map(page::row).collect();
    for row in &wanted {
        assert!(
            rows.contains(row.as_str()),
            "run `cargo xtask compare --peer DIR --write`; not in {}: {row}",
            page::PAGE
        );
    }
    assert_eq!(rows.len(), wanted.len(), "{} has other rows", page::PAGE);
    assert!(
        text.contains(&page::counts(scenarios.iter())),
        "the counts are old"
    );
    for topic in &topics {
        assert!(
            text.contains(&format!("\n## {}\n", topic.title)),
            "{}",
            topic.title
        );
    }
}
