//! What operators do: arithmetic with whole numbers of 128 bits, comparison of anything with anything.

use std::cmp::Ordering;

use super::ast::{Binary, Compare};
use super::budget::Budget;
use super::fault::{Fault, Outcome, error, limit};
use super::print;
use super::value::{Items, Kind, Num, Range, Value};
use crate::json;
use crate::limits::TEMPLATE_RANGE_MAX;

/// Applies an operator that makes a new value.
pub(super) fn binary<'a>(
    op: Binary,
    left: &Value<'a>,
    right: &Value<'a>,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    match (op, left, right) {
        (Binary::Add, _, _) if left.as_str().is_some() && right.as_str().is_some() => {
            return add_text(left, right, budget);
        }
        (Binary::Add, _, _) if is_list(left) && is_list(right) => {
            return repeat(&[left, right], 1, budget);
        }
        (Binary::Mul, text, times) | (Binary::Mul, times, text)
            if text.as_str().is_some() || is_list(text) =>
        {
            let times = match count(times) {
                Some(times) => usize::try_from(times.max(0)).unwrap_or(usize::MAX),
                None => return Err(unsupported(op, left, right)),
            };
            return match text.as_str() {
                Some(string) => repeat_text(string, times, text, budget),
                None => repeat(&[text], times, budget),
            };
        }
        _ => {}
    }
    let (Some(a), Some(b)) = (operand(left), operand(right)) else {
        return Err(unsupported(op, left, right));
    };
    match op {
        Binary::Div => divide(a, b),
        _ => calculate(op, a, b),
    }
    .map(Value::from)
}

/// A number or boolean as a number.
fn operand(value: &Value<'_>) -> Option<Num> {
    match value {
        Value::Bool(flag) => Some(Num::Int(i128::from(*flag))),
        _ => value.number(),
    }
}

fn count(value: &Value<'_>) -> Option<i128> {
    match operand(value)? {
        Num::Int(number) => Some(number),
        // Only a float without fraction counts.
        #[expect(clippy::cast_possible_truncation)]
        Num::Float(number) => (number.fract() == 0.0).then_some(number as i128),
    }
}

fn is_list(value: &Value<'_>) -> bool {
    match value {
        Value::List(_) | Value::Range(_) => true,
        Value::Node(node) => matches!(node.value, json::Value::Array(_)),
        _ => false,
    }
}

fn add_text<'a>(left: &Value<'a>, right: &Value<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let (a, b) = (left.as_str().unwrap_or(""), right.as_str().unwrap_or(""));
    budget.make(a.len() + b.len())?;
    let safe = is_safe(left) && is_safe(right);
    let kind = if safe { Kind::Safe } else { Kind::Plain };
    Ok(Value::Text([a, b].concat().into(), kind))
}

/// True for text that wants no escaping.
pub(super) fn is_safe(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(_, Kind::Safe))
}

fn repeat_text<'a>(
    text: &str,
    times: usize,
    of: &Value<'_>,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    budget.make(text.len().saturating_mul(times))?;
    let kind = if is_safe(of) { Kind::Safe } else { Kind::Plain };
    Ok(Value::Text(text.repeat(times).into(), kind))
}

fn repeat<'a>(lists: &[&Value<'a>], times: usize, budget: &mut Budget) -> Outcome<Value<'a>> {
    let len: usize = lists.iter().filter_map(|list| list.len()).sum();
    budget.make(len.saturating_mul(times))?;
    let times = if len == 0 { 0 } else { times };
    let items = lists.iter().filter_map(|list| list.items());
    let once: Vec<Value<'a>> = items.flat_map(|i| i.iter().collect::<Vec<_>>()).collect();
    let mut all = Vec::with_capacity(once.len() * times);
    for _ in 0..times {
        all.extend(once.iter().cloned());
    }
    Value::list(all)
}

#[expect(clippy::cast_precision_loss)] // What a float is for.
fn float(number: Num) -> f64 {
    match number {
        Num::Int(number) => number as f64,
        Num::Float(number) => number,
    }
}

fn divide(a: Num, b: Num) -> Outcome<Num> {
    let (a, b) = (float(a), float(b));
    if b == 0.0 {
        return Err(error("division by zero"));
    }
    Ok(Num::Float(a / b))
}

