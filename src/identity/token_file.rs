//! A web identity token in hand: in a file, as Kubernetes projects it or another step wrote it; on standard input; in a
//! variable.

use std::path::Path;

use crate::error::Error;
use crate::model::{Claims, Secret};
use crate::system::files;

pub(crate) fn read(path: &Path) -> Result<(Secret, Claims), Error> {
    let text = files::read_token(path).map_err(|fault| Error::TokenFile {
        fault: fault.to_string(),
    })?;
    let token = Secret::new(text.trim());
    let claims = claims(&path.display().to_string(), &token)?;
    Ok((token, claims))
}

/// Reads to the end of the input, once in the process' life.
pub(crate) fn read_input() -> Result<(Secret, Claims), Error> {
    let text = files::read_token_input().map_err(|fault| Error::TokenFile {
        fault: format!("standard input: {fault}"),
    })?;
    let token = Secret::new(text.trim());
    let claims = claims("standard input", &token)?;
    Ok((token, claims))
}

/// What a token from that place claims; or why it is none.
pub(crate) fn claims(place: &str, token: &Secret) -> Result<Claims, Error> {
    Claims::read(token).map_err(|fault| Error::TokenFile {
        fault: format!("{place}: {fault}"),
    })
}
