//! Filters on lists and objects.

use super::Args;
use super::text::text_of;
use crate::json::{self, Node};
use crate::jsonpath::JsonPath;
use crate::limits::JSONPATH_WORK_MAX;
use crate::template::budget::Budget;
use crate::template::fault::{Outcome, a_text, error, limit};
use crate::template::ops;
use crate::template::output::Mode;
use crate::template::output::Output;
use crate::template::print;
use crate::template::value::{Items, Value};

pub(super) fn default<'a>(value: Value<'a>, mut args: Args<'a>) -> Outcome<Value<'a>> {
    let other = args.take(0, "default_value");
    let also_false = args.take(1, "boolean").is_some_and(|flag| flag.is_true());
    args.finish(2)?;
    if matches!(value, Value::Undefined) || (also_false && !value.is_true()) {
        return Ok(other.unwrap_or(Value::str("")));
    }
    Ok(value)
}

pub(super) fn length<'a>(value: &Value<'_>, budget: &mut Budget) -> Outcome<Value<'a>> {
    if matches!(value, Value::Undefined) {
        return Ok(Value::Int(0));
    }
    budget.work(value.as_str().map_or(0, str::len))?;
    match value.len() {
        // A length fits in an i128.
        Some(len) => Ok(Value::Int(len as i128)),
        None => Err(error(format!("{} has no length", value.kind()))),
    }
}

pub(super) fn first<'a>(value: &Value<'a>) -> Outcome<Value<'a>> {
    if let Some(text) = value.as_str() {
        let first = text.chars().next();
        return Ok(first.map_or(Value::Undefined, |c| Value::from(c.to_string())));
    }
    match (value, value.items()) {
        (Value::None, _) | (_, None) => {
            Err(error(format!("{} has no first element", value.kind())))
        }
        (_, Some(items)) => Ok(items.get(0).unwrap_or(Value::Undefined)),
    }
}

pub(super) fn last<'a>(value: &Value<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    if let Some(text) = value.as_str() {
        budget.step(1)?;
        let last = text.chars().next_back();
        return Ok(last.map_or(Value::Undefined, |c| Value::from(c.to_string())));
    }
    match (value, value.items()) {
        (Value::None, _) | (_, None) => Err(error(format!("{} has no last element", value.kind()))),
        (_, Some(items)) => {
            let last = items.len().checked_sub(1).and_then(|at| items.get(at));
            Ok(last.unwrap_or(Value::Undefined))
        }
    }
}

/// The elements of a value, paid for.
pub(in crate::template) fn elements<'a>(
    value: &Value<'a>,
    budget: &mut Budget,
) -> Outcome<Items<'a>> {
    budget.make(match value.as_str() {
        Some(text) => text.len(),
        None => value.len().unwrap_or(0),
    })?;
    value
        .items()
        .ok_or_else(|| error(format!("{} has no elements", value.kind())))
}

pub(super) fn list<'a>(value: Value<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    if matches!(value, Value::List(_)) {
        return Ok(value);
    }
    Value::list(elements(&value, budget)?.iter().collect())
}

pub(super) fn reverse<'a>(value: &Value<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    if let Some(text) = value.as_str() {
        budget.make(text.len())?;
        return Ok(Value::from(text.chars().rev().collect::<String>()));
    }
    match value {
        Value::Undefined => return Ok(Value::Undefined),
        Value::None => return Err(error("none cannot be reversed")),
        _ => {}
    }
    let mut items: Vec<Value<'a>> = elements(value, budget)?.iter().collect();
    items.reverse();
    Value::list(items)
}

/// The members of an object as lists of two.
pub(super) fn items<'a>(value: &Value<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let pair = |key: Value<'a>, member: Value<'a>| Value::list(vec![key, member]);
    budget.make(value.members().saturating_mul(4))?;
    let pairs: Outcome<Vec<_>> = match value {
        Value::Undefined => Ok(Vec::new()),
        Value::Node(node) => match &node.value {
            json::Value::Object(members) => members
                .iter()
                .map(|m| pair(Value::str(&m.key), Value::of(&m.value)))
                .collect(),
            _ => return Err(error("a list has no members")),
        },
        Value::Form(fields) => fields
            .iter()
            .map(|(key, text)| pair(Value::str(key), Value::wire(text.as_str().into())))
            .collect(),
        Value::Map(map) => map
            .iter()
            .map(|(k, v)| pair(k.clone(), v.clone()))
            .collect(),
        _ => return Err(error(format!("{} has no members", value.kind()))),
    };
    Value::list(pairs?)
}

