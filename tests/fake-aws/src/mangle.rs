//! The bytes of an answer, and the bodies that go wrong on the way.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::time::{Sleep, sleep};

use crate::answer::Answer;

const DRIP: Duration = Duration::from_millis(200);
const FLUSH: Duration = Duration::from_millis(20);
const CHUNK: usize = 64 * 1024;

/// How the body goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Whole,
    /// Half of what the length promises.
    Truncated,
    /// A byte at a time.
    Drip,
}

pub(crate) enum Payload {
    Whole(Option<Bytes>),
    /// What is still sent, and then an error that makes the server drop the connection.
    Broken {
        left: Option<Bytes>,
        pause: Pin<Box<Sleep>>,
    },
    Drip {
        left: Bytes,
        pause: Pin<Box<Sleep>>,
    },
    Huge {
        left: usize,
    },
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            Self::Broken { left, pause } => {
                if let Some(bytes) = left.take() {
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                // An error at once would make the server drop what it has not flushed yet.
                std::task::ready!(pause.as_mut().poll(cx));
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
            Self::Drip { left, pause } => {
                if left.is_empty() {
                    return Poll::Ready(None);
                }
                std::task::ready!(pause.as_mut().poll(cx));
                *pause = Box::pin(sleep(DRIP));
                Poll::Ready(Some(Ok(Frame::data(left.split_to(1)))))
            }
            Self::Huge { left } => {
                let n = (*left).min(CHUNK);
                *left -= n;
                Poll::Ready((n > 0).then(|| Ok(Frame::data(Bytes::from(vec![b'x'; n])))))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64))
            }
            _ => SizeHint::default(),
        }
    }
}

/// The HTTP response of an answer.
pub(crate) fn respond(answer: &Answer, manner: Manner, date: &str) -> Response<Payload> {
    let bytes = Bytes::from(answer.body());
    let length = bytes.len();
    let payload = match manner {
        Manner::Whole => Payload::Whole(Some(bytes)),
        Manner::Truncated => Payload::Broken {
            left: Some(bytes.slice(..length / 2)),
            pause: Box::pin(sleep(FLUSH)),
        },
        Manner::Drip => Payload::Drip {
            left: bytes,
            pause: Box::pin(sleep(DRIP)),
        },
    };
    let mut response = raw(answer.status, answer.content_type(), payload, date);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    for (name, value) in &answer.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

pub(crate) fn raw(
    status: u16,
    content_type: &str,
    payload: Payload,
    date: &str,
) -> Response<Payload> {
    let mut response = Response::new(payload);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in [(CONTENT_TYPE, content_type), (DATE, date)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
