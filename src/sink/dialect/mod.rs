//! Credentials as text for another program: assignments that a shell evaluates, or a document. Pure: text out of values.

mod cmd;
mod document;
mod dotenv;
mod fish;
mod github;
mod nushell;
mod posix;
mod powershell;

use super::environment::Environment;
use super::mask::Masked;
use crate::error::{Error, LendFailure};
use crate::model::{Region, Session};
use crate::system::env::Env;

/// Who reads the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Every shell that reads POSIX' quotes: dash, bash, zsh, ksh, busybox.
    Posix,
    Fish,
    Powershell,
    Cmd,
    Nushell,
    /// Files of `NAME=value` lines.
    Dotenv,
    /// What `aws sts assume-role` prints.
    Json,
    /// `GITHUB_ENV`.
    Github,
    /// What the SDKs read from a `credential_process`.
    CredentialProcess,
}

/// Every name that `--format` takes.
const NAMES: [(&str, Dialect); 13] = [
    ("sh", Dialect::Posix),
    ("bash", Dialect::Posix),
    ("zsh", Dialect::Posix),
    ("fish", Dialect::Fish),
    ("powershell", Dialect::Powershell),
    ("pwsh", Dialect::Powershell),
    ("cmd", Dialect::Cmd),
    ("nushell", Dialect::Nushell),
    ("nu", Dialect::Nushell),
    ("dotenv", Dialect::Dotenv),
    ("json", Dialect::Json),
    ("github", Dialect::Github),
    ("credential-process", Dialect::CredentialProcess),
];

/// Why a value cannot be written so that its reader gets it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// A line break or another control character: no credential has one, and it could end the statement.
    Control,
    /// A character that this reader changes, whatever is done; the words say when.
    Changed(&'static str),
}

impl Dialect {
    pub(crate) fn named(name: &str) -> Result<Self, Error> {
        let found = NAMES.iter().find(|(own, _)| *own == name);
        found.map(|(_, dialect)| *dialect).ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(own, _)| *own).collect();
            Error::Usage(format!(
                "`{}` is not a format of `rolehop export`; there are {}",
                name.escape_default(),
                names.join(", ")
            ))
        })
    }

    fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(_, dialect)| *dialect == self);
        found.map_or("", |(name, _)| name)
    }

    /// How the text gets where it belongs, for a message.
    pub(crate) fn usage(self) -> &'static str {
        match self {
            Self::Posix => "eval \"$(rolehop export)\"",
            Self::Fish => "rolehop export --format fish | source",
            Self::Powershell => "rolehop export --format powershell | Invoke-Expression",
            Self::Cmd => "for /f \"delims=\" %i in ('rolehop export --format cmd') do @%i",
            Self::Nushell => "rolehop export --format nushell | from json | load-env",
            Self::Dotenv => "rolehop export --format dotenv > FILE",
            Self::Json => "rolehop export --format json | jq …",
            Self::Github => "rolehop export --format github >> \"$GITHUB_ENV\"",
            Self::CredentialProcess => {
                "credential_process = rolehop credential-process in an AWS config file"
            }
        }
    }

    /// A statement that fails, for the shells that would take an empty text for a success:
    /// `eval "$(rolehop export)"` has the status of what it evaluates, not that of rolehop.
    pub(crate) fn failure(self) -> Option<&'static str> {
        match self {
            Self::Posix | Self::Fish => Some("false"),
            Self::Powershell => Some("throw 'rolehop export failed'"),
            Self::Cmd
            | Self::Nushell
            | Self::Dotenv
            | Self::Json
            | Self::Github
            | Self::CredentialProcess => None,
        }
    }

    /// Names in `env` that would win over the credentials and that this reader cannot take away.
    pub(crate) fn stays(self, env: &Env) -> Vec<&'static str> {
        match self {
            Self::Dotenv | Self::Github => super::environment::RIVALS
                .into_iter()
                .filter(|name| env.has(name))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The whole text, without its last line end.
    pub(crate) fn render(
        self,
        session: Masked<&Session>,
        region: &Region,
    ) -> Result<Masked<String>, Error> {
        let text = self.text(session.get(), region)?;
        Ok(session.map(|_| text))
    }

    fn text(self, session: &Session, region: &Region) -> Result<String, Error> {
        let environment = Environment::of(session, region);
        for (name, value) in &environment.set {
            if value.chars().any(char::is_control) {
                return Err(self.refused(name, Refusal::Control));
            }
        }
        let render = match self {
            Self::Posix => posix::render,
            Self::Fish => fish::render,
            Self::Powershell => powershell::render,
            Self::Cmd => cmd::render,
            Self::Nushell => nushell::render,
            Self::Dotenv => dotenv::render,
            Self::Github => github::render,
            Self::Json => return document::assume_role(session),
            Self::CredentialProcess => return document::credential_process(session),
        };
        render(&environment).map_err(|(name, refusal)| self.refused(name, refusal))
    }

    /// The value is a secret: what it has is told, not where or which.
    fn refused(self, name: &str, refusal: Refusal) -> Error {
        let why = match refusal {
            Refusal::Control => "it has a line break or another control character",
            Refusal::Changed(why) => why,
        };
        let (name, format) = (name.to_owned(), self.name());
        LendFailure::Format { name, format, why }.into()
    }
}