pub(super) fn attr<'a>(
    value: &Value<'a>,
    args: &Args<'a>,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    budget.search(value.members())?;
    match args.positional.first() {
        Some(name) => Ok(value.item(name)),
        None => Err(error("`attr` wants the name of a member")),
    }
}

pub(super) fn join<'a>(
    value: &Value<'a>,
    separator: Option<&Value<'a>>,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    let separator = match separator {
        Some(separator) => text_of(separator, budget)?,
        None => "".into(),
    };
    let items = elements(value, budget)?;
    let limit = usize::try_from(budget.fuel).unwrap_or(usize::MAX);
    let mut out = Output::new(String::new(), limit, Mode::Text);
    let mut all_safe = items.len() > 0;
    let written = items.iter().enumerate().try_for_each(|(i, item)| {
        if i > 0 {
            std::fmt::Write::write_str(&mut out, &separator)?;
        }
        all_safe &= ops::is_safe(&item);
        match item.number() {
            Some(number) => print::text(&mut out, &Value::from(number)),
            None => print::text(&mut out, &item),
        }
    });
    if written.is_err() {
        budget.make(usize::MAX)?;
    }
    budget.make(out.text.len())?;
    Ok(Value::from(out.text))
}

/// The nodes that a path leads to: one is itself, several are a list, none is missing.
pub(super) fn json_path<'a>(
    path: Option<&'a JsonPath>,
    value: &Value<'a>,
    args: &mut Args<'a>,
    budget: &mut Budget,
) -> Outcome<Value<'a>> {
    let parsed;
    let path = if let Some(path) = path {
        path
    } else {
        let text = args.take(0, "path").unwrap_or(Value::Undefined);
        let text = text_of(&text, budget)?;
        let mut regex_bytes = 0;
        let read = JsonPath::parse_counting(&text, &mut regex_bytes);
        budget.make(regex_bytes)?;
        parsed = read.map_err(|_| error(format!("{} is not a JSONPath", a_text(&text))))?;
        &parsed
    };
    if let Value::Node(node) = value {
        let found = nodes(path, node, budget)?;
        return one_or_several(found.into_iter().map(Value::of).collect());
    }
    if matches!(value, Value::Undefined | Value::None) {
        return Ok(Value::Undefined);
    }
    // What is no node of a body becomes one: text is read as JSON, anything else is printed as it.
    let text = match value.as_str() {
        Some(text) => text.to_owned(),
        None => super::text::made(budget, |out| print::json_in_list(out, value))?,
    };
    budget.make(text.len())?;
    let Ok(node) = json::parse(text.as_bytes()) else {
        return Ok(Value::Undefined);
    };
    let found: Outcome<Vec<_>> = nodes(path, &node, budget)?.into_iter().map(owned).collect();
    one_or_several(found?)
}

/// The nodes found, paid for.
fn nodes<'n>(path: &JsonPath, root: &'n Node, budget: &mut Budget) -> Outcome<Vec<&'n Node>> {
    let most = usize::try_from(budget.fuel)
        .unwrap_or(usize::MAX)
        .min(JSONPATH_WORK_MAX);
    let mut left = most;
    let found = path.find_within(root, &mut left);
    if found.is_err() && most < JSONPATH_WORK_MAX {
        budget.make(usize::MAX)?;
    }
    budget.make(most - left)?;
    let found = found.map_err(|reason| limit(reason.to_string()))?;
    budget.make(found.len())?;
    Ok(found)
}

fn one_or_several(mut found: Vec<Value<'_>>) -> Outcome<Value<'_>> {
    match found.len() {
        0 => Ok(Value::Undefined),
        1 => Ok(found.pop().unwrap_or(Value::Undefined)),
        _ => Value::list(found),
    }
}

/// The value of a node that does not outlive the call.
fn owned<'a>(node: &Node) -> Outcome<Value<'a>> {
    Ok(match &node.value {
        json::Value::Null => Value::None,
        json::Value::Bool(flag) => Value::Bool(*flag),
        json::Value::Number(number) => crate::template::value::Num::of(number).into(),
        json::Value::String(text) => Value::from(text.clone()),
        json::Value::Array(elements) => {
            let elements: Outcome<Vec<_>> = elements.iter().map(owned).collect();
            Value::list(elements?)?
        }
        json::Value::Object(members) => {
            let members = members.iter();
            let members: Outcome<Vec<_>> = members
                .map(|m| Ok((Value::from(m.key.clone()), owned(&m.value)?)))
                .collect();
            Value::map(members?)?
        }
    })
}
