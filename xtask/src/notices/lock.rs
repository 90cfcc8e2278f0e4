//! The checksums in `Cargo.lock`.

use std::collections::BTreeMap;

use super::part::Id;

/// The SHA-256 of each crate that has one; members of the workspace have none.
pub(super) fn checksums(lock: &str) -> BTreeMap<Id, String> {
    let mut sums = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            package.lines().find_map(|line| {
                let quoted = line.strip_prefix(key)?.strip_prefix(" = \"")?;
                quoted.strip_suffix('"').map(str::to_owned)
            })
        };
        if let (Some(name), Some(version), Some(sum)) =
            (value("name"), value("version"), value("checksum"))
        {
            sums.insert((name, version), sum);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_belongs_to_one_version() {
        let lock = r#"# made by cargo
version = 4

[[package]]
name = "syn"
version = "2.0.1"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "aa11"
dependencies = [
 "quote",
]

[[package]]
name = "syn"
version = "3.0.1"
checksum = "bb22"

[[package]]
name = "ours"
version = "0.2.0"
dependencies = [
 "syn 2.0.1",
]
"#;
        let id = |version: &str| ("syn".to_owned(), version.to_owned());
        let expected = [
            (id("2.0.1"), "aa11".to_owned()),
            (id("3.0.1"), "bb22".to_owned()),
        ];
        assert_eq!(checksums(lock), BTreeMap::from(expected));
    }

    #[test]
    fn line_ends_of_windows_are_read_as_well() {
        let lock = "[[package]]\r\nname = \"a\"\r\nversion = \"1.0.0\"\r\nchecksum = \"cc\"\r\n";
        let id = ("a".to_owned(), "1.0.0".to_owned());
        assert_eq!(checksums(lock).get(&id).map(String::as_str), Some("cc"));
    }
}
