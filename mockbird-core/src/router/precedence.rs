//! Why one entry goes before another.

use std::cmp::Ordering;

use super::entry::{Entry, method_class};

/// By what it is decided which of two entries is asked first; the first that tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precedence {
    /// The higher priority.
    Priority,
    /// The more specific path.
    Path,
    /// The method: one that is named goes before any.
    Method,
    /// The order of definition.
    Order,
}

/// Why `first` is asked before `other` if both match a request of this method; `None` if it is not.
pub(crate) fn precedence<T: Entry>(
    first: &T,
    other: &T,
    method: &http::Method,
) -> Option<Precedence> {
    let class = |entry: &T| method_class(entry.method(), method);
    let by_priority = other.rank().priority.cmp(&first.rank().priority);
    let by_path = first.pattern().specificity(other.pattern());
    let by_method = class(first)?.cmp(&class(other)?);
    let steps = [
        (by_priority, Precedence::Priority),
        (by_path, Precedence::Path),
        (by_method, Precedence::Method),
        (first.rank().cmp(&other.rank()), Precedence::Order),
    ];
    let (order, step) = steps.into_iter().find(|(order, _)| order.is_ne())?;
    (order == Ordering::Less).then_some(step)
}
