//! Builds the released binary of one platform, so that anyone gets the same bytes from the same toolchain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sh::{self, Outcome};
use crate::{apt, elf, tools};

/// A platform, under the name that Node has for it.
pub(crate) struct Platform {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    pub(crate) triple: &'static str,
}

const fn platform(name: &'static str, triple: &'static str, file: &'static str) -> Platform {
    Platform { name, file, triple }
}

pub(crate) const PLATFORMS: [Platform; 6] = [
    platform("linux-x64", "x86_64-unknown-linux-musl", "rolehop"),
    platform("linux-arm64", "aarch64-unknown-linux-musl", "rolehop"),
    platform("darwin-x64", "x86_64-apple-darwin", "rolehop"),
    platform("darwin-arm64", "aarch64-apple-darwin", "rolehop"),
    platform("win32-x64", "x86_64-pc-windows-msvc", "rolehop.exe"),
    platform("win32-arm64", "aarch64-pc-windows-msvc", "rolehop.exe"),
];

/// Which compiler makes it. The two give different bytes, so the file beside the sums says which one it was. For Linux
/// both build the standard library as well, without the tables for unwinding that the ready-made one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The toolchain that rust-toolchain.toml names.
    Rustup,
    /// Debian's compiler.
    Debian,
}

const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

impl Way {
    pub(crate) fn parse(text: &str) -> Outcome<Self> {
        match text {
            "rustup" => Ok(Self::Rustup),
            "debian" => Ok(Self::Debian),
            other => Err(format!(
                "no such way to build: {other}; there are rustup and debian"
            )),
        }
    }

    /// rustup's when it has what the platform needs or can fetch it; Debian's for Linux otherwise.
    pub(crate) fn choose(platform: &Platform) -> Self {
        let mut fetch = sh::program("rustup");
        if platform.is_linux() {
            fetch.args(["component", "add", "rust-src"]);
        } else {
            fetch.args(["target", "add", platform.triple]);
        }
        if sh::output(&mut fetch).is_ok() || !platform.is_linux() {
            Self::Rustup
        } else {
            Self::Debian
        }
    }

    fn rustc(self) -> Command {
        match self {
            Self::Rustup => sh::program("rustc"),
            Self::Debian => sh::program(DEBIAN_RUSTC),
        }
    }

    /// The compiler, for the file that says how the binaries were made.
    pub(crate) fn described(self, platform: &Platform) -> Outcome<String> {
        let version = sh::output(self.rustc().arg("--version"))?;
        let linker = if platform.is_linux() {
            ", linked by zig 0.15.2"
        } else {
            ""
        };
        Ok(format!("{self:?} {version}{linker}"))
    }
}

impl Platform {
    pub(crate) fn find(name: &str) -> Outcome<&'static Self> {
        let known = || {
            PLATFORMS
                .iter()
                .map(|p| p.name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        PLATFORMS
            .iter()
            .find(|p| p.name == name)
            .ok_or_else(|| format!("no such platform: {name}; there are {}", known()))
    }

    /// The platform that this program runs on.
    pub(crate) fn host() -> Outcome<&'static Self> {
        let system = match std::env::consts::OS {
            "macos" => "darwin",
            "windows" => "win32",
            other => other,
        };
        let processor = if cfg!(target_arch = "aarch64") {
            "arm64"
        } else {
            "x64"
        };
        Self::find(&format!("{system}-{processor}"))
    }

    fn is_linux(&self) -> bool {
        self.triple.ends_with("-linux-musl")
    }
}

