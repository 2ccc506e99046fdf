//! What anchors stand for, and the budget of their copies.

use super::{Fault, fault, too_deep};
use crate::json::{Node, Span, Value};
use crate::limits::{JSON_DEPTH_MAX, YAML_COPIED_BYTES_MAX};

/// The anchored nodes of a document. Whatever is copied is paid for, in bytes.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    /// By the parser's number of the anchor; `None` while it is not complete.
    nodes: Vec<Option<Anchored>>,
    copied: usize,
}

#[derive(Debug)]
struct Anchored {
    node: Node,
    size: Size,
}

#[derive(Clone, Copy, Debug)]
struct Size {
    bytes: usize,
    depth: usize,
}

impl Anchors {
    /// Remembers a complete node for its aliases.
    pub(super) fn keep(&mut self, anchor: usize, node: &Node) -> Result<(), Fault> {
        let size = measure(node);
        self.pay(size.bytes, node.span)?;
        if self.nodes.len() <= anchor {
            self.nodes.resize_with(anchor + 1, || None);
        }
        self.nodes[anchor] = Some(Anchored {
            node: node.clone(),
            size,
        });
        Ok(())
    }

    /// What an alias at `span` stands for, `depth` levels below the root.
    pub(super) fn copy(&mut self, anchor: usize, depth: usize, span: Span) -> Result<Node, Fault> {
        let Some(Some(Anchored { node, size })) = self.nodes.get(anchor) else {
            return fault(span.start, "an alias inside its own anchor has no end");
        };
        if depth + size.depth > JSON_DEPTH_MAX {
            return too_deep(span);
        }
        let value = node.value.clone();
        let bytes = size.bytes;
        self.pay(bytes, span)?;
        Ok(Node { value, span })
    }

    fn pay(&mut self, bytes: usize, span: Span) -> Result<(), Fault> {
        self.copied = self.copied.saturating_add(bytes);
        if self.copied > YAML_COPIED_BYTES_MAX {
            return fault(
                span.start,
                format!("anchors and aliases copy more than {YAML_COPIED_BYTES_MAX} bytes"),
            );
        }
        Ok(())
    }
}

/// Recursion is bounded: no node is nested deeper than [`JSON_DEPTH_MAX`].
fn measure(node: &Node) -> Size {
    let mut size = Size {
        bytes: size_of::<Node>(),
        depth: 0,
    };
    let mut add = |child: &Node| {
        let child = measure(child);
        size.bytes += child.bytes;
        size.depth = size.depth.max(child.depth + 1);
    };
    match &node.value {
        Value::Array(elements) => elements.iter().for_each(&mut add),
        Value::Object(members) => members.iter().for_each(|member| add(&member.value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    size.bytes += own_bytes(&node.value);
    size
}

/// The heap bytes of a value without its children.
fn own_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Array(_) => 0,
        Value::Number(number) => number.as_str().len(),
        Value::String(text) => text.len(),
        Value::Object(members) => members
            .iter()
            .map(|member| member.key.len() + size_of::<String>() + size_of::<Span>())
            .sum(),
    }
}
