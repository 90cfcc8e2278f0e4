//! An answer read whole, but never more of it than an answer of its kind can have.

use std::error::Error as _;

use super::MOST_BYTES;

/// A status, its headers, and at most a megabyte.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Why no whole answer arrived.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    #[error("{reason}")]
    Transport {
        reason: String,
        /// The same request would fail the same way.
        lasting: bool,
    },
    #[error("the answer is larger than {MOST_BYTES} bytes")]
    TooLarge,
}

impl AnswerError {
    fn transport(fault: &reqwest::Error) -> Self {
        let reason = reason(fault);
        let lasting = is_lasting(&reason);
        Self::Transport { reason, lasting }
    }
}

/// A certificate that is not trusted now is not trusted in a second either.
pub(crate) fn is_lasting(reason: &str) -> bool {
    reason.contains("certificate")
}

impl Answer {
    pub(crate) async fn to(request: reqwest::RequestBuilder) -> Result<Self, AnswerError> {
        let response = request
            .send()
            .await
            .map_err(|fault| AnswerError::transport(&fault))?;
        Self::read(response).await
    }

    pub(crate) async fn read(mut response: reqwest::Response) -> Result<Self, AnswerError> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(part) = response
            .chunk()
            .await
            .map_err(|fault| AnswerError::transport(&fault))?
        {
            if body.len() + part.len() > MOST_BYTES {
                return Err(AnswerError::TooLarge);
            }
            body.extend_from_slice(&part);
        }
        Ok(Self {
            status,
            headers,
            body,
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The innermost reason of a failed request, without the URL, whose query may be a secret.
pub(crate) fn reason(fault: &reqwest::Error) -> String {
    let what = if fault.is_timeout() {
        "timed out"
    } else if fault.is_connect() {
        "cannot connect"
    } else {
        "the connection failed"
    };
    let mut innermost: &dyn std::error::Error = fault;
    while let Some(deeper) = innermost.source() {
        innermost = deeper;
    }
    if fault.source().is_none() {
        return what.to_owned();
    }
    format!("{what}: {innermost}")
}
