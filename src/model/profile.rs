//! The name of a profile in the AWS config files.

use std::fmt;
use std::str::FromStr;

use super::invalid::Invalid;

/// No blanks, brackets or slashes: what every AWS tool can read between `[` and `]`. Nor quotes: botocore splits the config
/// file's headings as a shell would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProfileName(String);

impl ProfileName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ProfileName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let allowed = |c: char| !c.is_whitespace() && !c.is_control() && !"[]/\\#;='\"".contains(c);
        if text.is_empty() {
            return Err(Invalid::new("is empty"));
        }
        let set = "all but blanks, brackets, slashes, quotes, `#`, `;` and `=`";
        match Invalid::character(text, set, allowed) {
            Some(fault) => Err(fault),
            None => Ok(Self(text.to_owned())),
        }
    }
}
