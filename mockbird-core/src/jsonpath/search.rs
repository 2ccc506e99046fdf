//! Follows the segments of a path from a node, one result at a time.

use std::cell::Cell;
use std::ops::ControlFlow;

use super::filter;
use super::syntax::{Segment, Selector};
use crate::budget::BudgetExceeded;
use crate::json::{Node, Value};
use crate::limits::JSONPATH_WORK_MAX;

/// Goes on, or ends because enough was found or too much was done.
pub(super) type Flow = ControlFlow<Stop>;

pub(super) enum Stop {
    Found,
    Exceeded,
}

/// What one search has in common: its root and the work it may still do.
pub(super) struct Context<'n> {
    pub root: &'n Node,
    left: Cell<usize>,
}

impl Context<'_> {
    pub(super) fn spend(&self, steps: usize) -> Flow {
        match self.left.get().checked_sub(steps) {
            Some(left) => {
                self.left.set(left);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(Stop::Exceeded),
        }
    }

    /// Spends the work of looking at all of a value: a step for each node and each 64 bytes of text.
    pub(super) fn spend_on(&self, value: &Node) -> Flow {
        let mut open = vec![value];
        while let Some(node) = open.pop() {
            match &node.value {
                Value::String(text) => self.spend(1 + text.len() / 64)?,
                Value::Number(number) => self.spend(1 + number.as_str().len() / 64)?,
                Value::Array(elements) => {
                    self.spend(1 + elements.len())?;
                    open.extend(elements);
                }
                Value::Object(members) => {
                    self.spend(1 + members.len())?;
                    open.extend(members.iter().map(|m| &m.value));
                }
                Value::Null | Value::Bool(_) => self.spend(1)?,
            }
        }
        ControlFlow::Continue(())
    }
}

pub(super) fn any<'n>(
    segments: &[Segment],
    root: &'n Node,
    test: &mut dyn FnMut(&'n Node) -> bool,
) -> Result<bool, BudgetExceeded> {
    any_within(segments, root, &mut { JSONPATH_WORK_MAX }, test)
}

/// The same with a bound of the caller's, from which the work that was done is taken.
pub(super) fn any_within<'n>(
    segments: &[Segment],
    root: &'n Node,
    work: &mut usize,
    test: &mut dyn FnMut(&'n Node) -> bool,
) -> Result<bool, BudgetExceeded> {
    let steps = *work;
    let context = Context {
        root,
        left: Cell::new(steps),
    };
    let flow = follow(&context, segments, root, &mut |node| {
        if test(node) {
            ControlFlow::Break(Stop::Found)
        } else {
            ControlFlow::Continue(())
        }
    });
    *work = context.left.get();
    match flow {
        ControlFlow::Continue(()) => Ok(false),
        ControlFlow::Break(Stop::Found) => Ok(true),
        ControlFlow::Break(Stop::Exceeded) => Err(BudgetExceeded { steps }),
    }
}

/// Hands every node that the segments lead to from `node` to `found`, in the order of the RFC.
/// Calls itself once a segment; the parser bounds their number.
pub(super) fn follow<'n>(
    context: &Context<'n>,
    segments: &[Segment],
    node: &'n Node,
    found: &mut dyn FnMut(&'n Node) -> Flow,
) -> Flow {
    let Some((segment, rest)) = segments.split_first() else {
        return found(node);
    };
    let mut apply = |node: &'n Node| {
        segment.selectors.iter().try_for_each(|selector| {
            select(context, selector, node, &mut |child| {
                follow(context, rest, child, found)
            })
        })
    };
    if !segment.descend {
        return apply(node);
    }
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        apply(node)?;
        match &node.value {
            Value::Array(elements) => open.extend(elements.iter().rev()),
            Value::Object(members) => open.extend(members.iter().rev().map(|m| &m.value)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    ControlFlow::Continue(())
}

fn select<'n>(
    context: &Context<'n>,
    selector: &Selector,
    node: &'n Node,
    found: &mut dyn FnMut(&'n Node) -> Flow,
) -> Flow {
    context.spend(1)?;
    match selector {
        Selector::Name(name) => {
            context.spend(node.members().map_or(0, |members| members.len() / 16))?;
            node.get(name).map_or(ControlFlow::Continue(()), found)
        }
        Selector::Index(index) => element(node, *index).map_or(ControlFlow::Continue(()), found),
        Selector::Slice { start, end, step } => {
            let elements = node.elements().unwrap_or_default();
            slice(elements.len(), *start, *end, *step).try_for_each(|at| {
                context.spend(1)?;
                elements
                    .get(at)
                    .map_or(ControlFlow::Continue(()), &mut *found)
            })
        }
        Selector::Wildcard => each_child(node, &mut |child| {
            context.spend(1)?;
            found(child)
        }),
        Selector::Filter(filter) => each_child(node, &mut |child| {
            context.spend(1)?;
            if filter::holds(context, filter, child)? {
                found(child)?;
            }
            ControlFlow::Continue(())
        }),
    }
}

fn each_child<'n>(node: &'n Node, visit: &mut dyn FnMut(&'n Node) -> Flow) -> Flow {
    match &node.value {
        Value::Array(elements) => elements.iter().try_for_each(visit),
        Value::Object(members) => members.iter().map(|m| &m.value).try_for_each(visit),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            ControlFlow::Continue(())
        }
    }
}

/// The element at an index, from the end if it is negative.
fn element(node: &Node, index: i64) -> Option<&Node> {
    let elements = node.elements()?;
    let at = usize::try_from(index.unsigned_abs()).ok()?;
    if index < 0 {
        elements.get(elements.len().checked_sub(at)?)
    } else {
        elements.get(at)
    }
}

/// The indices of a slice (RFC 9535 section 2.3.4.2.2).
fn slice(
    length: usize,
    start: Option<i64>,
    end: Option<i64>,
    step: i64,
) -> impl Iterator<Item = usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let normal = |at: i64| {
        if at < 0 {
            length.saturating_add(at)
        } else {
            at
        }
    };
    // A forward slice runs from `low` up to `high`, a backward one from `high` down to `low`.
    let (from, to) = if step > 0 {
        (
            normal(start.unwrap_or(0)).clamp(0, length),
            normal(end.unwrap_or(length)).clamp(0, length),
        )
    } else {
        (
            normal(start.unwrap_or(length - 1)).clamp(-1, length - 1),
            end.map_or(-1, normal).clamp(-1, length - 1),
        )
    };
    let inside = move |at: &i64| if step > 0 { *at < to } else { *at > to };
    let first = (step != 0 && inside(&from)).then_some(from);
    std::iter::successors(first, move |at| at.checked_add(step).filter(inside))
        .filter_map(|at| usize::try_from(at).ok())
}
