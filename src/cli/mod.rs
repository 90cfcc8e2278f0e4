//! The command line: which command, its options, and settings as flags. What a setting's text means is `frontend`'s.

mod spec;

use std::collections::BTreeMap;
use std::ffi::OsString;

use lexopt::{Arg, Parser};

use crate::error::Error;
use crate::frontend::{Flags, Kind, SETTINGS, Setting, nearest};
pub(crate) use spec::{COMMANDS, Command, Spec};

/// What the process was started for.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) command: Command,
    /// The command that help is wanted with.
    pub(crate) about: Option<&'static Spec>,
    /// The command's own options, without their dashes; one that takes no value has an empty one.
    pub(crate) options: Options,
    /// Settings that were given as flags.
    pub(crate) flags: Flags,
    /// Show what was decided and why.
    pub(crate) verbose: bool,
    /// What comes after the command's name or `--`, for a command that starts another one.
    pub(crate) rest: Vec<OsString>,
}

/// Options of one command.
#[derive(Debug, Default)]
pub(crate) struct Options(BTreeMap<&'static str, String>);

impl Options {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl Invocation {
    pub(crate) fn parse(args: &[OsString]) -> Result<Self, Error> {
        let (spec, args) = Spec::of(args)?;
        if spec.command == Command::Help {
            return Self::help(args);
        }
        Self::of(spec, args).map_err(|error| error.about(spec.command))
    }

    fn of(spec: &'static Spec, args: &[OsString]) -> Result<Self, Error> {
        let mut parser = Parser::from_args(args.iter().cloned());
        let mut invocation = Self {
            command: spec.command,
            about: None,
            options: Options::default(),
            flags: Flags::new(),
            verbose: false,
            rest: Vec::new(),
        };
        while let Some(argument) = parser.next().map_err(|fault| usage(spec, fault))? {
            match argument {
                Arg::Short('v') | Arg::Long("verbose") => invocation.verbose = true,
                Arg::Short('h') | Arg::Long("help") => {
                    invocation.command = Command::Help;
                    invocation.about = Some(spec).filter(|spec| !spec.name.is_empty());
                }
                Arg::Long(name) => {
                    let name = name.to_owned();
                    invocation.option(spec, &name, &mut parser)?;
                }
                Arg::Value(first) if spec.trailing => {
                    invocation.rest.push(first);
                    invocation
                        .rest
                        .extend(parser.raw_args().map_err(|fault| usage(spec, fault))?);
                }
                other => return Err(usage(spec, other.unexpected())),
            }
        }
        if spec.trailing && invocation.rest.is_empty() && invocation.command != Command::Help {
            return Err(Error::Usage(format!(
                "`rolehop {}` needs a command to start, as in `rolehop {} -- aws s3 ls`",
                spec.name, spec.name
            )));
        }
        Ok(invocation)
    }

    /// `help`, and perhaps the command that it is to be about.
    fn help(words: &[OsString]) -> Result<Self, Error> {
        let about = match words.first() {
            Some(first) if !first.to_string_lossy().starts_with('-') => Some(Spec::of(words)?.0),
            _ => None,
        };
        Ok(Self {
            command: Command::Help,
            about: about.filter(|spec| !spec.name.is_empty()),
            options: Options::default(),
            flags: Flags::new(),
            verbose: false,
            rest: Vec::new(),
        })
    }

    /// One `--name`, with its value: an option of the command, or a setting.
    fn option(&mut self, spec: &Spec, name: &str, parser: &mut Parser) -> Result<(), Error> {
        if let Some(option) = spec.options.iter().find(|option| option.name == name) {
            let value = match option.value {
                Some(_) => text(parser.value().map_err(|fault| usage(spec, fault))?)?,
                None => String::new(),
            };
            return once(&mut self.options.0, option.name, value);
        }
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        let Some(setting) = setting.filter(|_| spec.settings) else {
            return Err(unknown(spec, name));
        };
        let value = match setting.kind {
            Kind::Text => text(parser.value().map_err(|fault| usage(spec, fault))?)?,
            Kind::Toggle => match parser.optional_value() {
                Some(value) => text(value)?,
                None => "true".to_owned(),
            },
            Kind::Secret => return Err(no_secret_flag(setting)),
        };
        once(&mut self.flags, setting.name, value)
    }
}

fn once(
    given: &mut BTreeMap<&'static str, String>,
    name: &'static str,
    value: String,
) -> Result<(), Error> {
    match given.insert(name, value) {
        None => Ok(()),
        Some(_) => Err(Error::Usage(format!("--{name} is given twice"))),
    }
}

fn text(value: OsString) -> Result<String, Error> {
    value
        .into_string()
        .map_err(|_| Error::Usage("a flag's value is not UTF-8".to_owned()))
}

fn unknown(spec: &Spec, name: &str) -> Error {
    let own = spec.options.iter().map(|option| option.name);
    let near = own
        .filter(|option| option.contains(name) || name.contains(option))
        .chain(nearest(name).filter(|_| spec.settings))
        .next()
        .map_or_else(String::new, |near| format!("; did you mean --{near}?"));
    Error::Usage(format!(
        "`rolehop{}` has no flag --{name}{near}",
        spec.words()
    ))
}

/// The words of a process can be read by every other process of the machine.
fn no_secret_flag(setting: &Setting) -> Error {
    Error::Usage(format!(
        "there is no flag --{}, since other processes can read it; set the variable ROLEHOP_{} instead",
        setting.name,
        setting.name.to_ascii_uppercase().replace('-', "_")
    ))
}

/// What the parser cannot take, and what to write instead.
fn usage(spec: &Spec, fault: lexopt::Error) -> Error {
    let command = format!("rolehop{}", spec.words());
    Error::Usage(match fault {
        lexopt::Error::MissingValue {
            option: Some(option),
        } => format!("{option} needs a value, as in `{command} {option} VALUE`"),
        lexopt::Error::UnexpectedOption(option) => format!("`{command}` has no flag {option}"),
        lexopt::Error::UnexpectedValue { option, .. } => {
            format!("{option} takes no value; write it alone")
        }
        lexopt::Error::UnexpectedArgument(word) => format!(
            "`{command}` has no use for the word `{}`; settings are flags, as in --aws-region eu-west-1",
            word.to_string_lossy().escape_debug()
        ),
        other => other.to_string(),
    })
}

impl Error {
    /// What is wrong with the words of a command: its own help has the right ones.
    pub(crate) fn about(self, command: Command) -> Self {
        let spec = COMMANDS.iter().find(|spec| spec.command == command);
        match (self, spec) {
            (Self::Usage(fault), Some(spec)) if !spec.name.is_empty() => Self::UsageOf {
                command: spec.name,
                fault,
            },
            (other, _) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Invocation, String> {
        let args: Vec<OsString> = words.iter().map(OsString::from).collect();
        Invocation::parse(&args).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_are_flags_of_the_same_name() {
        let invocation = parse(&[
            "check",
            "--role-to-assume",
            "arn",
            "--aws-region=eu-west-1",
            "--role-chaining",
            "--summary=false",
            "--json",
            "-v",
        ])
        .expect("parsed");
        assert_eq!(invocation.command, Command::Check);
        assert_eq!(
            invocation.flags.into_iter().collect::<Vec<_>>(),
            [
                ("aws-region", "eu-west-1".to_owned()),
                ("role-chaining", "true".to_owned()),
                ("role-to-assume", "arn".to_owned()),
                ("summary", "false".to_owned()),
            ]
        );
        assert!(invocation.options.has("json") && invocation.verbose);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (words, said) in [
            (
                &["chekc"][..],
                "`chekc` is not a command of rolehop; did you mean check?",
            ),
            (
                &["check", "--rol-to-assume", "x"],
                "has no flag --rol-to-assume; did you mean --role-to-assume?",
            ),
            (
                &["check", "--nothing-like-it"],
                "`rolehop check` has no flag --nothing-like-it",
            ),
            (
                &["check", "--aws-region"],
                "--aws-region needs a value, as in `rolehop check --aws-region VALUE`",
            ),
            (
                &["check", "--aws-region=a", "--aws-region=b"],
                "--aws-region is given twice",
            ),
            (
                &["check", "word"],
                "`rolehop check` has no use for the word `word`; settings are flags",
            ),
            (&["check", "-r"], "`rolehop check` has no flag -r"),
            (&["check", "--json=1"], "--json takes no value"),
            (&["login"], "did you mean `rolehop` without a command?"),
            (&["logout"], "did you mean post?"),
            (&["env"], "did you mean export?"),
            (
                &["check", "--aws-secret-access-key", "x"],
                "set the variable ROLEHOP_AWS_SECRET_ACCESS_KEY instead",
            ),
            (
                &["action", "later"],
                "`action` is not a command of rolehop; did you mean action main?",
            ),
        ] {
            let fault = parse(words).expect_err(said);
            assert!(fault.contains(said), "{fault}");
        }
    }

    #[test]
    fn help_is_had_from_everywhere() {
        for (words, about) in [
            (&["--help"][..], None),
            (&["help"], None),
            (&["-h"], None),
            (&["help", "help"], None),
            (&["help", "-v"], None),
            (&["check", "--help"], Some("check")),
            (&["check", "--aws-region", "x", "-h"], Some("check")),
            (&["help", "check"], Some("check")),
            (&["help", "action", "main"], Some("action main")),
            (&["exec", "--help"], Some("exec")),
        ] {
            let help = parse(words).expect("parsed");
            assert_eq!(help.command, Command::Help);
            assert_eq!(help.about.map(|spec| spec.name), about, "{words:?}");
        }
        let fault = parse(&["help", "chekc"]).expect_err("no such command");
        assert!(fault.contains("did you mean check?"), "{fault}");
    }

    #[test]
    fn each_command_names_settings_that_there_are_and_an_example_that_is_understood() {
        for spec in COMMANDS {
            for name in spec.usual {
                let found = SETTINGS.iter().any(|setting| setting.name == *name);
                assert!(found && spec.settings, "{}: {name}", spec.name);
            }
            if !spec.example.is_empty() {
                let words: Vec<&str> = spec.example.split(' ').collect();
                let parsed = parse(&words).expect(spec.example);
                assert_eq!(parsed.command, spec.command, "{}", spec.example);
            }
        }
    }
}
