//! Whether a Linux program is static: it names no loader, so it runs in any image.

use std::fs;
use std::path::Path;

use crate::sh::Outcome;

/// The program header that names a loader.
const INTERPRETER: u32 = 3;

pub(crate) fn must_be_static(file: &Path) -> Outcome {
    let bytes = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    match names_loader(&bytes) {
        Some(false) => Ok(()),
        Some(true) => Err(format!(
            "{} is not static: it names a loader",
            file.display()
        )),
        None => Err(format!(
            "{} is not a 64-bit little-endian ELF file",
            file.display()
        )),
    }
}

/// Reads the program headers: their place, size and number stand in the file's own header.
fn names_loader(bytes: &[u8]) -> Option<bool> {
    if bytes.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let start = usize::try_from(u64::from_le_bytes(bytes.get(32..40)?.try_into().ok()?)).ok()?;
    let short = |at: usize| {
        Some(usize::from(u16::from_le_bytes(
            bytes.get(at..at + 2)?.try_into().ok()?,
        )))
    };
    let (size, number) = (short(54)?, short(56)?);
    let mut found = false;
    for index in 0..number {
        let at = start.checked_add(index.checked_mul(size)?)?;
        let kind = u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?);
        found |= kind == INTERPRETER;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::names_loader;

    fn file(kind: u8) -> Vec<u8> {
        let mut bytes = vec![0; 64 + 56];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (bytes[32], bytes[54], bytes[56], bytes[64]) = (64, 56, 1, kind);
        bytes
    }

    #[test]
    fn a_loader_is_found() {
        assert_eq!(names_loader(&file(3)), Some(true));
        assert_eq!(names_loader(&file(1)), Some(false));
        assert_eq!(names_loader(&file(1)[..100][..64]), None);
        assert_eq!(names_loader(b"#!/bin/sh\n"), None);
    }
}
