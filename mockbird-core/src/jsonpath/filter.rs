//! Decides about filter selectors (RFC 9535 section 2.3.5) and the functions in them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::ControlFlow;

use super::pattern;
use super::search::{Context, Flow, Stop, follow};
use super::syntax::{Comparable, Comparison, Filter, Origin, Pattern, Query, RegexTest};
use crate::json::{Node, Value};
use crate::limits::REGEX_DYNAMIC_BYTES_MAX;

/// What compiling a pattern costs, in steps: about the time of visiting so many nodes.
const PATTERN_STEPS: usize = 1_000;

/// True if the expression holds for the node `@`.
pub(super) fn holds<'n>(
    context: &Context<'n>,
    filter: &Filter,
    current: &'n Node,
) -> ControlFlow<Stop, bool> {
    context.spend(1)?;
    ControlFlow::Continue(match filter {
        Filter::Or(all) => {
            for one in all {
                if holds(context, one, current)? {
                    return ControlFlow::Continue(true);
                }
            }
            false
        }
        Filter::And(all) => {
            for one in all {
                if !holds(context, one, current)? {
                    return ControlFlow::Continue(false);
                }
            }
            true
        }
        Filter::Not(inner) => !holds(context, inner, current)?,
        Filter::Exists(query) => first(context, query, current)?.is_some(),
        Filter::Compare(left, comparison, right) => {
            let left = value(context, left, current)?;
            let right = value(context, right, current)?;
            compare(context, left.as_deref(), *comparison, right.as_deref())?
        }
        Filter::Regex(test) => matches(context, test, current)?,
    })
}

fn run<'n>(
    context: &Context<'n>,
    query: &Query,
    current: &'n Node,
    found: &mut dyn FnMut(&'n Node) -> Flow,
) -> Flow {
    let from = match query.origin {
        Origin::Root => context.root,
        Origin::Current => current,
    };
    follow(context, &query.segments, from, found)
}

fn first<'n>(
    context: &Context<'n>,
    query: &Query,
    current: &'n Node,
) -> ControlFlow<Stop, Option<&'n Node>> {
    let mut one = None;
    let flow = run(context, query, current, &mut |node| {
        one = Some(node);
        ControlFlow::Break(Stop::Found)
    });
    match flow {
        ControlFlow::Break(Stop::Exceeded) => ControlFlow::Break(Stop::Exceeded),
        ControlFlow::Break(Stop::Found) | ControlFlow::Continue(()) => ControlFlow::Continue(one),
    }
}

fn value<'v>(
    context: &Context<'v>,
    comparable: &'v Comparable,
    current: &'v Node,
) -> ControlFlow<Stop, Option<Cow<'v, Node>>> {
    ControlFlow::Continue(match comparable {
        Comparable::Literal(node) => Some(Cow::Borrowed(node)),
        Comparable::Singular(query) => first(context, query, current)?.map(Cow::Borrowed),
        Comparable::Length(of) => match value(context, of, current)? {
            Some(node) => length(context, &node)?.and_then(number),
            None => None,
        },
        Comparable::Count(query) => {
            let mut count = 0;
            run(context, query, current, &mut |_| {
                count += 1;
                ControlFlow::Continue(())
            })?;
            number(count)
        }
        Comparable::Value(query) => {
            let (mut count, mut last) = (0, None);
            run(context, query, current, &mut |node| {
                count += 1;
                last = Some(node);
                ControlFlow::Continue(())
            })?;
            last.filter(|_| count == 1).map(Cow::Borrowed)
        }
    })
}

/// The length of a text in characters, of an array or an object; nothing for other values.
fn length(context: &Context<'_>, node: &Node) -> ControlFlow<Stop, Option<usize>> {
    ControlFlow::Continue(match &node.value {
        Value::String(text) => {
            context.spend(text.len() / 64)?;
            Some(text.chars().count())
        }
        Value::Array(elements) => Some(elements.len()),
        Value::Object(members) => Some(members.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    })
}

fn number(count: usize) -> Option<Cow<'static, Node>> {
    i64::try_from(count).ok().map(|n| Cow::Owned(Node::from(n)))
}

/// Compares two values, each of which may be missing (RFC 9535 section 2.3.5.2.2).
fn compare(
    context: &Context<'_>,
    left: Option<&Node>,
    comparison: Comparison,
    right: Option<&Node>,
) -> ControlFlow<Stop, bool> {
    for side in left.iter().chain(&right) {
        context.spend_on(side)?;
    }
    let equal = || match (left, right) {
        (None, None) => true,
        (Some(left), Some(right)) => left.equals(right),
        (None, Some(_)) | (Some(_), None) => false,
    };
    let order = || match (&left?.value, &right?.value) {
        (Value::Number(left), Value::Number(right)) => Some(left.cmp_value(right)),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    };
    ControlFlow::Continue(match comparison {
        Comparison::Equal => equal(),
        Comparison::NotEqual => !equal(),
        Comparison::Less => order() == Some(Ordering::Less),
        Comparison::Greater => order() == Some(Ordering::Greater),
        Comparison::LessOrEqual => order() == Some(Ordering::Less) || equal(),
        Comparison::GreaterOrEqual => order() == Some(Ordering::Greater) || equal(),
    })
}

/// `match` and `search`: false if either argument is no text or the pattern is no regex.
fn matches(
    context: &Context<'_>,
    regex_test: &RegexTest,
    current: &Node,
) -> ControlFlow<Stop, bool> {
    let text = value(context, &regex_test.text, current)?;
    let Some(text) = text.as_deref().and_then(Node::as_str) else {
        return ControlFlow::Continue(false);
    };
    context.spend(1 + text.len() / 64)?;
    match &regex_test.pattern {
        Pattern::Fixed(regex) => ControlFlow::Continue(regex.is_match(text)),
        Pattern::Dynamic(pattern) => {
            let pattern = value(context, pattern, current)?;
            let Some(pattern) = pattern.as_deref().and_then(Node::as_str) else {
                return ControlFlow::Continue(false);
            };
            context.spend(PATTERN_STEPS + pattern.len())?;
            let regex = pattern::compile(pattern, regex_test.whole, REGEX_DYNAMIC_BYTES_MAX);
            ControlFlow::Continue(regex.is_ok_and(|regex| regex.is_match(text)))
        }
    }
}
