//! Where the value of a test comes from.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use http::HeaderName;

use crate::budget::BudgetExceeded;
use crate::json::{Node, Value};
use crate::jsonpath::JsonPath;
use crate::request::{ParsedBody, View};
#[cfg(feature = "xpath")]
use crate::xpath::XPath;

/// A part of the request, classified once.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    Header(HeaderName),
    Query(Box<str>),
    Cookie(Box<str>),
    /// The whole decoded path.
    Path,
    /// A path parameter.
    Param(Box<str>),
    Method,
    Body(BodyField),
}

#[derive(Clone, Debug)]
pub(super) enum BodyField {
    /// The whole body as text, even if there is none.
    Text,
    /// The whole body as text, if there is one: what `exists` asks for.
    Content,
    /// The whole body as JSON.
    Root,
    /// A form key, or a simple path if the body is JSON and the key can be read as one.
    Key {
        key: Box<str>,
        path: Option<JsonPath>,
    },
    JsonPath {
        text: Box<str>,
        path: JsonPath,
    },
    #[cfg(feature = "xpath")]
    XPath {
        text: Box<str>,
        path: XPath,
    },
}

/// One value found: text from the wire, or a node of a JSON body.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    Text(&'a str),
    Node(&'a Node),
}

impl Item<'_> {
    /// The text of the value: scalars by their own text, lists and objects compact.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Node(node) => match &node.value {
                Value::Null => Cow::Borrowed("null"),
                Value::Bool(true) => Cow::Borrowed("true"),
                Value::Bool(false) => Cow::Borrowed("false"),
                Value::Number(number) => Cow::Borrowed(number.as_str()),
                Value::String(text) => Cow::Borrowed(text),
                Value::Array(_) | Value::Object(_) => Cow::Owned(node.to_string()),
            },
        }
    }
}

impl Subject {
    /// True as soon as a value found passes `test`; a missing field has no value.
    pub(super) fn any(
        &self,
        view: &View<'_>,
        test: &mut dyn FnMut(Item<'_>) -> bool,
    ) -> Result<bool, BudgetExceeded> {
        let request = view.request;
        Ok(match self {
            Self::Header(name) => {
                let mut lines = request.headers().get_all(name).iter();
                lines.any(|line| test(Item::Text(&String::from_utf8_lossy(line.as_bytes()))))
            }
            Self::Query(key) => any_pair(request.query(), key, test),
            Self::Cookie(name) => any_pair(request.cookies(), name, test),
            Self::Path => test(Item::Text(&request.path())),
            Self::Param(name) => {
                let value = view.params.get(name);
                value.is_some_and(|value| test(Item::Text(&value)))
            }
            Self::Method => test(Item::Text(view.method.as_str())),
            Self::Body(field) => return field.any(view, test),
        })
    }

    /// What tells subjects apart; the field of `Path` and `Method` says nothing.
    fn identity(&self) -> (u8, &str) {
        match self {
            Self::Header(name) => (0, name.as_str()),
            Self::Query(key) => (1, key),
            Self::Cookie(name) => (2, name),
            Self::Path => (3, ""),
            Self::Param(name) => (4, name),
            Self::Method => (5, ""),
            Self::Body(BodyField::Text) => (6, ""),
            Self::Body(BodyField::Content) => (7, ""),
            Self::Body(BodyField::Root) => (8, ""),
            // The first character tells the three apart, except that a key is never empty.
            Self::Body(BodyField::Key { key: text, .. } | BodyField::JsonPath { text, .. }) => {
                (9, text)
            }
            #[cfg(feature = "xpath")]
            Self::Body(BodyField::XPath { text, .. }) => (9, text),
        }
    }
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Subject {}

impl Hash for Subject {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

fn any_pair<'r>(
    mut pairs: impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)>,
    wanted: &str,
    test: &mut dyn FnMut(Item<'_>) -> bool,
) -> bool {
    pairs.any(|(key, value)| key == wanted && test(Item::Text(&value)))
}

impl BodyField {
    fn any(
        &self,
        view: &View<'_>,
        test: &mut dyn FnMut(Item<'_>) -> bool,
    ) -> Result<bool, BudgetExceeded> {
        let request = view.request;
        match self {
            Self::Text => Ok(test(Item::Text(&request.body_text()))),
            Self::Content => {
                Ok(!request.raw_body().is_empty() && test(Item::Text(&request.body_text())))
            }
            Self::Root => Ok(match request.body() {
                ParsedBody::Json(root) => test(Item::Node(root)),
                _ => false,
            }),
            Self::Key { key, path } => match (request.body(), path) {
                (ParsedBody::Json(root), Some(path)) => {
                    path.any(root, &mut |node| test(Item::Node(node)))
                }
                (ParsedBody::Form(fields), _) => Ok(fields
                    .iter()
                    .any(|(name, value)| **name == **key && test(Item::Text(value)))),
                _ => Ok(false),
            },
            Self::JsonPath { path, .. } => match request.body() {
                ParsedBody::Json(root) => path.any(root, &mut |node| test(Item::Node(node))),
                _ => Ok(false),
            },
            #[cfg(feature = "xpath")]
            Self::XPath { path, .. } => match request.body() {
                ParsedBody::Xml(tree) => path.any(tree, &mut |text| test(Item::Text(text))),
                _ => Ok(false),
            },
        }
    }
}
