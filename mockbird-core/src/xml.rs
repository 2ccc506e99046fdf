//! XML bodies as a small tree that owns its text: what an XPath looks at.

use std::ops::Range;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::limits::{JSON_DEPTH_MAX, XML_ATTRIBUTES_MAX, XML_NODES_MAX};

/// Why a text is not taken as XML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// The text is not well formed.
    #[error("not well-formed XML at byte {at}: {reason}")]
    Malformed {
        /// Offset of the fault, roughly.
        at: u64,
        /// What the parser says.
        reason: String,
    },
    /// Document types can define entities that grow without bound, so none is read.
    #[error("a document type (`<!DOCTYPE`) is not allowed")]
    DocumentType,
    /// Only the five entities of XML itself and character references are known.
    #[error("unknown entity `&{0};`")]
    UnknownEntity(String),
    /// There must be one element that holds all others.
    #[error("there must be exactly one root element and no text outside it")]
    Root,
    /// Too deep, or too many nodes or attributes.
    #[error(
        "too large: at most {JSON_DEPTH_MAX} levels, {XML_NODES_MAX} nodes and {XML_ATTRIBUTES_MAX} attributes are allowed"
    )]
    TooLarge,
}

/// An XML document: elements, attributes and text; comments and instructions are left out.
///
/// Nodes stand in document order, and all character data in one string, so that the text of an
/// element with all its descendants is one slice.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    attributes: Vec<Attribute>,
    text: String,
    /// Names and attribute values.
    labels: String,
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    /// Its character data in `Tree::text`.
    text: Range<u32>,
    /// The index after its last descendant.
    end: u32,
}

#[derive(Clone, Debug)]
enum Kind {
    Element {
        /// The local name in `Tree::labels`.
        name: Range<u32>,
        /// In `Tree::attributes`.
        attributes: Range<u32>,
    },
    Text,
}

#[derive(Clone, Debug)]
struct Attribute {
    name: Range<u32>,
    value: Range<u32>,
}

/// A node of a [`Tree`], by its place in document order.
pub(crate) type NodeId = usize;

impl Tree {
    /// The root element.
    pub(crate) const ROOT: NodeId = 0;

    /// The local name of an element; `None` for text.
    pub(crate) fn name(&self, node: NodeId) -> Option<&str> {
        match &self.nodes[node].kind {
            Kind::Element { name, .. } => Some(&self.labels[range(name)]),
            Kind::Text => None,
        }
    }

    /// All character data in a node and its descendants.
    pub(crate) fn text(&self, node: NodeId) -> &str {
        &self.text[range(&self.nodes[node].text)]
    }

    /// Local names and values of the attributes of an element.
    pub(crate) fn attributes(&self, node: NodeId) -> impl Iterator<Item = (&str, &str)> {
        let of_node = match &self.nodes[node].kind {
            Kind::Element { attributes, .. } => range(attributes),
            Kind::Text => 0..0,
        };
        self.attributes[of_node]
            .iter()
            .map(|a| (&self.labels[range(&a.name)], &self.labels[range(&a.value)]))
    }

    /// The children of a node, in order.
    pub(crate) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.nodes[node].end as usize;
        let first = (node + 1 < end).then_some(node + 1);
        std::iter::successors(first, move |&child| {
            let next = self.nodes[child].end as usize;
            (next < end).then_some(next)
        })
    }

    /// The local names of all elements, and then of all attributes.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let elements = (0..self.nodes.len()).filter_map(|node| self.name(node));
        let attributes = self.attributes.iter();
        elements.chain(attributes.map(|a| &self.labels[range(&a.name)]))
    }

    /// The node and all its descendants, in document order.
    pub(crate) fn subtree(&self, node: NodeId) -> Range<NodeId> {
        node..self.nodes[node].end as usize
    }
}

