//! The one list of commands. The parser, `--help` and `docs/commands.md` come from it.

use std::ffi::OsString;

use crate::error::Error;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// What `uses:` runs.
    ActionMain,
    /// What runs when the job ends.
    ActionPost,
    /// Without a word: assume, and hand over the way this host does it.
    Login,
    /// Undo what earlier calls of the job wrote.
    Post,
    Exec,
    Export,
    CredentialProcess,
    Serve,
    Check,
    Explain,
    Guard,
    Whoami,
    Help,
    Version,
}

impl Command {
    /// A phase of the action, whose log is the runner's.
    pub(crate) fn is_action(self) -> bool {
        matches!(self, Self::ActionMain | Self::ActionPost)
    }

    /// Has no result but what it changes, so all that it says is for the job's log.
    pub(crate) fn is_step(self) -> bool {
        self.is_action() || matches!(self, Self::Login | Self::Post)
    }
}

/// A command under the words that name it.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) command: Command,
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) options: &'static [OptionSpec],
    /// Takes every setting as a flag.
    pub(crate) settings: bool,
    /// Starts another program, whose words follow.
    pub(crate) trailing: bool,
    /// The settings that one gives it most, for its own help.
    pub(crate) usual: &'static [&'static str],
    /// The words of a call that does something useful, without the program's name.
    pub(crate) example: &'static str,
}

/// An option of one command.
#[derive(Debug)]
pub(crate) struct OptionSpec {
    pub(crate) name: &'static str,
    /// What its value is called; none, if it takes none.
    pub(crate) value: Option<&'static str>,
    pub(crate) help: &'static str,
}

impl OptionSpec {
    /// The option as one writes it.
    pub(crate) fn usage(&self) -> String {
        let value = self
            .value
            .map_or_else(String::new, |value| format!(" {value}"));
        format!("--{}{value}", self.name)
    }
}

const fn spec(command: Command, name: &'static str, help: &'static str) -> Spec {
    Spec {
        command,
        name,
        help,
        options: &[],
        settings: false,
        trailing: false,
        usual: &[],
        example: "",
    }
}

const JSON: OptionSpec = OptionSpec {
    name: "json",
    value: None,
    help: "Print JSON.",
};

const FORMAT: OptionSpec = OptionSpec {
    name: "format",
    value: Some("F"),
    help: "sh (also bash, zsh), fish, powershell (pwsh), cmd, nushell (nu), dotenv, json, github or credential-process. sh if not given.",
};

const FROM: OptionSpec = OptionSpec {
    name: "from",
    value: Some("FILE"),
    help: "What an earlier step has settled: `refresh` writes it, for its own use.",
};

const FORCE: OptionSpec = OptionSpec {
    name: "force",
    value: None,
    help: "Print the secrets even to a terminal.",
};

const fn option(name: &'static str, value: Option<&'static str>, help: &'static str) -> OptionSpec {
    OptionSpec { name, value, help }
}

const EXPLAIN: &[OptionSpec] = &[
    option(
        "policy",
        Some("FILE"),
        "A trust policy, or the answer of `aws iam get-role`; `-` reads standard input.",
    ),
    option(
        "token-file",
        Some("FILE"),
        "The token to judge it by; `-` reads standard input. If not given, the one that a run with these settings begins with.",
    ),
    option(
        "role",
        Some("ARN"),
        "The role; the same as --role-to-assume.",
    ),
    option(
        "caller",
        Some("ARN"),
        "A user or a role that assumes the role, in place of a token.",
    ),
    option(
        "write-policy",
        None,
        "Print the least trust policy that admits the job or the caller.",
    ),
    option(
        "write-caller-policy",
        None,
        "Print the policy that the caller itself needs.",
    ),
    option(
        "format",
        Some("NAME"),
        "Of what is printed: json, aws-cli, terraform or cloudformation.",
    ),
    JSON,
];

