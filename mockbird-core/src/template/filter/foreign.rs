//! Filters and tests of minijinja, called there.
//!
//! Values are converted at this border only. Lists and objects cross it as handles: minijinja may look
//! into them, and when it hands one back it is the very value that went in, with the text of its numbers
//! and the order of its members.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Kwargs, Object, ObjectRepr, ValueKind};
use minijinja::{Environment, ErrorKind, State};

use super::{Args, Tools};
use crate::limits::{TEMPLATE_FUEL, TEMPLATE_JSON_INDENT_MAX};
use crate::template::budget::Budget;
use crate::template::fault::{Fault, Outcome, error};
use crate::template::ops;
use crate::template::value::{Kind, Num, Value};

/// The filters that are called in minijinja.
pub(in crate::template) const FILTERS: [&str; 23] = [
    "title",
    "capitalize",
    "dictsort",
    "split",
    "lines",
    "round",
    "min",
    "max",
    "sort",
    "batch",
    "slice",
    "sum",
    "indent",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "map",
    "groupby",
    "unique",
    "chain",
    "zip",
    "format",
];

/// True for filters whose value is text, whatever it was before.
pub(super) fn wants_text(filter: &str) -> bool {
    matches!(filter, "title" | "capitalize" | "indent")
}

/// How many of our steps one unit of minijinja's fuel is worth. It pays 64 bytes with a unit, so that
/// a filter may work on 16 bytes for each of our steps; what it makes is charged in full afterwards.
const STEPS_PER_UNIT: u64 = 4;

/// The bytes that minijinja pays with one unit of its fuel.
const BYTES_PER_UNIT: u64 = 64;

static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();

fn environment() -> &'static Environment<'static> {
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        environment.set_fuel(Some(TEMPLATE_FUEL / STEPS_PER_UNIT));
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Chainable);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.add_filter("tojson", to_json);
        environment
    })
}

/// minijinja's `tojson`, which would take any indent and pay only for what it has made. It stands in
/// the environment so that `map` finds it too.
#[expect(clippy::needless_pass_by_value, reason = "the form of a filter")]
fn to_json(
    state: &mut State<'_, '_>,
    value: &minijinja::Value,
    indent: Option<minijinja::Value>,
    args: Kwargs,
) -> Result<minijinja::Value, minijinja::Error> {
    let indent = match indent {
        Some(indent) => Some(indent),
        None => args.get("indent")?,
    };
    args.assert_all_used()?;
    let spaces = match &indent {
        None => 0,
        Some(indent) if indent.kind() == ValueKind::Bool => 2,
        Some(indent) => usize::try_from(indent.clone())?,
    };
    if spaces > TEMPLATE_JSON_INDENT_MAX {
        let message =
            format!("the indent is too large: at most {TEMPLATE_JSON_INDENT_MAX} is allowed");
        return Err(minijinja::Error::new(ErrorKind::InvalidOperation, message));
    }
    let left = remaining(state).saturating_mul(STEPS_PER_UNIT);
    if padding(value, spaces as u64, 1)? > left {
        state.consume_fuel(u64::MAX)?;
    }
    let none: [(&str, minijinja::Value); 0] = [];
    let made = minijinja::filters::tojson(value, indent, none.into_iter().collect())?;
    let bytes = made.as_str().map_or(0, str::len) as u64;
    state.consume_fuel(bytes / BYTES_PER_UNIT + 1)?;
    Ok(made)
}

/// How many spaces indented JSON of a value takes. Values nest as deep as JSON may.
fn padding(value: &minijinja::Value, spaces: u64, depth: u64) -> Result<u64, minijinja::Error> {
    let is_map = value.kind() == ValueKind::Map;
    if spaces == 0 || !(is_map || matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)) {
        return Ok(0);
    }
    let mut sum = spaces * depth;
    for item in value.try_iter()? {
        let item = if is_map { value.get_item(&item)? } else { item };
        sum = sum
            .saturating_add(spaces * depth)
            .saturating_add(padding(&item, spaces, depth + 1)?);
    }
    Ok(sum)
}

/// The state of minijinja that the filters of one rendering share; made for the first of them.
#[derive(Default)]
pub(in crate::template) struct Minijinja {
    state: Option<Box<State<'static, 'static>>>,
}

impl fmt::Debug for Minijinja {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Minijinja")
    }
}

impl Minijinja {
    /// Runs `call` with as much fuel as our budget has, and charges what it used.
    fn run<T>(
        &mut self,
        budget: &mut Budget,
        call: impl FnOnce(&mut State<'static, 'static>) -> Result<T, minijinja::Error>,
    ) -> Outcome<T> {
        let state = self
            .state
            .get_or_insert_with(|| Box::new(environment().empty_state()));
        let before = remaining(state);
        // A failure here means that the fuel is gone, which the call will say.
        let _ = state.consume_fuel(before.saturating_sub(budget.fuel / STEPS_PER_UNIT));
        let before = remaining(state);
        let result = call(state);
        let used = before.saturating_sub(remaining(state));
        if result
            .as_ref()
            .is_err_and(|e| e.kind() == ErrorKind::OutOfFuel)
        {
            budget.step(u64::MAX)?;
        }
        budget.step(used.saturating_mul(STEPS_PER_UNIT).saturating_add(1))?;
        result.map_err(|e| described(&e))
    }
}

