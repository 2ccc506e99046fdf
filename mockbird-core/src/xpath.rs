//! A documented subset of XPath 1.0 over [`xml::Tree`](crate::xml::Tree).
//!
//! Steps are separated by `/` (children) or `//` (descendants) and are a name, `*`, `text()`, or
//! at the end `@name` or `@*`. Steps for elements and text take predicates: `[2]`, `[@a]` and
//! `[@a='v']`. Names have no prefix and match local names. Anything else is refused.

use std::ops::ControlFlow;

use smallvec::{SmallVec, smallvec};

use crate::budget::BudgetExceeded;
use crate::limits::{XPATH_NODES_MAX, XPATH_STEPS_MAX};
use crate::xml::{NodeId, Tree};

/// A compiled XPath.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct XPath {
    steps: Vec<Step>,
    /// The attribute at the end, instead of the text of the nodes.
    attribute: Option<AttributeStep>,
}

/// Why a text is not one of the expressions understood here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at column {column}")]
pub(crate) struct XPathError {
    /// What is wrong, in lower case.
    pub(crate) message: &'static str,
    /// Where, from 1, in characters.
    pub(crate) column: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    descend: bool,
    test: Test,
    predicates: Vec<Predicate>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Name(Box<str>),
    AnyElement,
    Text,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Predicate {
    Position(usize),
    Has(Box<str>),
    Equals(Box<str>, Box<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct AttributeStep {
    descend: bool,
    /// Any attribute if `None`.
    name: Option<Box<str>>,
}

impl XPath {
    /// Compiles an expression.
    ///
    /// # Errors
    /// The first thing that is not understood, and where it stands.
    pub(crate) fn parse(text: &str) -> Result<Self, XPathError> {
        Parser { text, at: 0 }.path()
    }

    /// True if what it finds has a name of the path, or is the text of that.
    pub(crate) fn ends_in_name(&self) -> bool {
        if let Some(attribute) = &self.attribute {
            return attribute.name.is_some();
        }
        let mut elements = self.steps.iter().rev();
        let last = elements.find(|step| step.test != Test::Text || step.descend);
        last.is_some_and(|step| matches!(step.test, Test::Name(_)))
    }

    /// The text of each node found, in document order; a node found in two ways stands twice.
    #[cfg(test)]
    fn find<'t>(&self, tree: &'t Tree) -> Result<Vec<&'t str>, BudgetExceeded> {
        let mut all = Vec::new();
        self.any(tree, &mut |text| {
            all.push(text);
            false
        })?;
        Ok(all)
    }

    /// True as soon as the text of a node found passes `test`.
    ///
    /// # Errors
    /// [`BudgetExceeded`] if [`XPATH_NODES_MAX`] nodes were visited before one passed.
    pub(crate) fn any<'t>(
        &self,
        tree: &'t Tree,
        test: &mut dyn FnMut(&'t str) -> bool,
    ) -> Result<bool, BudgetExceeded> {
        let mut search = Search {
            tree,
            attribute: self.attribute.as_ref(),
            left: XPATH_NODES_MAX,
            test,
        };
        match search.follow(&self.steps, None) {
            ControlFlow::Continue(()) => Ok(false),
            ControlFlow::Break(Ok(())) => Ok(true),
            ControlFlow::Break(Err(exceeded)) => Err(exceeded),
        }
    }
}

/// Goes on, or ends because a node passed or too many were visited.
type Flow = ControlFlow<Result<(), BudgetExceeded>>;

struct Search<'s, 't> {
    tree: &'t Tree,
    attribute: Option<&'s AttributeStep>,
    left: usize,
    test: &'s mut dyn FnMut(&'t str) -> bool,
}

