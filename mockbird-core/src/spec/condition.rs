//! A test on the request, and groups of them.

use crate::json::Node;

/// A condition: one test, or a group.
#[derive(Clone, Debug)]
pub enum Condition {
    /// One test.
    Test(Test),
    /// Passes if one of these does.
    Any(Vec<Condition>),
    /// Passes if all of these do.
    All(Vec<Condition>),
    /// Passes if this does not.
    Not(Box<Condition>),
}

/// One test: where a value comes from, how it is compared, and with what.
#[derive(Clone, Debug)]
pub struct Test {
    /// Which part of the request (`type` in a file).
    pub source: Source,
    /// Which value of that part; empty for the whole.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with; `exists` needs none.
    pub value: Option<Node>,
    /// Passes if no value passes.
    pub negate: Option<bool>,
    /// Text is compared without regard to case.
    pub case_insensitive: Option<bool>,
}

/// The part of the request that a test looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A header, by its name in any case.
    Header,
    /// A query parameter.
    Query,
    /// The body: whole, a JSON path, an XPath or a form key.
    Body,
    /// A path parameter, or the whole decoded path.
    Path,
    /// A cookie.
    Cookie,
    /// The method.
    Method,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The text is equal; with a value that is no string, the JSON node is.
    Equals,
    /// Text, array or object contains the value.
    Contains,
    /// The text begins with the value.
    StartsWith,
    /// The text ends with the value.
    EndsWith,
    /// The regular expression is found in the text.
    Regex,
    /// The field is there, even if empty.
    Exists,
    /// Greater, as numbers or RFC 3339 date-times.
    GreaterThan,
    /// Greater or equal.
    GreaterOrEqual,
    /// Less.
    LessThan,
    /// Less or equal.
    LessOrEqual,
    /// The JSON node is valid under the JSON Schema.
    Schema,
}