fn remaining(state: &State<'_, '_>) -> u64 {
    state.fuel_levels().map_or(0, |(_, remaining)| remaining)
}

/// How the details begin that name kinds of values, never a value, which may be a secret.
const HARMLESS_DETAILS: [&str; 8] = [
    "cannot ",
    "can only ",
    "tried to use ",
    "value of type ",
    "zip filter ",
    "missing keyword ",
    "unable to round",
    "the indent is ",
];

fn described(fault: &minijinja::Error) -> Fault {
    let is_harmless = |detail: &&str| {
        HARMLESS_DETAILS
            .iter()
            .any(|start| detail.starts_with(start))
    };
    match fault.detail().filter(is_harmless) {
        Some(detail) => error(detail.to_owned()),
        None => error(fault.kind().to_string()),
    }
}

impl Tools<'_> {
    /// Calls a filter of minijinja.
    pub(super) fn call<'a>(
        &mut self,
        filter: &str,
        value: &Value<'a>,
        args: &Args<'a>,
    ) -> Outcome<Value<'a>> {
        let mut border = Border {
            handed: Vec::new(),
            budget: self.budget,
        };
        let args = border.all(value, args)?;
        let handed = border.handed;
        let made = self
            .minijinja
            .run(self.budget, |state| state.apply_filter(filter, &args))?;
        let mut border = Border {
            handed,
            budget: self.budget,
        };
        if filter == "groupby" {
            return border.groups(&made);
        }
        border.back(&made)
    }

    /// Performs a test of minijinja.
    pub(in crate::template) fn perform<'a>(
        &mut self,
        test: &str,
        value: &Value<'a>,
        args: &Args<'a>,
    ) -> Outcome<bool> {
        let mut border = Border {
            handed: Vec::new(),
            budget: self.budget,
        };
        let args = border.all(value, args)?;
        self.minijinja
            .run(self.budget, |state| state.perform_test(test, &args))
    }
}

/// A list or object on the other side: what minijinja may see of it, and which of ours it is.
#[derive(Debug)]
struct Handle {
    number: usize,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    List(Vec<minijinja::Value>),
    Map(Members),
}

/// The members of an object in their order, and an index of them.
#[derive(Debug)]
struct Members {
    all: Vec<(minijinja::Value, minijinja::Value)>,
    /// Places of the members, in the order of their keys; equal keys in the order of the members.
    by_key: Vec<usize>,
}

impl Members {
    fn new(all: Vec<(minijinja::Value, minijinja::Value)>, budget: &mut Budget) -> Outcome<Self> {
        let height = usize::BITS - all.len().leading_zeros();
        budget.search(all.len().saturating_mul(height as usize))?;
        let mut by_key: Vec<usize> = (0..all.len()).collect();
        by_key.sort_by(|a, b| key_at(&all, *a).cmp(&key_at(&all, *b)));
        Ok(Self { all, by_key })
    }

    /// The member of this key, the last one of several.
    fn get(&self, key: &minijinja::Value) -> Option<&minijinja::Value> {
        let after = self
            .by_key
            .partition_point(|at| key_at(&self.all, *at) <= Some(key));
        let (found, value) = self.all.get(*self.by_key.get(after.checked_sub(1)?)?)?;
        (found == key).then_some(value)
    }
}

fn key_at(
    members: &[(minijinja::Value, minijinja::Value)],
    at: usize,
) -> Option<&minijinja::Value> {
    members.get(at).map(|(key, _)| key)
}

impl Object for Handle {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.shape {
            Shape::List(_) => ObjectRepr::Seq,
            Shape::Map(_) => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        match &self.shape {
            Shape::List(items) => items.get(key.as_usize()?).cloned(),
            Shape::Map(members) => members.get(key).cloned(),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.shape {
            Shape::List(items) => Enumerator::Seq(items.len()),
            Shape::Map(members) => {
                Enumerator::Values(members.all.iter().map(|(key, _)| key.clone()).collect())
            }
        }
    }
}

/// Values on their way to minijinja and back.
struct Border<'b, 'a> {
    /// The values that went over as handles, by number.
    handed: Vec<Value<'a>>,
    budget: &'b mut Budget,
}

impl<'a> Border<'_, 'a> {
    fn all(&mut self, value: &Value<'a>, args: &Args<'a>) -> Outcome<Vec<minijinja::Value>> {
        // Handing over walks through all of a value, however often a part of it is shared.
        let values = args.positional.iter();
        let values = values.chain(args.named.iter().map(|(_, value)| value));
        for value in values.chain([value]) {
            self.budget.make(value.size())?;
        }
        let mut all = vec![self.over(value)?];
        for value in &args.positional {
            all.push(self.over(value)?);
        }
        if !args.named.is_empty() {
            let named: Outcome<Vec<_>> = args
                .named
                .iter()
                .map(|(name, value)| Ok((name.as_str(), self.over(value)?)))
                .collect();
            all.push(Kwargs::from_iter(named?).into());
        }
        Ok(all)
    }

