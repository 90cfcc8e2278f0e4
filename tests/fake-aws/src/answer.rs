//! What an endpoint answers, before it becomes bytes.

use serde_json::{Value, json};

use crate::credentials;
use crate::sts::StsError;
use crate::xml::Element;

/// The content, kept as a tree so that a field can be taken out of it.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Xml(Element),
    Json(Value),
    Text(String),
}

/// A status, headers and content.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content: Content,
}

impl Answer {
    pub(crate) fn json(status: u16, value: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content: Content::Json(value),
        }
    }

    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content: Content::Text(text.to_owned()),
        }
    }

    /// The answer of an STS operation: `<OperationResponse><OperationResult>…`.
    pub(crate) fn sts(operation: &str, result: Element) -> Self {
        let id = credentials::uuid();
        let root = Element::new(&format!("{operation}Response"))
            .child(result)
            .child(Element::new("ResponseMetadata").text("RequestId", &id));
        Self {
            status: 200,
            headers: vec![("x-amzn-requestid", id)],
            content: Content::Xml(root),
        }
    }

    pub(crate) fn sts_error(error: &StsError) -> Self {
        let id = credentials::uuid();
        let fault = if error.status < 500 {
            "Sender"
        } else {
            "Receiver"
        };
        let detail = Element::new("Error")
            .text("Type", fault)
            .text("Code", &error.code)
            .text("Message", &error.message);
        let root = Element::new("ErrorResponse")
            .child(detail)
            .text("RequestId", &id);
        Self {
            status: error.status,
            headers: vec![("x-amzn-requestid", id)],
            content: Content::Xml(root),
        }
    }

    /// An error in the form of the endpoint that `operation` belongs to.
    pub(crate) fn error(operation: &str, error: &StsError) -> Self {
        if speaks_xml(operation) {
            return Self::sts_error(error);
        }
        // GitHub's token endpoint and the container endpoint disagree on the names; give both.
        let (code, message) = (&error.code, &error.message);
        Self::json(
            error.status,
            json!({"code": code, "typeKey": code, "message": message}),
        )
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Takes a field out, wherever it is.
    pub(crate) fn remove(&mut self, name: &str) {
        match &mut self.content {
            Content::Xml(root) => root.remove(name),
            Content::Json(value) => remove(value, name),
            Content::Text(_) => {}
        }
    }

    pub(crate) fn content_type(&self) -> &'static str {
        match self.content {
            Content::Xml(_) => "text/xml",
            Content::Json(_) => "application/json; charset=utf-8",
            Content::Text(_) => "text/plain",
        }
    }

    pub(crate) fn body(&self) -> String {
        match &self.content {
            Content::Xml(root) => root.document(),
            Content::Json(value) => value.to_string(),
            Content::Text(text) => text.clone(),
        }
    }
}

fn remove(value: &mut Value, name: &str) {
    if let Some(map) = value.as_object_mut() {
        map.remove(name);
        map.values_mut().for_each(|v| remove(v, name));
    }
}

/// STS is whatever is none of the other endpoints.
pub(crate) fn speaks_xml(operation: &str) -> bool {
    !operation.starts_with("Imds")
        && !matches!(
            operation,
            "AzureOidcToken"
                | "CodefreshIdToken"
                | "GoogleIdentity"
                | "GetIdToken"
                | "ContainerCredentials"
                | "OpenIdConfiguration"
                | "Jwks"
                | "Unknown"
        )
}
