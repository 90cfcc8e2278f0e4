//! What the toolchain adds to a binary, beside the crates: cargo knows nothing of it.

use std::fs;

use super::part::{Part, Text};
use super::texts;
use crate::sh::{self, Outcome};

/// The zig whose C library is described here. Another one may have another.
const ZIG: &str = "0.15.2";
const MUSL: &str = "1.2.5";

pub(super) fn parts() -> Outcome<Vec<Part>> {
    let rust = quoted(&read("rust-toolchain.toml")?, "channel = ")
        .ok_or("rust-toolchain.toml names no channel")?;
    let linker = "xtask/tools/package-requirements.txt";
    if !read(linker)?
        .lines()
        .any(|line| line == format!("ziglang=={ZIG}"))
    {
        return Err(format!(
            "{linker} has no zig {ZIG} any more: look which musl the new one has, and renew ZIG, MUSL and xtask/notices/"
        ));
    }
    let musl = format!("pkg:generic/musl@{MUSL}");
    let mut std = part(
        "rust-std",
        &rust,
        format!("pkg:github/rust-lang/rust@{rust}"),
    );
    "(MIT OR Apache-2.0) AND Unicode-3.0 AND Apache-2.0 WITH LLVM-exception"
        .clone_into(&mut std.licence);
    "https://github.com/rust-lang/rust".clone_into(&mut std.repository);
    "The Rust standard library, by the Rust Project's contributors, in the version that rust-toolchain.toml names; \
     the file BUILD beside a binary says with which compiler that one was made. Compiled into it are addr2line, \
     adler2, cfg-if, compiler_builtins, gimli, hashbrown, libc, memchr, miniz_oxide, object and rustc-demangle, which \
     are under MIT, alone or by choice, as well; what compiler_builtins took from LLVM's compiler-rt is under \
     Apache-2.0 WITH LLVM-exception, the tables of Unicode under Unicode-3.0. The toolchain has the whole list as \
     share/doc/rust/COPYRIGHT-library.html."
        .clone_into(&mut std.note);
    std.usual = [
        "MIT",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "Unicode-3.0",
    ]
    .map(str::to_owned)
    .to_vec();
    std.needs = vec![musl.clone()];
    std.direct = true;

    let mut libc = part("musl", MUSL, musl);
    "https://git.musl-libc.org/cgit/musl".clone_into(&mut libc.repository);
    libc.note =
        format!("The C library of the binaries for Linux, which are static; from zig {ZIG}.");
    libc.texts = vec![file("musl")?];

    let url = format!("pkg:github/ziglang/zig@{ZIG}");
    let mut helpers = part("zig-compiler-rt", ZIG, url);
    "https://github.com/ziglang/zig".clone_into(&mut helpers.repository);
    "Helper functions that zig, which links the binaries for Linux, adds where code asks for them."
        .clone_into(&mut helpers.note);
    helpers.texts = vec![file("zig")?];
    helpers.direct = true;
    Ok(vec![std, libc, helpers])
}

fn part(name: &str, version: &str, purl: String) -> Part {
    Part {
        name: name.to_owned(),
        version: version.to_owned(),
        licence: "MIT".to_owned(),
        purl,
        linked: true,
        ..Part::default()
    }
}

fn file(name: &str) -> Outcome<Text> {
    let text = read(&format!("xtask/notices/{name}.txt"))?;
    Ok(Text {
        file: "COPYRIGHT".to_owned(),
        text: texts::clean(&text),
    })
}

fn read(path: &str) -> Outcome<String> {
    fs::read_to_string(sh::root().join(path)).map_err(|e| format!("{path}: {e}"))
}

/// The value of the line that starts with `key`, without its quotes.
fn quoted(text: &str, key: &str) -> Option<String> {
    let value = text.lines().find_map(|line| line.strip_prefix(key))?;
    Some(value.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toolchain_is_the_pinned_one() {
        let pinned = "[toolchain]\nchannel = \"1.95.0\"\nprofile = \"minimal\"\n";
        assert_eq!(quoted(pinned, "channel = ").as_deref(), Some("1.95.0"));
        assert_eq!(quoted("[toolchain]\n", "channel = "), None);
    }

    #[test]
    fn the_kept_texts_name_their_owners() {
        for (name, owner) in [("musl", "Rich Felker"), ("zig", "Zig contributors")] {
            assert!(file(name).expect(name).text.contains(owner), "{name}");
        }
    }
}
