//! `rolehop credential-process --from FILE` where an endpoint renews: its answer is handed on as it is, and nothing is kept.

use std::io::ErrorKind;
use std::time::Duration;

use serde::Deserialize;

use super::process::MOST_WAITING;
use crate::error::{Error, RefreshFailure};
use crate::sink::refresh::{Answer, Share};
use crate::system::System;
use crate::system::console::data_whole;

/// Asked while a new session is on its way, or so many others ask that nobody answered.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits for a session as long as the endpoint may get one; what it cannot get is told in its words.
pub(super) fn run(system: &System, share: &Share) -> Result<(), Error> {
    loop {
        let may_wait = !system.clock.left(MOST_WAITING).is_zero();
        match ask(share)? {
            Ok((200, document)) => return data_whole(&document).map_err(Error::HandOver),
            Ok((503, _)) if may_wait => {}
            Ok((status, said)) => return Err(told(status, &said)),
            // Nobody listens there any more.
            Err(fault) if fault.kind() == ErrorKind::ConnectionRefused => {
                return Err(RefreshFailure::Silent { fault }.into());
            }
            Err(_) if may_wait => {}
            Err(fault) => return Err(RefreshFailure::Silent { fault }.into()),
        }
        std::thread::sleep(PAUSE);
    }
}

/// One question; an error if the files that it takes are gone.
fn ask(share: &Share) -> Result<std::io::Result<Answer>, Error> {
    let folder = share.folder();
    let found = (
        share.read_door(),
        folder.read_endpoint(),
        folder.read_bearer(),
    );
    let (Some(door), Some(endpoint), Some(bearer)) = found else {
        return Err(RefreshFailure::Ended {
            path: share.door().display().to_string(),
        }
        .into());
    };
    Ok(endpoint.get(&door.path, &bearer))
}

/// An error as the endpoint writes it.
#[derive(Deserialize)]
struct Said {
    code: String,
    message: String,
}

fn told(status: u16, text: &str) -> Error {
    let said: Said = serde_json::from_str(text).unwrap_or_else(|_| Said {
        code: status.to_string(),
        message: "it did not say why".to_owned(),
    });
    RefreshFailure::Told {
        code: said.code,
        words: said.message,
        passes: status == 503,
    }
    .into()
}
