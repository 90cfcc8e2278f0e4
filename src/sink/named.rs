//! The profiles that a request names, proved to be writable: with keys in both AWS files, or renewed, which takes one.

use super::profile::{self, ProfileError, ProfilePaths};
use crate::error::{Error, Mistake};
use crate::model::Invalid;
use crate::model::request::{Refresh, Request};
use crate::system::env::Env;

pub(super) fn prepare(env: &Env, request: &Request) -> Result<Option<profile::Prepared>, Error> {
    let targets = request.targets.iter();
    let wanted: Vec<_> = targets.filter_map(|t| t.place.profile.clone()).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    let paths = match request.refresh {
        None => ProfilePaths::locate(env)?,
        Some(refresh) => {
            let paths =
                ProfilePaths::locate_config(env).map_err(|fault| homeless(refresh, fault))?;
            profile::without_idle_credentials(&paths, &wanted)?
        }
    };
    Ok(Some(profile::prepare(&paths, wanted)?))
}

/// In the words of the setting that wants a profile; the user may have named none.
fn homeless(refresh: Refresh, fault: ProfileError) -> Error {
    if !matches!(fault, ProfileError::NoHome { .. }) {
        return fault.into();
    }
    let (input, way_out) = match refresh {
        Refresh::Process => ("refresh", ", or use `refresh: server`"),
        Refresh::Server => ("roles", ""),
    };
    mistake(
        input,
        format!(
            "needs a profile, and there is no home directory to keep it in: set HOME or AWS_CONFIG_FILE{way_out}"
        ),
    )
}

fn mistake(input: &str, fault: String) -> Error {
    Error::InvalidInputs(vec![Mistake {
        input: input.to_owned(),
        fault: Invalid::new(fault),
    }])
}

impl From<ProfileError> for Error {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Exists { name, path } => Self::ProfileExists {
                name,
                path: path.display().to_string(),
            },
            ProfileError::File(fault) => Self::HandOver(fault),
            fault @ ProfileError::NoHome { .. } => {
                mistake("aws-profile", format!("cannot be written: {fault}"))
            }
            fault @ ProfileError::Value { .. } => Self::Internal(fault.to_string()),
        }
    }
}
