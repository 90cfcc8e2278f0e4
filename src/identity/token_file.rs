//! A web identity token from a file, as Kubernetes projects it or another step wrote it.

use std::path::Path;

use crate::error::Error;
use crate::model::{Claims, Secret};
use crate::system::files;

pub(crate) fn read(path: &Path) -> Result<(Secret, Claims), Error> {
    let text = files::read_token(path).map_err(|fault| Error::TokenFile {
        fault: fault.to_string(),
    })?;
    let token = Secret::new(text.trim());
    let about = |fault| Error::TokenFile {
        fault: format!("{}: {fault}", path.display()),
    };
    let claims = Claims::read(&token).map_err(about)?;
    Ok((token, claims))
}
