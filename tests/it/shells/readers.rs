//! The shells and tools that read an export, each started once for all texts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The variables after one text.
pub(super) type Found = BTreeMap<String, String>;

/// Who reads, and how it is told to.
#[derive(Debug)]
pub(super) struct Reader {
    format: &'static str,
    name: &'static str,
    /// The program, in `PATH` or among the tools of `cargo xtask test`.
    program: &'static str,
    kind: Kind,
    /// `cargo xtask test` installs it on Linux.
    installed: bool,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// The words before the files.
    Script(&'static [&'static str]),
    /// A script of `tests/it/shells` for the tools' Python, with the files as its arguments.
    Python(&'static str),
    Nushell,
    Powershell,
    /// The words between the program and `cmd`'s own.
    Cmd(&'static [&'static str]),
    /// No program: lines of `set "NAME=value"`, in which nothing is special to cmd in any of its ways to read them.
    CmdGrammar,
}

/// The statement that stands for what a job had before, and what is there afterwards.
const POSIX: &str = r#"for file in "$@"; do
    AWS_PROFILE=other AWS_SESSION_TOKEN=old; export AWS_PROFILE AWS_SESSION_TOKEN
    eval "$(cat "$file")" || exit
    perl -e 'print map("$_=$ENV{$_}\0", keys %ENV), "END\0"'
done"#;
const FISH: &str = r#"for file in $argv
    set -gx AWS_PROFILE other; set -gx AWS_SESSION_TOKEN old
    cat $file | source; or exit
    perl -e 'print map("$_=$ENV{$_}\0", keys %ENV), "END\0"'
end"#;
/// A dotenv file is sourced by many a script.
const SOURCED: &str = r#"for file in "$@"; do (
    set -a; . "$file"
    perl -e 'print map("$_=$ENV{$_}\0", keys %ENV), "END\0"'
); done"#;

const fn reader(
    format: &'static str,
    name: &'static str,
    program: &'static str,
    kind: Kind,
) -> Reader {
    Reader {
        format,
        name,
        program,
        kind,
        installed: true,
    }
}

const fn where_it_is(mut reader: Reader) -> Reader {
    reader.installed = false;
    reader
}

static ALL: [Reader; 18] = [
    reader("sh", "sh", "sh", Kind::Script(&["-c", POSIX, "sh"])),
    reader(
        "sh",
        "dash -eu",
        "dash",
        Kind::Script(&["-euc", POSIX, "sh"]),
    ),
    reader("sh", "bash", "bash", Kind::Script(&["-c", POSIX, "sh"])),
    reader(
        "sh",
        "bash -eu",
        "bash",
        Kind::Script(&["-euo", "pipefail", "-c", POSIX, "sh"]),
    ),
    reader(
        "sh",
        "bash --posix",
        "bash",
        Kind::Script(&["--posix", "-c", POSIX, "sh"]),
    ),
    reader(
        "sh",
        "busybox sh",
        "busybox",
        Kind::Script(&["sh", "-c", POSIX, "sh"]),
    ),
    reader("sh", "zsh", "zsh", Kind::Script(&["-fc", POSIX, "sh"])),
    reader(
        "sh",
        "zsh with doubled quotes",
        "zsh",
        Kind::Script(&["-f", "-o", "rcquotes", "-c", POSIX, "sh"]),
    ),
    reader(
        "fish",
        "fish",
        "fish",
        Kind::Script(&["--no-config", "-c", FISH]),
    ),
    reader("nushell", "Nushell", "nushell/bin/nu", Kind::Nushell),
    where_it_is(reader(
        "powershell",
        "PowerShell 7",
        "pwsh",
        Kind::Powershell,
    )),
    where_it_is(reader(
        "powershell",
        "Windows PowerShell",
        "powershell",
        Kind::Powershell,
    )),
    reader(
        "powershell",
        "PowerShell's grammar",
        "bin/python",
        Kind::Python("powershell.py"),
    ),
    where_it_is(reader("cmd", "cmd", "cmd", Kind::Cmd(&[]))),
    // Opening it takes a while and may ask questions, so it is only asked where the variable names it.
    where_it_is(reader(
        "cmd",
        "Wine's cmd",
        "ROLEHOP_WINE",
        Kind::Cmd(&["cmd"]),
    )),
    where_it_is(reader("cmd", "cmd's grammar", "", Kind::CmdGrammar)),
    reader(
        "dotenv",
        "python-dotenv",
        "bin/python",
        Kind::Python("dotenv_file.py"),
    ),
    reader("dotenv", "sh", "sh", Kind::Script(&["-c", SOURCED, "sh"])),
];

impl Reader {
    pub(super) fn of(format: &str) -> impl Iterator<Item = &'static Self> {
        ALL.iter().filter(move |reader| reader.format == format)
    }

    /// Whether somebody has to read the format on this machine.
    pub(super) fn must_be_there(format: &str) -> bool {
        tools().is_some() && Self::of(format).any(|reader| reader.installed)
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// The variables after each text; none where the program is not there.
    pub(super) fn read(&self, texts: &[&str]) -> Option<Vec<Found>> {
        if let Kind::CmdGrammar = self.kind {
            return Some(texts.iter().map(|text| assignments(text)).collect());
        }
        let on_windows = matches!(self.kind, Kind::Powershell | Kind::Cmd(_));
        if cfg!(windows) && !on_windows {
            // What has these names there may be of another system inside it.
            return None;
        }
        let Some(program) = self.find() else {
            assert!(
                !self.installed || tools().is_none(),
                "{} is not there",
                self.program
            );
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let files: Vec<PathBuf> = (0..texts.len())
            .map(|at| folder.path().join(format!("{at}.cmd")))
            .collect();
        for (file, text) in files.iter().zip(texts) {
            fs::write(file, text).expect("a file");
        }
        let mut command = Command::new(program);
        command
            .stdin(Stdio::null())
            .current_dir(folder.path())
            .env("HOME", folder.path());
        for name in ["AWS_PROFILE", "AWS_SESSION_TOKEN"] {
            command.env_remove(name);
        }
        self.kind.tell(&mut command, folder.path(), &files);
        let output = command.output().expect("the reader starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{}: {said}{}",
            self.name,
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            !folder.path().join("owned").exists(),
            "{} was led on",
            self.name
        );
        Some(self.kind.understand(&said))
    }

    fn find(&self) -> Option<PathBuf> {
        if self.program.contains('/') {
            return tools().map(|tools| tools.join(self.program));
        }
        if self.program == "ROLEHOP_WINE" {
            return std::env::var_os(self.program).map(PathBuf::from);
        }
        let names = [self.program.to_owned(), format!("{}.exe", self.program)];
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders)
            .flat_map(|folder| names.clone().map(|name| folder.join(name)))
            .find(|path| path.is_file())
    }
}

