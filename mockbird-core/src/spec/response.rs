//! What a mock may answer.

use bytes::Bytes;

use super::named::named;
use super::{Condition, Delay};
use crate::json::{Member, Node};

/// One answer of a mock.
#[derive(Clone, Debug, Default)]
#[cfg_attr(
    feature = "schema-of-spec",
    derive(schemars::JsonSchema),
    schemars(rename_all = "camelCase", deny_unknown_fields),
    schemars(extend("patternProperties" = { "^x-": true }))
)]
pub struct Response {
    /// A stable key for re-import.
    pub id: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// The status, 200 to 599; 200 if absent.
    #[cfg_attr(feature = "schema-of-spec", schemars(range(min = 200, max = 599), extend("default" = 200)))]
    pub status_code: Option<u16>,
    /// The headers, in order.
    #[cfg_attr(
        feature = "schema-of-spec",
        schemars(default, with = "super::schema::Headers")
    )]
    pub headers: Vec<Header>,
    /// The body.
    #[cfg_attr(feature = "schema-of-spec", schemars(flatten))]
    pub body: Body,
    /// All must pass for this response to qualify.
    #[cfg_attr(feature = "schema-of-spec", schemars(default))]
    pub conditions: Vec<Condition>,
    /// The share of this response in a random draw.
    #[cfg_attr(feature = "schema-of-spec", schemars(range(max = 4_294_967_295_u32)))]
    pub weight: Option<u32>,
    /// Answers if none qualifies; false if absent.
    #[cfg_attr(feature = "schema-of-spec", schemars(extend("default" = false)))]
    pub is_default: Option<bool>,
    /// How long the reply waits.
    pub response_delay: Option<Delay>,
    /// False: `{{` and `{%` are ordinary text.
    #[cfg_attr(feature = "schema-of-spec", schemars(extend("default" = true)))]
    pub template: Option<bool>,
    /// Members whose key begins with `x-`: kept and ignored.
    #[cfg_attr(feature = "schema-of-spec", schemars(skip))]
    pub extensions: Vec<Member>,
}

/// A header of a response; several values are sent as repeated headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name, as written.
    pub name: String,
    /// The values, at least one.
    pub values: Vec<String>,
}

/// The body of a response, as written.
#[derive(Clone, Debug, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// Text, sent as it is.
    Text(String),
    /// Any other JSON value, sent as JSON.
    Json(Node),
    /// Bytes (`bodyBase64`).
    Bytes(Bytes),
    /// A file beside the spec (`bodyFile`): the host reads it.
    File(String),
}

named! {
    /// The kind of content of a body.
    #[cfg_attr(
        feature = "schema-of-spec",
        derive(schemars::JsonSchema),
        schemars(rename_all = "camelCase")
    )]
    pub enum ResponseType {
        /// `application/json`
        Json = "json",
        /// `application/xml`
        Xml = "xml",
        /// `text/html; charset=utf-8`
        Html = "html",
        /// `text/plain; charset=utf-8`
        Text = "text",
    }
}
