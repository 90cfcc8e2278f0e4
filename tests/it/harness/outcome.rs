//! What a step left: its status, its log, and the runner's files as the runner reads them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use super::leak::Custody;
use super::runner_file::parse;

/// The end of a step.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: i32,
    /// Standard output alone.
    pub(crate) out: String,
    /// Standard output, then standard error.
    pub(crate) log: String,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) output: BTreeMap<String, String>,
    pub(crate) state: BTreeMap<String, String>,
    pub(crate) summary: String,
}

impl Outcome {
    pub(super) fn collect(output: &Output, folder: &Path) -> Self {
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
        let pairs = |name: &str| {
            parse(&read(name)).unwrap_or_else(|fault| panic!("{name}: {fault}\n{out}{err}"))
        };
        Self {
            status: output.status.code().unwrap_or(-1),
            out: out.clone().into_owned(),
            log: format!("{out}{err}"),
            env: pairs("env"),
            output: pairs("output"),
            state: pairs("state"),
            summary: read("summary"),
        }
    }

    /// What is left when another program has taken standard output away.
    pub(super) fn without_out(mut self) -> Self {
        self.log = self.err().to_owned();
        self.out.clear();
        self
    }

    /// Standard error alone.
    pub(crate) fn err(&self) -> &str {
        self.log.strip_prefix(&self.out).unwrap_or(&self.log)
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.status, 0, "{}", self.log);
        assert!(!self.log.contains("panicked"), "{}", self.log);
        self
    }

    /// Failed with this code and class, told so in the log and in an annotation, and left nothing behind.
    #[track_caller]
    pub(crate) fn fails(self, code: &str, status: i32) -> Self {
        assert!(self.log.contains(&format!("error[{code}]")), "{}", self.log);
        assert!(
            self.log
                .contains(&format!("::error title=rolehop {code}::")),
            "{}",
            self.log
        );
        let errors = self.log.lines().filter(|l| l.starts_with("::error "));
        assert_eq!(errors.count(), 1, "one annotation: {}", self.log);
        assert_eq!(self.status, status, "{}", self.log);
        assert!(!self.log.contains("panicked"), "{}", self.log);
        assert!(
            self.env.is_empty() && self.output.is_empty() && self.state.is_empty(),
            "{self:?}"
        );
        assert_eq!(self.summary, "");
        self
    }

    /// A command failed with this code and class.
    #[track_caller]
    pub(crate) fn ends(self, code: &str, status: i32) -> Self {
        assert!(self.log.contains(&format!("error[{code}]")), "{}", self.log);
        assert_eq!(self.status, status, "{}", self.log);
        assert!(!self.log.contains("panicked"), "{}", self.log);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.log.contains(text), "no `{text}` in\n{}", self.log);
        self
    }

    #[track_caller]
    pub(crate) fn does_not_say(self, text: &str) -> Self {
        assert!(!self.log.contains(text), "`{text}` in\n{}", self.log);
        self
    }

    /// The ARN that the step says it stands for.
    pub(crate) fn arn(&self) -> &str {
        &self.output["authenticated-arn"]
    }

    /// Which values the log's masks cover, on a runner of GitHub's kind.
    pub(crate) fn masks(&self) -> Vec<String> {
        self.masks_of(Custody::Github)
    }

    /// The values that this system was told to hide.
    pub(crate) fn masks_of(&self, custody: Custody) -> Vec<String> {
        let lines = self.log.lines();
        lines.filter_map(|line| custody.mask(line)).collect()
    }
}
