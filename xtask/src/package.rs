//! `cargo xtask package`: puts a platform's released binary into `dist/bin`, or proves that the one there is ours.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::pins;
use crate::release::{self, PLATFORMS, Platform, Way};
use crate::sh::{self, Outcome};

pub(crate) fn run(options: &[&str]) -> Outcome {
    let (mut platform, mut way, mut check) = (None, None, false);
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        let mut value = || {
            rest.next()
                .copied()
                .ok_or_else(|| format!("{option} needs a value"))
        };
        match *option {
            "--target" => platform = Some(Platform::find(value()?)?),
            "--way" => way = Some(Way::parse(value()?)?),
            "--check" => check = true,
            other => return Err(format!("package does not know {other}")),
        }
    }
    let platform = platform.map_or_else(Platform::host, Ok)?;
    let way = way.unwrap_or_else(|| Way::choose(platform));
    if check {
        compare(platform, way)
    } else {
        package(platform, way)
    }
}

fn package(platform: &Platform, way: Way) -> Outcome {
    let made = release::build(platform, way, &sh::target_dir().join("package"))?;
    let place = shelf().join(platform.name);
    fs::create_dir_all(&place).map_err(|e| format!("{}: {e}", place.display()))?;
    let file = place.join(platform.file);
    fs::copy(&made, &file).map_err(|e| format!("{}: {e}", file.display()))?;
    println!("{}", described(&file)?);
    record(platform, &way.described(platform)?)?;
    if platform.name == pins::PLATFORM {
        pins::follow(&digest(&file)?)?;
    }
    Ok(())
}

/// Builds from nothing, elsewhere, and compares with the file in `dist/bin`.
fn compare(platform: &Platform, way: Way) -> Outcome {
    let place = sh::target_dir().join("package-check");
    if place.exists() {
        fs::remove_dir_all(&place).map_err(|e| format!("{}: {e}", place.display()))?;
    }
    let made = release::build(platform, way, &place)?;
    let ours = shelf().join(platform.name).join(platform.file);
    let (built, there) = (described(&made)?, described(&ours)?);
    println!("{built}\n{there}");
    if digest(&made)? == digest(&ours)? {
        println!("the same, bit for bit");
        return Ok(());
    }
    let (then, now) = (recorded(platform), way.described(platform)?);
    Err(format!(
        "{} differs; it was built with {then}, this one with {now}",
        ours.display()
    ))
}

fn shelf() -> PathBuf {
    sh::root().join("dist").join("bin")
}

/// Size and digest, for people.
fn described(file: &Path) -> Outcome<String> {
    let size = fs::metadata(file)
        .map_err(|e| format!("{}: {e}", file.display()))?
        .len();
    Ok(format!(
        "{}: {size} bytes, sha256 {}",
        file.display(),
        digest(file)?
    ))
}

fn digest(file: &Path) -> Outcome<String> {
    let bytes = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }))
}

/// Writes the sums of all binaries there, and how this one was made.
fn record(platform: &Platform, how: &str) -> Outcome {
    let mut sums = String::new();
    for each in &PLATFORMS {
        let file = shelf().join(each.name).join(each.file);
        if file.exists() {
            let _ = writeln!(sums, "{}  {}/{}", digest(&file)?, each.name, each.file);
        }
    }
    let how = format!("{how}\n");
    for (path, text) in [(shelf().join("SHA256SUMS"), sums), (note(platform), how)] {
        fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

/// The file beside a binary that says how it was made.
fn note(platform: &Platform) -> PathBuf {
    shelf().join(platform.name).join("BUILD")
}

fn recorded(platform: &Platform) -> String {
    let text = fs::read_to_string(note(platform));
    text.map_or_else(
        |_| "an unknown compiler".to_owned(),
        |text| text.trim_end().to_owned(),
    )
}
