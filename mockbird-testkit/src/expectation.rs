//! What a value of a request must be: the operators of a mock file, as functions.

use std::fmt;
use std::ops::Not;

use mockbird_core::json::{self, Node, Number, Value};
use mockbird_core::spec::{Operator, Source, Test};

/// What a value must be.
///
/// A text or a number by itself means that the value equals it. A field that comes several times is as expected if one
/// of its values is; one that does not come never is, unless [`absent`] or [`not`](crate::not()) says so.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// let server = MockServer::start().lenient();
/// server.mount(
///     get("/birds")
///         .query("page", 2)
///         .query("sort", not("song"))
///         .header("accept", contains("json").ignore_case())
///         .json("[]"),
/// );
/// ```
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a matcher has it"]
pub struct Expectation {
    operator: Operator,
    /// The value it is compared with, or why there is none.
    value: Result<Option<Node>, String>,
    /// A string of JSON is another thing than a text.
    is_json: bool,
    is_negated: bool,
    ignores_case: bool,
}

/// The value is this text; a number or a boolean is compared as JSON (`1` is `1.0`).
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").query("name", equals("wren")));
/// server.mount(get("/birds").query("name", "wren")); // the same
/// ```
pub fn equals(value: impl Into<Expectation>) -> Expectation {
    value.into()
}

/// The text contains this one.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").header("accept", contains("json")));
/// ```
pub fn contains(text: impl Into<String>) -> Expectation {
    Expectation::of_text(Operator::Contains, text)
}

/// The text begins with this one.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").cookie("sid", starts_with("s-")));
/// ```
pub fn starts_with(text: impl Into<String>) -> Expectation {
    Expectation::of_text(Operator::StartsWith, text)
}

/// The text ends with this one.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/birds").header("content-type", ends_with("+json")));
/// ```
pub fn ends_with(text: impl Into<String>) -> Expectation {
    Expectation::of_text(Operator::EndsWith, text)
}

/// This regular expression is found in the text: anywhere, unless it says `^` and `$`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds/{id}").param("id", matches("^[0-9]+$")));
/// ```
pub fn matches(regex: impl Into<String>) -> Expectation {
    Expectation::of_text(Operator::Regex, regex)
}

/// The value is there, even if it is empty.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").query("debug", exists()));
/// ```
pub fn exists() -> Expectation {
    Expectation::new(Operator::Exists, None)
}

/// There is no such value; an empty one is there.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").header("authorization", absent()).status(401));
/// ```
pub fn absent() -> Expectation {
    !exists()
}

/// The value is greater, as a number or an RFC 3339 date-time.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/pay").json_path("$.amount", greater_than(0)));
/// server.mount(get("/birds").query("since", greater_than("2024-01-31T00:00:00Z")));
/// ```
pub fn greater_than(limit: impl Into<Expectation>) -> Expectation {
    limit.into().by(Operator::GreaterThan)
}

/// The value is greater or equal, as a number or an RFC 3339 date-time.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").query("page", greater_or_equal(1)));
/// ```
pub fn greater_or_equal(limit: impl Into<Expectation>) -> Expectation {
    limit.into().by(Operator::GreaterOrEqual)
}

/// The value is less, as a number or an RFC 3339 date-time.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").query("page", less_than(1)).status(400));
/// ```
pub fn less_than(limit: impl Into<Expectation>) -> Expectation {
    limit.into().by(Operator::LessThan)
}

/// The value is less or equal, as a number or an RFC 3339 date-time.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(get("/birds").query("limit", less_or_equal(100)));
/// ```
pub fn less_or_equal(limit: impl Into<Expectation>) -> Expectation {
    limit.into().by(Operator::LessOrEqual)
}

/// The value is this JSON, whatever the order of keys and the space between.
///
/// Takes whatever shows itself as JSON: a text, or a value of `serde_json`.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/birds").body(json_equals(r#"{"name": "wren", "eggs": 6}"#)));
/// ```
pub fn json_equals(json: impl fmt::Display) -> Expectation {
    Expectation::of_json(Operator::Equals, &json)
}

