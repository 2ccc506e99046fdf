//! JSONPath (RFC 9535) over [`json::Node`](crate::json::Node), and the simple dotted form of fields.
//!
//! A text is parsed to a checked tree ([`syntax`]) and then followed from a node ([`search`]), one
//! result at a time; [`filter`] decides about `?` selectors. All work is counted, and a search
//! that does too much ends with [`BudgetExceeded`].

mod filter;
mod parse;
mod pattern;
mod search;
mod syntax;
#[cfg(test)]
mod tests;

use crate::budget::BudgetExceeded;
use crate::json::Node;
use syntax::{Segment, Selector};

/// A compiled JSONPath.
///
/// ```
/// use mockbird_core::{json, jsonpath::JsonPath};
/// let order = json::parse(br#"{"items": [{"id": 1, "qty": 9}, {"id": 2, "qty": 3}]}"#).unwrap();
/// let path = JsonPath::parse("$.items[?@.qty > 5].id").unwrap();
/// let found = path.find(&order).unwrap();
/// assert_eq!(found[0].to_string(), "1");
/// assert_eq!(found.len(), 1);
/// assert_eq!(JsonPath::parse("$.items[").unwrap_err().column, 9);
/// ```
#[derive(Clone, Debug)]
pub struct JsonPath {
    segments: Box<[Segment]>,
}

/// Why a text is not a JSONPath, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at column {column}")]
pub struct JsonPathError {
    /// What is wrong, in lower case.
    pub message: String,
    /// Where, from 1, in characters.
    pub column: usize,
}

impl JsonPath {
    /// Compiles an expression that begins with `$`.
    ///
    /// Beyond the RFC, a literal pattern of `match` or `search` that is no regex is refused.
    ///
    /// # Errors
    /// The first thing that is wrong, and where it stands.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        Self::parse_counting(text, &mut 0)
    }

    /// The same; what its regexes weigh is added to `regex_bytes`, whether they are refused or not.
    pub(crate) fn parse_counting(
        text: &str,
        regex_bytes: &mut usize,
    ) -> Result<Self, JsonPathError> {
        parse::path(text, regex_bytes)
    }

    /// Compiles a simple field such as `user.items[0].id`, `items[*].id` or `['a.b'].c`;
    /// `None` if the text has another form.
    ///
    /// ```
    /// use mockbird_core::{json, jsonpath::JsonPath};
    /// let body = json::parse(br#"{"user": {"e-mail": ["a@b.c"]}}"#).unwrap();
    /// let path = JsonPath::parse_field("user.e-mail[0]").unwrap();
    /// assert_eq!(path.find(&body).unwrap()[0].as_str(), Some("a@b.c"));
    /// assert!(JsonPath::parse_field("items[]").is_none());
    /// ```
    pub fn parse_field(text: &str) -> Option<Self> {
        parse::field(text).map(|segments| Self { segments })
    }

    /// The nodes found, in the order of the RFC.
    ///
    /// # Errors
    /// [`BudgetExceeded`] if the search takes too much work.
    pub fn find<'n>(&self, root: &'n Node) -> Result<Vec<&'n Node>, BudgetExceeded> {
        let mut all = Vec::new();
        self.any(root, &mut |node| {
            all.push(node);
            false
        })?;
        Ok(all)
    }

    /// The nodes found with at most `work` steps, from which those that were taken go.
    pub(crate) fn find_within<'n>(
        &self,
        root: &'n Node,
        work: &mut usize,
    ) -> Result<Vec<&'n Node>, BudgetExceeded> {
        let mut all = Vec::new();
        search::any_within(&self.segments, root, work, &mut |node| {
            all.push(node);
            false
        })?;
        Ok(all)
    }

    /// True as soon as a node found passes `test`.
    ///
    /// # Errors
    /// [`BudgetExceeded`] if none did before the search had taken too much work.
    pub fn any<'n>(
        &self,
        root: &'n Node,
        test: &mut dyn FnMut(&'n Node) -> bool,
    ) -> Result<bool, BudgetExceeded> {
        search::any(&self.segments, root, test)
    }

    /// The names it goes by, those inside of filters left out.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let selectors = self.segments.iter().flat_map(|segment| &segment.selectors);
        selectors.filter_map(|selector| match selector {
            Selector::Name(name) => Some(&**name),
            _ => None,
        })
    }

    /// True if it may pass members that it does not name.
    pub(crate) fn is_open(&self) -> bool {
        let unnamed = |s: &Selector| matches!(s, Selector::Wildcard | Selector::Filter(_));
        let is_open = |s: &Segment| s.descend || s.selectors.iter().any(unnamed);
        self.segments.iter().any(is_open)
    }

    /// True if what it finds is the whole, has a name of the path, or is an element of that.
    pub(crate) fn ends_in_name(&self) -> bool {
        let counts = |s: &Selector| matches!(s, Selector::Index(_) | Selector::Slice { .. });
        let is_element = |s: &&Segment| !s.descend && s.selectors.iter().all(counts);
        let mut from_end = self.segments.iter().rev().skip_while(is_element);
        let is_name = |s: &Selector| matches!(s, Selector::Name(_));
        from_end
            .next()
            .is_none_or(|segment| segment.selectors.iter().all(is_name))
    }
}
