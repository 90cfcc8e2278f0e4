//! One part of the binaries: a crate, or what the toolchain adds.

/// The name and the version of a crate.
pub(super) type Id = (String, String);

/// The text of a licence, and the name of the file that has it.
pub(super) struct Text {
    pub(super) file: String,
    pub(super) text: String,
}

#[derive(Default)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) version: String,
    /// An SPDX expression.
    pub(super) licence: String,
    pub(super) repository: String,
    /// The package URL, which is also the reference inside the SBOM.
    pub(super) purl: String,
    /// The SHA-256 of the crate's archive.
    pub(super) checksum: Option<String>,
    /// Of its code something can be in the binary; a macro only runs in the compiler.
    pub(super) linked: bool,
    /// The project asks for it itself.
    pub(super) direct: bool,
    /// The package URLs of what it needs.
    pub(super) needs: Vec<String>,
    pub(super) note: String,
    /// Identifiers of licences whose usual text is to stand for files that the part does not have.
    pub(super) usual: Vec<String>,
    pub(super) texts: Vec<Text>,
}

impl Part {
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

/// The package URL of a crate. The plus of build metadata has to be escaped in it.
pub(super) fn crate_url((name, version): &Id) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}