/// Builds into `target_dir` and returns the program.
pub(crate) fn build(platform: &Platform, way: Way, target_dir: &Path) -> Outcome<PathBuf> {
    if way == Way::Debian {
        let there = || {
            Path::new(DEBIAN_RUSTC).exists()
                && Path::new(DEBIAN_CARGO).exists()
                && Path::new("/usr/lib/rustlib/src").exists()
        };
        apt::need("Debian's Rust", &DEBIAN_PACKAGES, there)?;
    }
    sh::run(
        "dependencies",
        cargo(way).args(["fetch", "--quiet", "--locked"]),
    )?;
    let mut command = if platform.is_linux() {
        zigbuild(way)?
    } else {
        build_command(way)
    };
    command.args([
        "--quiet",
        "--locked",
        "--release",
        "--package",
        "rolehop",
        "--bin",
        "rolehop",
    ]);
    command.args(["--target", platform.triple]);
    if platform.is_linux() {
        command
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC_BOOTSTRAP", "1");
    }
    let variable = format!(
        "CARGO_TARGET_{}_RUSTFLAGS",
        platform.triple.to_uppercase().replace('-', "_")
    );
    command.env(variable, flags(platform, way, target_dir)?.join(" "));
    for key in [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
        "CFLAGS",
        "RUSTC_WRAPPER",
    ] {
        command.env_remove(key);
    }
    command
        .env("SOURCE_DATE_EPOCH", "315532800")
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", target_dir);
    sh::run(
        &format!("{} with {}", platform.triple, way.described(platform)?),
        &mut command,
    )?;
    let made = target_dir
        .join(platform.triple)
        .join("release")
        .join(platform.file);
    if platform.is_linux() {
        elf::must_be_static(&made)?;
    }
    Ok(made)
}

fn cargo(way: Way) -> Command {
    let mut command = match way {
        Way::Rustup => return sh::cargo(),
        Way::Debian => sh::program(DEBIAN_CARGO),
    };
    // With these set, rust-toolchain.toml and rustup have no say.
    command
        .env("RUSTC", DEBIAN_RUSTC)
        .env("CARGO", DEBIAN_CARGO)
        .env_remove("RUSTUP_TOOLCHAIN");
    command
}

fn build_command(way: Way) -> Command {
    let mut command = cargo(way);
    command.arg("build");
    command
}

/// cargo-zigbuild, which finds its zig through the Python that is first in the path.
fn zigbuild(way: Way) -> Outcome<Command> {
    let bin = tools::ensure_linker()?.join("bin");
    let like = cargo(way);
    let mut command = sh::program(bin.join("cargo-zigbuild"));
    for (key, value) in like.get_envs() {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::iter::once(bin).chain(std::env::split_paths(&path));
    command.env(
        "PATH",
        std::env::join_paths(places).map_err(|e| format!("PATH: {e}"))?,
    );
    command.arg("zigbuild");
    Ok(command)
}

/// The compiler's flags: no path of this machine in the result.
fn flags(platform: &Platform, way: Way, target_dir: &Path) -> Outcome<Vec<String>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home
        .or_else(|| std::env::home_dir().map(|dir| dir.join(".cargo")))
        .ok_or("there is no home folder")?;
    let sysroot = sh::output(way.rustc().args(["--print", "sysroot"]))?;
    // The last one that fits wins, so the wider ones come first.
    let mut pairs = vec![
        (PathBuf::from(sysroot), "/rust"),
        (sh::root(), "/rolehop"),
        (target_dir.to_path_buf(), "/target"),
    ];
    pairs.push((home.clone(), "/cargo"));
    // The folder's name depends on the registry's address, which a mirror changes.
    let sources = fs::read_dir(home.join("registry").join("src"))
        .into_iter()
        .flatten()
        .flatten();
    let mut sources: Vec<PathBuf> = sources.map(|entry| entry.path()).collect();
    sources.sort();
    pairs.extend(sources.into_iter().map(|path| (path, "/crates")));

    let mut flags = Vec::new();
    for (from, to) in pairs {
        let from = from.to_str().ok_or("a path is not UTF-8")?.to_owned();
        if from.contains(char::is_whitespace) || from.contains('=') {
            return Err(format!(
                "cannot build reproducibly below {from}: its name has a space or an equals sign"
            ));
        }
        flags.push(format!("--remap-path-prefix={from}={to}"));
    }
    if platform.is_linux() {
        // A panic ends the process, so nothing is ever unwound; the tables for it are an eighth of the binary.
        flags.push("-Cforce-unwind-tables=no".to_owned());
        flags.push("-Clink-self-contained=no".to_owned());
    } else if platform.triple.ends_with("-msvc") {
        flags.extend([
            "-Ctarget-feature=+crt-static".to_owned(),
            "-Clink-arg=/Brepro".to_owned(),
        ]);
    }
    Ok(flags)
}