    fn over(&mut self, value: &Value<'a>) -> Outcome<minijinja::Value> {
        self.budget.step(1)?;
        if let Some(text) = value.as_str() {
            self.budget.make(text.len())?;
            return Ok(if ops::is_safe(value) {
                minijinja::Value::from_safe_string(text.to_owned())
            } else {
                minijinja::Value::from(text)
            });
        }
        if let Some(number) = value.number() {
            return Ok(match number {
                Num::Int(number) => i64::try_from(number)
                    .map_or_else(|_| minijinja::Value::from(number), minijinja::Value::from),
                Num::Float(number) => minijinja::Value::from(number),
            });
        }
        let shape = match value {
            Value::None => return Ok(minijinja::Value::from(())),
            Value::Bool(flag) => return Ok(minijinja::Value::from(*flag)),
            _ if ops::is_map(value) => Shape::Map(self.members(value)?),
            _ => match value.items() {
                Some(items) if !matches!(value, Value::Undefined) => {
                    let items: Outcome<Vec<_>> = items.iter().map(|i| self.over(&i)).collect();
                    Shape::List(items?)
                }
                _ => return Ok(minijinja::Value::UNDEFINED),
            },
        };
        self.handed.push(value.clone());
        Ok(minijinja::Value::from_object(Handle {
            number: self.handed.len() - 1,
            shape,
        }))
    }

    /// The members of an object, gone through without a search for each.
    fn members(&mut self, value: &Value<'a>) -> Outcome<Members> {
        let members: Outcome<Vec<_>> = match value {
            Value::Node(node) => node
                .members()
                .unwrap_or(&[])
                .iter()
                .map(|m| {
                    Ok((
                        self.over(&Value::str(&m.key))?,
                        self.over(&Value::of(&m.value))?,
                    ))
                })
                .collect(),
            Value::Map(map) => map
                .iter()
                .map(|(key, member)| Ok((self.over(key)?, self.over(member)?)))
                .collect(),
            _ => {
                let keys = value.items();
                let keys = keys.iter().flat_map(super::super::value::Items::iter);
                keys.map(|key| {
                    self.budget.search(value.members())?;
                    Ok((self.over(&key)?, self.over(&value.item(&key))?))
                })
                .collect()
            }
        };
        Members::new(members?, self.budget)
    }

    fn back(&mut self, value: &minijinja::Value) -> Outcome<Value<'a>> {
        self.budget.step(1)?;
        if let Some(handle) = value.downcast_object_ref::<Handle>()
            && let Some(ours) = self.handed.get(handle.number)
        {
            return Ok(ours.clone());
        }
        match value.kind() {
            ValueKind::Undefined => Ok(Value::Undefined),
            ValueKind::None => Ok(Value::None),
            ValueKind::Bool => Ok(Value::Bool(value.is_true())),
            ValueKind::Number => Ok(back_number(value)),
            ValueKind::String | ValueKind::Bytes => {
                let text = value.to_str().unwrap_or_default();
                self.budget.make(text.len())?;
                let kind = if value.is_safe() {
                    Kind::Safe
                } else {
                    Kind::Plain
                };
                Ok(Value::Text(text.to_string().into(), kind))
            }
            ValueKind::Seq | ValueKind::Iterable => {
                let items = value.try_iter().map_err(|e| described(&e))?;
                let items: Outcome<Vec<_>> = items.map(|item| self.back(&item)).collect();
                Value::list(items?)
            }
            ValueKind::Map => {
                let keys = value.try_iter().map_err(|e| described(&e))?;
                let members: Outcome<Vec<_>> = keys
                    .map(|key| {
                        let member = value.get_item(&key).map_err(|e| described(&e))?;
                        Ok((self.back(&key)?, self.back(&member)?))
                    })
                    .collect();
                Value::map(members?)
            }
            ValueKind::Invalid => Err(error("the filter gives no value")),
            _ => Ok(Value::from(value.to_string())),
        }
    }

    /// Groups are lists of two with names for both.
    fn groups(&mut self, value: &minijinja::Value) -> Outcome<Value<'a>> {
        let groups = value.try_iter().map_err(|e| described(&e))?;
        let groups: Outcome<Vec<_>> = groups
            .map(|group| {
                let part = |index| group.get_item_by_index(index).map_err(|e| described(&e));
                let (name, items) = (part(0)?, part(1)?);
                let both = vec![self.back(&name)?, self.back(&items)?];
                Value::group(both)
            })
            .collect();
        Value::list(groups?)
    }
}

fn back_number<'a>(value: &minijinja::Value) -> Value<'a> {
    if value.is_integer()
        && let Ok(number) = i128::try_from(value.clone())
    {
        return Value::Int(number);
    }
    f64::try_from(value.clone()).map_or(Value::Undefined, Value::Float)
}
