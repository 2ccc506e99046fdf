//! A test on the request, and groups of them.
//!
//! Members whose key begins with `x-` are read over here, not kept as on the levels above.

use super::named::named;
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
#[cfg_attr(
    feature = "schema-of-spec",
    derive(schemars::JsonSchema),
    schemars(rename_all = "camelCase", deny_unknown_fields, transform = super::schema::needs_of_a_test),
    schemars(extend("patternProperties" = { "^x-": true }))
)]
pub struct Test {
    /// Which part of the request (`type` in a file).
    #[cfg_attr(feature = "schema-of-spec", schemars(rename = "type"))]
    pub source: Source,
    /// Which value of that part; empty for the whole.
    #[cfg_attr(feature = "schema-of-spec", schemars(default))]
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with; `exists` needs none.
    #[cfg_attr(
        feature = "schema-of-spec",
        schemars(with = "Option<serde_json::Value>")
    )]
    pub value: Option<Node>,
    /// Passes if no value passes.
    #[cfg_attr(feature = "schema-of-spec", schemars(extend("default" = false)))]
    pub negate: Option<bool>,
    /// Text is compared without regard to case.
    #[cfg_attr(feature = "schema-of-spec", schemars(extend("default" = false)))]
    pub case_insensitive: Option<bool>,
}

named! {
    /// The part of the request that a test looks at.
    #[cfg_attr(
        feature = "schema-of-spec",
        derive(schemars::JsonSchema),
        schemars(rename_all = "camelCase")
    )]
    pub enum Source {
        /// A header, by its name in any case.
        Header = "header",
        /// A query parameter.
        Query = "query",
        /// The body: whole, a JSON path, an XPath or a form key.
        Body = "body",
        /// A path parameter, or the whole decoded path.
        Path = "path",
        /// A cookie.
        Cookie = "cookie",
        /// The method.
        Method = "method",
    }
}

named! {
    /// How a value is compared.
    #[cfg_attr(
        feature = "schema-of-spec",
        derive(schemars::JsonSchema),
        schemars(rename_all = "camelCase")
    )]
    pub enum Operator {
        /// The text is equal; with a value that is no string, the JSON node is.
        Equals = "equals",
        /// Text, array or object contains the value.
        Contains = "contains",
        /// The text begins with the value.
        StartsWith = "startsWith",
        /// The text ends with the value.
        EndsWith = "endsWith",
        /// The regular expression is found in the text.
        Regex = "regex",
        /// The field is there, even if empty.
        Exists = "exists",
        /// Greater, as numbers or RFC 3339 date-times.
        GreaterThan = "greaterThan",
        /// Greater or equal, as numbers or RFC 3339 date-times.
        GreaterOrEqual = "greaterOrEqual",
        /// Less, as numbers or RFC 3339 date-times.
        LessThan = "lessThan",
        /// Less or equal, as numbers or RFC 3339 date-times.
        LessOrEqual = "lessOrEqual",
        /// The JSON node is valid under the JSON Schema.
        Schema = "schema",
    }
}
