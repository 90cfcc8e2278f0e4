//! The endpoint's side of HTTP: which request gets what. Pure; strict, since everything on the machine can knock.

use crate::model::Secret;
use crate::sink::refresh::{Form, PATH};

/// A request is one line and a few headers; no SDK sends more than some hundred bytes.
pub(super) const MOST: usize = 8 * 1024;

/// What a request gets.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The credentials.
    Give(Sought),
    /// An end, which whoever may have the credentials may ask for.
    End,
    Refuse(Status),
}

/// Which target's session, by its number, and in whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sought {
    pub(super) number: usize,
    pub(super) form: Form,
}

/// A status and its words.
pub(super) type Status = (u16, &'static str);

const BAD: Status = (400, "Bad Request");
const UNAUTHORIZED: Status = (401, "Unauthorized");
const FORBIDDEN: Status = (403, "Forbidden");
const NOT_FOUND: Status = (404, "Not Found");
const NOT_ALLOWED: Status = (405, "Method Not Allowed");
pub(super) const TIMED_OUT: Status = (408, "Request Timeout");
pub(super) const TOO_LARGE: Status = (431, "Request Header Fields Too Large");

/// Judges everything up to the empty line. `find` says what is to be had at a path.
pub(super) fn judge(
    head: &[u8],
    port: u16,
    bearer: &Secret,
    find: impl FnOnce(&str) -> Option<Sought>,
) -> Verdict {
    match read(head) {
        Some(request) => request.judge(port, bearer, find),
        None => Verdict::Refuse(BAD),
    }
}

struct Request<'a> {
    method: &'a str,
    path: &'a str,
    host: Option<&'a str>,
    authorization: Option<&'a str>,
    from_a_page: bool,
}

/// None for what is not HTTP/1, or says one thing twice.
fn read(head: &[u8]) -> Option<Request<'_>> {
    let text = std::str::from_utf8(head).ok()?;
    let mut lines = text.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    if !matches!(words.next()?, "HTTP/1.1" | "HTTP/1.0") || words.next().is_some() {
        return None;
    }
    let mut request = Request {
        method,
        path,
        host: None,
        authorization: None,
        from_a_page: false,
    };
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let place = match name.to_ascii_lowercase().as_str() {
            "host" => &mut request.host,
            "authorization" => &mut request.authorization,
            // Browsers send one of these with every request of a page, and no SDK does.
            "origin" | "sec-fetch-site" | "referer" => {
                request.from_a_page = true;
                continue;
            }
            _ => continue,
        };
        if place.replace(value.trim_matches([' ', '\t'])).is_some() {
            return None;
        }
    }
    Some(request)
}

impl Request<'_> {
    fn judge(
        &self,
        port: u16,
        bearer: &Secret,
        find: impl FnOnce(&str) -> Option<Sought>,
    ) -> Verdict {
        // A page whose name was made to lead here (DNS rebinding) says that name.
        let own = format!("127.0.0.1:{port}");
        if self.host != Some(&own) || self.from_a_page {
            return Verdict::Refuse(FORBIDDEN);
        }
        if !matches!(self.method, "GET" | "DELETE") {
            return Verdict::Refuse(NOT_ALLOWED);
        }
        let shown = self.authorization.unwrap_or_default();
        if !is_same(shown.as_bytes(), bearer.reveal().as_bytes()) {
            return Verdict::Refuse(UNAUTHORIZED);
        }
        if self.method == "DELETE" && self.path == PATH {
            return Verdict::End;
        }
        find(self.path)
            .filter(|_| self.method == "GET")
            .map_or(Verdict::Refuse(NOT_FOUND), Verdict::Give)
    }
}

/// Takes the same time wherever they differ, so that nobody can guess one byte after another.
fn is_same(shown: &[u8], right: &[u8]) -> bool {
    let differs = shown
        .iter()
        .zip(right)
        .fold(0_u8, |differs, (a, b)| differs | (a ^ b));
    std::hint::black_box(differs) == 0 && shown.len() == right.len()
}

/// An answer on the wire. The connection ends with it.
pub(super) fn render((status, words): Status, body: &str) -> zeroize::Zeroizing<String> {
    let allow = if status == NOT_ALLOWED.0 {
        "Allow: GET\r\n"
    } else {
        ""
    };
    zeroize::Zeroizing::new(format!(
        "HTTP/1.1 {status} {words}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\n{allow}Connection: close\r\n\r\n{body}",
        body.len()
    ))
}

