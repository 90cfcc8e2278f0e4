//! JSON that remembers its lines, so that a message can say which one it is about.

use serde_json::Value as Json;

/// A value and the line on which it begins, counted from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// A JSON value. Numbers and booleans are kept as they are written: conditions compare texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Literal(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Member>),
}

/// A member of an object, with the line of its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) node: Node,
}

/// What cannot be used, and on which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl Fault {
    pub(super) fn new(line: usize, what: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
        }
    }
}

impl Node {
    /// `serde_json` judges the text; the reading after it only has to find the lines.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Err(fault) = serde_json::from_str::<Json>(text) {
            let whole = fault.to_string();
            let what = whole
                .split_once(" at line ")
                .map_or(whole.as_str(), |(what, _)| what);
            return Err(Fault::new(
                fault.line().max(1),
                format!("this is not JSON: {what} (column {})", fault.column()),
            ));
        }
        let mut reader = Reader {
            text,
            at: 0,
            line: 1,
        };
        reader
            .node()
            .ok_or_else(|| Fault::new(reader.line, "this JSON cannot be read"))
    }

    pub(super) fn map(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Map(members) => Some(members),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text, number or boolean as a condition compares it.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Literal(text) => Some(text),
            _ => None,
        }
    }

    /// IAM takes one value where it takes a list.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }
}

/// A reader of text that is known to be JSON.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek().filter(u8::is_ascii_whitespace) {
            self.line += usize::from(byte == b'\n');
            self.at += 1;
        }
    }

    /// Steps over one byte of punctuation if it is there.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn node(&mut self) -> Option<Node> {
        self.skip_blanks();
        let line = self.line;
        let value = match self.peek()? {
            b'{' => Value::Map(self.members()?),
            b'[' => Value::List(self.list()?),
            b'"' => Value::Text(self.string()?),
            _ => match self.word() {
                "null" => Value::Null,
                word => Value::Literal(word.to_owned()),
            },
        };
        Some(Node { line, value })
    }

    fn members(&mut self) -> Option<Vec<Member>> {
        self.at += 1;
        let mut members = Vec::new();
        while !self.takes(b'}') {
            self.takes(b',');
            self.skip_blanks();
            let line = self.line;
            let name = self.string()?;
            self.takes(b':');
            let node = self.node()?;
            members.push(Member { line, name, node });
        }
        Some(members)
    }

    fn list(&mut self) -> Option<Vec<Node>> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.takes(b']') {
            self.takes(b',');
            items.push(self.node()?);
        }
        Some(items)
    }

    /// A string has no line break in it, so its line is where it begins.
    fn string(&mut self) -> Option<String> {
        let bytes = self.text.as_bytes();
        let begin = self.at;
        self.at += 1;
        while *bytes.get(self.at)? != b'"' {
            self.at += if bytes.get(self.at) == Some(&b'\\') {
                2
            } else {
                1
            };
        }
        self.at += 1;
        serde_json::from_str(self.text.get(begin..self.at)?).ok()
    }

    fn word(&mut self) -> &str {
        let begin = self.at;
        while self
            .peek()
            .is_some_and(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        {
            self.at += 1;
        }
        self.text.get(begin..self.at).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_knows_its_line() {
        let node = Node::read("{\n  \"a\": [\"x\",\n    \"y\\\"\\u00e9\"],\n  \"b\": {\"c\": true, \"d\": 1.5e3,\n\n\"e\": null}}").expect("JSON");
        let members = node.map().expect("an object");
        assert_eq!(
            members
                .iter()
                .map(|m| (m.line, m.name.as_str()))
                .collect::<Vec<_>>(),
            [(2, "a"), (4, "b")]
        );
        let items = members[0].node.items();
        assert_eq!(
            items.iter().map(|n| (n.line, n.text())).collect::<Vec<_>>(),
            [(2, Some("x")), (3, Some("y\"é"))]
        );
        let inner = members[1].node.map().expect("an object");
        assert_eq!(
            inner
                .iter()
                .map(|m| (m.line, m.node.scalar()))
                .collect::<Vec<_>>(),
            [(4, Some("true")), (4, Some("1.5e3")), (6, None)]
        );
        assert_eq!(node.items().len(), 1);
    }

    #[test]
    fn what_is_not_json_is_told_with_its_line() {
        for (text, line) in [
            ("{\n \"a\": 1,\n}", 3),
            ("", 1),
            ("{\"a\"\n 1}", 2),
            ("[1] 2", 1),
        ] {
            let fault = Node::read(text).expect_err(text);
            assert_eq!(fault.line, line, "{text}: {}", fault.what);
            assert!(
                fault.what.starts_with("this is not JSON: "),
                "{}",
                fault.what
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn reads_what_serde_json_reads(text in "[a-zéß\"\\\\\n ]{0,12}", number in -1000i64..1000, flag: bool) {
            let json = serde_json::json!({"k": [text, number, flag, null], "": {"x": {}, "y": []}});
            for written in [json.to_string(), serde_json::to_string_pretty(&json).expect("written")] {
                let node = Node::read(&written).expect("read");
                proptest::prop_assert_eq!(back(&node), json.clone());
            }
        }
    }

    fn back(node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Literal(word) => serde_json::from_str(word).expect("a literal"),
            Value::Text(text) => Json::from(text.clone()),
            Value::List(items) => items.iter().map(back).collect(),
            Value::Map(members) => members
                .iter()
                .map(|m| (m.name.clone(), back(&m.node)))
                .collect(),
        }
    }
}