impl Kind {
    fn tell(self, command: &mut Command, folder: &Path, files: &[PathBuf]) {
        match self {
            Self::CmdGrammar => {}
            Self::Script(words) => {
                command.args(words).args(files);
            }
            Self::Python(name) => {
                let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/shells");
                command.arg(script.join(name)).args(files);
            }
            Self::Nushell => {
                let list: Vec<String> = files
                    .iter()
                    .map(|file| format!("'{}'", file.display()))
                    .collect();
                let script = format!(
                    "for file in [{}] {{
                        $env.AWS_PROFILE = 'other'; $env.AWS_SESSION_TOKEN = 'old'
                        open --raw $file | decode utf-8 | from json | load-env
                        ^perl -e 'print map(\"$_=$ENV{{$_}}\\0\", keys %ENV), \"END\\0\"'
                    }}",
                    list.join(" ")
                );
                command.args(["--no-config-file", "-c", &script]);
            }
            Self::Powershell => {
                let list: Vec<String> = files
                    .iter()
                    .map(|file| format!("'{}'", file.display()))
                    .collect();
                let script = format!(
                    "$ErrorActionPreference = 'Stop'
                    [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false
                    foreach ($file in {}) {{
                        $env:AWS_PROFILE = 'other'; $env:AWS_SESSION_TOKEN = 'old'
                        Get-Content -Encoding UTF8 $file | Invoke-Expression
                        foreach ($pair in [Environment]::GetEnvironmentVariables().GetEnumerator()) {{
                            [Console]::Out.Write($pair.Key + '=' + $pair.Value + [char]0)
                        }}
                        [Console]::Out.Write('END' + [char]0)
                    }}",
                    list.join(", ")
                );
                let file = folder.join("read.ps1");
                // Windows PowerShell reads a script as UTF-8 only with this mark.
                fs::write(&file, format!("\u{feff}{script}")).expect("a script");
                command
                    .args([
                        "-NoProfile",
                        "-NonInteractive",
                        "-ExecutionPolicy",
                        "Bypass",
                        "-File",
                    ])
                    .arg(file);
            }
            Self::Cmd(words) => {
                let mut script = "@echo off\r\n".to_owned();
                // Wine takes a line that `for` hands it for the name of a command.
                let has_both = words.is_empty();
                for at in 0..files.len() {
                    // From the output of a command, and as a batch file.
                    let ways = [
                        format!("for /f \"delims=\" %%i in ({at}.cmd) do @%%i"),
                        format!("call {at}.cmd"),
                    ];
                    let way = &ways[if has_both { at % 2 } else { 1 }];
                    let _ = write!(
                        script,
                        "set AWS_PROFILE=other\r\nset AWS_SESSION_TOKEN=old\r\n{way}\r\nset AWS_\r\necho END\r\n"
                    );
                }
                // The list of variables ends in a failure when none is left, which is none here.
                script.push_str("exit /b 0\r\n");
                fs::write(folder.join("read.bat"), script).expect("a script");
                let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wine");
                command
                    .env("WINEPREFIX", prefix)
                    .env("WINEDEBUG", "-all")
                    .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
                    .args(words)
                    .args(["/d", "/c", "read.bat"]);
            }
        }
    }

    fn understand(self, said: &str) -> Vec<Found> {
        let said = said.trim_start_matches('\u{feff}');
        let separator = match self {
            Self::Cmd(_) => "\r\n",
            _ => "\0",
        };
        let mut found = vec![Found::new()];
        for line in said.split_terminator(separator) {
            if line == "END" {
                found.push(Found::new());
            } else if let (Some((name, value)), Some(last)) =
                (line.split_once('='), found.last_mut())
            {
                last.insert(name.to_owned(), value.to_owned());
            }
        }
        // What follows the last end.
        found.pop();
        found
    }
}

/// The variables that lines of `set "NAME=value"` leave: the last quote ends the value, and an empty one is none.
fn assignments(text: &str) -> Found {
    let mut found = Found::from([("AWS_PROFILE".to_owned(), "other".to_owned())]);
    for line in text.split_terminator('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let inside = line
            .strip_prefix("set \"")
            .and_then(|rest| rest.strip_suffix('"'));
        let (name, value) = inside
            .and_then(|inside| inside.split_once('='))
            .expect(line);
        assert!(
            value.is_ascii() && !value.contains(['"', '%', '!']),
            "{line}"
        );
        found.remove(name);
        if !value.is_empty() {
            found.insert(name.to_owned(), value.to_owned());
        }
    }
    found
}

/// The tools of `cargo xtask test`.
fn tools() -> Option<PathBuf> {
    std::env::var_os("ROLEHOP_TOOLS").map(PathBuf::from)
}
