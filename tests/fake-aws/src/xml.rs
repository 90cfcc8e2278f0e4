//! The XML documents of the AWS Query protocol.

use std::fmt::Write as _;

pub(crate) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// An element with text or with children.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: String::new(),
            children: Vec::new(),
        }
    }

    pub(crate) fn text(mut self, name: &str, text: &str) -> Self {
        self.children.push(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            children: Vec::new(),
        });
        self
    }

    pub(crate) fn text_if(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    pub(crate) fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    /// Takes out every element of that name, at any depth.
    pub(crate) fn remove(&mut self, name: &str) {
        self.children.retain(|c| c.name != name);
        for child in &mut self.children {
            child.remove(name);
        }
    }

    /// The document, its root in the namespace of STS.
    pub(crate) fn document(&self) -> String {
        let mut out = format!("<{} xmlns=\"{NAMESPACE}\">\n", self.name);
        for child in &self.children {
            child.write(&mut out, 1);
        }
        out + &format!("</{}>\n", self.name)
    }

    fn write(&self, out: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        let name = &self.name;
        if self.children.is_empty() {
            let _ = writeln!(out, "{indent}<{name}>{}</{name}>", escape(&self.text));
            return;
        }
        let _ = writeln!(out, "{indent}<{name}>");
        for child in &self.children {
            child.write(out, depth + 1);
        }
        let _ = writeln!(out, "{indent}</{name}>");
    }
}

fn escape(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_escapes_and_removes() {
        let mut root = Element::new("R").child(Element::new("A").text("B", "x<&>").text("C", "c"));
        root.remove("C");
        assert_eq!(
            root.document(),
            format!("<R xmlns=\"{NAMESPACE}\">\n  <A>\n    <B>x&lt;&amp;&gt;</B>\n  </A>\n</R>\n")
        );
    }
}
