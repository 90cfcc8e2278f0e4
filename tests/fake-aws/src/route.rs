//! From a request on the wire to the endpoint that answers it, with the record and the misbehaviours on the way.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response};

use crate::answer::{self, Answer};
use crate::clock::http_date;
use crate::conn::ResetSwitch;
use crate::mangle::{Manner, Payload, raw, respond};
use crate::misbehave::{INJECTION, Misbehaviour};
use crate::record::Recorded;
use crate::state::{Shared, State};
use crate::sts::{self, StsError};
use crate::{ci, form, idtoken, metadata};

const BODY_LIMIT: usize = 1024 * 1024;

/// A request that has arrived whole.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) operation: String,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Bytes,
    pub(crate) params: BTreeMap<String, String>,
    /// False when the query or the form body is not valid percent-encoding.
    pub(crate) decodable: bool,
}

impl Arrived {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }
}

/// Which connection a request came on.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) connection: u64,
    pub(crate) switch: ResetSwitch,
    pub(crate) latency: Duration,
}

pub(crate) async fn serve(
    shared: Shared,
    origin: Origin,
    request: Request<Incoming>,
) -> io::Result<Response<Payload>> {
    let mut arrived = collect(request).await?;
    let (id, script) = {
        let mut state = shared.lock();
        arrived.operation = operation(&state, &arrived);
        let id = state.record(recorded(&arrived, origin.connection));
        // What a client was given to present is a secret, wherever it came from.
        if let Some(token) = arrived.param("WebIdentityToken") {
            state.learn(token);
        }
        (id, state.queue.next(&arrived.operation))
    };
    if !origin.latency.is_zero() {
        tokio::time::sleep(origin.latency).await;
    }
    match script {
        Some(Misbehaviour::Hang) => std::future::pending().await,
        Some(Misbehaviour::Reset) => {
            origin.switch.pull();
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Some(Misbehaviour::Torn) => origin.switch.pull(),
        Some(Misbehaviour::Delay(pause)) => tokio::time::sleep(pause).await,
        _ => {}
    }
    let mut state = shared.lock();
    let response = respond_to(&mut state, &arrived, script);
    state.answered(id, response.status().as_u16());
    Ok(response)
}

fn respond_to(
    state: &mut State,
    arrived: &Arrived,
    script: Option<Misbehaviour>,
) -> Response<Payload> {
    let date = http_date(state.clock.signing_now());
    let operation = &arrived.operation;
    let error = |status: u16, code: &str, message: &str| {
        Answer::error(operation, &StsError::new(status, code, message))
    };
    let whole = |answer: &Answer| respond(answer, Manner::Whole, &date);
    match script {
        Some(Misbehaviour::Error {
            status,
            code,
            message,
        }) => whole(&error(status, &code, &message)),
        Some(Misbehaviour::Throttle) => {
            let status = if answer::speaks_xml(operation) {
                400
            } else {
                429
            };
            whole(&error(status, "Throttling", "Rate exceeded"))
        }
        Some(Misbehaviour::TextInjection) => whole(&error(403, "AccessDenied", INJECTION)),
        Some(Misbehaviour::RetryAfter { status, seconds }) => {
            let code = if status == 429 {
                "Throttling"
            } else {
                "ServiceUnavailable"
            };
            whole(
                &error(status, code, "Please retry later")
                    .header("retry-after", &seconds.to_string()),
            )
        }
        Some(Misbehaviour::Redirect(location)) => {
            whole(&Answer::text(307, "").header("location", &location))
        }
        Some(Misbehaviour::Raw {
            status,
            content_type,
            body,
        }) => raw(
            status,
            &content_type,
            Payload::Whole(Some(body.into())),
            &date,
        ),
        Some(Misbehaviour::Html) => {
            let page = "<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>";
            raw(502, "text/html", Payload::Whole(Some(page.into())), &date)
        }
        Some(Misbehaviour::Empty) => {
            raw(200, "text/plain", Payload::Whole(Some(Bytes::new())), &date)
        }
        Some(Misbehaviour::Huge(bytes)) => {
            raw(200, "text/xml", Payload::Huge { left: bytes }, &date)
        }
        Some(Misbehaviour::RetryAfterDate(seconds)) => {
            let at = http_date(state.clock.signing_now() + seconds);
            let busy = error(503, "ServiceUnavailable", "Please retry later");
            whole(&busy.header("retry-after", &at))
        }
        Some(Misbehaviour::Truncated | Misbehaviour::Torn) => {
            respond(&right(state, arrived), Manner::Truncated, &date)
        }
        Some(Misbehaviour::Drip) => respond(&right(state, arrived), Manner::Drip, &date),
        Some(Misbehaviour::MissingField(name)) => {
            let mut answer = right(state, arrived);
            answer.remove(&name);
            whole(&answer)
        }
        Some(Misbehaviour::Delay(_) | Misbehaviour::Hang | Misbehaviour::Reset) | None => {
            whole(&right(state, arrived))
        }
    }
}

/// The right answer.
fn right(state: &mut State, arrived: &Arrived) -> Answer {
    match arrived.operation.as_str() {
        "GetIdToken" => idtoken::issue(state, arrived),
        "OpenIdConfiguration" => idtoken::configuration(state),
        "AzureOidcToken" => ci::azure(state, arrived),
        "CodefreshIdToken" => ci::codefresh(state, arrived),
        "GoogleIdentity" => ci::google(state, arrived),
        "Jwks" => Answer::json(200, state.issuer.jwks()),
        "ContainerCredentials" => metadata::container(state, arrived),
        "Unknown" => Answer::json(404, serde_json::json!({"message": "not found"})),
        imds if imds.starts_with("Imds") => metadata::instance(state, arrived),
        _ => sts::answer(state, arrived),
    }
}

fn operation(state: &State, arrived: &Arrived) -> String {
    let name = match arrived.path.as_str() {
        "/" | "" => return arrived.param("Action").unwrap_or("Unknown").to_owned(),
        "/idtoken" => "GetIdToken",
        "/.well-known/openid-configuration" => "OpenIdConfiguration",
        "/.well-known/jwks" => "Jwks",
        "/latest/api/token" => "ImdsToken",
        ci::AZURE => "AzureOidcToken",
        ci::CODEFRESH => "CodefreshIdToken",
        ci::GOOGLE => "GoogleIdentity",
        path if path == state.container_path => "ContainerCredentials",
        path if path.trim_end_matches('/') == metadata::CREDENTIALS => "ImdsRole",
        path if path.starts_with(metadata::CREDENTIALS) => "ImdsCredentials",
        path if path.starts_with("/latest/") => "ImdsOther",
        _ => "Unknown",
    };
    name.to_owned()
}

async fn collect(request: Request<Incoming>) -> io::Result<Arrived> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT)
        .collect()
        .await
        .map_err(io::Error::other)?
        .to_bytes();
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|v| *v = format!("{v},{value}"))
            .or_insert(value);
    }
    // HTTP/2 has no Host header; what was signed under that name is the authority.
    if let Some(authority) = head.uri.authority() {
        headers
            .entry("host".to_owned())
            .or_insert_with(|| authority.to_string());
    }
    let query = head.uri.query().unwrap_or_default().to_owned();
    let is_form = headers
        .get("content-type")
        .is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
    let form_text = if is_form {
        std::str::from_utf8(&body).ok()
    } else {
        Some("")
    };
    let pairs =
        form_text.and_then(|text| Some((form::pairs(&query, true)?, form::pairs(text, true)?)));
    let decodable = pairs.is_some();
    let (of_query, of_body) = pairs.unwrap_or_default();
    Ok(Arrived {
        operation: String::new(),
        method: head.method.to_string(),
        target: head.uri.to_string(),
        path: head.uri.path().to_owned(),
        query,
        headers,
        body,
        params: of_query.into_iter().chain(of_body).collect(),
        decodable,
    })
}

fn recorded(arrived: &Arrived, connection: u64) -> Recorded {
    Recorded {
        operation: arrived.operation.clone(),
        method: arrived.method.clone(),
        path: arrived.path.clone(),
        target: arrived.target.clone(),
        headers: arrived.headers.clone(),
        params: arrived.params.clone(),
        status: 0,
        connection,
        at_ms: 0,
    }
}