impl<'t> Search<'_, 't> {
    /// Follows the steps from a node, or from the document above the root element (`None`).
    /// It calls itself once a step, and there are at most [`XPATH_STEPS_MAX`].
    fn follow(&mut self, steps: &[Step], from: Option<NodeId>) -> Flow {
        let Some((step, rest)) = steps.split_first() else {
            return self.arrive(from);
        };
        let tree = self.tree;
        self.children(step, rest, from)?;
        if step.descend {
            let below = match from {
                Some(node) => node + 1..tree.subtree(node).end,
                None => tree.subtree(Tree::ROOT),
            };
            for node in below {
                self.children(step, rest, Some(node))?;
            }
        }
        ControlFlow::Continue(())
    }

    fn children(&mut self, step: &Step, rest: &[Step], parent: Option<NodeId>) -> Flow {
        let tree = self.tree;
        match parent {
            Some(parent) => self.select(step, rest, tree.children(parent)),
            None => self.select(step, rest, std::iter::once(Tree::ROOT)),
        }
    }

    /// Follows those of the nodes, children of one parent, that pass the step. Each position
    /// counts the nodes that passed the predicates before it.
    fn select(&mut self, step: &Step, rest: &[Step], nodes: impl Iterator<Item = NodeId>) -> Flow {
        let mut passed: SmallVec<[usize; 4]> = smallvec![0; step.predicates.len()];
        self.visit()?;
        for node in nodes {
            self.visit()?;
            if !step.test.passes(self.tree, node) {
                continue;
            }
            let all = step.predicates.iter().zip(&mut passed);
            let chosen = all.into_iter().all(|(predicate, count)| {
                *count += 1;
                predicate.passes(self.tree, node, *count)
            });
            if chosen {
                self.follow(rest, Some(node))?;
            }
        }
        ControlFlow::Continue(())
    }

    fn visit(&mut self) -> Flow {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(Err(BudgetExceeded {
                steps: XPATH_NODES_MAX,
            })),
        }
    }

    fn arrive(&mut self, node: Option<NodeId>) -> Flow {
        let tree = self.tree;
        let Some(step) = self.attribute else {
            return self.offer(tree.text(node.unwrap_or(Tree::ROOT)));
        };
        let nodes = match (node, step.descend) {
            (None, true) => tree.subtree(Tree::ROOT),
            // The document has no attributes.
            (None, false) => 0..0,
            (Some(node), true) => tree.subtree(node),
            (Some(node), false) => node..node + 1,
        };
        for node in nodes {
            self.visit()?;
            for (name, value) in tree.attributes(node) {
                if step.name.as_deref().is_none_or(|wanted| wanted == name) {
                    self.offer(value)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn offer(&mut self, text: &'t str) -> Flow {
        if (self.test)(text) {
            ControlFlow::Break(Ok(()))
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl Test {
    fn passes(&self, tree: &Tree, node: NodeId) -> bool {
        match self {
            Self::Name(name) => tree.name(node) == Some(name),
            Self::AnyElement => tree.name(node).is_some(),
            Self::Text => tree.name(node).is_none(),
        }
    }
}

impl Predicate {
    fn passes(&self, tree: &Tree, node: NodeId, position: usize) -> bool {
        match self {
            Self::Position(wanted) => position == *wanted,
            Self::Has(name) => tree.attributes(node).any(|(n, _)| n == &**name),
            Self::Equals(name, value) => tree
                .attributes(node)
                .any(|(n, v)| n == &**name && v == &**value),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fault<T>(&self, message: &'static str) -> Result<T, XPathError> {
        Err(XPathError {
            message,
            column: self.text[..self.at].chars().count() + 1,
        })
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn path(mut self) -> Result<XPath, XPathError> {
        let mut steps = Vec::new();
        while self.at < self.text.len() {
            if !self.eat("/") {
                return self.fault("expected `/`, `//`, a predicate or the end");
            }
            let descend = self.eat("/");
            if self.eat("@") {
                let name = if self.eat("*") {
                    None
                } else {
                    Some(self.name()?)
                };
                if self.at < self.text.len() {
                    return self.fault("an attribute must be the last step, without predicates");
                }
                let attribute = Some(AttributeStep { descend, name });
                return Ok(XPath { steps, attribute });
            }
            if steps.len() == XPATH_STEPS_MAX {
                return self.fault("too many steps");
            }
            steps.push(self.step(descend)?);
        }
        if steps.is_empty() {
            return self.fault("an XPath begins with `/`");
        }
        Ok(XPath {
            steps,
            attribute: None,
        })
    }

    fn step(&mut self, descend: bool) -> Result<Step, XPathError> {
        let test = if self.eat("*") {
            Test::AnyElement
        } else if self.eat("text()") {
            Test::Text
        } else {
            let name = self.name()?;
            match self.rest().chars().next() {
                Some('(') => return self.fault("functions other than `text()` are not supported"),
                Some(':') => {
                    return self.fault("prefixes and axes are not supported: write the local name");
                }
                _ => Test::Name(name),
            }
        };
        let mut predicates = Vec::new();
        while self.eat("[") {
            if predicates.len() == XPATH_STEPS_MAX {
                return self.fault("too many predicates");
            }
            predicates.push(self.predicate()?);
        }
        Ok(Step {
            descend,
            test,
            predicates,
        })
    }

    fn predicate(&mut self) -> Result<Predicate, XPathError> {
        self.skip_space();
        let predicate = if self.eat("@") {
            let name = self.name()?;
            self.skip_space();
            if self.eat("=") {
                self.skip_space();
                Predicate::Equals(name, self.literal()?)
            } else {
                Predicate::Has(name)
            }
        } else {
            let rest = self.rest();
            let length = rest.bytes().take_while(u8::is_ascii_digit).count();
            match rest[..length].parse() {
                Ok(position) if position > 0 => {
                    self.at += length;
                    Predicate::Position(position)
                }
                _ => return self.fault("expected a position from 1, `@name` or `@name='value'`"),
            }
        };
        self.skip_space();
        if self.eat("]") {
            Ok(predicate)
        } else {
            self.fault("expected `]`")
        }
    }

    fn literal(&mut self) -> Result<Box<str>, XPathError> {
        let Some(quote @ ('\'' | '"')) = self.rest().chars().next() else {
            return self.fault("expected a value in quotes");
        };
        let Some(end) = self.rest()[1..].find(quote) else {
            return self.fault("the quoted value is not closed");
        };
        let value = &self.rest()[1..=end];
        self.at += end + 2;
        Ok(value.into())
    }

    /// A name without prefix (Namespaces in XML, `NCName`; character classes taken loosely).
    fn name(&mut self) -> Result<Box<str>, XPathError> {
        let rest = self.rest();
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let length = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let name = &rest[..length];
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return self.fault("expected a name, `*`, `@name` or `text()`");
        }
        self.at += length;
        Ok(name.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml;

    const SHOP: &str = "<shop><shelf n='1'><item sku='A' new=''>one</item><item sku='B'>two<b>!</b></item></shelf>\
        <shelf n='2'><item sku='C'>three</item><box><item sku='D'>four</item></box></shelf></shop>";

    #[test]
    fn selects() {
        let tree = xml::parse(SHOP).unwrap();
        for (path, want) in [
            ("/shop/shelf/item", &["one", "two!", "three"][..]),
            ("//item", &["one", "two!", "three", "four"]),
            ("/item", &[]),
            ("/shop//item/@sku", &["A", "B", "C", "D"]),
            ("/shop/*/@n", &["1", "2"]),
            ("/shop/shelf[2]/item", &["three"]),
            ("//item[1]/@sku", &["A", "C", "D"]),
            ("//item[@sku='B']", &["two!"]),
            ("//item[ @sku = \"B\" ][1]", &["two!"]),
            ("//item[2][@sku='B']/text()", &["two"]),
            ("//item[@sku='B'][2]", &[]),
            ("//item[@new]/@*", &["A", ""]),
            ("//@n", &["1", "2"]),
            ("/shop/shelf//@n", &["1", "2"]),
            ("/@n", &[]),
            ("//box/*/text()", &["four"]),
            ("/*/*/*[@sku='C']", &["three"]),
            ("//text()[1]", &["one", "two", "!", "three", "four"]),
        ] {
            assert_eq!(
                XPath::parse(path).unwrap().find(&tree).unwrap(),
                want,
                "{path}"
            );
        }
    }

    #[test]
    fn namespaces_are_left_out() {
        let tree = xml::parse("<o:a xmlns:o='u' o:x='1'><o:b>2</o:b></o:a>").unwrap();
        assert_eq!(XPath::parse("/a/b").unwrap().find(&tree).unwrap(), ["2"]);
        assert_eq!(XPath::parse("/a/@*").unwrap().find(&tree).unwrap(), ["1"]);
    }

    #[test]
    fn refused_with_the_column() {
        for (path, column) in [
            ("", 1),
            ("a", 1),
            ("/", 2),
            ("//", 3),
            ("///a", 3),
            ("/a/", 4),
            ("/a[", 4),
            ("/a[0]", 4),
            ("/a[last()]", 4),
            ("/a[@b=1]", 7),
            ("/a[@b='1]", 7),
            ("/a[1", 5),
            ("/a[1]b", 6),
            ("/o:a", 3),
            ("/é:a", 3),
            ("/child::a", 7),
            ("/a/count()", 9),
            ("/a/@b/c", 6),
            ("/a/..", 4),
            ("/a | /b", 3),
            ("/a[99999999999999999999]", 4),
        ] {
            assert_eq!(XPath::parse(path).unwrap_err().column, column, "{path}");
        }
        assert!(XPath::parse(&"/a".repeat(XPATH_STEPS_MAX)).is_ok());
        assert!(XPath::parse(&"/a".repeat(XPATH_STEPS_MAX + 1)).is_err());
    }

    #[test]
    fn a_search_is_bounded() {
        let text = "<a>".repeat(128) + &"</a>".repeat(128);
        let tree = xml::parse(&text).unwrap();
        let path = XPath::parse("//a//a//a//a//b").unwrap();
        assert_eq!(
            path.find(&tree),
            Err(BudgetExceeded {
                steps: XPATH_NODES_MAX
            })
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(path in "[/@*\\[\\]a='1é():text ]{0,20}") {
            let tree = xml::parse(SHOP).unwrap();
            if let Ok(path) = XPath::parse(&format!("/{path}")) {
                let _ = path.find(&tree);
            }
        }
    }
}
