//! Rows as the tree that core decodes: what a column leaves null is absent.

use mockbird_core::json::{self, Member, Node, Number, Span, Value};

use super::{Result, StoreError};

/// An object while it is put together.
#[derive(Default)]
pub(super) struct Object(Vec<Member>);

impl Object {
    /// A member, if there is a value.
    pub(super) fn put(&mut self, key: &str, value: Option<impl Into<Node>>) {
        if let Some(value) = value {
            self.0.push(Member {
                key: key.to_owned(),
                key_span: Span::default(),
                value: value.into(),
            });
        }
    }

    /// A member that is kept as JSON.
    pub(super) fn put_json(&mut self, key: &str, text: Option<&str>) -> Result<()> {
        self.put(key, text.map(parse).transpose()?);
        Ok(())
    }

    /// A member that is kept as the text of a number.
    pub(super) fn put_number(&mut self, key: &str, text: Option<&str>) {
        let number = text.and_then(Number::parse);
        self.put(key, number.map(|number| Node::from(Value::Number(number))));
    }

    /// The members that are kept as one object.
    pub(super) fn extend(&mut self, text: Option<&str>) -> Result<()> {
        if let Some(text) = text
            && let Value::Object(members) = parse(text)?.value
        {
            self.0.extend(members);
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Node {
        Value::Object(self.0).into()
    }
}

fn parse(text: &str) -> Result<Node> {
    json::parse(text.as_bytes()).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The member of an object as JSON text, if it is there.
pub(super) fn json_of(node: &Node, key: &str) -> Option<String> {
    node.get(key).map(Node::to_string)
}

/// Members as one JSON object, if there are any.
pub(super) fn object_of(members: &[Member]) -> Option<String> {
    let object = || Node::from(Value::Object(members.to_vec())).to_string();
    (!members.is_empty()).then(object)
}

/// A text that both engines keep.
pub(super) fn text(text: &str) -> Result<&str> {
    if text.contains('\0') {
        return Err(StoreError::Nul);
    }
    Ok(text)
}

/// The same of a text that may be absent.
pub(super) fn some_text(value: Option<&str>) -> Result<Option<&str>> {
    value.map(text).transpose()
}