fn calculate(op: Binary, a: Num, b: Num) -> Outcome<Num> {
    let too_large = || error(format!("the result of `{}` is too large", symbol(op)));
    if let (Num::Int(a), Num::Int(b)) = (a, b) {
        let result = match op {
            Binary::Add => a.checked_add(b),
            Binary::Sub => a.checked_sub(b),
            Binary::Mul => a.checked_mul(b),
            Binary::FloorDiv | Binary::Rem if b == 0 => return Err(error("division by zero")),
            Binary::FloorDiv => floor_div(a, b).map(|(quotient, _)| quotient),
            Binary::Rem => floor_div(a, b).map(|(_, remainder)| remainder),
            Binary::Pow if b < 0 => return power(float(Num::Int(a)), float(Num::Int(b))),
            Binary::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
            Binary::Div => return divide(Num::Int(a), Num::Int(b)),
        };
        return result.map(Num::Int).ok_or_else(too_large);
    }
    let (a, b) = (float(a), float(b));
    Ok(Num::Float(match op {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::FloorDiv | Binary::Rem if b == 0.0 => return Err(error("division by zero")),
        Binary::FloorDiv => float_floor_div(a, b).0,
        Binary::Rem => float_floor_div(a, b).1,
        Binary::Pow => return power(a, b),
        Binary::Div => a / b,
    }))
}

fn power(a: f64, b: f64) -> Outcome<Num> {
    if a == 0.0 && b < 0.0 {
        return Err(error("division by zero"));
    }
    Ok(Num::Float(a.powf(b)))
}

/// Division that rounds down, and its remainder, which has the sign of the divisor.
fn floor_div(a: i128, b: i128) -> Option<(i128, i128)> {
    let (quotient, remainder) = (a.checked_div(b)?, a.checked_rem(b)?);
    if remainder != 0 && (remainder < 0) != (b < 0) {
        return Some((quotient - 1, remainder + b));
    }
    Some((quotient, remainder))
}

/// The same for floats, as Python does it: the quotient is exact where the plain one is off by one.
fn float_floor_div(a: f64, b: f64) -> (f64, f64) {
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0.0_f64.copysign(b);
    } else if (remainder < 0.0) != (b < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(a / b), remainder);
    }
    let floor = quotient.floor();
    let floor = if quotient - floor > 0.5 {
        floor + 1.0
    } else {
        floor
    };
    (floor, remainder)
}

/// The value with its sign turned.
pub(super) fn negate<'a>(value: &Value<'a>) -> Outcome<Value<'a>> {
    match value.number() {
        Some(Num::Int(number)) => number
            .checked_neg()
            .map(Value::Int)
            .ok_or_else(|| error("the result of `-` is too large")),
        Some(Num::Float(number)) => Ok(Value::Float(-number)),
        None => Err(error(format!("`-` does not work on {}", value.kind()))),
    }
}

fn symbol(op: Binary) -> &'static str {
    match op {
        Binary::Add => "+",
        Binary::Sub => "-",
        Binary::Mul => "*",
        Binary::Div => "/",
        Binary::FloorDiv => "//",
        Binary::Rem => "%",
        Binary::Pow => "**",
    }
}

fn unsupported(op: Binary, left: &Value<'_>, right: &Value<'_>) -> Fault {
    let has_text = left.as_str().is_some() || right.as_str().is_some();
    let help = match op {
        Binary::Add if has_text => "; `~` joins text, `| int` reads a number from it",
        _ if has_text => "; `| int` reads a number from text",
        _ => "",
    };
    error(format!(
        "`{}` does not work on {} and {}{help}",
        symbol(op),
        left.kind(),
        right.kind()
    ))
}

/// Applies an operator that compares.
pub(super) fn compare(
    op: Compare,
    left: &Value<'_>,
    right: &Value<'_>,
    budget: &mut Budget,
) -> Outcome<bool> {
    if !matches!(op, Compare::In | Compare::NotIn) {
        let bytes = |v: &Value<'_>| v.as_str().map_or(0, str::len);
        budget.work(bytes(left).min(bytes(right)))?;
        budget.make(left.size().min(right.size()))?;
    }
    Ok(match op {
        Compare::Eq => left == right,
        Compare::Ne => left != right,
        Compare::Lt => order(left, right).is_lt(),
        Compare::Le => order(left, right).is_le(),
        Compare::Gt => order(left, right).is_gt(),
        Compare::Ge => order(left, right).is_ge(),
        Compare::In => contains(right, left, budget)?,
        Compare::NotIn => !contains(right, left, budget)?,
    })
}

