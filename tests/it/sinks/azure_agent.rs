//! The agent of Azure Pipelines, as far as a job sees it: commands anywhere in a line, its escapes, its masks, and which
//! variables reach the environment of later steps.

use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Agent {
    /// What people see of the log.
    pub(super) shown: String,
    masks: Vec<String>,
    /// The environment of later steps.
    pub(super) env: BTreeMap<String, String>,
    /// Variables that a later step has to map, under the name that it maps.
    pub(super) secret: BTreeMap<String, String>,
    /// Type and text.
    pub(super) issues: Vec<(String, String)>,
    pub(super) summaries: Vec<String>,
    /// Values of variables that were set before they were masked.
    pub(super) unmasked: Vec<String>,
}

impl Agent {
    /// Reads a log as the agent does, line by line.
    pub(super) fn read(log: &str) -> Self {
        let mut agent = Self::default();
        for line in log.lines() {
            match command(line) {
                Some((name, properties, data)) => agent.obey(&name, &properties, data),
                None => agent.show(line),
            }
        }
        agent
    }

    fn show(&mut self, line: &str) {
        let hidden = self
            .masks
            .iter()
            .fold(line.to_owned(), |line, mask| line.replace(mask, "***"));
        self.shown.push_str(&hidden);
        self.shown.push('\n');
    }

    fn obey(&mut self, name: &str, properties: &BTreeMap<String, String>, data: String) {
        match name {
            "task.setsecret" => self.masks.push(data),
            "task.setvariable" => self.set(properties, data),
            "task.logissue" => {
                self.show(&data);
                self.issues.push((properties["type"].clone(), data));
            }
            "task.uploadsummary" => self.summaries.push(data),
            other => panic!("the agent knows no command {other}"),
        }
    }

    fn set(&mut self, properties: &BTreeMap<String, String>, data: String) {
        let name = &properties["variable"];
        let key = name.to_uppercase().replace(['.', ' '], "_");
        if properties.get("issecret").is_some_and(|is| is == "true") {
            assert!(
                !data.contains(['\n', '\r']),
                "a secret with a line break is refused"
            );
            self.masks.push(data.clone());
            self.env.remove(&key);
            self.secret.insert(name.clone(), data);
            return;
        }
        if !data.is_empty() && !self.masks.contains(&data) {
            self.unmasked.push(name.clone());
        }
        self.env.insert(key, data);
    }
}

/// `##vso[area.action key=value;]data`, wherever it stands in the line.
fn command(line: &str) -> Option<(String, BTreeMap<String, String>, String)> {
    let from = &line[line.find("##vso[")? + "##vso[".len()..];
    let (head, data) = from.split_once(']')?;
    let (name, rest) = head.split_once(' ').unwrap_or((head, ""));
    let properties = rest
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), decoded(value)))
        .collect();
    Some((name.to_owned(), properties, decoded(data)))
}

/// The agent decodes all of them in both places, the percent sign last.
fn decoded(text: &str) -> String {
    text.replace("%3B", ";")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%5D", "]")
        .replace("%AZP25", "%")
}

#[test]
fn the_agent_masks_later_lines_only_and_keeps_secrets_out_of_the_environment() {
    let agent = Agent::read(
        "early s3cret\nx ##vso[task.setsecret]s3cret\nlate s3cret\n\
         ##vso[task.setvariable variable=a.b]s3cret\n\
         ##vso[task.setvariable variable=T;issecret=true]tok%AZP25en\n##vso[task.setvariable variable=O]open",
    );
    assert_eq!(agent.shown, "early s3cret\nlate ***\n");
    assert_eq!(agent.env["A_B"], "s3cret");
    assert_eq!(agent.secret["T"], "tok%en");
    assert!(!agent.env.contains_key("T"));
    assert_eq!(agent.unmasked, ["O"]);
}
