//! `logout: true`: the step that takes back what earlier ones handed over, and does nothing else.

use super::raw::{RawInputs, Reader};
use crate::error::Error;

/// Settings that ask for credentials, which are taken away here.
const RIVALS: [&str; 2] = ["role-to-assume", "roles"];

/// Whether the step is there to log out. One that names a role beside it wants two things at once.
pub(crate) fn wanted(raw: &RawInputs) -> Result<bool, Error> {
    let mut reader = Reader::new(raw);
    let wanted = reader.flag("logout", false);
    for rival in RIVALS
        .into_iter()
        .filter(|rival| wanted && raw.is_beside(rival))
    {
        reader.wrong(
            rival,
            "is given beside logout, which takes credentials back and gets none; make two steps of it",
        );
    }
    reader.finish(Some(wanted))
}

/// Where credentials are asked for.
pub(super) fn refuse(reader: &mut Reader<'_>) {
    if reader.flag("logout", false) {
        reader.wrong(
            "logout",
            "is a step of its own (`rolehop post` on the command line); leave it out here",
        );
    }
}
