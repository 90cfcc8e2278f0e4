//! Variables of an Azure pipeline's job, set by commands in the log.

use std::io;

use super::mask::Masked;
use super::pairs::Pairs;
use crate::model::request::HandOverMode;
use crate::system::console::Console;
use crate::system::console::azure::command;

/// How the agent is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AzureVariables {
    /// Flagged as secret, they stay out of later steps' environment until a step maps them.
    flagged: bool,
}

impl AzureVariables {
    pub(crate) fn new(mode: HandOverMode) -> Self {
        Self {
            flagged: mode == HandOverMode::Secret,
        }
    }

    /// Whether later steps find the variables in their environment.
    pub(crate) fn reaches_environment(self) -> bool {
        !self.flagged
    }

    /// The masks were printed before, which `Masked` proves: the agent hides a value only from then on.
    pub(crate) fn write(self, console: &Console, pairs: &Masked<Pairs>) -> io::Result<()> {
        for (name, value) in pairs.get() {
            console.command(&self.line(name, value))?;
        }
        Ok(())
    }

    fn line(self, name: &str, value: &str) -> String {
        let flagged = self.flagged && super::journal::is_secret(name) && !value.is_empty();
        let properties = [("variable", name), ("issecret", "true")];
        let count = if flagged { 2 } else { 1 };
        command("task.setvariable", &properties[..count], value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_secret_is_flagged_and_only_on_request() {
        let auto = AzureVariables::new(HandOverMode::Auto);
        let flagged = AzureVariables::new(HandOverMode::Secret);
        assert_eq!(
            auto.line("AWS_SESSION_TOKEN", "a%b;c]d"),
            "##vso[task.setvariable variable=AWS_SESSION_TOKEN]a%AZP25b;c]d"
        );
        assert_eq!(
            flagged.line("AWS_SESSION_TOKEN", "x"),
            "##vso[task.setvariable variable=AWS_SESSION_TOKEN;issecret=true]x"
        );
        assert_eq!(
            flagged.line("AWS_REGION", "eu-west-1"),
            "##vso[task.setvariable variable=AWS_REGION]eu-west-1"
        );
    }
}