fn contains(container: &Value<'_>, value: &Value<'_>, budget: &mut Budget) -> Outcome<bool> {
    if let Some(text) = container.as_str() {
        budget.work(text.len())?;
        if let Some(part) = value.as_str() {
            return Ok(text.contains(part));
        }
        budget.make(value.size())?;
        return Ok(text.contains(&print::to_string(value)));
    }
    if is_list(container) {
        budget.make(container.size().max(container.len().unwrap_or(0)))?;
        let items = container.items();
        return Ok(items.is_some_and(|items| items.iter().any(|item| item == *value)));
    }
    match container {
        Value::Undefined | Value::None => Ok(false),
        Value::Node(_) | Value::Form(_) | Value::Map(_) => {
            budget.search(container.members())?;
            Ok(!matches!(container.item(value), Value::Undefined))
        }
        _ => Err(error(format!("`in` does not work on {}", container.kind()))),
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        if let (Some(a), Some(b)) = (self.as_str(), other.as_str()) {
            return a == b;
        }
        if let (Some(a), Some(b)) = (operand(self), operand(other)) {
            return numbers(a, b).is_eq();
        }
        match (self, other) {
            (Value::Undefined, Value::Undefined) | (Value::None, Value::None) => true,
            (Value::Namespace(a), Value::Namespace(b)) | (Value::Loop(a), Value::Loop(b)) => a == b,
            (Value::Node(a), Value::Node(b)) if std::ptr::eq(*a, *b) => true,
            _ if is_list(self) && is_list(other) => {
                let (Some(a), Some(b)) = (self.items(), other.items()) else {
                    return false;
                };
                a.len() == b.len() && a.iter().eq(b.iter())
            }
            _ if is_map(self) && is_map(other) => {
                let Some(keys) = self.items() else {
                    return false;
                };
                self.len() == other.len()
                    && keys.iter().all(|key| self.item(&key) == other.item(&key))
            }
            _ => false,
        }
    }
}

/// True for what has members.
pub(super) fn is_map(value: &Value<'_>) -> bool {
    match value {
        Value::Map(_) | Value::Form(_) => true,
        Value::Node(node) => matches!(node.value, json::Value::Object(_)),
        _ => false,
    }
}

/// The order of two values of any kinds; those of different kinds are ordered by kind.
pub(super) fn order(left: &Value<'_>, right: &Value<'_>) -> Ordering {
    if let (Some(a), Some(b)) = (left.as_str(), right.as_str()) {
        return a.cmp(b);
    }
    if let (Some(a), Some(b)) = (operand(left), operand(right)) {
        return numbers(a, b);
    }
    let kinds = rank(left).cmp(&rank(right));
    if kinds.is_ne() {
        return kinds;
    }
    let (Some(a), Some(b)) = (left.items(), right.items()) else {
        return Ordering::Equal;
    };
    for (x, y) in a.iter().zip(b.iter()) {
        let keys = order(&x, &y);
        let both = if is_map(left) && keys.is_eq() {
            order(&left.item(&x), &right.item(&y))
        } else {
            keys
        };
        if both.is_ne() {
            return both;
        }
    }
    a.len().cmp(&b.len())
}

fn rank(value: &Value<'_>) -> u8 {
    match value {
        Value::Undefined => 0,
        Value::None => 1,
        Value::Bool(_) => 2,
        Value::Int(_) | Value::Float(_) | Value::Number(_) => 3,
        Value::Text(..) | Value::Capture(_) => 4,
        _ if is_list(value) => 5,
        _ if is_map(value) => 6,
        _ => 7,
    }
}

/// Compares numbers without rounding whole ones.
fn numbers(a: Num, b: Num) -> Ordering {
    match (a, b) {
        (Num::Int(a), Num::Int(b)) => a.cmp(&b),
        (Num::Float(a), Num::Float(b)) => floats(a, b),
        (Num::Int(a), Num::Float(b)) => int_and_float(a, b),
        (Num::Float(a), Num::Int(b)) => int_and_float(b, a).reverse(),
    }
}

