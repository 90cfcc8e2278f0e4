//! The record of a running endpoint, by which `post` finds it and ends it.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::model::Secret;
use crate::system::detached;

/// Where it listens, and which process it is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) port: u16,
    pub(crate) process: detached::Identity,
}

/// Where the environment's session is asked for, and the end.
pub(crate) const PATH: &str = "/credentials";

/// In whose words a session is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A container's credentials, which an SDK asks for by URL.
    Container,
    /// The document of a `credential_process`.
    Process,
    /// Not the session but how its renewal stands.
    State,
}

/// Where the session of a target is asked for; the environment's has no name.
pub(crate) fn path(form: Form, name: Option<&str>) -> String {
    let mut path = match form {
        Form::Container => PATH,
        Form::Process => "/process",
        Form::State => "/state",
    }
    .to_owned();
    if let Some(name) = name {
        path.push('/');
        path.extend(utf8_percent_encode(name, &OUTSIDE));
    }
    path
}

/// What a profile's name may have and a segment of a path not; the rest stays readable.
const OUTSIDE: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@')
    .remove(b'+')
    .remove(b':')
    .remove(b',');

/// What it says: the status and the body.
pub(crate) type Answer = (u16, Zeroizing<String>);

const PATIENCE: Duration = Duration::from_secs(3);
/// For an answer: it waits a moment for a session that is being renewed.
const PATIENCE_FOR_ANSWER: Duration = Duration::from_secs(10);
/// A session is some two thousand bytes.
const MOST: u64 = 64 * 1024;

impl Endpoint {
    pub(crate) fn url(&self) -> String {
        format!("http://{}:{}{PATH}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Asks it to end, and waits for that; one that does not is killed, if it is certain that it is ours.
    pub(crate) fn end(&self, bearer: &Secret) -> Result<String, Error> {
        if self.ask_to_end(bearer).is_none() && !self.process.is_there() {
            return Ok("the credentials endpoint had ended already".to_owned());
        }
        if self.is_gone_within(PATIENCE) {
            return Ok("ended the credentials endpoint".to_owned());
        }
        self.process.kill();
        if self.is_gone_within(PATIENCE) {
            return Ok("ended the credentials endpoint, which did not answer".to_owned());
        }
        Err(Error::Refused {
            what: "the credentials endpoint cannot be ended".to_owned(),
            fault: format!(
                "process {} still listens on port {} of 127.0.0.1",
                self.process.id, self.port
            ),
        })
    }

    fn ask_to_end(&self, bearer: &Secret) -> Option<()> {
        let mut stream = self.send("DELETE", PATH, bearer, PATIENCE).ok()?;
        let mut answer = [0_u8; 12];
        stream.read_exact(&mut answer).ok()?;
        answer.ends_with(b"204").then_some(())
    }

    /// What it has at that path.
    pub(crate) fn get(&self, path: &str, bearer: &Secret) -> io::Result<Answer> {
        let stream = self.send("GET", path, bearer, PATIENCE_FOR_ANSWER)?;
        let mut text = Zeroizing::new(String::new());
        stream.take(MOST).read_to_string(&mut text)?;
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
        match status {
            Some(status) if length == Some(body.len()) => {
                Ok((status, Zeroizing::new(body.to_owned())))
            }
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        bearer: &Secret,
        patience: Duration,
    ) -> io::Result<TcpStream> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let request = Zeroizing::new(format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\n\r\n",
            bearer.reveal()
        ));
        stream.write_all(request.as_bytes())?;
        Ok(stream)
    }

    /// Neither process nor port, where both can be seen.
    fn is_gone_within(&self, patience: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < patience {
            if !self.process.is_there() && !self.answers() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    fn answers(&self) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_has_a_path_of_its_own() {
        for (name, expected) in [
            (None, "/credentials"),
            (Some("account-1"), "/credentials/account-1"),
            (Some("a%41"), "/credentials/a%2541"),
            (Some("a?é"), "/credentials/a%3F%C3%A9"),
        ] {
            assert_eq!(path(Form::Container, name), expected);
        }
        assert_eq!(path(Form::Process, Some("x")), "/process/x");
    }
}
