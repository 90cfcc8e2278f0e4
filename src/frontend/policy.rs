//! A session policy as the user writes it: the JSON itself, or the file that has it.

use super::raw::Reader;
use crate::host::Job;
use crate::model::{InlinePolicy, Invalid};
use crate::system::files;

/// A hundred times what STS takes, for those who indent by much.
const MOST_BYTES: u64 = 256 << 10;

/// Of another form than a file's name.
pub(super) fn is_inline(text: &str) -> bool {
    path(text).is_none()
}

pub(super) fn read(reader: &mut Reader<'_>, name: &'static str, job: &Job) -> Option<InlinePolicy> {
    reader.with(name, |text| {
        let Some(path) = path(text) else {
            return text.parse();
        };
        if path.is_empty() {
            return Err(Invalid::new(
                "names no file; write it as in file://policy.json, relative to the workspace",
            ));
        }
        let path = job.resolve(path);
        let text = files::read_limited(&path, MOST_BYTES)
            .map_err(|fault| Invalid::new(fault.to_string()))?;
        // Editors of Windows begin a file with a mark.
        let text = text.trim_start_matches('\u{feff}').trim_end();
        let fault = |fault| Invalid::new(format!("in {}: {fault}", path.display()));
        text.parse().map_err(|invalid: Invalid| fault(invalid))
    })
}

/// `file://PATH`, as the AWS CLI takes it, or `@PATH`, as curl does.
fn path(text: &str) -> Option<&str> {
    text.strip_prefix("file://")
        .or_else(|| text.strip_prefix('@'))
        .map(str::trim)
}
