//! One lossless JSON tree for specs, bodies, conditions and templates.
//!
//! A [`Node`] keeps what `serde_json::Value` loses unless its features are turned on for the whole
//! build: the text of numbers (`1.10`, integers beyond 2^53), the order of members, and where in the
//! source each value stands. The YAML reader makes the same tree.

mod compare;
mod lines;
mod number;
mod parse;
mod print;
mod repeated;

pub(crate) use compare::sorted;
pub(crate) use lines::LineIndex;
pub use number::Number;
pub(crate) use number::is_number;
pub(crate) use parse::line_and_column;
pub use parse::{SyntaxError, parse, parse_strictly};
pub(crate) use print::{write_escaped, write_string};
pub(crate) use repeated::repeated_keys;

/// Where a value stands in its source: byte offsets, the end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

/// A JSON value and its place in the source.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value itself.
    pub value: Value,
    /// Its place; zero for a value that was made, not read.
    pub span: Span,
}

/// The six kinds of JSON value.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, kept as its text.
    Number(Number),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object, in the order of the source; a repeated key stands as often as it came.
    Object(Vec<Member>),
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Member {
    /// The key, unescaped.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The member of an object with this key, the last if it is repeated (as browsers and most parsers do).
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members()?
            .iter()
            .rev()
            .find(|m| m.key == key)
            .map(|m| &m.value)
    }

    /// The members, if this is an object.
    pub fn members(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn elements(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value this is, as a person would say it: `a number`, `an object`.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self {
            value,
            span: Span::default(),
        }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned()).into()
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Value::String(text).into()
    }
}

impl From<bool> for Node {
    fn from(flag: bool) -> Self {
        Value::Bool(flag).into()
    }
}

impl From<i64> for Node {
    fn from(number: i64) -> Self {
        Value::Number(number.into()).into()
    }
}