fn range(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// Reads an XML document; namespace prefixes are cut off, entities beyond XML's own are refused.
///
/// # Errors
/// The first fault of the text.
pub fn parse(text: &str) -> Result<Tree, XmlError> {
    if u32::try_from(text.len()).is_err() {
        return Err(XmlError::TooLarge);
    }
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
    let mut builder = Builder::default();
    loop {
        let event = reader.read_event().map_err(|e| XmlError::Malformed {
            at: reader.error_position(),
            reason: e.to_string(),
        })?;
        match event {
            Event::Start(tag) => builder.open(&tag)?,
            Event::Empty(tag) => {
                builder.open(&tag)?;
                builder.close();
            }
            Event::End(_) => builder.close(),
            Event::Text(text) => builder.characters(&text.xml10_content())?,
            Event::CData(text) => builder.characters(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content();
                let character = reference.resolve_char_ref().map_err(malformed)?;
                match character {
                    Some(character) => builder.characters(character.encode_utf8(&mut [0; 4]))?,
                    None => builder.characters(
                        quick_xml::escape::resolve_xml_entity(&name)
                            .ok_or_else(|| XmlError::UnknownEntity(name.to_string()))?,
                    )?,
                }
            }
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Decl(_) => {}
            Event::PI(_) | Event::Comment(_) => builder.in_text = false,
            Event::Eof => return builder.finish(),
        }
    }
}

fn malformed(error: impl std::fmt::Display) -> XmlError {
    XmlError::Malformed {
        at: 0,
        reason: error.to_string(),
    }
}

/// The tree as far as it is read.
#[derive(Default)]
struct Builder {
    tree: Tree,
    open: Vec<NodeId>,
    /// The last node is text, and what follows belongs to it.
    in_text: bool,
}

// Offsets fit in 32 bits: `parse` refuses longer texts, and nothing read is longer than its source.
#[expect(clippy::cast_possible_truncation)]
impl Builder {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.open.is_empty() && !self.tree.nodes.is_empty() {
            return Err(XmlError::Root);
        }
        if self.open.len() >= JSON_DEPTH_MAX {
            return Err(XmlError::TooLarge);
        }
        let name = self.label(tag.local_name().as_ref());
        let first = self.tree.attributes.len() as u32;
        for (count, attribute) in tag.attributes().enumerate() {
            let attribute = attribute.map_err(malformed)?;
            if count >= XML_ATTRIBUTES_MAX {
                return Err(XmlError::TooLarge);
            }
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(malformed)?;
            let (name, value) = (
                self.label(attribute.key.local_name().as_ref()),
                self.label(&value),
            );
            self.tree.attributes.push(Attribute { name, value });
        }
        let attributes = first..self.tree.attributes.len() as u32;
        let node = self.push(Kind::Element { name, attributes })?;
        self.open.push(node);
        Ok(())
    }

    fn close(&mut self) {
        self.in_text = false;
        // The reader checks that tags are balanced.
        if let Some(node) = self.open.pop() {
            let end = self.tree.nodes.len() as u32;
            let node = &mut self.tree.nodes[node];
            node.end = end;
            node.text.end = self.tree.text.len() as u32;
        }
    }

    fn characters(&mut self, text: &str) -> Result<(), XmlError> {
        if self.open.is_empty() {
            let blank = text.bytes().all(|b| b.is_ascii_whitespace());
            return if blank { Ok(()) } else { Err(XmlError::Root) };
        }
        if text.is_empty() {
            return Ok(());
        }
        if !self.in_text {
            self.push(Kind::Text)?;
            self.in_text = true;
        }
        self.tree.text.push_str(text);
        if let Some(node) = self.tree.nodes.last_mut() {
            node.text.end = self.tree.text.len() as u32;
        }
        Ok(())
    }

    fn push(&mut self, kind: Kind) -> Result<NodeId, XmlError> {
        self.in_text = false;
        let node = self.tree.nodes.len();
        if node >= XML_NODES_MAX {
            return Err(XmlError::TooLarge);
        }
        let at = self.tree.text.len() as u32;
        self.tree.nodes.push(Node {
            kind,
            text: at..at,
            end: node as u32 + 1,
        });
        Ok(node)
    }

    fn label(&mut self, text: &str) -> Range<u32> {
        let start = self.tree.labels.len() as u32;
        self.tree.labels.push_str(text);
        start..self.tree.labels.len() as u32
    }

    fn finish(self) -> Result<Tree, XmlError> {
        if !self.open.is_empty() {
            return Err(malformed("the text ends inside an element"));
        }
        if self.tree.nodes.is_empty() {
            return Err(XmlError::Root);
        }
        Ok(self.tree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_an_element() {
        let tree =
            parse("<?xml version=\"1.0\"?>\n<a>one <b>&lt;two&#x41;</b><![CDATA[<3>]]></a>\n")
                .unwrap();
        assert_eq!(tree.name(Tree::ROOT), Some("a"));
        assert_eq!(tree.text(Tree::ROOT), "one <twoA<3>");
        let children: Vec<_> = tree.children(Tree::ROOT).map(|c| tree.text(c)).collect();
        assert_eq!(children, ["one ", "<twoA", "<3>"]);
    }

    #[test]
    fn attributes_without_namespaces() {
        let tree = parse("<o:a xmlns:o='urn:o' xmlns='d' o:x='1&amp;2\n3' y=''/>").unwrap();
        assert_eq!(tree.name(Tree::ROOT), Some("a"));
        let all: Vec<_> = tree.attributes(Tree::ROOT).collect();
        assert_eq!(all, [("x", "1&2 3"), ("y", "")]);
    }

    #[test]
    fn refused() {
        for (text, want) in [
            ("", "exactly one root"),
            ("text", "exactly one root"),
            ("<a/><b/>", "exactly one root"),
            ("<a/>text", "exactly one root"),
            ("<a>", "ends inside"),
            ("<a><b></a>", "well-formed"),
            ("</a>", "well-formed"),
            ("<a", "well-formed"),
            ("<a x=1/>", "well-formed"),
            ("<a x='1' x='2'/>", "well-formed"),
            ("<a>&#x110000;</a>", "well-formed"),
            ("<a>&e;</a>", "unknown entity"),
            ("<a x='&e;'/>", "well-formed"),
            ("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "DOCTYPE"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(want), "{text}: {error}");
        }
    }

    #[test]
    fn bounded() {
        let deep = |n: usize| "<a>".repeat(n) + &"</a>".repeat(n);
        assert!(parse(&deep(JSON_DEPTH_MAX)).is_ok());
        assert_eq!(
            parse(&deep(JSON_DEPTH_MAX + 1)).unwrap_err(),
            XmlError::TooLarge
        );
        let wide = format!("<a>{}</a>", "<b/>".repeat(XML_NODES_MAX));
        assert_eq!(parse(&wide).unwrap_err(), XmlError::TooLarge);
        let names: Vec<_> = (0..=XML_ATTRIBUTES_MAX)
            .map(|i| format!("a{i}=''"))
            .collect();
        let attributes = names.join(" ");
        assert_eq!(
            parse(&format!("<a {attributes}/>")).unwrap_err(),
            XmlError::TooLarge
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[<>/a='&;#x! \\[\\]\\-?CDAT]{0,60}", any: String) {
            let _ = parse(&text);
            let _ = parse(&any);
        }
    }
}