/// The value holds this JSON: its objects may have more members, and its arrays more elements, in any order.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(post("/orders").body(json_contains(r#"{"items": [{"sku": "a"}]}"#)));
/// ```
pub fn json_contains(json: impl fmt::Display) -> Expectation {
    Expectation::of_json(Operator::Contains, &json)
}

/// The value is valid under this JSON Schema (the feature `json-schema`).
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// # if cfg!(feature = "full") {
/// server.mount(post("/birds").body(json_schema(r#"{"required": ["name"]}"#)));
/// # }
/// ```
pub fn json_schema(schema: impl fmt::Display) -> Expectation {
    Expectation::of_json(Operator::Schema, &schema)
}

impl Expectation {
    fn new(operator: Operator, value: Option<Node>) -> Self {
        Self {
            operator,
            value: Ok(value),
            is_json: false,
            is_negated: false,
            ignores_case: false,
        }
    }

    fn of_text(operator: Operator, text: impl Into<String>) -> Self {
        Self::new(operator, Some(Node::from(text.into())))
    }

    fn of_json(operator: Operator, json: &dyn fmt::Display) -> Self {
        let text = json.to_string();
        let value = json::parse(text.as_bytes()).map(Some);
        Self {
            value: value.map_err(|error| format!("the value is no JSON: {error}")),
            is_json: true,
            ..Self::new(operator, None)
        }
    }

    fn by(self, operator: Operator) -> Self {
        Self { operator, ..self }
    }

    /// Text is compared without regard to case; JSON is not text.
    ///
    /// ```
    /// # use mockbird_testkit::prelude::*;
    /// # let server = MockServer::start().lenient();
    /// server.mount(get("/birds").query("name", equals("wren").ignore_case()));
    /// ```
    pub fn ignore_case(mut self) -> Self {
        self.ignores_case = true;
        self
    }

    /// The test of a mock file that this is for a field; otherwise why it is none.
    pub(crate) fn test(self, source: Source, field: &str) -> Result<Test, String> {
        Ok(Test {
            source,
            field: field.to_owned(),
            operator: self.operator,
            value: self.value?,
            negate: self.is_negated.then_some(true),
            case_insensitive: self.ignores_case.then_some(true),
        })
    }

    /// True if a string of JSON is meant, with its quotes, where the whole body would be taken for text.
    pub(crate) fn is_json_string(&self) -> bool {
        self.is_json && matches!(&self.value, Ok(Some(value)) if value.as_str().is_some())
    }
}

/// [`not`](crate::not()) as an operator.
impl Not for Expectation {
    type Output = Self;

    fn not(self) -> Self {
        Self {
            is_negated: !self.is_negated,
            ..self
        }
    }
}

impl From<&str> for Expectation {
    fn from(text: &str) -> Self {
        Self::of_text(Operator::Equals, text)
    }
}

impl From<String> for Expectation {
    fn from(text: String) -> Self {
        Self::of_text(Operator::Equals, text)
    }
}

impl From<&String> for Expectation {
    fn from(text: &String) -> Self {
        Self::of_text(Operator::Equals, text)
    }
}

impl From<bool> for Expectation {
    fn from(flag: bool) -> Self {
        Self::new(Operator::Equals, Some(Node::from(flag)))
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {$(
        impl From<$number> for Expectation {
            fn from(number: $number) -> Self {
                Self::of_json(Operator::Equals, &number)
            }
        }
    )*};
}

from_number!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

/// One that is no number or endless equals nothing, which is said when the mock is mounted.
impl From<f64> for Expectation {
    fn from(number: f64) -> Self {
        let value =
            Number::parse(&number.to_string()).map(|number| Some(Value::Number(number).into()));
        Self {
            value: value.ok_or_else(|| format!("{number} is no number of JSON")),
            ..Self::new(Operator::Equals, None)
        }
    }
}