/// Lines, or the name of the value that cannot be written and why.
type Rendered = Result<String, (&'static str, Refusal)>;

/// What a `credential_process` prints.
pub(crate) fn process_document(session: &Session) -> Result<String, Error> {
    document::credential_process(session)
}

/// The document of a container credentials endpoint.
pub(crate) fn endpoint_document(session: &Session, role: Option<&str>) -> Result<String, Error> {
    document::container(session, role)
}

/// One statement for each variable: those that go first.
fn statements(
    environment: &Environment,
    unset: impl Fn(&str) -> String,
    set: impl Fn(&str, &str) -> String,
) -> String {
    let out = environment.unset.iter().map(|name| unset(name));
    let into = environment.set.iter().map(|(name, value)| set(name, value));
    out.chain(into).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(secret: &str) -> Environment {
        Environment {
            set: vec![("AWS_SECRET_ACCESS_KEY", secret.to_owned())],
            unset: vec!["AWS_PROFILE", "AWS_SESSION_TOKEN"],
        }
    }

    #[test]
    fn each_dialect_has_its_own_quotes() {
        let environment = environment(r"a'b\c ’");
        let json =
            r#"{"AWS_PROFILE":null,"AWS_SESSION_TOKEN":null,"AWS_SECRET_ACCESS_KEY":"a'b\\c ’"}"#;
        for (render, text) in [
            (
                posix::render as fn(&Environment) -> Rendered,
                r"unset AWS_PROFILE AWS_SESSION_TOKEN|export AWS_SECRET_ACCESS_KEY='a'\''b\c ’'",
            ),
            (
                fish::render,
                r"set -eg AWS_PROFILE; or true|set -eg AWS_SESSION_TOKEN; or true|set -gx AWS_SECRET_ACCESS_KEY 'a\'b\\c ’'",
            ),
            (
                powershell::render,
                r"$env:AWS_PROFILE = $null|$env:AWS_SESSION_TOKEN = $null|$env:AWS_SECRET_ACCESS_KEY = 'a''b\c ’’'",
            ),
            (nushell::render, json),
        ] {
            assert_eq!(
                render(&environment).map(|text| text.replace('\n', "|")),
                Ok(text.to_owned())
            );
        }
        assert!(cmd::render(&environment).is_err() && dotenv::render(&environment).is_err());
    }

    #[test]
    fn what_cannot_be_quoted_is_plain() {
        let environment = environment("a+b/c=");
        assert_eq!(
            dotenv::render(&environment).as_deref(),
            Ok("AWS_SESSION_TOKEN=\nAWS_SECRET_ACCESS_KEY=a+b/c=")
        );
        assert_eq!(
            cmd::render(&environment).as_deref(),
            Ok(
                "set \"AWS_PROFILE=\"\r\nset \"AWS_SESSION_TOKEN=\"\r\nset \"AWS_SECRET_ACCESS_KEY=a+b/c=\""
            )
        );
    }

    #[test]
    fn every_dialect_goes_by_a_name() {
        for (name, dialect) in NAMES {
            assert_eq!(Dialect::named(name).ok(), Some(dialect));
            assert!(!dialect.name().is_empty());
        }
        assert!(Dialect::named("SH").is_err());
    }
}