fn floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.total_cmp(&b))
}

fn int_and_float(a: i128, b: f64) -> Ordering {
    let rounded = floats(float(Num::Int(a)), b);
    if rounded.is_ne() || !b.is_finite() {
        return rounded;
    }
    // Equal after rounding: the float is whole and within the range, but for 2^127 itself.
    if b >= 170_141_183_460_469_231_731_687_303_715_884_105_728.0 {
        return Ordering::Less;
    }
    #[expect(clippy::cast_possible_truncation)]
    a.cmp(&(b as i128))
}

/// The numbers from `start` up or down to `end`, which is not one of them.
pub(super) fn range(start: i64, end: i64, step: i64) -> Outcome<Range> {
    if step == 0 {
        return Err(error("the step of a range is 0"));
    }
    let (start, end, step) = (i128::from(start), i128::from(end), i128::from(step));
    let distance = if step > 0 { end - start } else { start - end };
    let len = (distance.max(0) + step.abs() - 1) / step.abs();
    match u32::try_from(len) {
        Ok(len) if u64::from(len) <= TEMPLATE_RANGE_MAX => Ok(Range {
            // Both came from an i64.
            start: i64::try_from(start).unwrap_or(0),
            step: i64::try_from(step).unwrap_or(1),
            len,
        }),
        _ => Err(limit(format!(
            "a range is too long: at most {TEMPLATE_RANGE_MAX} numbers are allowed"
        ))),
    }
}

/// The part `[start:end:step]` of a list or string.
pub(super) fn slice<'a>(
    of: &Value<'a>,
    bounds: [Option<i64>; 3],
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    let [start, end, step] = bounds;
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(error("the step of a slice is 0"));
    }
    let sliceable = of.as_str().is_some() || is_list(of);
    if matches!(of, Value::Undefined | Value::None) {
        return Value::list(Vec::new());
    }
    if !sliceable {
        return Err(error(format!("{} has no slices", of.kind())));
    }
    budget.work(of.as_str().map_or(0, str::len))?;
    let len = of.len().unwrap_or(0);
    let indices = slice_indices(len, start, end, step);
    budget.make(indices.len())?;
    if let Some(text) = of.as_str() {
        return slice_text(text, indices, step, budget);
    }
    let items = of.items().unwrap_or(Items::Empty);
    Value::list(indices.filter_map(|index| items.get(index)).collect())
}

/// The characters at these indices, which have one distance from each other.
fn slice_text<'a>(
    text: &str,
    indices: impl ExactSizeIterator<Item = usize> + DoubleEndedIterator,
    step: i64,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    let distance = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    let count = indices.len();
    let lowest = if step > 0 {
        indices.min()
    } else {
        indices.last()
    };
    let chars = text.chars().skip(lowest.unwrap_or(0)).step_by(distance);
    let picked: String = chars.take(count).collect();
    budget.make(picked.len())?;
    if step > 0 {
        return Ok(Value::from(picked));
    }
    Ok(Value::from(picked.chars().rev().collect::<String>()))
}

/// The indices of a slice, as they are walked through.
fn slice_indices(
    len: usize,
    start: Option<i64>,
    end: Option<i64>,
    step: i64,
) -> impl ExactSizeIterator<Item = usize> + DoubleEndedIterator {
    let all = i64::try_from(len).unwrap_or(i64::MAX);
    let from_end = |index: i64| match index {
        0.. => index,
        _ => index.saturating_add(all),
    };
    let (first, end) = if step > 0 {
        (
            from_end(start.unwrap_or(0)).clamp(0, all),
            from_end(end.unwrap_or(all)).clamp(0, all),
        )
    } else {
        (
            start.map_or(all - 1, |s| from_end(s).clamp(-1, all - 1)),
            end.map_or(-1, |s| from_end(s).clamp(-1, all - 1)),
        )
    };
    let distance = if step > 0 { end - first } else { first - end };
    let count = distance.max(0).unsigned_abs().div_ceil(step.unsigned_abs());
    // Both ends are within the length, which is one of memory.
    let count = usize::try_from(count).unwrap_or(0);
    (0..count).map(move |turn| {
        let moved = i64::try_from(turn).unwrap_or(0).saturating_mul(step);
        usize::try_from(first.saturating_add(moved)).unwrap_or(0)
    })
}
