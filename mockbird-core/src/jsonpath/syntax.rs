//! The parsed form of a JSONPath; what is not well typed (RFC 9535 section 2.4.3) cannot be written in it.

use regex::Regex;

use crate::json::Node;

/// `.name`, `[...]`, or `..` and one of them.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Applies to a node and all its descendants (`..`).
    pub descend: bool,
    pub selectors: Vec<Selector>,
}

#[derive(Clone, Debug)]
pub(super) enum Selector {
    Name(Box<str>),
    /// From the end if negative.
    Index(i64),
    Slice {
        start: Option<i64>,
        end: Option<i64>,
        step: i64,
    },
    Wildcard,
    Filter(Box<Filter>),
}

/// A logical expression.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    Or(Vec<Filter>),
    And(Vec<Filter>),
    Not(Box<Filter>),
    Exists(Query),
    Compare(Comparable, Comparison, Comparable),
    Regex(Box<RegexTest>),
}

/// A path inside a filter.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub origin: Origin,
    pub segments: Box<[Segment]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// `$`
    Root,
    /// `@`
    Current,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What gives one value or nothing.
#[derive(Clone, Debug)]
pub(super) enum Comparable {
    Literal(Node),
    /// A query that finds at most one node.
    Singular(Query),
    Length(Box<Comparable>),
    Count(Query),
    /// `value(...)`: the node if exactly one is found.
    Value(Query),
}

/// `match(text, pattern)` or `search(text, pattern)`.
#[derive(Clone, Debug)]
pub(super) struct RegexTest {
    pub text: Comparable,
    pub pattern: Pattern,
    /// The whole text must match, as `match` says.
    pub whole: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// Written in the path, compiled with it.
    Fixed(Regex),
    /// Comes with the document.
    Dynamic(Comparable),
}

impl Query {
    /// True if it can find one node at most (RFC 9535 section 2.3.5.1).
    pub(super) fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| {
            !segment.descend
                && matches!(
                    segment.selectors[..],
                    [Selector::Name(_) | Selector::Index(_)]
                )
        })
    }
}
