//! MFA: computed codes, a code that is asked for, and the session that serves a day; as the far side saw it.

mod computed;
mod person;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use fake_aws::FakeAws;

use crate::harness::Step;

pub(super) const SERIAL: &str = "arn:aws:iam::123456789012:mfa/ci-user";
pub(super) const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/mfa-only";

/// A CI step whose user has a device with a known secret.
pub(super) fn computed(fake: &FakeAws) -> Step<'_> {
    Step::keys(fake)
        .input("role-to-assume", ROLE)
        .input("mfa-serial", SERIAL)
        .input("mfa-totp-secret", SECRET)
}

/// A person's shell.
pub(super) fn person(fake: &FakeAws) -> Step<'_> {
    Step::shell()
        .sts(fake)
        .static_keys_as_variables()
        .var("ROLEHOP_MFA_SERIAL", SERIAL)
        .var("ROLEHOP_ROLE_TO_ASSUME", ROLE)
}

/// The codes that arrived, in order.
pub(super) fn codes(fake: &FakeAws) -> Vec<String> {
    fake.requests()
        .iter()
        .filter_map(|request| request.params.get("TokenCode").cloned())
        .collect()
}

pub(super) fn kept_files(folder: PathBuf) -> Vec<(String, u32)> {
    let mut files: Vec<(String, u32)> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let mode = entry.metadata().expect("metadata").permissions().mode() & 0o777;
            let name = entry.file_name().into_string().expect("a name");
            (
                name.split_at(name.rfind('-').expect("a hyphen"))
                    .0
                    .to_owned(),
                mode,
            )
        })
        .collect();
    files.sort();
    files
}
