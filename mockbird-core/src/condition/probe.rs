//! One `equals` test seen from the request: what it would have to be equal to.

use std::sync::Arc;

use super::check::{Check, Relation, with_node};
use super::subject::{Item, Subject};
use super::{Condition, Kind, Test};
use crate::json::{Node, Value};
use crate::request::View;

/// What an `equals` test looks at, apart from the value it wants.
///
/// Many mocks on one path are often told apart by one `equals` each, on the same header or field.
/// Their conditions share a probe: asked once, it gives the texts of the request, and the
/// conditions that pass are those whose key is one of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Probe {
    subject: Arc<Subject>,
    /// The key is a JSON value, not text.
    json: bool,
}

impl Condition {
    /// The probe and the key of a test that passes if, and only if, one of the texts
    /// [`Probe::resolve`] gives equals the key; `None` if this is no such test.
    ///
    /// Tests that are negated or do not regard case are none, nor are groups, objects and lists, nor
    /// what differs from mock to mock: path parameters by their names, the method of a `HEAD`
    /// that a mock of `GET` answers.
    pub fn probe(&self) -> Option<(Probe, String)> {
        let Kind::Test(Test {
            subject,
            check,
            negate: false,
            ..
        }) = &self.0
        else {
            return None;
        };
        if matches!(
            **subject,
            Subject::Path | Subject::Param(_) | Subject::Method
        ) {
            return None;
        }
        let (json, key) = match check {
            Check::Text(Relation::Equals, needle) if !needle.is_folded() => {
                (false, needle.text.to_string())
            }
            Check::EqualsJson(node) => (true, scalar_key(node)?),
            _ => return None,
        };
        let subject = Arc::clone(subject);
        Some((Probe { subject, json }, key))
    }
}

impl Probe {
    /// Gives the texts of the request that a key may equal.
    pub fn resolve(&self, view: &View<'_>, found: &mut dyn FnMut(&str)) {
        let mut give = |item: Item<'_>| {
            if self.json {
                with_node(item, |node| {
                    if let Some(key) = scalar_key(node) {
                        found(&key);
                    }
                    false
                });
            } else {
                found(&item.text());
            }
            false
        };
        // A search that is stopped has given all that the test would have seen.
        let _ = self.subject.any(view, &mut give);
    }
}

/// The same text for JSON values that are equal; a string equals no key that is no string.
fn scalar_key(node: &Node) -> Option<String> {
    match &node.value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.canonical()),
        Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