/// Every command, in the order of the help.
pub(crate) const COMMANDS: &[Spec] = &[
    LOGIN,
    Spec {
        settings: true,
        trailing: true,
        usual: &[
            "aws-region",
            "role-to-assume",
            "role-duration-seconds",
            "inline-session-policy",
            "source-profile",
            "refresh",
        ],
        example: "exec --aws-region eu-west-1 --role-to-assume arn:aws:iam::123456789012:role/deploy -- aws s3 ls",
        ..spec(
            Command::Exec,
            "exec",
            "Start a command that alone sees the credentials; nothing is written, its status is the result.",
        )
    },
    Spec {
        options: &[FORMAT, FORCE],
        settings: true,
        usual: &[
            "aws-region",
            "role-to-assume",
            "role-duration-seconds",
            "inline-session-policy",
            "source-profile",
        ],
        example: "export --aws-region eu-west-1 --role-to-assume arn:aws:iam::123456789012:role/deploy --format dotenv",
        ..spec(
            Command::Export,
            "export",
            "Print the credentials as a shell, a tool or the AWS CLI writes them, as in `eval \"$(rolehop export)\"`.",
        )
    },
    Spec {
        options: &[FROM, FORCE],
        settings: true,
        usual: &[
            "aws-region",
            "role-to-assume",
            "role-duration-seconds",
            "source-profile",
            "mfa-serial",
        ],
        example: "credential-process --aws-region eu-west-1 --role-to-assume arn:aws:iam::123456789012:role/deploy --source-profile base",
        ..spec(
            Command::CredentialProcess,
            "credential-process",
            "Print them for the AWS SDKs: `credential_process = rolehop credential-process …` in an AWS config file.",
        )
    },
    Spec {
        options: &[FROM],
        settings: true,
        usual: &[
            "aws-region",
            "role-to-assume",
            "role-duration-seconds",
            "source-profile",
        ],
        example: "serve --aws-region eu-west-1 --role-to-assume arn:aws:iam::123456789012:role/deploy",
        ..spec(
            Command::Serve,
            "serve",
            "Offer the credentials on 127.0.0.1 as a container has them, and renew them, until Ctrl-C. Prints the variables to export.",
        )
    },
    Spec {
        options: &[JSON],
        settings: true,
        usual: &["aws-region", "role-to-assume", "roles", "aws-profile", "ci"],
        example: "check --aws-region eu-west-1 --role-to-assume arn:aws:iam::123456789012:role/deploy",
        ..spec(
            Command::Check,
            "check",
            "Every mistake in the settings, the permissions and the files, without a request.",
        )
    },
    Spec {
        options: EXPLAIN,
        settings: true,
        usual: &[
            "role-to-assume",
            "audience",
            "role-external-id",
            "role-skip-session-tagging",
        ],
        example: "explain --policy trust.json --token-file token.jwt --role arn:aws:iam::123456789012:role/deploy",
        ..spec(
            Command::Explain,
            "explain",
            "Why a trust policy refuses this job, line by line, and one that would not. Nothing is asked of AWS.",
        )
    },
    Spec {
        options: &[JSON],
        settings: true,
        usual: &[
            "aws-region",
            "role-to-assume",
            "source-profile",
            "allowed-account-ids",
        ],
        example: "whoami --aws-region eu-west-1 --json",
        ..spec(
            Command::Whoami,
            "whoami",
            "Whose the credentials are (GetCallerIdentity): those of the environment, or those that the settings lead to.",
        )
    },
    Spec {
        settings: true,
        usual: &["ci", "hand-over"],
        example: "post",
        ..spec(
            Command::Post,
            "post",
            "Undo what earlier calls of this job wrote: variables and profiles get back what they were.",
        )
    },
    Spec {
        settings: true,
        usual: &[
            "min-remaining",
            "aws-region",
            "role-to-assume",
            "allowed-account-ids",
        ],
        example: "guard --min-remaining 45m --aws-region eu-west-1",
        ..spec(
            Command::Guard,
            "guard",
            "Before long work: whether the environment's credentials live as long as --min-remaining says, and are of the role and account of the settings.",
        )
    },
    spec(
        Command::ActionMain,
        "action main",
        "What `uses:` runs: assume the role, mask, export.",
    ),
    spec(
        Command::ActionPost,
        "action post",
        "What runs when the job ends: put back what was there before.",
    ),
];

/// The command without a name.
const LOGIN: Spec = Spec {
    settings: true,
    example: "--aws-region eu-west-1 --role-to-assume arn:aws:iam::123456789012:role/deploy",
    ..spec(
        Command::Login,
        "",
        "Assume the role and hand the credentials to the later steps, the way this CI does it.",
    )
};
const HELP: Spec = spec(Command::Help, "", "");
const VERSION: Spec = spec(Command::Version, "", "");

/// What other programs call what ours does.
const ELSEWHERE: &[(&str, &str)] = &[
    ("assume", ALONE),
    ("login", ALONE),
    ("cleanup", "post"),
    ("logout", "post"),
    ("env", "export"),
    ("run", "exec"),
    ("version", "--version"),
];
const ALONE: &str = "`rolehop` without a command";

impl Spec {
    /// The command that the first words name, and the words after it.
    pub(super) fn of(args: &[OsString]) -> Result<(&'static Self, &[OsString]), Error> {
        let word = |at: usize| args.get(at).and_then(|word| word.to_str());
        let Some(first) = word(0) else {
            return Ok((&LOGIN, &[]));
        };
        match first {
            "help" | "--help" | "-h" => return Ok((&HELP, args.get(1..).unwrap_or_default())),
            "--version" | "-V" => return Ok((&VERSION, &[])),
            flag if flag.starts_with('-') => return Ok((&LOGIN, args)),
            _ => {}
        }
        for spec in COMMANDS.iter().filter(|spec| !spec.name.is_empty()) {
            let mut words = spec.name.split(' ').enumerate();
            if words.all(|(at, own)| word(at) == Some(own)) {
                let count = spec.name.split(' ').count();
                return Ok((spec, args.get(count..).unwrap_or_default()));
            }
        }
        let near = COMMANDS
            .iter()
            .map(|spec| spec.name)
            .filter(|name| !name.is_empty())
            .find(|name| {
                name.split_once(' ')
                    .is_some_and(|(group, _)| group == first)
                    || strsim::damerau_levenshtein(name, first) <= 2
            });
        let meant = ELSEWHERE.iter().find(|(other, _)| *other == first);
        let near = meant.map(|(_, own)| *own).or(near);
        let near = near.map_or_else(String::new, |name| format!("; did you mean {name}?"));
        Err(Error::Usage(format!(
            "`{first}` is not a command of rolehop{near}"
        )))
    }

    /// The command as one writes it.
    pub(crate) fn usage(&self) -> String {
        let settings = if self.settings { " [SETTINGS]" } else { "" };
        let trailing = if self.trailing { " -- COMMAND …" } else { "" };
        format!("{}{settings}{trailing}", self.name)
            .trim_start()
            .to_owned()
    }

    /// The command's name with a blank before it, for a message.
    pub(super) fn words(&self) -> String {
        if self.name.is_empty() {
            String::new()
        } else {
            format!(" {}", self.name)
        }
    }
}
