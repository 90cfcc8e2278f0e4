//! The record of a running endpoint, by which `post` finds it and ends it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::model::Secret;
use crate::system::detached;

/// Where it listens, and which process it is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) port: u16,
    pub(crate) process: detached::Identity,
}

/// The one thing that it has.
pub(crate) const PATH: &str = "/credentials";

const PATIENCE: Duration = Duration::from_secs(3);

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
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        let request = format!(
            "DELETE {PATH} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\n\r\n",
            bearer.reveal()
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = [0_u8; 12];
        stream.read_exact(&mut answer).ok()?;
        answer.ends_with(b"204").then_some(())
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