/// An error as the SDKs show it.
pub(super) fn failure(code: &str, message: &str) -> String {
    serde_json::json!({ "code": code, "message": message }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Sought = Sought {
        number: 0,
        form: Form::Container,
    };
    const SECOND: Sought = Sought {
        number: 1,
        form: Form::Process,
    };

    fn verdict(head: &str) -> Verdict {
        let find = |path: &str| match path {
            PATH => Some(FIRST),
            "/process/b" => Some(SECOND),
            _ => None,
        };
        judge(head.as_bytes(), 4711, &Secret::new("s3cret"), find)
    }

    #[test]
    fn only_the_right_request_gets_something() {
        let head =
            |line: &str, host: &str, more: &str| format!("{line}\r\nHost: {host}\r\n{more}\r\n");
        let own = "127.0.0.1:4711";
        let bearer = "authorization:  s3cret\r\n";
        let get = "GET /credentials HTTP/1.1";
        for (head, expected) in [
            (head(get, own, bearer), Verdict::Give(FIRST)),
            (
                head("GET /credentials HTTP/1.0", own, bearer),
                Verdict::Give(FIRST),
            ),
            (
                head("DELETE /credentials HTTP/1.1", own, bearer),
                Verdict::End,
            ),
            (
                head("DELETE /credentials HTTP/1.1", own, ""),
                Verdict::Refuse(UNAUTHORIZED),
            ),
            (head(get, own, ""), Verdict::Refuse(UNAUTHORIZED)),
            (
                head(get, own, "Authorization: s3cre\r\n"),
                Verdict::Refuse(UNAUTHORIZED),
            ),
            (
                head(get, own, "Authorization: s3crets\r\n"),
                Verdict::Refuse(UNAUTHORIZED),
            ),
            (
                head(get, own, "Authorization: S3cret\r\n"),
                Verdict::Refuse(UNAUTHORIZED),
            ),
            (
                head(get, own, "Authorization:\r\n"),
                Verdict::Refuse(UNAUTHORIZED),
            ),
            (
                head(get, own, &format!("{bearer}{bearer}")),
                Verdict::Refuse(BAD),
            ),
            (
                head("POST /credentials HTTP/1.1", own, bearer),
                Verdict::Refuse(NOT_ALLOWED),
            ),
            (
                head("HEAD /credentials HTTP/1.1", own, bearer),
                Verdict::Refuse(NOT_ALLOWED),
            ),
            (
                head("get /credentials HTTP/1.1", own, bearer),
                Verdict::Refuse(NOT_ALLOWED),
            ),
            (
                head("GET / HTTP/1.1", own, bearer),
                Verdict::Refuse(NOT_FOUND),
            ),
            (
                head("GET /credentials?x HTTP/1.1", own, bearer),
                Verdict::Refuse(NOT_FOUND),
            ),
            (
                head(get, "localhost:4711", bearer),
                Verdict::Refuse(FORBIDDEN),
            ),
            (
                head(get, "evil.example:4711", bearer),
                Verdict::Refuse(FORBIDDEN),
            ),
            (head(get, "127.0.0.1", bearer), Verdict::Refuse(FORBIDDEN)),
            (
                head(get, own, &format!("Origin: null\r\n{bearer}")),
                Verdict::Refuse(FORBIDDEN),
            ),
            (format!("{get}\r\n{bearer}\r\n"), Verdict::Refuse(FORBIDDEN)),
            (
                head(get, own, &format!("Host: {own}\r\n{bearer}")),
                Verdict::Refuse(BAD),
            ),
            (head(get, own, "no colon\r\n"), Verdict::Refuse(BAD)),
            (
                head(get, own, "Authorization: x\r\n s3cret\r\n"),
                Verdict::Refuse(BAD),
            ),
            (
                head("GET /credentials HTTP/2", own, bearer),
                Verdict::Refuse(BAD),
            ),
            (
                head("GET  /credentials HTTP/1.1", own, bearer),
                Verdict::Refuse(BAD),
            ),
            ("\u{16}\u{3}\u{1}".to_owned(), Verdict::Refuse(BAD)),
            (String::new(), Verdict::Refuse(BAD)),
        ] {
            assert_eq!(verdict(&head), expected, "{head}");
        }
    }

    #[test]
    fn each_target_has_its_path_and_only_one_of_them_ends_it() {
        let own = "HTTP/1.1\r\nHost: 127.0.0.1:4711\r\n";
        let bearer = "Authorization: s3cret\r\n";
        for (line, bearer, expected) in [
            ("GET /process/b", bearer, Verdict::Give(SECOND)),
            ("GET /process/b", "", Verdict::Refuse(UNAUTHORIZED)),
            ("GET /process/c", "", Verdict::Refuse(UNAUTHORIZED)),
            ("GET /process/c", bearer, Verdict::Refuse(NOT_FOUND)),
            ("DELETE /process/b", bearer, Verdict::Refuse(NOT_FOUND)),
            ("DELETE /credentials", bearer, Verdict::End),
        ] {
            let head = format!("{line} {own}{bearer}\r\n");
            assert_eq!(verdict(&head), expected, "{head}");
        }
    }
}
