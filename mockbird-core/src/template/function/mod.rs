//! Functions: `now()`, `uuid()`, `range(..)` and their like.

#[cfg(feature = "fake")]
mod fake;
mod random;
pub(super) mod time;

use super::Context;
use super::budget::Budget;
use super::fault::{CompileFault, Outcome, Pos, error};
use super::filter::Args;
use super::names::Named;
use super::ops;
use super::value::{Num, Value};
use crate::fault;

/// A built-in function.
#[derive(Clone, Copy, Debug)]
pub(super) enum Function {
    Now,
    Timestamp,
    Uuid,
    RandomInt,
    RandomFloat,
    RandomString,
    Choice,
    Range,
    Dict,
    /// Made by the renderer, which keeps namespaces.
    Namespace,
    #[cfg(feature = "fake")]
    Fake(fake::Faker),
}

const NAMES: [(&str, Function); 10] = [
    ("now", Function::Now),
    ("timestamp", Function::Timestamp),
    ("uuid", Function::Uuid),
    ("randomInt", Function::RandomInt),
    ("randomFloat", Function::RandomFloat),
    ("randomString", Function::RandomString),
    ("choice", Function::Choice),
    ("range", Function::Range),
    ("dict", Function::Dict),
    ("namespace", Function::Namespace),
];

impl Function {
    /// The function of this name; `variables` are names that a writer may have meant.
    pub(super) fn parse<'n>(
        path: &str,
        pos: Pos,
        variables: impl Iterator<Item = &'n str>,
    ) -> Result<Self, CompileFault> {
        if let Some((_, function)) = NAMES.iter().find(|(name, _)| *name == path) {
            return Ok(*function);
        }
        if let Some(name) = path.strip_prefix("fake.") {
            return faker(name, pos);
        }
        if let Some((of, method)) = path.rsplit_once('.') {
            return Err(CompileFault::new(
                pos,
                format!(
                    "values have no methods: {}",
                    fault::shown(&format!("{path}()"))
                ),
                format!(
                    "a filter may do it: {}",
                    fault::shown(&format!("{of} | {method}"))
                ),
            ));
        }
        let names = NAMES.iter().map(|(name, _)| *name);
        Err(Named::Function.unknown(path, pos, names.chain(variables)))
    }

    /// How it is called.
    pub(super) fn usage(self) -> &'static str {
        match self {
            Self::Now => "such as `now(offset='-2d', format='%Y-%m-%d')`",
            Self::Timestamp => "write `timestamp()`",
            Self::Uuid => "write `uuid()`",
            Self::RandomInt => "such as `randomInt(1, 6)`",
            Self::RandomFloat => "such as `randomFloat(0, 1)`",
            Self::RandomString => "such as `randomString(12)`",
            Self::Choice => "such as `choice(['a', 'b'])`",
            Self::Range => "such as `range(3)` or `range(1, 10, 2)`",
            Self::Dict => "such as `dict(a=1)`",
            Self::Namespace => "such as `namespace(a=1)`",
            #[cfg(feature = "fake")]
            Self::Fake(_) => "most take no argument but `locale`, such as `locale='de'`",
        }
    }

    /// Calls the function.
    pub(super) fn call<'a>(
        self,
        mut args: Args<'a>,
        cx: &Context<'a>,
        budget: &mut Budget,
    ) -> Outcome<Value<'a>> {
        match self {
            Self::Now => time::now(args, cx.now_ms, budget),
            Self::Timestamp => {
                args.finish(0)?;
                Ok(Value::Int(i128::from(cx.now_ms.div_euclid(1000))))
            }
            Self::Uuid => {
                args.finish(0)?;
                Ok(Value::from(random::uuid(&mut cx.random.borrow_mut())))
            }
            Self::RandomInt => random::int(args, &mut cx.random.borrow_mut()),
            Self::RandomFloat => random::float(args, &mut cx.random.borrow_mut()),
            Self::RandomString => random::string(args, &mut cx.random.borrow_mut(), budget),
            Self::Choice => random::choice(args, &mut cx.random.borrow_mut()),
            Self::Range => range(&args),
            Self::Dict => dict(&mut args, budget),
            Self::Namespace => Ok(Value::Undefined),
            #[cfg(feature = "fake")]
            Self::Fake(faker) => faker.call(args, &mut cx.random.borrow_mut(), cx.now_ms, budget),
        }
    }
}

#[cfg(feature = "fake")]
fn faker(name: &str, pos: Pos) -> Result<Function, CompileFault> {
    match fake::Faker::parse(name) {
        Some(faker) => Ok(Function::Fake(faker)),
        None => Err(Named::Faker.unknown(name, pos, fake::names())),
    }
}

#[cfg(not(feature = "fake"))]
fn faker(name: &str, pos: Pos) -> Result<Function, CompileFault> {
    Err(CompileFault::new(
        pos,
        format!(
            "{} is not in this build",
            crate::fault::shown(&format!("fake.{name}"))
        ),
        crate::fault::feature("fake"),
    ))
}

/// The names of all fakers, for tests.
#[cfg(all(test, feature = "fake"))]
pub(super) fn faker_names() -> impl Iterator<Item = &'static str> {
    fake::names()
}

/// An argument that is a whole number.
fn whole(value: &Value<'_>, name: &str) -> Outcome<i64> {
    let number = match value.number() {
        Some(Num::Int(number)) => i64::try_from(number).ok(),
        // Only a float without fraction is whole, and a cast stays within the range.
        #[expect(clippy::cast_possible_truncation)]
        Some(Num::Float(number)) if number.fract() == 0.0 => Some(number as i64),
        _ => None,
    };
    number.ok_or_else(|| {
        error(format!(
            "`{name}` wants a whole number, not {}",
            shown(value)
        ))
    })
}

fn shown(value: &Value<'_>) -> String {
    match value.as_str() {
        Some(_) => "a string; `| int` reads a number from it".to_owned(),
        None => value.kind().to_owned(),
    }
}

fn range<'a>(args: &Args<'a>) -> Outcome<Value<'a>> {
    args.finish(3)?;
    let numbers: Outcome<Vec<i64>> = args.positional.iter().map(|v| whole(v, "range")).collect();
    let range = match numbers?.as_slice() {
        [end] => ops::range(0, *end, 1),
        [start, end] => ops::range(*start, *end, 1),
        [start, end, step] => ops::range(*start, *end, *step),
        _ => Err(error("`range` wants a number")),
    };
    range.map(Value::Range)
}

/// A map from another, with named members added.
pub(super) fn dict<'a>(args: &mut Args<'a>, budget: &mut Budget) -> Outcome<Value<'a>> {
    let mut members = Vec::new();
    if args.positional.len() > 1 {
        return Err(error("at most 1 argument without a name is allowed"));
    }
    if let Some(from) = args.positional.first()
        && !matches!(from, Value::Undefined)
    {
        if !ops::is_map(from) {
            return Err(error(format!("{} is not an object", from.kind())));
        }
        budget.make(from.members())?;
        let keys = from.items();
        let keys = keys.iter().flat_map(super::value::Items::iter);
        members.extend(keys.map(|key| {
            let value = from.item(&key);
            (key, value)
        }));
    }
    let named = std::mem::take(&mut args.named).into_iter();
    members.extend(named.map(|(name, value)| (Value::from(name), value)));
    budget.make(members.len())?;
    Value::map(members)
}
