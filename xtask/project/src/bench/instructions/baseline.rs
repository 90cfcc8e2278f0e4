//! The counts that are in the tree, and what they were measured with.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

/// The file, as it is read and written.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    pub(super) measured: Measured,
    pub(super) instructions: BTreeMap<String, u64>,
}

/// What the counts depend on beside the source.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Measured {
    /// Compiler and linker.
    pub(super) built_with: String,
    pub(super) target: String,
    /// `[profile.release]` of `Cargo.toml`, in one line.
    pub(super) profile: String,
    pub(super) valgrind: String,
}

impl Baseline {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|fault| fault.to_string())
    }

    pub(super) fn text(&self) -> String {
        let mut text = "# Instructions of the main paths, by callgrind. Written by `cargo xtask bench --instructions --write`.\n\
             # A commit that renews it says why a number has grown.\n\n[measured]\n"
            .to_owned();
        let measured = &self.measured;
        for (name, value) in [
            ("built_with", &measured.built_with),
            ("target", &measured.target),
            ("profile", &measured.profile),
            ("valgrind", &measured.valgrind),
        ] {
            let _ = writeln!(text, "{name} = {}", quoted(value));
        }
        text.push_str("\n[instructions]\n");
        for (path, count) in &self.instructions {
            let _ = writeln!(text, "{} = {count}", quoted(path));
        }
        text
    }
}

impl Measured {
    /// In which of them two measurements differ, for people.
    pub(super) fn differences(&self, now: &Self) -> Vec<String> {
        [
            ("built with", &self.built_with, &now.built_with),
            ("target", &self.target, &now.target),
            ("profile", &self.profile, &now.profile),
            ("valgrind", &self.valgrind, &now.valgrind),
        ]
        .into_iter()
        .filter(|(_, then, now)| then != now)
        .map(|(name, then, now)| format!("{name}: {then} then, {now} now"))
        .collect()
    }
}

/// The release profile of a `Cargo.toml`, in one line, with what differs for single packages.
pub(super) fn profile(manifest: &str) -> Option<String> {
    let mut package = None;
    let mut settings = Vec::new();
    for line in manifest.lines() {
        if let Some(heading) = line.strip_prefix('[') {
            let inside = heading.strip_prefix("profile.release");
            package = inside.map(|rest| rest.trim_start_matches(".package.").trim_end_matches(']'));
        } else if let Some(package) = package
            && line.contains('=')
            && !line.starts_with('#')
        {
            let apart = if package.is_empty() { "" } else { ": " };
            settings.push(format!("{package}{apart}{}", line.replace('"', "")));
        }
    }
    (!settings.is_empty()).then(|| settings.join(", "))
}

/// TOML's basic strings and JSON's are written alike.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline() -> Baseline {
        Baseline {
            measured: Measured {
                built_with: "Rustup rustc 1.95.0, linked by \"zig\"".to_owned(),
                target: "x86_64-linux".to_owned(),
                profile: "lto = fat".to_owned(),
                valgrind: "valgrind-3.19.0".to_owned(),
            },
            instructions: [
                ("the step, OIDC".to_owned(), 3_530_176),
                ("post".to_owned(), 9),
            ]
            .into(),
        }
    }

    #[test]
    fn is_read_as_it_was_written() {
        assert_eq!(Baseline::read(&baseline().text()), Ok(baseline()));
    }

    #[test]
    fn a_slip_in_the_file_is_told() {
        let text = baseline().text();
        for wrong in [
            text.replace("= 9\n", "= 9.5\n"),
            text.replace("valgrind =", "valgrnd ="),
            text.replace("[instructions]", "[instruction]"),
        ] {
            assert!(Baseline::read(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_differs_is_named() {
        let then = baseline().measured;
        let now = Measured {
            profile: "lto = off".to_owned(),
            ..then.clone()
        };
        assert_eq!(then.differences(&then), Vec::<String>::new());
        assert_eq!(
            then.differences(&now),
            ["profile: lto = fat then, lto = off now"]
        );
    }

    #[test]
    fn the_profile_is_one_line() {
        let manifest = "[profile.dev]\ndebug = 1\n\n[profile.release]\nlto = \"fat\"\n# why = 1\nstrip = true\n\n\
             [profile.release.package.ring]\nopt-level = 3\n\n[lints]\na = 1\n";
        let line = profile(manifest);
        assert_eq!(
            line.as_deref(),
            Some("lto = fat, strip = true, ring: opt-level = 3")
        );
        assert_eq!(profile("[profile.dev]\n"), None);
    }
}
