//! Single values: text, numbers, flags, lists, and names out of a list.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::nearest::nearest;
use crate::fault::{Faults, Place, shown};
use crate::json::{Node, Number, Value};
use crate::spec::named::Named;

/// What helps who has no spec yet.
pub(super) const SMALLEST_SPEC: &str =
    "the smallest spec is `{name: My API, mocks: [{path: /hello, responses: [{body: hello}]}]}`";

/// Reports a value of the wrong kind.
pub(super) fn expected(what: &str, found: &Node, at: &Place<'_>, faults: &mut Faults) {
    let hint = match (&found.value, what) {
        (Value::Null, _) => "leave the key out if it has no value",
        (Value::Number(_) | Value::Bool(_), "a string") => "put it in quotes",
        (Value::String(text), _) if is_other_kind(text) => "write it without quotes",
        (Value::String(text), "true or false") => as_flag(text),
        (Value::String(_), "a whole number" | "a number") => "write digits only, without a unit",
        (_, "true or false") => "write `true` or `false`",
        (_, "a string") => "put text in quotes",
        (_, "a whole number" | "a number") => "write digits",
        (_, "a rate limit") => "write `{requests: 10, per: minute}`",
        (_, "an object") => "write `key: value` lines, or `{ }`",
        (Value::Object(_), "a list") => "put `- ` before it, or `[ ]` around it: a list of one",
        (_, "a list") => "write lines that begin with `- `, or `[ ]`",
        (Value::Array(_), "a spec") => "put the list under `mocks:`, and a `name:` before it",
        (_, "a spec") => SMALLEST_SPEC,
        // What else is expected says what to write.
        _ => "",
    };
    faults.error(at, format!("expected {what}, found {}", found.kind()), hint);
}

/// What to write for a flag of YAML 1.1.
fn as_flag(text: &str) -> &'static str {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" => "write `true`: YAML 1.2 reads `yes` and `on` as text",
        "no" | "off" | "n" => "write `false`: YAML 1.2 reads `no` and `off` as text",
        _ => "write `true` or `false`",
    }
}

/// True for the text of a number or a flag.
fn is_other_kind(text: &str) -> bool {
    matches!(text, "true" | "false") || Number::parse(text).is_some()
}

/// A text of at most `max` characters.
pub(super) fn text(node: Node, at: &Place<'_>, faults: &mut Faults, max: usize) -> Option<String> {
    let Value::String(text) = node.value else {
        expected("a string", &node, at, faults);
        return None;
    };
    // Counting characters is only needed where the bytes do not already settle it.
    if text.len() > max && text.chars().count() > max {
        faults.error(at, format!("longer than {max} characters"), "shorten it");
        return None;
    }
    Some(text)
}

/// `true` or `false`.
pub(super) fn flag(node: &Node, at: &Place<'_>, faults: &mut Faults) -> Option<bool> {
    let Value::Bool(flag) = node.value else {
        expected("true or false", node, at, faults);
        return None;
    };
    Some(flag)
}

/// A whole number within a range.
pub(super) fn whole<T>(
    node: &Node,
    at: &Place<'_>,
    faults: &mut Faults,
    range: RangeInclusive<T>,
) -> Option<T>
where
    T: TryFrom<i128> + PartialOrd + Display,
{
    let Value::Number(number) = &node.value else {
        expected("a whole number", node, at, faults);
        return None;
    };
    let value = number.to_i128().and_then(|n| T::try_from(n).ok());
    let value = match value {
        Some(value) if range.contains(&value) => return Some(value),
        other => other,
    };
    let found = shown(number.as_str());
    let (min, max) = (range.start(), range.end());
    let wanted = format!("expected a whole number from {min} to {max}, found {found}");
    let hint = match number.to_f64() {
        n if n.fract() != 0.0 => "leave out the fraction".to_owned(),
        n if n < 0.0 => format!("{min} is the least"),
        _ if value.is_some_and(|n| n < *min) => format!("{min} is the least"),
        _ => format!("{max} is the most"),
    };
    faults.error(at, wanted, hint);
    None
}

/// A number within a range.
pub(super) fn number(
    node: &Node,
    at: &Place<'_>,
    faults: &mut Faults,
    range: RangeInclusive<f64>,
) -> Option<f64> {
    let Value::Number(number) = &node.value else {
        expected("a number", node, at, faults);
        return None;
    };
    let value = number.to_f64();
    if range.contains(&value) {
        return Some(value);
    }
    let found = shown(number.as_str());
    let (min, max) = (range.start(), range.end());
    faults.error(
        at,
        format!("expected a number from {min} to {max}, found {found}"),
        if value < *min {
            format!("{min} is the least")
        } else {
            format!("{max} is the most")
        },
    );
    None
}

/// A list of at most `max` elements.
pub(super) fn list(
    node: Node,
    at: &Place<'_>,
    faults: &mut Faults,
    max: usize,
) -> Option<Vec<Node>> {
    let Value::Array(elements) = node.value else {
        expected("a list", &node, at, faults);
        return None;
    };
    if elements.len() > max {
        let message = format!("{} elements, at most {max} are allowed", elements.len());
        faults.error(at, message, "split it, or leave some out");
        return None;
    }
    Some(elements)
}

/// One of the names of an enum; `what` is what the enum is called.
pub(super) fn choice<E: Named>(
    node: &Node,
    at: &Place<'_>,
    faults: &mut Faults,
    what: &str,
) -> Option<E> {
    let Value::String(name) = &node.value else {
        expected("a string", node, at, faults);
        return None;
    };
    let choice = E::from_name(name);
    if choice.is_none() {
        let hint = match nearest(name, E::NAMES) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("one of: {}", E::NAMES.join(", ")),
        };
        faults.error(at, format!("unknown {what} {}", shown(name)), hint);
    }
    choice
}
